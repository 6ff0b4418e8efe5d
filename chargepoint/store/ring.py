"""Lines on disk, of which the oldest go: a log of our own, whatever the machine's log does or does not keep.

A ring is a few files, `NAME-NUMBER.log`, written one after the other; the oldest is removed for a new one. A line is a
time (UTC) and a text; a text of several lines goes on indented, so that nothing within it can pass for a line of its
own. What is written is in the kernel's hands at once and survives the death of the program; `sync` makes it survive a
power cut. Nothing here raises: a log that cannot be written is counted, not mourned.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

FILES, FILE_BYTES = 8, 262_144
LONGEST_BYTES = 16_384
"""Of one line; the rest is cut off."""

Aside = Callable[[Callable[[], None]], None]

_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})Z (.*)", re.DOTALL)


def _at_once(work: Callable[[], None]) -> None:
    work()


class Ring:
    """May be used by several threads."""

    def __init__(
        self, folder: Path, name: str, *, files: int = FILES, file_bytes: int = FILE_BYTES, aside: Aside = _at_once
    ) -> None:
        """`aside`: does something in another thread, or at once; for `sync_soon`."""
        self._folder, self._name = folder, name
        self._most_files, self._file_bytes = files, file_bytes
        self._lock = Lock()
        self._file: int | None = None  # a descriptor
        self._number = self._size = 0
        self._lost = 0
        self._unsynced = False  # and `sync` will come
        self._aside = aside

    @property
    def is_there(self) -> bool:
        """Is anything kept?"""
        return bool(self._files())

    def append(self, at: datetime, text: str) -> None:
        with self._lock:
            if self._lost and self._write(_line(at, f"{self._lost} lines could not be written")):
                self._lost = 0
            if not self._write(_line(at, text)):
                self._lost += 1

    def lines(self) -> Iterator[tuple[datetime | None, str]]:
        """Oldest first; the time is that of the line before where a line has none that can be read."""
        at: datetime | None = None
        for file in self._files():
            for line in _read(file):
                found = _STAMP.fullmatch(line)
                if found is not None:
                    at = _time(found[1]) or at
                yield at, line

    def sync(self) -> None:
        """What was written so far survives a power cut. Takes as long as the storage takes."""
        with self._lock:
            self._unsynced = False
            if self._file is None:
                return
            file = os.dup(self._file)
        try:
            with suppress(OSError):
                os.fdatasync(file)
        finally:
            os.close(file)

    def sync_soon(self) -> None:
        """`sync`, where it keeps nobody waiting."""
        if not self._unsynced:
            self._unsynced = True
            self._aside(self.sync)

    def close(self) -> None:
        with self._lock:
            self._close()

    # --- writing ------------------------------------------------------------------------------------------------------

    def _write(self, line: bytes) -> bool:
        """Whole, or not at all."""
        try:
            if self._file is None:
                self._open()
            if self._size and self._size + len(line) > self._file_bytes:
                self._turn()
            return self._put(line)
        except OSError:
            return False

    def _put(self, line: bytes) -> bool:
        if self._file is None:
            return False
        try:
            if os.write(self._file, line) == len(line):
                self._size += len(line)
                return True
        except OSError:
            pass
        with suppress(OSError):
            os.ftruncate(self._file, self._size)  # no half lines
        return False

    def _open(self) -> None:
        """The newest file, put right where a power cut or a full disk has left half a line."""
        with suppress(FileExistsError):
            self._folder.mkdir(mode=0o750)
        files = self._files()
        self._number = _number(files[-1]) if files else 1
        self._file = self._opened(self._number)
        self._size = os.fstat(self._file).st_size
        if files and not _is_whole(files[-1]):
            self._mend(files[-1].read_bytes().rstrip(b"\0"))

    def _mend(self, content: bytes) -> None:
        if self._file is None:
            return
        os.ftruncate(self._file, len(content))
        self._size = len(content)
        if content and not content.endswith(b"\n"):
            self._put(b" (torn)\n")

    def _turn(self) -> None:
        """To the next file; the oldest goes first, so that a full disk has room for it."""
        for file in self._files()[: 1 - self._most_files]:
            file.unlink(missing_ok=True)
        fresh = self._opened(self._number + 1)
        self._close(synced=self._unsynced)
        self._file, self._number, self._size = fresh, self._number + 1, 0

    def _opened(self, number: int) -> int:
        path = self._folder / f"{self._name}-{number:08d}.log"
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)

    def _close(self, *, synced: bool = True) -> None:
        if self._file is not None:
            with suppress(OSError):
                if synced:
                    os.fdatasync(self._file)
            os.close(self._file)
            self._file = None

    def _files(self) -> list[Path]:
        """Oldest first."""
        try:
            found = [path for path in self._folder.glob(f"{self._name}-*.log") if _number(path)]
        except OSError:
            return []
        return sorted(found, key=_number)


class Tail:
    """What is written to a ring from now on, for another process that looks now and then."""

    def __init__(self, folder: Path, name: str) -> None:
        self._ring = Ring(folder, name)
        files = self._ring._files()
        self._number = _number(files[-1]) if files else 0
        self._place = files[-1].stat().st_size if files else 0
        self._at: datetime | None = None
        self._half = b""

    def lines(self) -> Iterator[tuple[datetime | None, str]]:
        """Those that are whole by now, as `Ring.lines` gives them."""
        for file in self._ring._files():
            if _number(file) < self._number:
                continue
            if _number(file) > self._number:
                self._number, self._place, self._half = _number(file), 0, b""
            for line in _whole_lines(self._fresh(file).splitlines(keepends=True)):
                found = _STAMP.fullmatch(line)
                self._at = (_time(found[1]) if found else None) or self._at
                yield self._at, line

    def _fresh(self, file: Path) -> str:
        """What was added, up to the last end of a line."""
        try:
            with file.open("rb") as content:
                content.seek(self._place)
                added = content.read()
        except OSError:
            return ""
        self._place += len(added)
        whole, end, self._half = (self._half + added).rpartition(b"\n")
        return (whole + end).decode(errors="replace")


def _whole_lines(pieces: Iterable[str]) -> Iterator[str]:
    """Lines, each with those that continue it."""
    waiting = ""
    for piece in pieces:
        if piece.startswith("    ") and waiting:
            waiting += piece
            continue
        if waiting:
            yield waiting.rstrip("\n")
        waiting = piece
    if waiting:
        yield waiting.rstrip("\n")


def _line(at: datetime, text: str) -> bytes:
    stamp = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    whole = "\n    ".join(text.splitlines()) or "-"
    return f"{stamp} {whole}".encode(errors="replace")[:LONGEST_BYTES].rstrip() + b"\n"


def _is_whole(file: Path) -> bool:
    """Does it end with a line's end, or is it empty?"""
    with file.open("rb") as content:
        if content.seek(0, os.SEEK_END) == 0:
            return True
        content.seek(-1, os.SEEK_END)
        return content.read() == b"\n"


def _number(path: Path) -> int:
    """0 where it is no file of ours."""
    digits = path.stem.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0


def _read(file: Path) -> Iterator[str]:
    """Lines, each with those that continue it; whatever else may stand there."""
    try:
        with file.open(encoding="utf-8", errors="replace") as content:
            yield from _whole_lines(content)
    except OSError:
        return


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
