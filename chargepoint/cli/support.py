"""`chargepoint support`: one file for whoever helps, made by the running station, or without one from what is there."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from chargepoint.cli.api import Api, Refused
from chargepoint.cli.exits import DONE
from chargepoint.errors import NoDaemon
from chargepoint.timewindow import TimeWindow, time_window
from hw.errors import Fixable

MADE_WITHIN_S = 90.0
"""The running station proves its devices meanwhile."""


def support(args: Namespace) -> int:
    window = _window(args)
    bundle = _of_daemon(args, window)
    if bundle is None:
        bundle = _of_what_is_there(args, window)
    path = args.file or Path(f"chargepoint-support-{datetime.now():%Y%m%d-%H%M%S}.zip")
    _write(path, bundle)
    print(f"{path}: {len(bundle) / 1024:.0f} KiB. Secrets are masked; look through it before you send it.")
    return DONE


def _window(args: Namespace) -> TimeWindow:
    try:
        return time_window(args.since, args.until, datetime.now(UTC))
    except ValueError as mistake:
        raise Refused(str(mistake)) from None


def _of_daemon(args: Namespace, window: TimeWindow) -> bytes | None:
    """None where none runs, or it cannot."""
    query = {name: at.isoformat() for name, at in (("from", window.since), ("to", window.until)) if at is not None}
    try:
        api = Api(args.state, args.config)
        return api.file("support", query=f"?{urlencode(query)}" if query else "", timeout_s=MADE_WITHIN_S)
    except NoDaemon as trouble:
        print(f"chargepoint: made without a running station. {trouble}", file=sys.stderr)
    except Refused as trouble:
        print(f"chargepoint: the running station does not make it: {trouble}", file=sys.stderr)
    return None


def _of_what_is_there(args: Namespace, window: TimeWindow) -> bytes:
    from chargepoint.records.support import Bundle

    state: Path = args.state
    if not state.is_dir() or not os.access(state, os.R_OK | os.X_OK):
        fix = "Ask as the administrator: sudo chargepoint support ...; or name the daemon's directory with --state."
        raise Fixable("there is nothing that this user could read", where=str(state), fix=fix)
    secrets = state / "secrets"
    if secrets.is_dir() and not os.access(secrets, os.R_OK | os.X_OK):
        fix = "Ask as the administrator: sudo chargepoint support ..."
        raise Fixable("this user may not read the secrets, so they could not be masked", where=str(secrets), fix=fix)
    return Bundle(args.config, state, window).made()


def _write(path: Path, bundle: bytes) -> None:
    """Whole or not at all, and for nobody else."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(bundle)
    except OSError as error:
        fix = "Name a file that this user may write."
        raise Fixable(f"cannot be written: {error.strerror}", where=str(path), fix=fix) from None
