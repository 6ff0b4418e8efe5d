"""Faults that must survive a restart and a power cut, in DIR/guard-latches.json.

No file: a fresh station, nothing stands. A file that cannot be read or understood: nobody knows what stood, so that
`LOST` stands at every EVSE until somebody clears it on site.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from hw.guard.faults import FAULTS, LOST
from hw.notify import complaint

if TYPE_CHECKING:
    import threading

FILE = "guard-latches.json"
DAMAGED = "guard-latches.damaged"  # what could not be understood, for whoever wants to know
RETRY_S = 2.0  # after a write that failed: a full disk may be emptied, and must not be hammered meanwhile

Standing = dict[int, list[str]]  # EVSE -> names of the faults that stand


class Latches:
    """Written by a thread of its own: a card that takes a second to sync must not hold up the guard's loop."""

    def __init__(self, state_dir: Path, evses: Iterable[int], clock: Callable[[], float] = time.monotonic) -> None:
        self._path = state_dir / FILE
        self._clock = clock
        self._writing: threading.Thread | None = None
        self._retry_s = clock()
        self._failing = False
        evses = tuple(evses)
        self._on_disk: Standing | None = _read(self._path)  # None: not what stands
        self._damaged = self._on_disk is None
        found = {evse: [LOST] for evse in evses} if self._on_disk is None else self._on_disk
        self._absent = {evse: names for evse, names in found.items() if evse not in evses}
        self.saved: Standing = {evse: _known(names) for evse, names in found.items() if evse in evses}
        self._wanted = self.saved | self._absent

    def keep(self, latched: Standing) -> None:
        """Remember these. Call it again and again: it sees to what the last call could not do, or failed at.

        What stood at an EVSE that is not configured now is kept for the day it comes back.
        """
        self._wanted = self._absent | latched
        if self._wanted == self._on_disk or self._clock() < self._retry_s or self._busy:
            return
        import threading  # hardly ever needed: a guard has little memory to spend

        self._writing = threading.Thread(target=self._write, args=(self._wanted,), name="latches")
        self._writing.start()

    def settle(self) -> None:
        """Wait until the write that is under way has ended, well or badly."""
        if self._writing is not None:
            self._writing.join()

    def flush(self) -> None:
        """Before the end: everything is on the disk, or has been tried once more."""
        self.settle()
        if self._wanted != self._on_disk:
            self._write(self._wanted)

    @property
    def _busy(self) -> bool:
        return self._writing is not None and self._writing.is_alive()

    # --- in the writer's thread ---------------------------------------------------------------------------------------

    def _write(self, latched: Standing) -> None:
        try:
            if self._damaged:
                _keep_aside(self._path)
            _replace(self._path, latched)
        except OSError as error:
            self._on_disk = None  # it may have got there or not: only a write that has succeeded counts
            self._retry_s = self._clock() + RETRY_S
            self._complain(error)
        else:
            self._on_disk = latched
            self._failing = self._damaged = False

    def _complain(self, error: OSError) -> None:
        if not self._failing:  # once, not every two seconds
            self._failing = True
            sentence = f"{self._path}: faults that stand cannot be saved ({error.strerror}); trying every {RETRY_S:g} s"
            print(complaint(sentence), file=sys.stderr)  # noqa: T201 - for the service's log


def _known(names: list[str]) -> list[str]:
    """A name that a newer guard has written stands for something, though nobody here knows for what."""
    return sorted({name if name in FAULTS else LOST for name in names})


def _read(path: Path) -> Standing | None:
    """None: something is there that makes no sense."""
    try:
        return _standing(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        return None


def _standing(content: object) -> Standing:
    if not isinstance(content, dict):
        raise ValueError("no table of EVSEs")
    for names in content.values():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError("no list of names")
    return {int(evse): names for evse, names in content.items()}


def _keep_aside(path: Path) -> None:
    """By a second name, so that there is no moment without a file: that would be a fresh station."""
    aside = path.with_name(DAMAGED)
    with contextlib.suppress(OSError):  # keeping it is a convenience; the fault is what counts
        aside.unlink(missing_ok=True)
        os.link(path, aside)


def _replace(path: Path, latched: Standing) -> None:
    """The old file or the new one, whenever the power fails."""
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
