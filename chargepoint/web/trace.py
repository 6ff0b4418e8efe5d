"""The recent past, kept so that a page opened in mid-session can draw it: power by EVSE, and the last frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime

from chargepoint.web.controls import Direction, FrameListener

POINTS = 720
"""Points of power kept for each EVSE; beyond, every second one is dropped and the pace halves."""

FRAMES = 80
"""Frames kept for a page that is opened later."""

FRAME_KEPT = 4096
"""Longer frames are not kept, in characters: the memory of all of them stays under a megabyte."""


class PowerTrace:
    """Power over the time of one session, thinned evenly so that any length fits."""

    def __init__(self) -> None:
        self._points: list[tuple[datetime, float]] = []
        self._stride, self._skipped = 1, 0

    def add(self, at: datetime, power_w: float) -> None:
        self._skipped += 1
        if self._skipped < self._stride:
            return
        self._skipped = 0
        self._points.append((at, power_w))
        if len(self._points) > POINTS:
            self._points, self._stride = self._points[::2], self._stride * 2

    def clear(self) -> None:
        self._points.clear()
        self._stride, self._skipped = 1, 0

    def document(self) -> list[list[float]]:
        """Pairs of milliseconds since 1970 and watts, oldest first."""
        return [[round(at.timestamp() * 1000), round(power_w, 1)] for at, power_w in self._points]


class RecentFrames:
    """The last frames of the conversation as they were on the wire; masked only when somebody looks.

    The back office is spoken to before the page is loaded: made early, this hears the first words too.
    """

    def __init__(self, subscribe: Callable[[FrameListener], object]) -> None:
        self._frames: deque[tuple[datetime, Direction, str]] = deque(maxlen=FRAMES)
        subscribe(self._add)

    def _add(self, at: datetime, direction: Direction, text: str) -> None:
        if len(text) <= FRAME_KEPT:
            self._frames.append((at, direction, text))

    def __iter__(self) -> Iterator[tuple[datetime, Direction, str]]:
        return iter(self._frames)
