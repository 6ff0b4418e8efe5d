"""A file on its way in. What has come stays, with the mark of the server's file, so that only a rest that belongs to
it is put behind it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from chargepoint.transfer.errors import NoRoom, Refused, TransferFailed

KEEP_FREE_BYTES = 64 * 1024 * 1024
"""Of the disk, for the station's own database: a download must not keep anybody from charging."""

LOOK_BYTES = 4 * 1024 * 1024
"""How often the disk is asked again while a file comes."""


class Incoming:
    """One attempt. `have`: how much was there at its beginning."""

    def __init__(self, into: Path, limit_bytes: int) -> None:
        self._into, self._limit = into, limit_bytes
        self._mark_file = into.with_name(into.name + ".mark")
        self.have = into.stat().st_size if into.exists() else 0
        self.mark = _read(self._mark_file) if self.have else ""
        self._total: int | None = None
        self._size = self._looked = 0
        self.came = 0  # bytes of this attempt
        self._file: BinaryIO | None = None

    def begin(self, at: int, total: int | None, mark: str) -> None:
        """The server sends from byte `at` on. `total`: how large the whole is; `mark`: what tells it from others.

        Raises:
            Refused, NoRoom: before anything has come.
        """
        if total is not None and total > self._limit:
            raise Refused(f"the file is larger than {self._limit} bytes")
        if total is not None and total - at > free_bytes(self._into) - KEEP_FREE_BYTES:
            raise NoRoom(f"there is no room for {total - at} bytes on this machine's disk")
        self._total, self._size, self._looked = total, at, at
        try:
            self._mark_file.write_text(mark, encoding="utf-8")
            self._file = self._into.open("r+b" if at else "wb")
            self._file.seek(at)
            self._file.truncate()
        except OSError as error:
            raise NoRoom(f"{self._into} cannot be written: {error.strerror}") from error

    def goes_on(self, mark: str, total: int | None) -> bool:
        """Does the rest of the server's file belong behind what is here?"""
        fits = total is None or self.have <= total
        return self.have > 0 and fits and (not self.mark or not mark or mark == self.mark)

    def take(self, chunk: bytes) -> None:
        """Raises Refused, NoRoom, or TransferFailed: more has come than was announced."""
        self._size += len(chunk)
        self.came += len(chunk)
        if self._size > self._limit:
            raise Refused(f"the file is larger than {self._limit} bytes")
        if self._total is not None and self._size > self._total:
            self.forget()
            raise TransferFailed(f"the server sends more than the {self._total} bytes that it has announced")
        if self._size - self._looked >= LOOK_BYTES:
            self._look()
        self._write(chunk)

    def end(self) -> None:
        """All has come, and is on the disk.

        Raises:
            TransferFailed: less than was announced; the rest may be fetched later.
        """
        file, self._file = self._file, None
        if file is not None:
            self._close(file)
        if self._total is not None and self._size < self._total:
            raise TransferFailed(f"the server has sent {self._size} of {self._total} bytes")

    def leave(self) -> None:
        """The attempt is over, whatever has become of it."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                file.close()

    def forget(self) -> None:
        """What is here is of no use."""
        self.leave()
        discard(self._into)
        self.have, self.mark = 0, ""

    def _close(self, file: BinaryIO) -> None:
        try:
            with file:
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise NoRoom(f"{self._into} cannot be written: {error.strerror}") from error

    def _look(self) -> None:
        self._looked = self._size
        if free_bytes(self._into) < KEEP_FREE_BYTES:
            raise NoRoom("this machine's disk is nearly full")

    def _write(self, chunk: bytes) -> None:
        if self._file is None:
            raise RuntimeError("nothing has begun")
        try:
            self._file.write(chunk)
        except OSError as error:
            raise NoRoom(f"{self._into} cannot be written: {error.strerror}") from error


def discard(into: Path) -> None:
    """A file that came, or part of one, and its mark."""
    into.unlink(missing_ok=True)
    into.with_name(into.name + ".mark").unlink(missing_ok=True)


def free_bytes(near: Path) -> int:
    disk = os.statvfs(near.parent)
    return disk.f_bavail * disk.f_frsize


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
