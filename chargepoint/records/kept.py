"""The lines of our own log again, as what they say: when, how bad, by whom, about what. Needs no running daemon."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from chargepoint.store.ring import Ring
from chargepoint.timewindow import TimeWindow

LEVELS = ("debug", "info", "warning", "error", "critical")

_STAMP = re.compile(r"^\S+Z ")
_LINE = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL)\s+([\w.]+): (.*)", re.DOTALL)
_FIELDS = re.compile(r" \{((?:\w+=[^,{}]*)(?:, \w+=[^,{}]*)*)\}(?=\n|$)")
_EVSE = re.compile(r"\b(?:evse=|EVSE )(\d+)\b")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, with those that continue it."""

    at: datetime | None
    level: str  # one of LEVELS
    source: str  # the logger
    message: str
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def evses(self) -> set[int]:
        """Those it is about."""
        return {int(number) for number in _EVSE.findall(self.message)} | (
            {int(self.fields["evse"])} if self.fields.get("evse", "").isdecimal() else set()
        )

    def document(self) -> dict[str, Any]:
        about: dict[str, Any] = {**self.fields}
        if len(self.evses) == 1:
            about["evse"] = min(self.evses)
        at = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if self.at else None
        return {"at": at, "level": self.level, "source": self.source, "message": self.message, **about}


@dataclass(frozen=True, slots=True)
class Window:
    """Which entries are wanted."""

    times: TimeWindow = field(default_factory=TimeWindow)
    level: str = "debug"
    evse: int | None = None

    def has_time(self, at: datetime | None) -> bool:
        """Lines without a time that can be read belong to every time: better one too many."""
        return at is None or self.times.holds(at)

    def has(self, entry: Entry) -> bool:
        return (
            self.has_time(entry.at)
            and LEVELS.index(entry.level) >= LEVELS.index(self.level)
            and (self.evse is None or self.evse in entry.evses)
        )


def entries(folder: Path, window: Window) -> Iterator[Entry]:
    """Those of a state directory's log, oldest first."""
    lines = ((at, line) for at, line in Ring(folder / "logs", "log").lines() if window.has_time(at))
    return (entry for entry in map(_read, lines) if window.has(entry))


def read_entries(lines: Iterable[tuple[datetime | None, str]]) -> Iterator[Entry]:
    return map(_read, lines)


def _read(line: tuple[datetime | None, str]) -> Entry:
    at, text = line
    words = _STAMP.sub("", text, count=1)
    found = _LINE.fullmatch(words)
    if found is None:
        return Entry(at, "info", "", words)
    level, source, message = found.groups()
    told = _FIELDS.search(message)
    fields = dict(pair.split("=", 1) for pair in told[1].split(", ")) if told else {}
    return Entry(at, level.lower(), source, message, fields)
