"""What the lamps of an EVSE show, over time. Pure. The scheme is the trade's usual one (Tinkerforge, OpenEVSE, others).

A fault flashes red as often as its group's number, then rests; the buzzer sounds along for the first rounds. When the
daemon is silent nobody knows whether anything may be charged: that has a look of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from hw.api import Colour, Fault
from hw.guard.faults import FAULTS

FLASH_S = 0.3
REST_S = 1.5  # after the flashes of a fault
ROUNDS_HEARD = 3  # of a fault's flashes

Pattern = tuple[tuple[Colour, float], ...]  # colours and how long each shows, again and again


def _steady(colour: Colour) -> Pattern:
    return ((colour, inf),)


def _flashing(colour: Colour, on_s: float, off_s: float) -> Pattern:
    return ((colour, on_s), (Colour.OFF, off_s))


DARK = _steady(Colour.OFF)
LEADERLESS = _flashing(Colour.WHITE, 0.1, 1.9)  # no daemon has said anything lately
UNNAMED_FAULT = 1  # flashes of a fault that only the daemon knows: its meter, its guard

PATTERNS: Mapping[str, Pattern] = {  # status as in the local API -> look
    "available": _steady(Colour.GREEN),
    "preparing": _flashing(Colour.GREEN, 0.5, 0.5),  # a card or a plug is missing
    "charging": _steady(Colour.BLUE),
    "suspended_ev": _flashing(Colour.BLUE, 1.5, 1.5),  # the car pauses
    "suspended_evse": _steady(Colour.YELLOW),  # the car waits for power
    "finishing": _steady(Colour.WHITE),  # done: take the cable
    "reserved": _steady(Colour.PURPLE),
    "unavailable": _steady(Colour.RED),
}


def red_flashes(number: int) -> Pattern:
    return ((Colour.RED, FLASH_S), (Colour.OFF, FLASH_S)) * (number - 1) + ((Colour.RED, FLASH_S), (Colour.OFF, REST_S))


def pattern_of(status: str, fault: Fault | None) -> Pattern:
    """`status`: of a daemon that has just said it; "" = there is none. `fault`: the worst that the guard knows."""
    if fault is not None and fault.severity != "warning":
        return red_flashes(FAULTS[fault.name].flashes)
    if not status:
        return LEADERLESS
    return red_flashes(UNNAMED_FAULT) if status == "faulted" else PATTERNS.get(status, DARK)


class Lamps:
    """Follows a pattern from its beginning."""

    def __init__(self, now_s: float) -> None:
        self.colour = Colour.OFF
        self.sounding = False
        self.due_s = now_s  # when it looks different next, if nothing happens
        self._pattern: Pattern = ()
        self._place = 0
        self._rounds = 0

    def step(self, status: str, fault: Fault | None, now_s: float, blinks: int = 0) -> None:
        """`blinks`: how often a status that flashes does so before it stays lit; 0: on and on. Faults always flash."""
        pattern = pattern_of(status, fault)
        if pattern != self._pattern:
            self._pattern, self._place, self._rounds = pattern, 0, 0
            self.due_s = now_s + pattern[0][1]
        self._flash(now_s)
        if blinks and self._rounds >= blinks and pattern in PATTERNS.values():
            self._place, self.due_s = 0, inf
        elif self.due_s == inf and len(pattern) > 1:  # it blinks on after all
            self.due_s = now_s + pattern[0][1]
        self.colour = pattern[self._place][0]
        blocked = fault is not None and fault.severity != "warning"
        self.sounding = blocked and self.colour is Colour.RED and self._rounds < ROUNDS_HEARD

    def _flash(self, now_s: float) -> None:
        pattern = self._pattern
        while now_s >= self.due_s:
            self._place += 1
            if self._place == len(pattern):
                self._place, self._rounds = 0, self._rounds + 1
            self.due_s += pattern[self._place][1]
