"""What holds for every frame of a station, whatever a case is about (OCPP-J 1.6 section 4; timing of 2.x part 4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

LONGEST_ID = 36
TIMED_OUT_S = 30.0  # MessageTimeout: what was not answered by then no longer holds up the next request

TIMES = re.compile(r"time|timestamp|date|validfrom|validto|startschedule|schedulestart", re.IGNORECASE)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")


@dataclass
class Wire:
    """One connection after the other; `heard` gives the sentences of what is wrong with a frame of the station."""

    _used: set[str] = field(default_factory=set)  # ids of its requests on this connection
    _open: dict[str, float] = field(default_factory=dict)  # its requests that nobody has answered, and when they came
    _owed: set[str] = field(default_factory=set)  # requests of the back office that it has not answered

    def connected(self) -> None:
        for kept in (self._used, self._open, self._owed):
            kept.clear()

    def back_office_said(self, frame: list[Any]) -> None:
        if frame[0] == 2:
            self._owed.add(frame[1])
        else:
            self._open.pop(frame[1], None)

    def station_said(self, frame: list[Any], at_s: float) -> Iterator[str]:
        yield from self._asks(frame[1], at_s) if frame[0] == 2 else self._answers(frame[1])
        yield from (
            f"{where} = {value!r} is no time in UTC" for where, value in _times(frame[-1]) if not _is_time(value)
        )
        yield from (f"{where} is empty and was not left out" for where in _empty(frame[-1], "") if frame[0] != 4)

    def _asks(self, number: str, at_s: float) -> Iterator[str]:
        if number in self._used or len(number) > LONGEST_ID:
            yield f"the id {number} was used before, or is too long"
        waiting = [other for other, since_s in self._open.items() if at_s - since_s < TIMED_OUT_S]
        if waiting:
            yield f"{number} was asked while {waiting} was not answered"
        self._used.add(number)
        self._open[number] = at_s

    def _answers(self, number: str) -> Iterator[str]:
        if number not in self._owed:
            yield f"{number} was answered without having been asked, or twice"
        self._owed.discard(number)


def _times(payload: Any) -> Iterator[tuple[str, Any]]:
    """Every field that is a time, with its name."""
    for name, value in _fields(payload):
        if TIMES.search(name) and isinstance(value, str) and "T" in value:
            yield name, value


def _is_time(value: str) -> bool:
    return TIME.fullmatch(value) is not None


def _fields(payload: Any) -> Iterator[tuple[str, Any]]:
    members = payload.items() if isinstance(payload, dict) else enumerate(payload) if isinstance(payload, list) else ()
    for name, value in members:
        if isinstance(name, str):
            yield name, value
        yield from _fields(value)


def _empty(payload: Any, name: str) -> Iterator[str]:
    """OCPP-J section 4.1.5: no null, no empty list, no empty object (but a message may be one)."""
    if payload is None or (name and payload in ([], {})):
        yield name
    members = payload.items() if isinstance(payload, dict) else enumerate(payload) if isinstance(payload, list) else ()
    for inner, value in members:
        yield from _empty(value, f"{name}.{inner}".lstrip("."))
