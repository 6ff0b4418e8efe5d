"""A state directory to oneself: for commands that change files under the feet of a daemon that ran."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hw.errors import Fixable


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """No daemon runs, and none starts meanwhile; what a power cut has interrupted is settled first.

    Raises:
        StateInUse: one runs.
        Fixable: the directory cannot be written.
    """
    from chargepoint.app import hold
    from chargepoint.provisioning.commit import settle
    from chargepoint.provisioning.owner import as_owner_of

    try:
        with as_owner_of(state):
            claim = hold(state)
            settle(state)
    except OSError as error:
        raise unwritable(error, state) from None
    try:
        yield
    finally:
        os.close(claim)


def unwritable(error: OSError, place: Path) -> Fixable:
    fix = "Check that there is room, and that you may write there: sudo chargepoint ..."
    return Fixable(f"cannot be written: {error.strerror or error}", where=str(error.filename or place), fix=fix)
