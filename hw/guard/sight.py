"""What the guard sees of car and cable: the pilot's letter and the plug in the socket, debounced. Pure.

Towards opening everything is believed after two ticks; everything else has to last.
"""

from __future__ import annotations

from hw.api import PilotLevels
from hw.guard.pilot import BOTTOM_V, OUTSIDE, cable_rating_a, diode_shows, letter_of, plug_present
from hw.guard.timer import ROUNDING_S, Timer

OPEN_DEBOUNCE_S = 0.010  # two readings in a row; with the tick before them, 20 ms from the car to the coil
DEBOUNCE_S = 0.250  # of changes that open nothing (OpenEVSE's figure)
STABLE_S = 0.500  # a short C pulse (BMW iX3: 250 ms) must not close anything (Tinkerforge, SmartEVSE)
FAULT_AFTER_S = 0.500  # a level in no window
DIODE_SEEN_S = 0.050  # low plateaus in a row before the diode is believed
DIODE_LOST_S = 0.100  # and before it is missed
HALF_S = 1.0  # a hand may push slowly
STEADY_DUTIES = (0.0, 1.0)


class Sight:
    """The control pilot."""

    def __init__(self, now_s: float) -> None:
        self.raw = ""  # letter of the latest reading
        self.letter = "A"  # debounced
        self.diode = False  # seen behind the PWM that runs now
        self._raw_since_s = now_s
        self._diode_seen = Timer(DIODE_SEEN_S)
        self._diode_missed = Timer(DIODE_LOST_S)
        self._broken = Timer(FAULT_AFTER_S)

    def see(self, levels: PilotLevels | None, duty: float, now_s: float) -> None:
        """A reading, taken while `duty` is driven; None where the input cannot be read."""
        raw = OUTSIDE if levels is None else self._read(levels, duty)
        if raw != self.raw:
            self.raw, self._raw_since_s = raw, now_s
        if raw != self.letter and raw != OUTSIDE and self.raw_for(now_s) >= self._debounce_s() - ROUNDING_S:
            self.letter = raw
        self._see_diode(levels, duty, now_s)

    def raw_for(self, now_s: float) -> float:
        """For how long the reading has been as it is."""
        return now_s - self._raw_since_s

    def stable(self, now_s: float) -> bool:
        return self.raw == self.letter and self.raw_for(now_s) >= STABLE_S - ROUNDING_S

    def broken(self, now_s: float) -> bool:
        """No letter, or a short to earth, for so long that it is a fault."""
        return self._broken.over(self.raw in (OUTSIDE, "E"), now_s)

    def diode_missing(self, levels: PilotLevels | None, duty: float, now_s: float) -> bool:
        measured = levels is not None and levels.low_v is not None and not diode_shows(levels.low_v)
        return self._diode_missed.over(measured and duty not in STEADY_DUTIES and self.raw in "BCD", now_s)

    def _read(self, levels: PilotLevels, duty: float) -> str:
        raw = letter_of(levels.high_v, self.raw)
        if duty == 0.0:
            return "F" if levels.high_v < BOTTOM_V else raw  # a car without a diode pulls it up a little
        return OUTSIDE if raw == "F" else raw  # steady -12 V that we do not drive

    def _debounce_s(self) -> float:
        towards_opening = self.raw in "AEF" or self.letter in "CD"
        return OPEN_DEBOUNCE_S if towards_opening else DEBOUNCE_S

    def _see_diode(self, levels: PilotLevels | None, duty: float, now_s: float) -> None:
        running = duty not in STEADY_DUTIES and self.raw != "" and self.raw in "BCD"
        shows = running and levels is not None and diode_shows(levels.low_v)
        if self._diode_seen.over(shows, now_s):
            self.diode = True
        elif not running:
            self.diode = False

    def believe(self) -> None:
        """Take the latest reading as it is: at start there is nothing to compare it with."""
        if self.raw not in ("", OUTSIDE):
            self.letter = self.raw

    def settled(self, now_s: float) -> bool:
        timers = (self._diode_seen, self._diode_missed, self._broken)
        return self.raw == self.letter and self.stable(now_s) and not any(timer.running(now_s) for timer in timers)


class Plug:
    """The proximity contact of a socket. With a captive cable there is nothing to see: `rating_a` is None for ever."""

    def __init__(self, phases: int) -> None:
        self.present = False  # debounced
        self.rating_a: float | None = None  # debounced; of the plug that is in
        self._phases = phases
        self._read: float | None = None
        self._there = False
        self._absent = Timer(DEBOUNCE_S)
        self._same = Timer(DEBOUNCE_S)
        self._half = Timer(HALF_S)
        self._gone = Timer(OPEN_DEBOUNCE_S)
        self._unknown = Timer(FAULT_AFTER_S)
        self._loaded_a: float | None = None  # its rating when mains was switched on
        self.gone = False  # believed quickly, for opening
        self.changed = False  # its resistor has changed while mains was on it; until it is pulled
        self.half = False  # a car answers, but the plug is not home
        self.unknown = False  # a plug with a resistor that no cable has

    def see(self, proximity_ohm: float | None, raw: str, loaded: bool, now_s: float) -> None:
        """`loaded`: mains is on the plug."""
        there = self._there = plug_present(proximity_ohm)
        rating_a = cable_rating_a(proximity_ohm, self._phases)
        same = rating_a == self._read
        self._read = rating_a
        if self._same.over(same and there, now_s):
            self.present, self.rating_a = True, rating_a
        if self._absent.over(not there, now_s):
            self.present, self.rating_a = False, None
            self.changed = False
        self._watch_rating(loaded)
        self.gone = self._gone.over(not there, now_s)
        self.half = self._half.over(not there and raw != "" and raw in "BCD", now_s)
        self.unknown = self._unknown.over(there and rating_a is None, now_s)

    def _watch_rating(self, loaded: bool) -> None:
        """No cable changes while it carries current."""
        if not loaded:
            self._loaded_a = None
        elif self._loaded_a is None:
            self._loaded_a = self.rating_a
        elif self.present and self.rating_a != self._loaded_a:
            self.changed = True

    def believe(self) -> None:
        """Take the latest reading as it is."""
        self.present, self.rating_a = self._there, self._read

    def settled(self, now_s: float) -> bool:
        timers = (self._absent, self._same, self._half, self._gone, self._unknown)
        return not any(timer.running(now_s) for timer in timers)
