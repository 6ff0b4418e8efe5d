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

    def refill(self) -> None:
        """Set the room aside. A disk that is full already gives what it has: nothing."""
        if self._path.exists() and self._path.stat().st_size >= RESERVED_BYTES:
            return
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(handle, 0, RESERVED_BYTES)
        except OSError as error:
            log.warning("no room can be set aside for the ends of sessions: %s", error)
            self._path.unlink(missing_ok=True)
        finally:
            os.close(handle)

    def release(self) -> bool:
        """Give the room back to the disk. False: it had been given back before."""
        try:
            self._path.unlink()
        except OSError:
            return False
        log.warning("the disk is full: the room set aside for the ends of sessions is in use now")
        return True
