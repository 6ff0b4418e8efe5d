"""The guard's decisions for one EVSE: a pure `step()` from what is seen and permitted to what is driven.

Opening is fast, closing is slow. The contactor closes only when every condition of `_may_close` holds, and opens as
soon as one of `_must_open` does. Sources: IEC 61851-1:2017 annex A; timings as EVerest and Tinkerforge have them.
Phase switching and wake-up pulses belong here too, as parts of their own beside `Offer` and `Contactor`.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from hw.api import PilotLevels
from hw.guard.bolt import Bolt
from hw.guard.contactor import Contactor
from hw.guard.faults import FAULTS, Book
from hw.guard.lease import Allowance
from hw.guard.offer import Offer
from hw.guard.pilot import MIN_OFFER_A
from hw.guard.protection import Protection
from hw.guard.selftest import Selftest
from hw.guard.sight import OPEN_DEBOUNCE_S, Plug, Sight
from hw.guard.signals import Inputs, Output, Spec
from hw.guard.timer import ROUNDING_S, Timer

WELD = "MREC17EVSEContactorFault"
STUCK = "MREC17EVSEContactorFault/StuckOpen"

EV_STOP_S = 6.0  # after the offer is withdrawn; then the contactor opens under load (IEC 61851-1 table A.6, 10.2)
STOPPING_S = 3.0  # the same when the guard itself has to end: a car must have stopped by then (10.1)
START_UP_S = 5.0  # no offer for so long after the guard has started
LOOK_S = 0.050  # at start, readings must agree for so long before they are believed ...
LOOK_AT_MOST_S = 0.500  # ... if they agree at all
STALE_LEVELS_S = 1.0  # of a driver that says when it measured


class Rules:
    """One EVSE. Call `step()` every 10 ms, or less often while it says that it is settled and the inputs rest."""

    def __init__(self, spec: Spec, now_s: float, latched: Iterable[str] = ()) -> None:
        self.spec = spec
        self.book = Book(latched, now_s)
        self.contactor = Contactor(now_s)
        self.offer = Offer(now_s)
        self.bolt = Bolt(now_s)
        self.selftest = Selftest()
        self._sight = Sight(now_s)
        self._plug = Plug(spec.phases)
        self._protection = Protection(spec.phases)
        self._began_s = now_s
        self._known = False
        self._connected = False
        self._stopping_s: float | None = None
        self._left = Timer(OPEN_DEBOUNCE_S)  # the car does not ask for power any more
        self._withdrawn = Timer(EV_STOP_S)

    # --- orders -------------------------------------------------------------------------------------------------------

    def stop(self, now_s: float) -> None:
        """The guard has to end: withdraw the offer, then open."""
        self._stopping_s = now_s if self._stopping_s is None else self._stopping_s

    def release_cable(self) -> str:
        """Let go of the plug, as soon as the contactor is proven open, until it has been pulled; "" or why not."""
        if not self.spec.lock:
            return "there is no lock"
        if self.contactor.closed:
            return "the contactor is closed"
        self.bolt.released = True
        return ""

    def clear(self, name: str, now_s: float) -> str:
        """Somebody on site has dealt with a fault; "" or why it stands."""
        return self.book.clear(name, now_s)

    def late(self, often: bool, now_s: float) -> None:
        """The loop that calls us keeps, or does not keep, its time."""
        self.book.note("VendorWarning", often, now_s)

    def ready_in_s(self, now_s: float) -> float:
        """Seconds until the contactor might close, as far as waiting alone is concerned."""
        waits = (self._began_s + START_UP_S, self.book.quiet_until_s, self.contactor.rested_s)
        return max(0.0, max(waits) - now_s)

    def due_s(self, now_s: float) -> float:
        """When a wait ends next, so that a step is needed even if nothing happens until then; inf = never."""
        ends = (
            self._began_s + START_UP_S,
            self.book.quiet_until_s,
            self.offer.rested_s,
            self.contactor.rested_s,
        )
        return min((end_s for end_s in ends if end_s > now_s), default=inf)

    # --- the step -----------------------------------------------------------------------------------------------------

    def step(self, seen: Inputs, wanted: Allowance, now_s: float) -> Output:
        self.book.begin_step()
        self._look(seen, now_s)
        selftest = self.selftest.step(seen.sensors, self.contactor.proven_open, now_s)
        self._protect(seen, wanted, now_s)
        wish_a = self._wish_a(wanted)
        self._make_offer(wish_a, wanted, now_s)
        self._switch(now_s)
        drive_lock = self._hold_plug(wish_a, wanted, now_s)
        return self._output(drive_lock, selftest, now_s)

    def _look(self, seen: Inputs, now_s: float) -> None:
        sight, duty = self._sight, self.offer.duty
        sight.see(seen.levels, duty, now_s)
        if self.spec.socket:
            self._plug.see(seen.levels.proximity_ohm if seen.levels else None, sight.raw, now_s)
        self.contactor.see(seen.feedback, now_s)
        if self.spec.lock:
            self.bolt.see(seen.sense, now_s)
        if not self._known:
            self._look_for_the_first_time(now_s)
        self._see_who_is_there(now_s)

    def _look_for_the_first_time(self, now_s: float) -> None:
        """A car that was there before the guard must not seem to have just arrived, or to have left."""
        waited_s = now_s - self._began_s
        if self._sight.raw_for(now_s) >= LOOK_S - ROUNDING_S or waited_s >= LOOK_AT_MOST_S - ROUNDING_S:
            self._known = True
            self._sight.believe()
            self._plug.believe()

    def _see_who_is_there(self, now_s: float) -> None:
        letter, socket = self._sight.letter, self.spec.socket
        if letter == "A" or (socket and not self._plug.present and letter in "EF"):
            if self._connected:
                self._protection.unplugged()
                self.book.unplugged(now_s)
            self._connected = False
            self.offer.forget(now_s)
        elif letter in "BCD":
            connected = self._plug.present if socket else True
            if connected and not self._connected:
                self.book.plugged()
                self.selftest.ask()
            self._connected = connected
        if socket and not self._plug.present:
            self.bolt.released = False

    def _protect(self, seen: Inputs, wanted: Allowance, now_s: float) -> None:
        book, contactor, sight = self.book, self.contactor, self._sight
        book.note("CommunicationFault", seen.lost or _stale(seen.levels, now_s), now_s)
        book.note("MREC14PilotFault", sight.broken(now_s) and not seen.lost, now_s)
        book.note("DiodeFault", sight.diode_missing(seen.levels, self.offer.duty, now_s), now_s)
        book.note("VentilationNotAvailable", sight.letter == "D" and not self.spec.ventilation, now_s)
        book.note("MREC20PartialInsertion", self._plug.half, now_s)
        book.note("MREC23ProximityFault", self._plug.unknown, now_s)
        book.note(WELD, contactor.welded, now_s)
        book.note(STUCK, contactor.stuck, now_s)
        book.note("Selftest", self.selftest.failed, now_s)
        book.note("MREC1ConnectorLockFailure", self.bolt.does_not_lock(now_s), now_s)
        book.note("FailedUnlock", self.bolt.does_not_open(now_s), now_s)
        self._protection.watch_sensors(seen.sensors, self.selftest.running, book, now_s)
        self._protection.watch_measurements(
            wanted, self.offer.amps, self.offer.lowered_s, contactor.closed, book, now_s
        )
        if any(FAULTS[name].shows_f for name in book.news):
            self.offer.show_f(now_s)

    # --- offer --------------------------------------------------------------------------------------------------------

    def _wish_a(self, wanted: Allowance) -> float:
        """Amperes per phase to offer if nothing were wrong; 0 = none."""
        amps = min(wanted.limit_a, self.spec.max_current_a * self._protection.share)
        if self.spec.socket:
            amps = min(amps, self._plug.rating_a or 0.0)
        there = self._connected and self._sight.letter in "BCD"
        return amps if there and amps >= MIN_OFFER_A and self._stopping_s is None else 0.0

    def _make_offer(self, wish_a: float, wanted: Allowance, now_s: float) -> None:
        waiting = now_s < max(self._began_s + START_UP_S, self.book.quiet_until_s) - ROUNDING_S
        wrong = self.book.severity in ("high", "medium")
        self.offer.make(0.0 if waiting or wrong else wish_a, self._shows_f(wanted), now_s)

    def _shows_f(self, wanted: Allowance) -> bool:
        if self.book.stands(WELD) and self.contactor.welded:
            return True
        return wanted.out_of_service and not self._connected and not self._plug.present

    # --- contactor ----------------------------------------------------------------------------------------------------

    def _switch(self, now_s: float) -> None:
        asks = self._asks_for_power()
        left = self._left.over(not asks, now_s)
        withdrawn = self._withdrawn.over(self.contactor.closed and not self.offer.amps, now_s)
        if self.contactor.closed:
            if left or withdrawn or self._must_open(now_s):
                self.contactor.open(now_s)
        elif asks and self._may_close(now_s):
            self.contactor.close(now_s)

    def _asks_for_power(self) -> bool:
        raw = self._sight.raw
        return raw == "C" or (raw == "D" and self.spec.ventilation)

    def _must_open(self, now_s: float) -> bool:
        stopped = self._stopping_s is not None and now_s - self._stopping_s >= STOPPING_S - ROUNDING_S
        return stopped or self.book.severity == "high" or (self.spec.socket and self._plug.gone)

    def _may_close(self, now_s: float) -> bool:
        """An offer is made only to a car that is there, with a cable, a lease and no fault: it stands for all that."""
        return (
            self.offer.amps >= MIN_OFFER_A
            and self._sight.stable(now_s)
            and self._sight.diode
            and self.selftest.passed
            and self.contactor.proven_open
            and self.contactor.rested_s <= now_s + ROUNDING_S
            and not (self.spec.socket and self._plug.gone)
            and (not self.spec.lock or (self.bolt.wanted is True and self.bolt.locked is True))
        )

    # --- lock ---------------------------------------------------------------------------------------------------------

    def _hold_plug(self, wish_a: float, wanted: Allowance, now_s: float) -> bool | None:
        if not self.spec.lock:
            return None
        return self.bolt.want(self._lock_wanted(wish_a, wanted), now_s)

    def _lock_wanted(self, wish_a: float, wanted: Allowance) -> bool | None:
        if not self._known:
            return None
        if not self.contactor.proven_open or self.book.stands(WELD):
            return True if self._plug.present else self.bolt.wanted  # mains may be on the plug
        if not self._plug.present or self.bolt.released:
            return False
        if wish_a:
            return True
        return wanted.hold_lock  # None: nobody has said yet, leave it

    # --- what to tell -------------------------------------------------------------------------------------------------

    def _output(self, drive_lock: bool | None, selftest: bool, now_s: float) -> Output:
        spec, plug, offer = self.spec, self._plug, self.offer
        return Output(
            duty=offer.duty,
            closed=self.contactor.closed,
            drive_lock=drive_lock,
            selftest=selftest,
            pilot=self._pilot_state(),
            ev_connected=self._connected,
            cable_present=plug.present if spec.socket else None,
            cable_a=plug.rating_a if spec.socket else None,
            contactor=self.contactor.state(self.book.stands(WELD), self.book.stands(STUCK)),
            locked=self.bolt.locked if spec.lock else None,
            offered_a=offer.amps,
            phases=spec.phases,
            held="",
            faults=self.book.faults,
            known=self._known,
            settled=self._settled(now_s),
        )

    def _pilot_state(self) -> str:
        letter = self._sight.letter
        if letter not in "BCD":
            return letter
        return letter + ("2" if self.offer.amps else "1")

    def _settled(self, now_s: float) -> bool:
        parts = (self._sight, self._plug, self.contactor, self.offer, self.bolt, self._protection)
        return self._known and not self.selftest.running and all(part.settled(now_s) for part in parts)


def _stale(levels: PilotLevels | None, now_s: float) -> bool:
    """Does the driver say when it measured, and was that long ago?"""
    return levels is not None and levels.taken_s > 0 and now_s - levels.taken_s > STALE_LEVELS_S
