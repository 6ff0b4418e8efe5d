"""A device at the far end of a pseudo-terminal, behind a name that stays the same when it is plugged out and in."""

from __future__ import annotations

import os
import select
import threading
import tty
from collections.abc import Callable
from pathlib import Path


class PtyDevice:
    """Answers what is written to `link` with what `hears` gives back; in a thread, so that any test can use it."""

    def __init__(self, link: Path, hears: Callable[[bytes], bytes]) -> None:
        self.link, self._hears = link, hears
        self._turn = threading.Lock()
        self._master = self._slave = -1
        self._thread: threading.Thread | None = None
        self._ending = os.pipe()

    def plug(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(os.ttyname(self._slave))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        """The far end is gone: whoever has the port open finds it hung up."""
        os.write(self._ending[1], b"x")
        if self._thread is not None:
            self._thread.join()
        os.read(self._ending[0], 1)
        self.link.unlink(missing_ok=True)
        for end in (self._master, self._slave):
            os.close(end)
        self._master = self._slave = -1
        self._thread = None

    def close(self) -> None:
        if self._thread is not None:
            self.unplug()
        for end in self._ending:
            os.close(end)

    def says(self, data: bytes) -> None:
        """By itself, without being asked."""
        with self._turn:
            os.write(self._master, data)

    def _run(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._ending[0]], [], [])
            if self._ending[0] in ready:
                return
            answer = self._hears(os.read(self._master, 4096))
            if answer:
                self.says(answer)
