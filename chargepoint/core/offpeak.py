"""Hours in which a car does not charge unless somebody wants it to: the default that Great Britain demands.

Source: Electric Vehicles (Smart Charge Points) Regulations 2021, regulation 10: charging hours outside 8 to 11 and 16
to 22 o'clock on weekdays are set at first use, shown, and can be accepted, changed or taken away then and later; the
owner can override them. A back office that says itself when to charge (demand side response) has the word instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chargepoint.core.limits import Limit

SOURCE = "peak hours"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_WINDOWS = 14
DAY_MIN = 24 * 60

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


@dataclass(frozen=True, slots=True)
class PeakWindow:
    """Minutes after midnight by the clock on the wall; one that ends no later than it begins goes on the next day."""

    days: frozenset[int]  # 0 is Monday
    from_min: int
    to_min: int

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=(self.to_min - self.from_min - 1) % DAY_MIN + 1)


WEEKDAYS = frozenset(range(5))
UK = (PeakWindow(WEEKDAYS, 8 * 60, 11 * 60), PeakWindow(WEEKDAYS, 16 * 60, 22 * 60))


def _utc(at: datetime) -> timedelta:
    return timedelta()


def _nobody() -> None:
    """Nobody keeps it."""


@dataclass(slots=True)
class OffPeak:
    """`ahead(at)`: what a clock on the wall shows at an instant, less UTC."""

    default: tuple[PeakWindow, ...] = ()
    ahead: Callable[[datetime], timedelta] = _utc
    on_change: Callable[[], None] = _nobody
    chosen: tuple[PeakWindow, ...] | None = None  # None: nobody has, the default holds
    overridden: dict[int, str] = field(default_factory=dict)  # EVSE -> the session that charges all the same

    @property
    def windows(self) -> tuple[PeakWindow, ...]:
        return self.default if self.chosen is None else self.chosen

    @property
    def asks(self) -> bool:
        """Has the owner yet to be shown the default?"""
        return bool(self.default) and self.chosen is None

    def choose(self, windows: Iterable[PeakWindow]) -> None:
        self.chosen = tuple(windows)
        self.on_change()

    def override(self, evse: int, session: str) -> None:
        """This visit charges now."""
        self.overridden[evse] = session
        self.on_change()

    def until(self, at: datetime) -> datetime | None:
        """The end of the peak hours that it is in; None: it is none."""
        wall = at.replace(tzinfo=None) + self.ahead(at)
        ends = [end for window in self.windows for start, end in _spans(window, wall) if start <= wall < end]
        return at + (max(ends) - wall) if ends else None

    def limit(self, evse: int, session: str | None, at: datetime, phases: int) -> Limit | None:
        """By a clock that is right."""
        if not self.windows or (session is not None and self.overridden.get(evse) == session):
            return None
        until = self.until(at)
        return None if until is None else Limit(SOURCE, 0.0, phases, until)

    def dump(self) -> dict[str, Any]:
        """As JSON can hold it."""
        chosen = None if self.chosen is None else [told(window) for window in self.chosen]
        return {"chosen": chosen, "overridden": {str(evse): session for evse, session in self.overridden.items()}}

    def load(self, kept: dict[str, Any]) -> None:
        """Raises ValueError, KeyError, TypeError: it is not what `dump` gave."""
        chosen = kept["chosen"]
        self.chosen = None if chosen is None else tuple(map(read, chosen))
        self.overridden = {int(evse): str(session) for evse, session in kept["overridden"].items()}


def _spans(window: PeakWindow, wall: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Today's and yesterday's, which may last until now."""
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in (midnight, midnight - timedelta(days=1)):
        if day.weekday() in window.days:
            start = day + timedelta(minutes=window.from_min)
            yield start, start + window.length


def told(window: PeakWindow) -> dict[str, Any]:
    days = [DAYS[day] for day in sorted(window.days)]
    return {"days": days, "from": _clock(window.from_min), "to": _clock(window.to_min)}


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def read(given: Any) -> PeakWindow:
    """What `told` gives. Raises ValueError with the words that follow "must be"."""
    if not isinstance(given, dict) or set(given) != {"days", "from", "to"}:
        raise ValueError("objects of days, from and to")
    days: Sequence[Any] = given["days"] if isinstance(given["days"], list) else []
    if not days or any(day not in DAYS for day in days):
        raise ValueError(f"windows on days out of {', '.join(DAYS)}")
    return PeakWindow(frozenset(DAYS.index(day) for day in days), _minutes(given["from"]), _minutes(given["to"]))


def _minutes(text: Any) -> int:
    if not isinstance(text, str) or _CLOCK.fullmatch(text) is None:
        raise ValueError("windows from and to times such as 08:00")
    return int(text[:2]) * 60 + int(text[3:])


def read_all(given: Any) -> tuple[PeakWindow, ...]:
    """Raises ValueError likewise."""
    if not isinstance(given, list) or len(given) > MOST_WINDOWS:
        raise ValueError(f"a list of at most {MOST_WINDOWS} windows")
    return tuple(map(read, given))
