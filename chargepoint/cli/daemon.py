"""Commands that run a station: `run` and `demo`."""

from __future__ import annotations

import gc
import logging
import os
from argparse import Namespace
from pathlib import Path

from chargepoint.provisioning import DECIDED
from hw.errors import Fixable

log = logging.getLogger("chargepoint")


def run(args: Namespace) -> int:
    """Run until told to stop."""
    gc.disable()  # nothing that imports make is garbage, and looking for some costs 9 ms; `app` switches it on again
    from chargepoint import logs
    from chargepoint.cli.factory import factory_of
    from chargepoint.config.file import examine
    from chargepoint.errors import ConfigMistakes
    from chargepoint.logfields import JOURNAL_PREFIX

    finish_provisioning(args.state)
    config, findings = examine(args.config, factory_of(args.state))
    if config is None:
        raise ConfigMistakes(args.config, findings)
    identity = config.csms.identity if config.csms is not None else ""
    logs.to_stderr(verbose=args.verbose, standing={f"{JOURNAL_PREFIX}IDENTITY": identity})
    for finding in findings:
        log.warning("%s: %s", args.config, str(finding).replace("warning: ", ""))
    _make(args.state)
    from chargepoint import app

    return app.run(config, args.state, alone=args.alone)


def finish_provisioning(state: Path) -> None:
    """What a power cut has interrupted, before anybody looks for it. Raises StateInUse: it is not interrupted."""
    if not (state / DECIDED).is_dir():
        return
    from chargepoint.app import hold
    from chargepoint.provisioning.commit import settle

    claim = hold(state)
    try:
        settle(state)
    finally:
        os.close(claim)


def _make(state: Path) -> None:
    try:
        state.mkdir(parents=True, exist_ok=True)
        (state / "daemon.lock").touch(0o640)
    except OSError as error:
        fix = "Run as the user that owns it, or name another directory with --state."
        raise Fixable(f"cannot be written: {error.strerror}", where=str(state), fix=fix) from None


def demo(args: Namespace) -> int:
    from chargepoint.demo.story import main

    return main(args)
