"""Files of the state directory belong to the user that the station runs as, whoever provisions it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
