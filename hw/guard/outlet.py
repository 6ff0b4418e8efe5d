"""One EVSE of the guard: its drivers, its lease, its rules, and what was last told about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf, isfinite
from typing import TypeVar

from hw.api import Colour, Cuttable, Dimmable, Permit, PilotLevels, Reading, Report, Sensors
from hw.errors import DeviceLost
from hw.guard.hardware import Hardware
from hw.guard.lamps import Lamps
from hw.guard.lease import Allowance, Lease
from hw.guard.rules import Rules
from hw.guard.scene import WELD
from hw.guard.signals import Inputs, Output
from hw.guard.timer import Timer

T = TypeVar("T")

REPORT_EVERY_S = 0.5
LIGHT_AGAIN_S = 1.0  # after the lamps could not be reached


class Outlet:
    """Slots and bound methods, because a tick finds the processor's caches cold: every look-up is paid for dearly."""

    __slots__ = (
        "_closed", "_cut", "_duty", "_feedback", "_lamps", "_levels", "_light_percent", "_light_s", "_lit",
        "_look_again_s", "_lost", "_phase_feedback", "_phases_closed", "_read_feedback", "_read_levels",
        "_read_phase_feedback", "_read_reading", "_read_sense", "_read_sensors", "_reading", "_restless", "_sense",
        "_sensors", "_shut", "_tell_s", "_test", "_told", "_told_inputs", "_unopened", "hardware", "lease", "opens",
        "output", "rules",
    )  # fmt: skip

    def __init__(self, hardware: Hardware, epoch: int, now_s: float, latched: Iterable[str] = ()) -> None:
        self.hardware = hardware
        self.rules = Rules(hardware.spec, now_s, latched)
        self.lease = Lease(epoch, now_s)
        self.output: Output | None = None
        self._read_levels = hardware.pilot.levels
        self._read_sensors, self._test = hardware.senses()
        self._read_feedback = hardware.contactor.feedback
        phases, meter = hardware.phase_contactor, hardware.meter
        self._read_sense: Callable[[], bool | None] = _nothing if hardware.lock is None else hardware.lock.sense
        self._read_phase_feedback: Callable[[], bool | None] = _nothing if phases is None else phases.feedback
        self._read_reading: Callable[[], Reading | None] = _nothing if meter is None else meter.reading
        self._levels: PilotLevels | None = None
        self._sensors = Sensors()
        self._feedback: bool | None = None
        self._sense: bool | None = None
        self._phase_feedback: bool | None = None
        self._reading: Reading | None = None
        self._lost = False
        self._duty: float | None = None  # driven now; None: not known, hence drive it
        self._closed: bool | None = None
        self._phases_closed: bool | None = None
        self._cut: bool | None = None
        self._shut: bool | None = None  # what the contactor's driver says; True also where it says nothing any more
        self._unopened = Timer(self.rules.contactor.opens_within_s)
        self.opens = True  # the contactor does as it is told, as far as opening is concerned
        self._restless = True  # something is under way, or has just come in: decide at the next tick
        self._look_again_s = now_s  # decide then, even if nothing comes in
        self._told: Output | None = None
        self._told_inputs: tuple[bool | None, bool | None] = (None, None)
        self._lamps = None if hardware.indicator is None else Lamps(now_s)
        self._lit = Colour.OFF, False  # what the lamps show and whether the buzzer sounds
        self._light_percent = 100
        self._light_s = inf if hardware.indicator is None else now_s  # when the lamps have to be looked after
        self._tell_s = now_s + hardware.spec.evse * REPORT_EVERY_S / 20  # not all in one burst

    @property
    def evse(self) -> int:
        return self.hardware.spec.evse

    @property
    def busy(self) -> bool:
        """Does the next tick have to come soon?"""
        return self._restless

    def tick(self, now_s: float) -> bool:
        """Look, and where anything may have changed, decide and drive. Returns whether there is something to tell.

        Nine ticks in ten find nothing: they must cost as little as looking does.
        """
        if now_s >= self._light_s:
            self._light(now_s)
        if self._look() or self._restless or now_s >= self._look_again_s:
            self._decide(now_s)
            return True
        return False

    def permit(self, permit: Permit, now_s: float) -> str:
        """Renew the lease; why the permit is ignored, or "". Most say what the last one said, and need no decision."""
        before = self.lease.allowance(now_s)
        why = self.lease.accept(permit, now_s)
        if self._closed is not False or self.rules.awaits_permit or not before.orders_like(self.lease.allowance(now_s)):
            self._restless = True
        if self._lamps is not None and _looks(permit) != _looks(before):
            self._light_s = now_s
        return why

    def nudge(self) -> None:
        """An order has come in."""
        self._restless = True

    def report(self, now_s: float) -> Report | None:
        """At every change, and twice a second."""
        output = self.output
        if output is None or not output.known:
            return None
        inputs = self._sensors.key_locked, self._sensors.limit_contact
        same = self._told is not None and _same(output, self._told) and inputs == self._told_inputs
        if now_s < self._tell_s and same:
            return None
        self._told, self._told_inputs, self._tell_s = output, inputs, now_s + REPORT_EVERY_S
        return Report(
            evse=self.evse,
            epoch=self.lease.epoch,
            pilot=output.pilot,
            ev_connected=output.ev_connected,
            cable_present=output.cable_present,
            cable_a=output.cable_a,
            contactor=output.contactor,
            locked=output.locked,
            offered_a=output.offered_a,
            ready_in_s=round(self.rules.ready_in_s(now_s), 2),
            faults=output.faults,
            reading=_tellable(self._reading),
            at_s=now_s,
            phases=output.phases,
            key_locked=inputs[0],
            limit_contact=inputs[1],
            held=output.held,
            sighted=output.sighted,
        )

    def _look(self) -> bool:
        """Read every input; is any of them new?"""
        try:
            levels = self._read_levels()
            sensors = self._read_sensors()
            self._shut = feedback = self._read_feedback()
            sense = self._read_sense()
            phase_feedback = self._read_phase_feedback()
            reading = self._read_reading()
        except DeviceLost:
            self._lost = True
            self._levels = None
            self._shut = self._may_be_shut()
            return True
        if (
            (levels is self._levels or levels == self._levels)
            and feedback is self._feedback
            and sense is self._sense
            and (sensors is self._sensors or sensors == self._sensors)
            and reading is self._reading
            and phase_feedback is self._phase_feedback
        ):
            return False
        self._levels, self._sensors, self._feedback, self._sense = levels, sensors, feedback, sense
        self._phase_feedback, self._reading = phase_feedback, reading
        return True

    def _may_be_shut(self) -> bool | None:
        """Some device is lost. If it is the contactor, nobody knows whether that is open."""
        try:
            return self._read_feedback()
        except DeviceLost:
            return True

    def _decide(self, now_s: float) -> None:
        feedback = None if self._levels is None else self._feedback
        seen = Inputs(
            self._levels, self._sensors, feedback, self._sense, self._lost, self._phase_feedback, self._reading
        )
        output = self.rules.step(seen, self.lease.allowance(now_s), now_s)
        if self._lamps is not None and (self.output is None or output.faults is not self.output.faults):
            self._light_s = now_s
        self._drive(output, now_s)
        self._restless = not output.settled or self._lost
        tell_s = self._tell_s if self._tell_s > now_s else now_s + REPORT_EVERY_S
        self._look_again_s = min(tell_s, self.rules.due_s(now_s), self.lease.due_s(now_s))

    def _drive(self, output: Output, now_s: float) -> None:
        """Only what has changed. What a driver did not take may have had its effect all the same, so that it is tried
        again at the next tick; none of them waits for another.
        """
        self.output = output
        hardware = self.hardware
        self._lost = False
        if output.closed != self._closed:
            self._closed = self._told_to(hardware.contactor.switch, output.closed)
        if output.phases_closed != self._phases_closed:
            phases = hardware.phase_contactor
            self._phases_closed = self._told_to(_nothing if phases is None else phases.switch, output.phases_closed)
        if output.cut != self._cut and isinstance(hardware.pilot, Cuttable):
            self._cut = self._told_to(hardware.pilot.cut, output.cut)
        if output.duty != self._duty:
            self._duty = self._told_to(hardware.pilot.offer, output.duty)
        if output.drive_lock is not None and hardware.lock is not None:
            self._told_to(hardware.lock.drive, output.drive_lock)
        if output.selftest:
            self._told_to(lambda _: self._test(), True)
        self._watch_the_opening(output.closed, now_s)

    def _told_to(self, order: Callable[[T], None], value: T) -> T | None:
        """What is driven then; None: not known."""
        try:
            order(value)
        except DeviceLost:
            self._lost = True
            return None
        return value

    def _watch_the_opening(self, closed: bool, now_s: float) -> None:
        """Is the contactor open where it should be? What opened it once, stays, until its fault has been dealt with:
        or a coil that does not let go would close again, and again.
        """
        doubtful = self._closed is not False or self._shut is True
        late = self._unopened.over(not closed and doubtful, now_s)
        self.opens = not late and not self.rules.book.stands(WELD)

    def _light(self, now_s: float) -> None:
        """Only what has changed; a lamp that is lost stops nobody from charging."""
        lamps, indicator = self._lamps, self.hardware.indicator
        if lamps is None or indicator is None:
            return
        worst = self.output.faults[0] if self.output is not None and self.output.faults else None
        allowance = self.lease.allowance(now_s)
        lamps.step(allowance.status, worst, now_s, allowance.blinks)
        self._light_s = min(lamps.due_s, self.lease.due_s(now_s))
        colour, sounding = self._lit
        try:
            if allowance.light != self._light_percent and isinstance(indicator, Dimmable):
                indicator.dim(allowance.light / 100)
                self._light_percent = allowance.light
            if lamps.colour is not colour:
                indicator.show(lamps.colour)
            if lamps.sounding is not sounding:
                indicator.sound(lamps.sounding)
            self._lit = lamps.colour, lamps.sounding
        except DeviceLost:
            self._light_s = now_s + LIGHT_AGAIN_S


def _nothing(order: object = None) -> None:
    """There is no such device."""
    return


def _looks(wanted: Permit | Allowance) -> tuple[str, int, int]:
    return wanted.status, wanted.blinks, wanted.light


def _same(one: Output, other: Output) -> bool:
    """As far as a report tells."""
    return (
        one.pilot == other.pilot
        and one.ev_connected == other.ev_connected
        and one.cable_present == other.cable_present
        and one.cable_a == other.cable_a
        and one.contactor == other.contactor
        and one.locked == other.locked
        and one.offered_a == other.offered_a
        and one.phases == other.phases
        and one.held == other.held
        and one.faults is other.faults
        and one.known == other.known
        and one.sighted == other.sighted
    )


def _tellable(reading: Reading | None) -> Reading | None:
    """What of a driver's reading is a number; a message can carry nothing else."""
    if reading is None or not isfinite(reading.energy_wh) or not isfinite(reading.taken_s):
        return None
    return reading.finite()
