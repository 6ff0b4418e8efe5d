"""What has happened since the program started, as numbers that only grow: for whoever watches many stations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chargepoint.core.facts import (
    ContactorClosed,
    CsmsConnected,
    FaultRaised,
    MeterLost,
    Record,
    SessionStarted,
    TokenAccepted,
    TokenRefused,
    TransactionStarted,
)

if TYPE_CHECKING:
    from chargepoint.datause import DataUse
    from chargepoint.modem import ModemKeeper
    from hw.api import Report

COUNTED: dict[type, str] = {
    SessionStarted: "sessions",
    TransactionStarted: "transactions",
    ContactorClosed: "contactor closings",
    FaultRaised: "faults",
    MeterLost: "meter losses",
    TokenAccepted: "cards accepted",
    TokenRefused: "cards refused",
}
"""Kinds of facts that are counted, by EVSE (0 is the station)."""

_HEAD = re.compile(r'\s*\[\s*([234])\s*,\s*"((?:[^"\\]|\\.){1,64})"')
"""The beginning of an OCPP-J frame: its kind and its id. A long frame is not read for this."""

CALL, RESULT, ERROR = "2", "3", "4"


@dataclass(slots=True)
class Talk:
    """The conversation with the back office, in numbers."""

    messages: Counter[str] = field(default_factory=Counter)  # by direction: "in", "out"
    characters: Counter[str] = field(default_factory=Counter)
    errors: int = 0  # answers of the back office that are CALLERRORs
    connections: int = 0  # that ended in being accepted
    round_trips: int = 0
    round_trips_s: float = 0.0  # of all of them together
    _asked: tuple[str, float] = ("", 0.0)  # our request that is out, and when: there is one at a time

    def frame(self, direction: str, text: str | bytes, now_s: float) -> None:
        self.messages[direction] += 1
        self.characters[direction] += len(text)
        head = _HEAD.match(text) if isinstance(text, str) else None
        if head is None:
            return
        kind, number = head.groups()
        if direction == "out" and kind == CALL:
            self._asked = number, now_s
        elif direction == "in" and kind != CALL and number == self._asked[0]:
            self.round_trips += 1
            self.round_trips_s += now_s - self._asked[1]
            self.errors += kind == ERROR
            self._asked = "", 0.0


@dataclass(slots=True)
class Watchman:
    """The guard, as far as its reports tell."""

    starts: int = 0  # runs that we have heard of
    late_ticks: int = 0
    worst_delay_s: float = 0.0
    heard_s: float | None = None  # when it reported last
    permitted_s: float | None = None  # when a lease was renewed last
    _epoch: int = 0

    def reported(self, report: Report, now_s: float) -> None:
        self.heard_s = now_s
        self.late_ticks, self.worst_delay_s = report.late_ticks, report.worst_delay_s
        if report.epoch != self._epoch:
            self._epoch = report.epoch
            self.starts += 1

    def permitted(self, now_s: float) -> None:
        self.permitted_s = now_s


@dataclass(slots=True)
class Tally:
    """`clock` is monotonic, in seconds."""

    clock: Callable[[], float]
    facts: Counter[tuple[str, int]] = field(default_factory=Counter)  # (kind of COUNTED, EVSE) -> how many
    talk: Talk = field(default_factory=Talk)
    guard: Watchman = field(default_factory=Watchman)
    traffic: DataUse | None = None  # what the network carries, by day and month
    modem: ModemKeeper | None = None
    broker: bool | None = None  # is there a link to the MQTT broker? None: none is configured

    def heard(self, record: Record) -> None:
        """A fact."""
        fact: Any = record.fact
        kind = COUNTED.get(type(fact))
        if kind is not None:
            self.facts[kind, fact.evse] += 1
        elif isinstance(fact, CsmsConnected):
            self.talk.connections += 1

    def frame(self, direction: str, text: str | bytes) -> None:
        """A frame on the wire, either way."""
        self.talk.frame(direction, text, self.clock())
