"""What the guard knows of one EVSE: car, cable, contactor, lock, sensors, and what is wrong with any of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from hw.api import PilotLevels
from hw.guard.bolt import Bolt
from hw.guard.book import Book
from hw.guard.contactor import Contactor, SelfSwitching
from hw.guard.faults import FAULTS
from hw.guard.lease import Allowance
from hw.guard.measuring import Measuring
from hw.guard.phases import NO_CURRENT_A, Phases
from hw.guard.plausibility import Plausibility
from hw.guard.protection import Protection
from hw.guard.selftest import Selftest
from hw.guard.sight import Plug, Sight
from hw.guard.signals import Inputs, Spec
from hw.guard.timer import ROUNDING_S, Timer
from hw.guard.visit import Visit

WELD = "MREC17EVSEContactorFault"
STUCK = f"{WELD}/StuckOpen"

LOOK_S = 0.050  # at start, readings must agree for so long before they are believed ...
LOOK_AT_MOST_S = 0.500  # ... if they agree at all
STALE_LEVELS_S = 1.0  # of a driver that says when it measured
STALE_WORD_S = 3.0  # of a controller that opens by itself: a lost answer or two must not end a session


class Scene:
    def __init__(self, spec: Spec, now_s: float, latched: Iterable[str] = ()) -> None:
        self.spec = spec
        self.book = Book(latched, now_s)
        self.sight = Sight(now_s)
        self.plausible = Plausibility(now_s)
        self.plug = Plug(spec.phases)
        self.visit = Visit()
        self.contactor = SelfSwitching(now_s) if spec.self_switching else Contactor(now_s)
        self.phases = Phases(
            spec.phases, now_s, fitted=spec.phase_contactor, switchable=spec.phase_switching, pause_s=spec.phase_pause_s
        )
        self.bolt = Bolt(now_s)
        self.selftest = Selftest(spec.selftest_s)
        self.protection = Protection(spec.phases)
        self.measured = Measuring(expected_s=now_s if spec.metered else None)
        self.known = False  # False in the first moments, when nothing may be told yet
        self.sighted = False  # the pilot has been read, so that it is known who is there
        self._readable = Timer(LOOK_AT_MOST_S)
        self.key_locked = False
        self._began_s = now_s

    # --- looking ------------------------------------------------------------------------------------------------------

    def look(self, seen: Inputs, wanted: Allowance, duty: float, blind: bool, now_s: float) -> str:
        """`duty`: driven now. `blind`: the pilot is cut. Returns "came" or "left" when a car does so, else ""."""
        asked = self.asks_for_power()
        if not blind:
            self.sight.see(seen.levels, duty, now_s)
            self.plausible.see(seen.levels, self.sight.raw, duty, now_s)
        self.contactor.see(seen.feedback, asked, now_s)
        if self.spec.socket:
            ohm = seen.levels.proximity_ohm if seen.levels else None
            self.plug.see(ohm, self.sight.raw, self.contactor.on, now_s)
        if self.spec.lock:
            self.bolt.see(seen.sense, now_s)
        self.measured.see(wanted, seen.sensors, seen.reading, now_s)
        self.phases.see(seen.phase_feedback, now_s)
        self.key_locked = seen.sensors.key_locked is True
        if not self.sighted:
            self._look_for_the_first_time(seen.levels is not None, now_s)
        return self._see_who_is_there(now_s) if self.sighted else ""

    def _look_for_the_first_time(self, readable: bool, now_s: float) -> None:
        """A car that was there before the guard must not seem to have just arrived, or to have left; and while the
        pilot cannot be read, nobody is said to be there or not.
        """
        long = self._readable.over(readable, now_s)
        steady = readable and self.sight.raw_for(now_s) >= LOOK_S - ROUNDING_S
        if steady or long:
            self.known = self.sighted = True
            self.sight.believe()
            self.plug.believe()
        elif now_s - self._began_s >= LOOK_AT_MOST_S - ROUNDING_S:
            self.known = True

    def _see_who_is_there(self, now_s: float) -> str:
        event = self.visit.see(self.sight.letter, self.plug.present if self.spec.socket else None)
        if event:
            self.visit.turned_s = now_s
        if event == "came":
            self.book.plugged()
            self.selftest.ask()
        elif event == "left":
            self.protection.unplugged()
            self.book.unplugged(now_s)
        if self.spec.socket and not self.plug.present:
            self.bolt.released = False
        return event

    # --- what is wrong ------------------------------------------------------------------------------------------------

    def note_faults(self, seen: Inputs, duty: float, offered_a: float, now_s: float) -> bool:
        """Put everything into the book. Returns whether the car has to be told of something new, by state F."""
        book, sensors, on = self.book, seen.sensors, self.contactor.on
        book.note("CommunicationFault", seen.lost or self._stale(seen.levels, now_s), now_s)
        self._note_pilot(seen, duty, now_s)
        self._note_contactors(now_s)
        book.note("Selftest", self.selftest.failed, now_s)
        if self.spec.lock:
            self._note_lock(now_s)
        self.protection.watch_sensors(sensors, self.selftest.running, book, now_s)
        self.protection.watch_measurements(self.measured, offered_a, on, book, now_s)
        unwatched = self.visit.connected and self.measured.lost(now_s)
        book.note("MREC4OverCurrentFailure/Unsupervised", unwatched, now_s)
        book.hear(sensors.reported_faults, now_s)
        return any(FAULTS[name].shows_f for name in book.news)

    def _note_pilot(self, seen: Inputs, duty: float, now_s: float) -> None:
        book, sight, plug, visit = self.book, self.sight, self.plug, self.visit
        book.note("MREC14PilotFault", sight.broken(now_s) and not seen.lost, now_s)
        book.note("DiodeFault", sight.diode_missing(seen.levels, duty, now_s), now_s)
        book.note("MREC14PilotFault/Implausible", self.plausible.wrong, now_s)
        book.note("BrownOut", self.plausible.rails_off, now_s)
        book.note("VentilationNotAvailable", sight.letter == "D" and not self.spec.ventilation, now_s)
        book.note("MREC10InvalidVehicleMode", visit.simplified and not self.spec.simplified_cars, now_s)
        book.note("MREC20PartialInsertion", plug.half, now_s)
        book.note("MREC23ProximityFault", plug.unknown or plug.changed, now_s)

    def _note_contactors(self, now_s: float) -> None:
        book = self.book
        book.note(WELD, self.contactor.welded, now_s)
        book.note(STUCK, self.contactor.stuck, now_s)
        book.note(f"{WELD}/Slow", self.contactor.slow, now_s)
        book.note(f"{WELD}/Phases", self.phases.wrong, now_s)
        book.note("VendorWarning/PhaseSwitching", self.phases.unproven, now_s)

    def _note_lock(self, now_s: float) -> None:
        book, bolt = self.book, self.bolt
        book.note("MREC1ConnectorLockFailure", bolt.does_not_lock(now_s), now_s)
        book.note("FailedUnlock", bolt.does_not_open(now_s), now_s)
        book.note("UnexpectedOpen", bolt.lost, now_s)
        book.note("UnexpectedClose", bolt.caught, now_s)

    def _stale(self, levels: PilotLevels | None, now_s: float) -> bool:
        """Does the driver say when it measured, and was that long ago?"""
        limit_s = STALE_WORD_S if self.spec.self_switching else STALE_LEVELS_S
        return levels is not None and levels.taken_s > 0 and now_s - levels.taken_s > limit_s

    # --- questions ----------------------------------------------------------------------------------------------------

    def asks_for_power(self) -> bool:
        raw = self.sight.raw
        return raw == "C" or (raw == "D" and self.spec.ventilation)

    def no_load(self) -> bool:
        """Is it proven that no current flows? Opened, and a mirror contact or a meter says so, and none denies it."""
        amps = self.measured.most_a
        measured = amps is not None and amps < NO_CURRENT_A and self.measured.whole
        return self.contactor.proven_open and (measured or (amps is None and self.contactor.mirrors_open))

    def empty(self) -> bool:
        """Is nothing plugged in, for sure?"""
        nobody = self.sight.letter == self.sight.raw == "A" and not self.visit.connected
        return self.sighted and nobody and not self.plug.present

    def settled(self, now_s: float) -> bool:
        """Is nothing under way here?"""
        parts = (self.sight, self.plausible, self.plug, self.contactor, self.phases, self.bolt, self.protection)
        return self.known and not self.selftest.running and all(part.settled(now_s) for part in parts)
