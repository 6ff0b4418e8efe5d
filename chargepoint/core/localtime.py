"""The clock on the wall: how far local time is ahead of UTC, now, in a past that plans refer to, and after the change
that is announced next. Recurring charging profiles follow it.

Sources: OCPP 2.0.1 ClockCtrlr (TimeOffset, NextTimeOffsetTransitionDateTime, TimeOffset[NextTransition]); the note of
the Open Charge Alliance on costs and tariffs gives 1.6 the same three as keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from chargepoint.core import catalogue as known
from chargepoint.core.setting import Setting
from chargepoint.core.settings import Settings

T = TypeVar("T")

CHANGES_KEPT = 8
"""Four years of summer times: a plan that began earlier has been made anew since."""

ORIGIN = "station"
"""Who has set TimeOffset where an announced change has come to pass."""


def _nobody() -> None:
    """Nobody listens."""


@dataclass(slots=True)
class LocalTime:
    """`ahead(at)` is what a clock on the wall shows at that instant, less UTC."""

    settings: Settings
    on_change: Callable[[], None] = _nobody
    _past: list[tuple[datetime, timedelta]] = field(default_factory=list)  # until when the clock stood so, oldest first
    _shown: timedelta | None = None  # what has been told to this station; None: nothing yet

    def ahead(self, at: datetime) -> timedelta:
        for until, offset in self._past:
            if at < until:
                return offset
        change, later = self._announced
        return later if change is not None and later is not None and at >= change else self._offset

    @property
    def basis(self) -> tuple[object, ...]:
        """Whatever was worked out by another one is old."""
        return self._offset, *self._announced, len(self._past), self._past[-1:]

    @property
    def _offset(self) -> timedelta:
        return self.settings[known.TIME_OFFSET] or timedelta()

    @property
    def _announced(self) -> tuple[datetime | None, timedelta | None]:
        settings = self.settings
        return settings[known.NEXT_TIME_OFFSET_TRANSITION_DATE_TIME], settings[known.TIME_OFFSET_NEXT_TRANSITION]

    # --- changes ------------------------------------------------------------------------------------------------------

    def follow(self, now: datetime) -> None:
        """Notice a changed offset, and carry out the change that was announced. Only by a clock that is right."""
        if self.settings[known.TIME_OFFSET] != self._shown:
            self._show(self.settings[known.TIME_OFFSET], now)
        change, later = self._announced
        if change is not None and later is not None and now >= change:
            self._show(later, change)
            self._set(known.NEXT_TIME_OFFSET_TRANSITION_DATE_TIME, None)
            self._set(known.TIME_OFFSET_NEXT_TRANSITION, None)
            self._set(known.TIME_OFFSET, later)

    def _show(self, offset: timedelta | None, since: datetime) -> None:
        """What held before is history: a plan made by it goes on by the clock on the wall."""
        if self._shown is not None:
            self._past = [*self._past, (since, self._shown)][-CHANGES_KEPT:]
        self._shown = offset
        self.on_change()

    def _set(self, setting: Setting[T], value: T) -> None:
        self.settings.change(setting, setting.coding.write(value), ORIGIN)

    # --- keeping ------------------------------------------------------------------------------------------------------

    def dump(self) -> dict[str, object]:
        """Everything, as JSON can hold it."""
        past = [[until.isoformat(), offset.total_seconds()] for until, offset in self._past]
        return {"past": past, "shown_s": None if self._shown is None else self._shown.total_seconds()}

    def load(self, past: Iterable[tuple[str, float]], shown_s: float | None) -> None:
        """Take up what `dump` gave before a restart."""
        self._past = [(datetime.fromisoformat(until), timedelta(seconds=s)) for until, s in past]
        self._shown = None if shown_s is None else timedelta(seconds=shown_s)
