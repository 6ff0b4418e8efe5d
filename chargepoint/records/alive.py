"""A mark that the program lives, renewed every minute: when the power goes, the last one tells since when.

One small file, written in place and left to the kernel to put on the card: half a minute later than the rest is soon
enough, and a commit every minute is not worth the wear. A mark that is damaged counts as none.
"""

from __future__ import annotations

import json
import logging
import os
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

log = logging.getLogger(__name__)

SIZE = 256
"""Bytes, always the same: a file that does not grow needs no room on a full disk. Within one sector."""


@dataclass(frozen=True, slots=True)
class Mark:
    at: datetime
    mono_s: float
    boot: str
    trusted: bool


class AliveFile:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._failing = False

    def read(self) -> Mark | None:
        try:
            text, _, check = self._path.read_bytes().rstrip(b"\0 \n").rpartition(b" ")
            if zlib.crc32(text) != int(check, 16):
                return None
            at, mono_s, boot, trusted = json.loads(text)
            return Mark(datetime.fromisoformat(at), float(mono_s), str(boot), bool(trusted))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, mark: Mark, *, now: bool = False) -> None:
        """`now`: wait until it is on the card."""
        text = json.dumps([mark.at.isoformat(), mark.mono_s, mark.boot, mark.trusted], separators=(",", ":")).encode()
        line = text + b" %08x\n" % zlib.crc32(text)
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.pwrite(handle, line.ljust(SIZE), 0)
                if now:
                    os.fdatasync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            if not self._failing:
                log.warning("the mark of being alive cannot be written: %s", error)
            self._failing = True
        else:
            self._failing = False
