"""Exit statuses, a stable contract with scripts."""

from __future__ import annotations

from chargepoint.errors import NoDaemon, StateInUse
from hw.errors import Fixable

DONE = 0
REFUSED = 1  # configuration mistakes, or the daemon said no
USAGE = 2
NO_DAEMON = 3
STEP_FAILED = 4  # of the doctor's
STATE_IN_USE = 5


def status_of(trouble: Fixable) -> int:
    match trouble:
        case NoDaemon():
            return NO_DAEMON
        case StateInUse():
            return STATE_IN_USE
    return REFUSED
