"""`python -m hw.guard run|release --config FILE --state DIR [--child]`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from hw.errors import Fixable
from hw.guard.config import ConfigWrong, GuardConfig, build, read_config
from hw.guard.release import release, release_unguarded
from hw.notify import complaint
from hw.processes import AlreadyRunning, StateUnusable, claim, living

DONE, MISTAKES, IN_USE = 0, 1, 5
CHILD_AND_MAINS = (
    "A guard that was started by the daemon switches no real contactor: nobody would open it if both died. "
    "Run it as a service of its own (chargepoint-guard.service)."
)


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        config = read_config(options.config)
        if options.verb == "release":
            return _release(config, options.state)
        if options.child and config.switches_mains:
            return _complain(CHILD_AND_MAINS, MISTAKES)
        handle = claim("guard", options.state) if options.claim is None else options.claim
        return run(config, options.state, handle, child=options.child)
    except AlreadyRunning as error:
        return _complain(str(error), IN_USE)
    except (ConfigWrong, Fixable, StateUnusable) as error:
        return _complain(str(error), MISTAKES)


def run(config: GuardConfig, state_dir: Path, handle: int, *, child: bool) -> int:
    """Guard until told to end. `handle` holds the claim on the state directory."""
    from hw.guard.latches import Latches
    from hw.guard.loop import Loop
    from hw.guard.memory import lock_memory
    from hw.guard.socket import GUARD_SOCKET, Post
    from hw.guard.station import Guard

    parent = os.getppid() if child else None
    hardware = build(config, state_dir)
    latches = Latches(state_dir, [evse.spec.evse for evse in hardware])
    epoch = time.monotonic_ns()  # no two runs of one boot have the same
    guard = Guard(hardware, epoch, time.monotonic(), latches.saved)
    post = Post(state_dir, GUARD_SOCKET)
    if not child and (complaint := lock_memory()):
        _complain(complaint, MISTAKES)
    try:
        Loop(guard, post, latches, parent=parent).run()
    finally:
        _told(release(hardware))
        post.close()
        os.close(handle)
    return DONE


def _release(config: GuardConfig, state_dir: Path) -> int:
    """Nothing where a guard lives: it has the devices in hand, and whoever came second has touched none of them."""
    if living("guard", state_dir) is not None:
        return DONE
    return _told(release_unguarded(config, state_dir))


def _told(complaints: list[str]) -> int:
    """Exit status after a release."""
    for sentence in complaints:
        _complain(sentence, MISTAKES)
    return MISTAKES if complaints else DONE


def _complain(sentence: str, status: int) -> int:
    print(complaint(sentence), file=sys.stderr)  # noqa: T201 - for people, and for the service's log
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hw.guard", description="Watches pilot, contactor and lock.")
    parser.add_argument("verb", choices=("run", "release"), help="guard, or open every contactor and go")
    parser.add_argument("--config", type=Path, default=Path("/etc/chargepoint/chargepoint.toml"), metavar="FILE")
    parser.add_argument("--state", type=Path, default=Path("/var/lib/chargepoint"), metavar="DIR")
    parser.add_argument("--child", action="store_true", help="started by a daemon: end when nobody needs it any more")
    parser.add_argument("--claim", type=int, metavar="FD", help="the pid file, open and locked by whoever started this")
    return parser


if __name__ == "__main__":
    sys.exit(main())
