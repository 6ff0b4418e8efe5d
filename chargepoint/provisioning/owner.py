"""Files of the state directory belong to the user that the station runs as, whoever provisions it."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVICE = "chargepoint"
"""The user that the package makes for the station."""


def make(state: Path) -> None:
    """The state directory where there is none yet: a root folder that has never been booted. Raises OSError."""
    try:
        state.mkdir(parents=True, mode=0o750)
    except FileExistsError:
        return
    try:
        owner = pwd.getpwnam(SERVICE)
    except KeyError:
        return
    if os.geteuid() == 0:
        os.chown(state, owner.pw_uid, owner.pw_gid)


@contextmanager
def as_owner_of(state: Path) -> Iterator[None]:
    """As the administrator: be the owner of `state` for a while. What is in there cannot lead root elsewhere then."""
    if os.geteuid() != 0:
        yield
        return
    owner = state.stat()
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
