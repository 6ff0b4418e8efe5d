"""The guard's decisions for one EVSE: a pure `step()` from what is seen and permitted to what is driven.

Opening is fast, closing is slow. How much is offered is the least of `_ceilings`. The contactor closes only when all
of `_may_close` holds, and opens as soon as `_must_open` does or the car has stopped. Each row names its source; "table
A.6" is that of IEC 61851-1:2017. Timings are constants of the parts; what is seen and what is wrong, the `Scene` knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from hw.guard.click import Click
from hw.guard.lease import Allowance
from hw.guard.offer import Offer
from hw.guard.pilot import MIN_OFFER_A
from hw.guard.scene import STUCK, WELD, Scene
from hw.guard.sight import OPEN_DEBOUNCE_S
from hw.guard.signals import Inputs, Output, Spec
from hw.guard.steps import WAKE_UP, Step, Steps
from hw.guard.timer import Timer, reached
from hw.guard.visit import SIMPLIFIED_A
from hw.guard.wakeup import WakeUp

EV_STOP_S = 6.0  # after the offer is withdrawn; then the contactor opens under load (table A.6, 10.2)
STOPPING_S = 3.0  # the same when the guard itself has to end: a car must have stopped by then (10.1)
START_UP_S = 5.0  # no offer for so long after the guard has started
STOPPED_BY = ("high", "medium")  # severities; EVerest: the one at once, the other in order


class Rules(Scene):
    """One EVSE. Call `step()` every 10 ms, or less often while it says that it is settled and the inputs rest."""

    def __init__(self, spec: Spec, now_s: float, latched: Iterable[str] = ()) -> None:
        super().__init__(spec, now_s, latched)
        self.offer = Offer(now_s)
        self.steps = Steps(now_s, cuttable=spec.cuttable)
        self.wakeup = WakeUp(wanted=spec.wake_up)
        self.click = Click()
        self.awaits_permit = False  # a car has come, and nobody has permitted anything since
        self._held = ""  # why less is offered than permitted
        self._stopping_s: float | None = None
        self._left = Timer(OPEN_DEBOUNCE_S)  # the car does not ask for power any more
        self._withdrawn = Timer(EV_STOP_S)

    # --- orders -------------------------------------------------------------------------------------------------------

    def stop(self, now_s: float) -> None:
        """The guard has to end: withdraw the offer, then open."""
        self._stopping_s = now_s if self._stopping_s is None else self._stopping_s

    def late(self, often: bool, now_s: float) -> None:
        """The loop that calls us keeps, or does not keep, its time."""
        self.book.note("VendorWarning", often, now_s)

    def clear(self, name: str, now_s: float) -> str:
        """Somebody on site has dealt with a fault; "" or why it stands."""
        return self.book.clear(name, now_s)

    def release_cable(self) -> str:
        """Let go of the plug, as soon as the contactor is proven open, until it has been pulled; "" or why not."""
        if not self.spec.lock:
            return "there is no lock"
        if self._mains_may_flow():
            return "the contactor is closed"
        self.bolt.released = True
        return ""

    def begin_steps(self, steps: Iterable[Step], now_s: float) -> str:
        """Show these signals on the pilot, one after the other, instead of an offer; "" or why not."""
        if self._mains_may_flow():
            return "the contactor is closed"
        if self.book.severity in STOPPED_BY or self._stopping_s is not None:
            return "something is wrong"
        if self.steps.signal:
            return "another sequence is under way"
        self.steps.begin(tuple(steps), now_s)
        return ""

    def _mains_may_flow(self) -> bool:
        """Closed, or on its way: only a controller that closes by itself may wait with its permission for a car."""
        return self.contactor.on or (self.contactor.closed and not self.spec.self_switching)

    def wake(self, now_s: float) -> str:
        """Cut the pilot for a moment, for a car that sleeps; "" or why not."""
        if not self.visit.connected or self.sight.letter != "B":
            return "there is no car that sleeps"
        if self.wakeup.settling(now_s):
            return "the car has just been woken"
        why = self.begin_steps(WAKE_UP, now_s)
        if not why:
            self.wakeup.woken(now_s)
        return why

    def prove(self, wanted: Allowance, now_s: float) -> str:
        """Click the contactor; "" or why not."""
        if self.spec.self_switching:
            return "the pilot's controller closes its contactor for a car only"
        if not self._may_click(wanted):
            return "it is done only with nothing plugged in, nothing permitted and no fault"
        if not self.contactor.proven_open or not reached(self.contactor.rested_s, now_s):
            return "the contactor has just been closed: try again in some seconds"
        self.click.begin(self.contactor, now_s)
        return ""

    # --- the step -----------------------------------------------------------------------------------------------------

    def step(self, seen: Inputs, wanted: Allowance, now_s: float) -> Output:
        self.book.begin_step()
        self._see(seen, wanted, now_s)
        wanted = self._for_this_visit(wanted)
        selftest = self.selftest.step(seen.sensors, self.contactor.proven_open and not self.click.running, now_s)
        if self.note_faults(seen, self.offer.duty, self.offer.amps, now_s):
            self.offer.show_f(now_s)
        self._run_sequences(wanted, now_s)
        self._make_offer(wanted, now_s)
        self._switch(wanted, now_s)
        drive_lock = self.bolt.want(self._lock_wanted(wanted), now_s) if self.spec.lock else None
        return self._output(drive_lock, selftest, now_s)

    def _see(self, seen: Inputs, wanted: Allowance, now_s: float) -> None:
        blind = self.steps.blind(now_s)
        if self.look(seen, wanted, self.offer.duty, blind, now_s) == "left":
            self.wakeup.forget()
        if self.sight.letter == "A" and not self.visit.connected:
            self.offer.forget(now_s)

    def _for_this_visit(self, wanted: Allowance) -> Allowance:
        """An authorization does not outlive the plug: what was permitted before this car came was for another one.

        A car that pauses has not left, so that its contactor may close again even after the daemon has fallen silent.
        """
        outdated = wanted.sent_at_s <= self.visit.turned_s
        self.awaits_permit = outdated and self.visit.connected
        return replace(wanted, limit_a=0.0) if outdated and wanted.limit_a else wanted

    def _run_sequences(self, wanted: Allowance, now_s: float) -> None:
        """What takes several steps: signals on the pilot, and another number of phases."""
        if self.book.severity in STOPPED_BY or self._stopping_s is not None:
            self.steps.cancel("something has come up", now_s)
        self.steps.step(now_s)
        if self.wakeup.step(self.sight.letter, self.offer.amps > 0, now_s):
            self.begin_steps(WAKE_UP, now_s)
        self.phases.step(wanted.phases, self.no_load(), self.visit.served, now_s)

    # --- offer --------------------------------------------------------------------------------------------------------

    def _make_offer(self, wanted: Allowance, now_s: float) -> None:
        amps, self._held = wanted.limit_a, ""
        for why, ceiling_a in self._ceilings(wanted, now_s):
            if ceiling_a < amps:
                amps, self._held = ceiling_a, why
        self.offer.make(amps if amps >= MIN_OFFER_A else 0.0, self._signal(wanted), now_s)
        if self.offer.amps:
            self.visit.served = True

    def _ceilings(self, wanted: Allowance, now_s: float) -> Iterator[tuple[str, float]]:
        """Why the guard itself offers less, and how many amperes; the least decides, the first of several."""
        spec, visit, book = self.spec, self.visit, self.book
        if not self._car_on_pilot():
            yield "", 0.0
        if self._stopping_s is not None:
            yield "the guard ends", 0.0
        if not reached(self._began_s + START_UP_S, now_s):
            yield "the guard has just started", 0.0
        if book.severity in STOPPED_BY:
            yield "fault", 0.0
        if not reached(book.quiet_until_s, now_s):
            yield "a fault has just ended", 0.0  # Tinkerforge: 30 s
        if self.key_locked and not visit.served:
            yield "key", 0.0  # as with OCPP's ChangeAvailability, who charges goes on
        if self.phases.withheld:
            yield "phases", 0.0  # x1 while switching (EVerest, Tinkerforge)
        if spec.self_switching and not self._may_be_switched(now_s):
            yield "not ready", 0.0
        if visit.simplified:
            yield "simplified car", SIMPLIFIED_A if spec.simplified_cars else 0.0  # IEC 61851-1 annex A
        if self.measured.lost(now_s):
            yield "no current measurement", wanted.fallback_a
        if spec.socket:
            yield "cable", self.plug.rating_a or 0.0  # IEC 61851-1 annex B
        yield "configuration", spec.max_current_a
        yield "temperature", spec.max_current_a * self.protection.share  # OpenEVSE's steps

    def _signal(self, wanted: Allowance) -> str:
        """What the pilot shows instead of an offer; "" = an offer, or x1."""
        if self.book.stands(WELD) and self.contactor.welded:
            return "F"  # hardware that must not be used (table A.4; OpenEVSE, EVerest)
        if wanted.out_of_service and not self.visit.connected and not self.plug.present:
            return "F"
        if self.steps.signal == "5%" and not self._car_on_pilot():
            return "x1"
        return self.steps.signal

    def _car_on_pilot(self) -> bool:
        """PWM is for a car that is there (IEC 61851-1 table A.4)."""
        return self.visit.connected and self.sight.letter in "BCD"

    def _may_be_switched(self, now_s: float) -> bool:
        """A controller that closes by itself gets an offer when all that closing needs is true, save the car's wish.

        The diode is its own business: it looks at the pilot at every period, and reports a missing one.
        """
        if self.sight.letter == "D" and not self.spec.ventilation:
            return False
        return self.contactor.on or (self._is_safe(now_s) and (self.contactor.proven_open or self.contactor.closed))

    # --- contactor ----------------------------------------------------------------------------------------------------

    def _switch(self, wanted: Allowance, now_s: float) -> None:
        contactor = self.contactor
        left = self._left.over(not self.asks_for_power(), now_s)
        withdrawn = self._withdrawn.over(not self.offer.amps, now_s)
        if self.click.running:
            self.click.step(contactor, self._may_click(wanted), now_s)
        elif contactor.closed:
            if withdrawn or self._must_open(now_s) or self._is_over(left):
                contactor.open(now_s)
        elif self._may_close(now_s):
            contactor.close(now_s)

    def _must_open(self, now_s: float) -> bool:
        """Under load, if need be."""
        stopped = self._stopping_s is not None and reached(self._stopping_s + STOPPING_S, now_s)
        return stopped or self.book.severity == "high" or self.plug.gone

    def _is_over(self, left: bool) -> bool:
        """Has the car stopped by itself (table A.6, 2.1, 2.2, 8.1)? A controller's permission ends with the offer."""
        if self.spec.self_switching:
            return not self.offer.amps and not self.contactor.on
        return left

    def _may_close(self, now_s: float) -> bool:
        """An offer is made only to a car that is there, with a cable, a lease and no fault: it stands for all that."""
        if self.offer.amps < MIN_OFFER_A or not self.contactor.proven_open or not self._is_safe(now_s):
            return False
        if self.spec.self_switching:
            return True  # it waits for the car by itself
        return self.asks_for_power() and self.sight.stable(now_s) and self.sight.diode  # table A.6, 4; Tinkerforge

    def _is_safe(self, now_s: float) -> bool:
        """What closing needs beside an offer and a car that asks: self-test, off-time, cable, lock confirmed."""
        return (
            self.selftest.passed
            and reached(self.contactor.rested_s, now_s)
            and not self.plug.gone
            and (not self.spec.lock or self.bolt.holds)
        )

    def _may_click(self, wanted: Allowance) -> bool:
        calm = self.book.severity not in STOPPED_BY and self._stopping_s is None
        return calm and self.empty() and wanted.limit_a < MIN_OFFER_A

    # --- lock ---------------------------------------------------------------------------------------------------------

    def _lock_wanted(self, wanted: Allowance) -> bool | None:
        """None: leave it as it is."""
        if not self.sighted:
            return None
        if not self.contactor.proven_open or self.book.stands(WELD):
            return True if self.plug.present else self.bolt.wanted  # mains may be on the plug
        if not self.plug.present or self.bolt.released:
            return False
        if self.visit.connected and self.plug.rating_a and wanted.limit_a >= MIN_OFFER_A and self._stopping_s is None:
            return True
        return wanted.hold_lock  # None: nobody has said yet

    # --- time, and what to tell ---------------------------------------------------------------------------------------

    def ready_in_s(self, now_s: float) -> float:
        """Seconds until the contactor might close, as far as waiting alone is concerned."""
        waits = (self._began_s + START_UP_S, self.book.quiet_until_s, self.contactor.rested_s)
        return max(0.0, max(waits) - now_s)

    def due_s(self, now_s: float) -> float:
        """When a wait ends next, so that a step is needed even if nothing happens until then; inf = never."""
        ends = (
            self._began_s + START_UP_S, self.book.quiet_until_s, self.offer.rested_s, self.contactor.rested_s,
            self.steps.due_s(now_s), self.wakeup.due_s(), self.phases.due_s(),
        )  # fmt: skip
        return min(end_s for end_s in ends if end_s > now_s)

    def _output(self, drive_lock: bool | None, selftest: bool, now_s: float) -> Output:
        spec, plug, offer = self.spec, self.plug, self.offer
        return Output(
            duty=offer.duty,
            cut=offer.cut,
            closed=self.contactor.closed,
            phases_closed=self.phases.closed,
            drive_lock=drive_lock,
            selftest=selftest,
            pilot=self.sight.letter + ("" if self.sight.letter not in "BCD" else "2" if offer.pwm else "1"),
            ev_connected=self.visit.connected,
            cable_present=plug.present if spec.socket else None,
            cable_a=plug.rating_a if spec.socket else None,
            contactor=self.contactor.state(self.book.stands(WELD), self.book.stands(STUCK)),
            locked=self.bolt.locked if spec.lock else None,
            offered_a=offer.amps,
            phases=self.phases.phases,
            held=self._held,
            faults=self.book.faults,
            known=self.known,
            sighted=self.sighted,
            settled=self.settled(now_s) and offer.settled(now_s) and not self.click.running,
        )
