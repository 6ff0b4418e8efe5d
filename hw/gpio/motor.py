"""A motor that is driven by short pulses in either direction, and rests in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from hw.errors import DeviceLost

REST = 8  # times a pulse: the motor must cool (Harting)
LEEWAY_S = 0.100  # a pulse that nobody has ended for so long ends by itself


class Switched(Protocol):
    """A line that drives something."""

    def set(self, on: bool) -> None: ...


class Timer(Protocol):
    """What `threading.Timer` is."""

    daemon: bool

    def start(self) -> None: ...
    def cancel(self) -> None: ...


class Motor:
    """One pulse per order; an order that comes while it runs or rests waits, and the latest one counts."""

    def __init__(
        self,
        lines: Mapping[bool, Switched],
        pulse_s: float,
        clock: Callable[[], float],
        backstop: Callable[[float, Callable[[], None]], Timer],
    ) -> None:
        """`lines`: those that lock (True) and unlock (False); `backstop` calls after so many seconds."""
        self.believed: bool | None = None  # where the last pulse that ended has sent it
        self._lines = lines
        self._pulse_s = pulse_s
        self._clock = clock
        self._backstop = backstop
        self._ordered: bool | None = None
        self._running: bool | None = None
        self._until_s = 0.0  # the pulse's end while it runs, else the end of its rest
        self._timer: Timer | None = None
        self._mutex = threading.Lock()  # the backstop comes from another thread

    def drive(self, locked: bool) -> None:
        self._ordered = locked
        self.tick()

    def tick(self) -> None:
        """End what is over, begin what is due."""
        if self._running is None and self._ordered is None:
            return
        with self._mutex:
            now_s = self._clock()
            if self._running is not None and now_s >= self._until_s:
                self._rest(now_s)
            if self._running is None and self._ordered is not None and now_s >= self._until_s:
                self._begin(self._ordered, now_s)

    def stop(self) -> None:
        """Off, whatever was under way or waiting."""
        with self._mutex:
            self._ordered = None
            if self._running is not None:
                self._rest(self._clock())
            else:
                self._off()

    def _begin(self, direction: bool, now_s: float) -> None:
        self._lines[not direction].set(False)  # both together would short the bridge
        self._lines[direction].set(True)
        self._ordered, self._running, self._until_s = None, direction, now_s + self._pulse_s
        self._timer = self._backstop(self._pulse_s + LEEWAY_S, self._too_long)
        self._timer.daemon = True  # no reason to stay for
        self._timer.start()

    def _rest(self, now_s: float) -> None:
        self._off()
        if self._timer is not None:
            self._timer.cancel()
        self.believed, self._running, self._timer = self._running, None, None
        self._until_s = now_s + REST * self._pulse_s

    def _off(self) -> None:
        """Both, whatever the first of them says."""
        try:
            self._lines[True].set(False)
        finally:
            self._lines[False].set(False)

    def _too_long(self) -> None:
        with self._mutex, suppress(DeviceLost):  # whose next call says so
            if self._running is not None and self._clock() >= self._until_s:
                self._rest(self._clock())
