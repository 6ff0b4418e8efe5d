"""Tells the CSMS what every EVSE shows: each change while connected, after an outage only what holds then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from chargepoint.core.catalogue import MINIMUM_STATUS_DURATION
from chargepoint.core.facts import EPOCH, Record, Status, StatusChanged
from chargepoint.ocpp.calls import Kind
from chargepoint.ocpp.instants import lateness
from chargepoint.ocpp.line import Line
from chargepoint.ocpp.services import NoAnswer, Payload, Refused, Services

Told = tuple[str, Payload] | None
"""A StatusNotification with its time taken out, to see whether anything would be new in it."""


@dataclass(slots=True, eq=False)
class Reporter:
    """Lives as long as the program; `line` is the present connection, None while the station is not accepted."""

    services: Services
    line: Line | None = None
    _shown: dict[int, Record] = field(default_factory=dict)  # the latest StatusChanged of each EVSE
    _told: dict[int, Told] = field(default_factory=dict)
    _waiting: dict[int, asyncio.TimerHandle] = field(default_factory=dict)

    def resume(self, line: Line, *, everything: bool) -> None:
        """The station is accepted: report every EVSE, or only those that changed since they were last reported."""
        self.line = line
        for evse in line.dialect.phrases.statuses_due(self.services.station):
            if self._is_known(evse):  # else it is told as soon as somebody has looked at the plug
                self._tell(evse, line, unless_told=not everything)

    def pause(self) -> None:
        """No link, or no longer accepted."""
        self.line = None
        for timer in self._waiting.values():
            timer.cancel()
        self._waiting.clear()

    def heard(self, record: Record) -> None:
        """A fact: an EVSE shows something else."""
        fact = record.fact
        if not isinstance(fact, StatusChanged):
            return
        self._shown[fact.evse] = record
        timer = self._waiting.pop(fact.evse, None)
        if timer is not None:
            timer.cancel()
        if self.line is not None:
            self._tell_when_stable(fact)

    def report(self, evse: int, line: Line) -> None:
        """The CSMS has asked for it."""
        self._tell(evse, line, unless_told=False, kind=Kind.ASKED)

    def _is_known(self, evse: int) -> bool:
        return evse == 0 or self.services.station.evses[evse].shown is not None

    def _tell_when_stable(self, fact: StatusChanged) -> None:
        wait_s = self.services.settings[MINIMUM_STATUS_DURATION]
        urgent = fact.fault or fact.status is Status.FAULTED  # a fault need not wait (1.6 section 9.1)
        if not wait_s or urgent or fact.evse not in self._told:
            self._tell_change(fact.evse)
            return
        later: Callable[..., asyncio.TimerHandle] = asyncio.get_running_loop().call_later
        self._waiting[fact.evse] = later(wait_s, self._stable, fact.evse)

    def _stable(self, evse: int) -> None:
        self._waiting.pop(evse, None)
        self._tell_change(evse)

    def _tell_change(self, evse: int) -> None:
        if self.line is not None:
            self._tell(evse, self.line, unless_told=True)

    def _tell(self, evse: int, line: Line, *, unless_told: bool, kind: Kind = Kind.OWN) -> None:
        shown, at = self._now_shown(evse)
        content = line.dialect.phrases.status(shown, EPOCH)
        if unless_told and evse in self._told and self._told[evse] == content:
            return
        self._told[evse] = content
        said = line.dialect.phrases.status(shown, at)
        if said is not None:
            answer = line.ask(*said, kind)
            answer.add_done_callback(lambda done: self._answered(evse, content, done))

    def _answered(self, evse: int, content: Told, answer: asyncio.Future[Payload]) -> None:
        """What the CSMS has not heard for certain is new again after the next connect. A refusal was heard."""
        failed = answer.cancelled() or isinstance(answer.exception(), NoAnswer)
        refused = not answer.cancelled() and isinstance(answer.exception(), Refused)
        if failed and not refused and self._told.get(evse) == content:
            self._told.pop(evse, None)

    def _now_shown(self, evse: int) -> tuple[StatusChanged, datetime]:
        record = self._shown.get(evse)
        if record is not None and isinstance(record.fact, StatusChanged):
            return record.fact, record.at + lateness(self.services.clock, record)
        station = self.services.station
        if evse:
            now = StatusChanged(evse, station.evses[evse].status, occupied=station.evses[evse].occupied)
        else:
            now = StatusChanged(0, station.status)
        return now, self.services.clock.now().at
