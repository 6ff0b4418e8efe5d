"""Calls somebody at every edge of a line, from a thread: gpiozero's buttons need that, our drivers do not."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterable
from typing import Protocol


class Event(Protocol):
    @property
    def timestamp_ns(self) -> int: ...


class Request(Protocol):
    """A claimed line with edge detection, of libgpiod."""

    @property
    def fd(self) -> int: ...
    def read_edge_events(self) -> Iterable[Event]: ...


class EdgeWatch:
    """`call(seconds of the monotonic clock)` at every edge until `stop()`."""

    def __init__(self, request: Request, call: Callable[[float], None]) -> None:
        self._request, self._call = request, call
        self._wake, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._run, name="edges", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """May be called by `call` itself."""
        os.close(self._stop)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        waiting = select.poll()
        waiting.register(self._request.fd, select.POLLIN)
        waiting.register(self._wake, 0)  # tells when the other end is closed
        try:
            while not any(fd == self._wake for fd, _ in waiting.poll()):
                for event in self._request.read_edge_events():
                    self._call(event.timestamp_ns / 1e9)
        finally:
            os.close(self._wake)
