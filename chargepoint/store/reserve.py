"""Room on the disk set aside for the ends of sessions, as a file that can be deleted."""

from __future__ import annotations

import logging
import os
from pathlib import Path

RESERVED_BYTES = 512 * 1024
"""A long bill with all its samples, its frozen message, and the log through which they are written."""

log = logging.getLogger(__name__)


class Reserve:
    """When others have filled the disk, the end of a session must still be recorded: the bill depends on it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._there = path.exists() and path.stat().st_size >= RESERVED_BYTES

    def refill(self) -> bool:
        """Set the room aside, if it is not. False: the disk has none."""
        if self._there:
            return True
        try:
            self._allocate()
        except OSError:
            return False
        self._there = True
        return True

    def release(self) -> bool:
        """Give the room back to the disk. False: it had been given back before."""
        if not self._there:
            return False
        self._there = False
        self._path.unlink(missing_ok=True)
        log.error("the disk is full: the room set aside for the ends of sessions is in use, no new session starts")
        return True

    def _allocate(self) -> None:
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(handle, 0, RESERVED_BYTES)
        except OSError:
            self._path.unlink(missing_ok=True)
            raise
        finally:
            os.close(handle)
