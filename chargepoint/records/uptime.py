"""Notes when station, EVSEs and the line to the back office are of no use, and why: from facts, and at each start from
what the last run left behind."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from chargepoint.core.evse import BLIND_FAULT, GUARD_FAULT
from chargepoint.core.facts import CsmsConnected, CsmsLost, Moment, Record, Status, StatusChanged
from chargepoint.core.uptime import CSMS, STATION, Cause
from chargepoint.records.alive import AliveFile, Mark
from chargepoint.store.clocks import Stamp
from chargepoint.store.outages import Outages

log = logging.getLogger(__name__)

SHORT_S = 60.0
"""A line that is back by then was hardly gone: reconnecting every two hours is some networks' habit."""

BOOT_STATUS = Path("/sys/class/watchdog/watchdog0/bootstatus")
CARD_RESET = 0x20
"""WDIOF_CARDRESET: the watchdog has reset the machine (linux/watchdog.h)."""


class Memory(Protocol):
    def get(self, space: str, key: str, /) -> Any: ...
    def put(self, space: str, key: str, value: Any, /) -> None: ...


class Start(Protocol):
    """The part of `startcause.StartCause` that is needed here."""

    @property
    def boot(self) -> str: ...
    @property
    def same_boot(self) -> bool: ...
    @property
    def orderly(self) -> bool: ...
    @property
    def asked_for(self) -> str: ...


class Journal(Protocol):
    @property
    def outages(self) -> Outages: ...
    def wrote_within(self, seconds: float, now_s: float, /) -> bool: ...
    def last_signs(self) -> Sequence[Stamp]: ...


class Clock(Protocol):
    @property
    def trusted(self) -> bool: ...
    def now(self) -> Moment: ...


def cause_of(start: Start, version: str, before: str, service_result: str, by_watchdog: bool) -> tuple[Cause, str]:
    """Why the last run ended. `service_result`: what the service manager says of it, "" where there is none."""
    if before and before != version:
        return Cause.UPDATE, f"{before} to {version}"
    if start.asked_for:
        return (Cause.RESTART if start.same_boot else Cause.REBOOT), start.asked_for
    if start.orderly:
        return (Cause.STOPPED, "") if start.same_boot else (Cause.REBOOT, "on site")
    if start.same_boot:
        return (Cause.WATCHDOG, "program") if service_result == "watchdog" else (Cause.CRASH, service_result)
    return (Cause.WATCHDOG, "machine") if by_watchdog else (Cause.POWER_LOSS, "")


@dataclass(slots=True)
class UptimeLedger:
    """`refused`: does the back office answer, and not want us?"""

    journal: Journal
    memory: Memory
    clock: Clock
    start: Start
    alive: AliveFile
    has_csms: bool
    service_result: str = ""  # what the service manager says of how the last run ended
    by_watchdog: bool = False  # the hardware watchdog has reset the machine
    refused: Callable[[], bool] = lambda: False
    _open: dict[str, tuple[Cause, str]] = field(default_factory=dict)
    _lost: Stamp | None = None  # the line is down since then, and not noted yet

    def started(self, version: str, evses: Iterable[int]) -> None:
        """The program runs: what was before was an outage, unless nothing was before."""
        outages, now = self.journal.outages, self._stamp()
        fresh = outages.empty
        places = {str(evse) for evse in evses} | {CSMS}
        for each in outages.lasting():
            if each.place in places:
                self._open[each.place] = (each.cause, each.detail)
            else:
                outages.end(each.place, now)  # an EVSE that there is no more
        last = self._last_sign()
        if last is not None:
            before = self.memory.get("uptime", "version") or ""
            cause = cause_of(self.start, version, before, self.service_result, self.by_watchdog)
            if (made_at := self.memory.get("uptime", "restored")) is not None:
                cause = Cause.RESTORED, str(made_at)
                self.memory.put("uptime", "restored", None)
            outages.begin(STATION, *cause, last, now)
        elif fresh:
            outages.begin(STATION, Cause.INSTALLED, "", now, now)
        self.memory.put("uptime", "version", version)
        if self.has_csms and CSMS not in self._open:
            self._lost = last or now
        self.mark()

    def heard(self, record: Record) -> None:
        match record.fact:
            case StatusChanged(evse, status, fault):
                self._place(str(evse), _why(status, fault), self._stamp_of(record))
            case CsmsConnected():
                self._lost = None
                self._place(CSMS, None, self._stamp_of(record))
            case CsmsLost() if CSMS not in self._open and self._lost is None:
                self._lost = self._stamp_of(record)

    def look(self) -> None:
        """To be called every minute."""
        now = self.clock.now()
        cause = (Cause.REFUSED if self.refused() else Cause.NETWORK, "")
        if self._lost is not None and self._is_long(self._lost, now):
            self._place(CSMS, cause, self._lost)
            self._lost = None
        elif CSMS in self._open and cause[0] is Cause.REFUSED and self._open[CSMS] != cause:
            self._open[CSMS] = cause
            self.journal.outages.explain(CSMS, *cause)
        if not self.journal.wrote_within(SHORT_S, now.mono_s):  # else the journal tells how long we have lived
            self.mark()

    def mark(self, *, ending: bool = False) -> None:
        now = self.clock.now()
        self.alive.write(Mark(now.at, now.mono_s, self.start.boot, self.clock.trusted), now=ending)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _place(self, place: str, why: tuple[Cause, str] | None, at: Stamp) -> None:
        if self._open.get(place) == why:
            return
        if self._open.pop(place, None) is not None:
            self.journal.outages.end(place, at)
        if why is not None:
            self._open[place] = why
            self.journal.outages.begin(place, *why, at)

    def _is_long(self, since: Stamp, now: Moment) -> bool:
        elsewhere = since.boot is not None and since.boot != self.start.boot
        return elsewhere or now.mono_s < since.mono_s or now.mono_s - since.mono_s >= SHORT_S

    def _last_sign(self) -> Stamp | None:
        """Of life, of the run before: the mark, or what the journal has of a transaction that ran."""
        signs = list(self.journal.last_signs())
        if (mark := self.alive.read()) is not None:
            signs.append(Stamp(mark.at, mark.mono_s, None if mark.trusted else mark.boot))
        return max(signs, key=lambda sign: sign.at, default=None)

    def _stamp(self) -> Stamp:
        now = self.clock.now()
        return Stamp(now.at, now.mono_s, None if self.clock.trusted else self.start.boot)

    def _stamp_of(self, record: Record) -> Stamp:
        return Stamp(record.at, record.mono_s, None if record.trusted else record.boot)


def _why(status: Status, fault: str) -> tuple[Cause, str] | None:
    match status:
        case Status.FAULTED:
            return (Cause.GUARD if fault in (GUARD_FAULT, BLIND_FAULT) else Cause.FAULT), fault
        case Status.UNAVAILABLE:
            return Cause.PLANNED, ""
    return None


def told_by_service(file: Path) -> str:
    """What the service manager noted of the end of the last run ("watchdog", "signal", ...), once."""
    try:
        text = file.read_text().strip()
        file.unlink()
    except (OSError, ValueError):
        return ""
    return text if text.isascii() and text.replace("-", "").isalpha() else ""


def reset_by_watchdog(path: Path = BOOT_STATUS) -> bool:
    """Did the hardware watchdog reset the machine? False where nothing tells."""
    try:
        return bool(int(path.read_text().strip(), 0) & CARD_RESET)
    except (OSError, ValueError):
        return False
