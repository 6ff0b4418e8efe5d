"""The boot partition: FAT, mounted read-only, and perhaps the part of the card that is worn out first."""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger("chargepoint")

MOUNT_S = 20
TAKEN = ".taken"  # ends the name of what is just being removed


class Partition:
    """Reading and writing there. Nothing here raises because a card is broken."""

    def __init__(self, folder: Path, *, mounted: bool) -> None:
        """`mounted`: it must be a file system of its own; an empty folder in its place is none."""
        self._folder, self._mounted = folder, mounted

    @property
    def is_there(self) -> bool:
        try:
            next(self._folder.iterdir(), None)
        except OSError:
            return False
        return os.path.ismount(self._folder) or not self._mounted

    @contextmanager
    def writable(self) -> Iterator[None]:
        """Inside, it can be written to, as far as the card allows; afterwards a power cut harms nothing there."""
        closed = self._mounted and self._remount("rw")
        try:
            yield
        finally:
            if closed:
                self._remount("ro")

    def _remount(self, how: str) -> bool:
        command = ["mount", "-o", f"remount,{how}", str(self._folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=MOUNT_S, check=False)
        if done.returncode:
            log.warning("%s cannot be mounted %s: %s", self._folder, how, done.stderr.strip())
        return not done.returncode

    def write(self, file: Path, content: bytes) -> bool:
        """The file, whole or not at all; False where the card does not take it."""
        fresh = file.with_name(file.name + ".new")
        try:
            with fresh.open("wb") as sink:
                sink.write(content)
                sink.flush()
                os.fsync(sink.fileno())
            fresh.replace(file)
        except OSError as error:
            log.warning("%s cannot be written: %s", file, error.strerror)
            return False
        return True

    def says(self, file: Path, content: bytes) -> bool:
        """Is the file there with that content?"""
        try:
            return file.read_bytes() == content
        except OSError:
            return False

    def half_removed(self) -> list[Path]:
        """What a power cut has kept from being removed."""
        try:
            return sorted(self._folder.glob(f"*{TAKEN}"))
        except OSError:
            return []

    def wipe(self, file: Path) -> bool:
        """Overwrite, then remove. A card may keep an old copy all the same: flash writes elsewhere."""
        try:
            if file.suffix != TAKEN:  # or half of it would be taken for news after a power cut
                file = file.rename(file.with_name(file.name + TAKEN))
            with file.open("r+b") as sink:
                sink.write(b"\0" * file.stat().st_size)
                sink.flush()
                os.fsync(sink.fileno())
            file.unlink()
        except OSError as error:
            log.warning("%s is secret, and cannot be removed: %s", file, error.strerror)
            return False
        return True
