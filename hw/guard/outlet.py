"""One EVSE of the guard: its drivers, its lease, its rules, and what was last told about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hw.api import Contactor, Lock, Permit, Pilot, PilotLevels, Report, Sensors
from hw.errors import DeviceLost
from hw.guard.lease import Allowance, Lease
from hw.guard.offer import STEADY_PLUS
from hw.guard.rules import Rules
from hw.guard.signals import Inputs, Output, Spec

REPORT_EVERY_S = 0.5
STEP_EVERY_S = 0.1  # even while inputs rest and nothing is under way: waits and leases run out meanwhile


@dataclass(frozen=True, slots=True)
class Hardware:
    """What the guard drives at one EVSE."""

    spec: Spec
    pilot: Pilot
    contactor: Contactor
    lock: Lock | None = None

    def release(self) -> None:
        """Open, and no offer. The contactor first, and whatever one device says, the others are reached."""
        try:
            self.contactor.switch(False)
        finally:
            self.pilot.offer(STEADY_PLUS)


class Outlet:
    def __init__(self, hardware: Hardware, epoch: int, now_s: float, latched: Iterable[str] = ()) -> None:
        self.hardware = hardware
        self.rules = Rules(hardware.spec, now_s, latched)
        self.lease = Lease(epoch, now_s)
        self.output: Output | None = None
        self._lost = False
        self._duty: float | None = None  # driven now; None: not known, hence drive it
        self._closed: bool | None = None
        self._seen = Inputs(None, Sensors(), None)
        self._allowance: Allowance | None = None
        self._step_s = now_s
        self._report_s = now_s + hardware.spec.evse * REPORT_EVERY_S / 20  # not all in one burst
        self._told: Output | None = None

    @property
    def evse(self) -> int:
        return self.hardware.spec.evse

    @property
    def busy(self) -> bool:
        """Does the next tick have to come soon?"""
        return self.output is None or not self.output.settled or self._lost

    def tick(self, now_s: float) -> bool:
        """Look, and where anything may have changed, decide and drive. Returns whether it decided."""
        seen = self._look()
        allowance = self.lease.allowance(now_s)
        if now_s < self._step_s and allowance is self._allowance and seen == self._seen and not self.busy:
            return False
        self._seen, self._allowance, self._step_s = seen, allowance, now_s + STEP_EVERY_S
        self._drive(self.rules.step(seen, allowance, now_s))
        return True

    def permit(self, permit: Permit, now_s: float) -> str:
        return self.lease.accept(permit, now_s)

    def report(self, now_s: float) -> Report | None:
        """At every change, and twice a second."""
        output = self.output
        if output is None or not output.known or (output is self._told and now_s < self._report_s):
            return None
        if now_s < self._report_s and self._told is not None and _same(output, self._told):
            self._told = output
            return None
        self._told, self._report_s = output, now_s + REPORT_EVERY_S
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
            at_s=now_s,
        )

    def _look(self) -> Inputs:
        hardware, lost = self.hardware, self._lost
        try:
            levels: PilotLevels | None = hardware.pilot.levels()
            sensors = hardware.pilot.sensors()
            feedback = hardware.contactor.feedback()
            sense = None if hardware.lock is None else hardware.lock.sense()
        except DeviceLost:
            return Inputs(None, self._seen.sensors, None, None, lost=True)
        return Inputs(levels, sensors, feedback, sense, lost)

    def _drive(self, output: Output) -> None:
        """Only what has changed; what a driver did not take is tried again at the next tick."""
        self.output = output
        hardware = self.hardware
        self._lost = False
        try:
            if output.closed != self._closed:
                hardware.contactor.switch(output.closed)
                self._closed = output.closed
            if output.duty != self._duty:
                hardware.pilot.offer(output.duty)
                self._duty = output.duty
            if output.drive_lock is not None and hardware.lock is not None:
                hardware.lock.drive(output.drive_lock)
            if output.selftest:
                hardware.pilot.test_residual_current()
        except DeviceLost:
            self._lost = True


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
        and one.faults is other.faults
        and one.known == other.known
    )
