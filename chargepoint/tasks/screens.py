"""What a display on the front says: each EVSE's screen, made of its status and of what has just happened.

Pure. The words are those of the display's own table (`hw.displays.words`), or sentences.
"""

from __future__ import annotations

from dataclasses import dataclass

from chargepoint.core.evse import Evse
from chargepoint.core.facts import (
    CablePlugged,
    Deauthorized,
    Fact,
    Moment,
    PlugInTimedOut,
    Status,
    TokenAccepted,
    TokenRefused,
)
from chargepoint.core.observation import Fault
from chargepoint.core.session import State
from chargepoint.core.station import Station
from chargepoint.tasks.cards import RANDOM
from chargepoint.texts import first_step
from hw.api import Screen

NOTICE_S = 6.0
"""How long a display says what has just happened: long enough to be read by somebody who looks up from his card."""
BRIEF_S = 3.0
"""... where it is good news, and what follows is worth more."""

DRIVERS_CAN_HELP = ("FailedUnlock", "VentilationNotAvailable", "MREC10InvalidVehicleMode")
"""Warnings whose remedy is in the driver's own hands."""

ENERGY_STEP_WH, POWER_STEP_W = 10.0, 100.0
"""What is too small to be shown is no reason to write a display anew."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that has just happened. `evse` 0: at the station, so that every screen says it."""

    evse: int
    words: str
    until_s: float  # monotonic


class Screens:
    """The screens of one station, as of now; it has to hear of every fact."""

    def __init__(self, station: Station, readers: int) -> None:
        self._station, self._readers = station, readers
        self._notice: Notice | None = None  # the latest

    def heard(self, fact: Fact, now_s: float) -> None:
        match fact:
            case TokenRefused(evse, _, why):
                self._note(evse, "card_random" if why == RANDOM else "card_refused", now_s + NOTICE_S)
            case Deauthorized(evse):
                self._note(evse, "card_refused", now_s + NOTICE_S)
            case PlugInTimedOut(evse):
                self._note(evse, "no_vehicle", now_s + NOTICE_S)
            case TokenAccepted(evse, _, token) if token.value:
                self._note(evse, "card_accepted", now_s + BRIEF_S)
            case CablePlugged():
                self._notice = None  # somebody goes on: what was refused before is over

    def _note(self, evse: int, words: str, until_s: float) -> None:
        self._notice = Notice(evse, words, until_s)

    @property
    def restless(self) -> bool:
        """Does what is shown change by itself?"""
        return self._notice is not None or any(evse.session is not None for evse in self._station.evses.values())

    def now(self, now: Moment) -> tuple[Screen, ...]:
        if self._notice is not None and now.mono_s >= self._notice.until_s:
            self._notice = None
        return tuple(self._screen(evse, now) for _, evse in sorted(self._station.evses.items()))

    def _screen(self, evse: Evse, now: Moment) -> Screen:
        notice = self._notice
        reading, busy = evse.reading, evse.session is not None
        power_w = reading.power_w if reading is not None and busy and not evse.meter_lost else None
        return Screen(
            evse=evse.id,
            status=evse.status.value,
            energy_wh=_rounded(evse.session_energy_wh, ENERGY_STEP_WH) if busy else None,
            power_w=None if power_w is None else _rounded(power_w, POWER_STEP_W),
            price=evse.account.figure(now),
            notice=notice.words if notice is not None and notice.evse in (0, evse.id) else "",
            messages=tuple(filter(None, (*self._prompts(evse), evse.account.words(now)))),
            qr=evse.account.link(now),
        )

    def _prompts(self, evse: Evse) -> list[str]:
        """What somebody who stands before this EVSE can do."""
        hints = [_first_step(fault) for fault in evse.faults if fault.name in DRIVERS_CAN_HELP and not fault.blocks]
        return hints or self._usual_prompts(evse)

    def _usual_prompts(self, evse: Evse) -> list[str]:
        match evse.status:
            case Status.FAULTED:
                return [_first_step(fault) for fault in evse.faults if fault.blocks][:1]
            case Status.AVAILABLE if not evse.known or evse.unfit():
                return ["not_ready"]
            case Status.AVAILABLE | Status.PREPARING:
                return self._next_step(evse)
            case Status.FINISHING:
                return ["unplug"] if not evse.awaits_token or not evse.is_fresh else self._card()
            case _:
                return []

    def _next_step(self, evse: Evse) -> list[str]:
        reception = self._station.reception
        if reception.asking:
            return ["one_moment"]
        waits_for_plug = evse.session is not None and evse.session.state is State.AUTHORIZED
        if waits_for_plug or (evse.session is None and (reception.waiting or reception.mode == "free")):
            return ["plug_in"]
        return self._card() if not evse.taken else ["one_moment"]

    def _card(self) -> list[str]:
        if self._station.reception.mode == "free" or not self._readers:
            return []
        lost = len(self._station.lost_readers) == self._readers
        return ["reader_lost"] if lost else ["present_card"]


def _first_step(fault: Fault) -> str:
    return first_step(fault.remedy)


def _rounded(value: float, step: float) -> float:
    return round(value / step) * step
