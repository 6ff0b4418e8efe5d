"""Tells security events: those that others call for, and those that follow from what has happened at the station."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chargepoint.core.facts import Fact, FaultRaised, Moment, Record, SettingChanged
from chargepoint.core.security import Event, Notices
from chargepoint.core.station import Station
from chargepoint.ocpp.services import Act

OPEN_ENCLOSURE = "EnclosureOpen"
"""The guard's name for it (hw.guard.faults)."""

SECURITY_SETTINGS = "SecurityCtrlr."
"""2.x names of all of them begin so."""

POWER_UP = "PowerUp"


ALSO = {Event.INVALID_CSMS_CERTIFICATE: Event.CSMS_FAILED_TO_AUTHENTICATE}
"""Events that go with others: the first is about what was shown, the second about who showed it."""

STEP_S = 20.0
"""A clock that was set by less has only been adjusted."""

LITTLE_BYTES = 16 * 1024 * 1024
"""Less room on the disk than this is nearly none."""


def _plenty() -> int:
    return LITTLE_BYTES


def free_bytes(folder: Path) -> int:
    """Room on the disk of a folder, for programs like this one; enough where it cannot be told."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return _plenty()
    return disk.f_bavail * disk.f_frsize


@dataclass(slots=True)
class Watch:
    """`watch(event, info)`: it has happened. Repetitions are counted (`core.security.Notices`)."""

    act: Act
    free_bytes: Callable[[], int] = _plenty  # of the disk that the journal is on
    notices: Notices = field(default_factory=Notices)
    _crowded: bool = False
    _began_at_s: float | None = None  # UTC of the moment when the monotonic clock was 0, as last believed

    def __call__(self, event: Event, info: str = "") -> None:
        def tell(station: Station, now: Moment) -> None:
            fact = self.notices.take(event, info, now.mono_s)
            if fact is not None:
                station.around.emit(fact)

        self.act(tell)
        if event in ALSO:
            self(ALSO[event], info)

    def started(self, cause: str, log_is_gone: bool = False) -> None:
        """The program runs; `cause` in OCPP's words (2.0.1 BootReasonEnumType)."""
        if log_is_gone:
            self(Event.SECURITY_LOG_WAS_CLEARED, "it was deleted while the program was not running")
        self(Event.STARTUP_OF_THE_DEVICE if cause == POWER_UP else Event.RESET_OR_REBOOT, cause)

    def heard(self, record: Record) -> None:
        """A fact: some are of interest."""
        happened = event_of(record.fact)
        if happened is not None:
            self(*happened)

    def look(self) -> None:
        """To be called now and then: what nobody tells by itself."""
        self.clock_set(self.act(lambda station, now: now))
        why = self.act(lambda station, now: station.around.journal_fault)
        why = why or ("the disk is nearly full" if self.free_bytes() < LITTLE_BYTES else "")
        if why and not self._crowded:
            self(Event.MEMORY_EXHAUSTION, why)
        self._crowded = bool(why)
        self.act(self._tell_overdue)

    def clock_set(self, now: Moment) -> None:
        """The clock may have been set: by whom does not matter."""
        began_at_s = now.at.timestamp() - now.mono_s
        before_s, self._began_at_s = self._began_at_s, began_at_s
        if before_s is not None and abs(began_at_s - before_s) >= STEP_S:
            self(Event.SETTING_SYSTEM_TIME, f"by {began_at_s - before_s:+.0f} s")

    def _tell_overdue(self, station: Station, now: Moment) -> None:
        for fact in self.notices.overdue(now.mono_s):
            station.around.emit(fact)


def event_of(fact: Fact) -> tuple[Event, str] | None:
    """What a fact means for security, and what it was about."""
    match fact:
        case FaultRaised(name=name) if name == OPEN_ENCLOSURE:
            return Event.TAMPER_DETECTION_ACTIVATED, "the enclosure is open"
        case SettingChanged(name=name, origin=origin) if name.startswith(SECURITY_SETTINGS):
            return Event.RECONFIGURATION_OF_SECURITY_PARAMETERS, f"{name} by {origin}"
    return None
