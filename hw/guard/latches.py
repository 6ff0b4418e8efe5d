"""Faults that must survive a restart and a power cut, in DIR/guard-latches.json."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading

FILE = "guard-latches.json"


class Latches:
    """Written by a thread of its own: a card that takes a second to sync must not hold up the guard's loop."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / FILE
        self._saved = _read(self._path)
        self._writing: threading.Thread | None = None

    @property
    def saved(self) -> dict[int, list[str]]:
        """EVSE -> names of the faults that stand."""
        return self._saved

    def keep(self, latched: dict[int, list[str]]) -> None:
        """Remember these; call it as often as you like."""
        if latched == self._saved or (self._writing is not None and self._writing.is_alive()):
            return  # once the thread is done, the next call sees what it missed
        import threading  # hardly ever needed: a guard has little memory to spend

        self._saved = latched
        self._writing = threading.Thread(target=_write, args=(self._path, latched), name="latches")
        self._writing.start()

    def flush(self) -> None:
        """Wait until everything is on the disk."""
        if self._writing is not None:
            self._writing.join()


def _read(path: Path) -> dict[int, list[str]]:
    """What cannot be read stands for nothing: the causes are looked for again at start."""
    try:
        content = json.loads(path.read_text())
        return {int(evse): [str(name) for name in names] for evse, names in content.items()}
    except (FileNotFoundError, ValueError, AttributeError, TypeError):
        return {}


def _write(path: Path, latched: dict[int, list[str]]) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("w") as file:
        json.dump({str(evse): names for evse, names in latched.items()}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
