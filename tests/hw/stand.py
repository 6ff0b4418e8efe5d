"""A test stand for the guard's rules: hardware that does as it is told, a tick every 10 ms, time as a number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Self

from hw.api import Permit, PilotLevels, Reading, Sensors
from hw.guard.lease import Lease
from hw.guard.rules import Rules
from hw.guard.signals import Inputs, Output, Spec

TICK_S = 0.010
EPOCH = 7
LEVEL_V = {"A": 12.0, "B": 9.0, "C": 6.0, "D": 3.0, "E": 0.0}
CAPTIVE = Spec(1, socket=False, lock=False)
SOCKET = Spec(1)


class Stand:
    """A test sets `letter`, `ohm`, `diode`, `sensors`, `limit_a` and looks at `out` and at how long it took."""

    def __init__(self, spec: Spec = CAPTIVE, *, latched: Iterable[str] = (), start_up: bool = False) -> None:
        self.now_s = 1000.0
        self.rules = Rules(spec, self.now_s, latched)
        self.lease = Lease(EPOCH, self.now_s)
        self.spec = spec
        self.letter = "A"
        self.ohm: float | None = None
        self.diode = True
        self.levels: PilotLevels | None = None  # instead of what `letter` makes
        self.unreadable = False
        self.sensors = Sensors()
        self.rcd_passes = True  # what a self-test finds
        self.feedback: bool | None = None  # instead of what the coil makes
        self.mirror = True  # False: no mirror contact is wired
        self.sense: bool | None = None  # instead of what the motor makes
        self.phase_feedback: bool | None = None  # instead of what the phase contactor's coil makes
        self.phase_mirror = True  # False: no mirror contact is wired there
        self.reading: Reading | None = None  # of a meter that the guard hosts
        self.limit_a: float | None = None  # of the permits that are sent; None: none is
        self.permits: dict[str, Any] = {}  # their other fields
        self.out = self._step()
        if not start_up:
            self.run(6.0)

    # --- the world ----------------------------------------------------------------------------------------------------

    def plug(self, letter: str = "B", ohm: float = 220.0) -> Self:
        self.letter, self.ohm = letter, ohm if self.spec.socket else None
        return self

    def permit(self, limit_a: float | None, **fields: Any) -> Self:
        self.limit_a, self.permits = limit_a, fields
        return self

    def charging(self, limit_a: float = 16.0) -> Self:
        """A car that draws, as every session that goes well comes to."""
        self.permit(limit_a).plug("B").run(1.0)
        self.letter = "C"
        assert self.seconds_until(lambda out: out.closed and out.contactor == "closed") < 3.0
        return self

    def charging_with(self, phases: int) -> Self:
        """Likewise, with a permit for so many phases."""
        self.permit(16.0, phases=phases).plug("B").run(1.0)
        self.letter = "C"
        assert self.seconds_until(lambda out: out.closed and out.contactor == "closed") < 3.0
        return self.run(6.0)

    # --- time ---------------------------------------------------------------------------------------------------------

    def tick(self) -> Output:
        self.now_s = round(self.now_s + TICK_S, 6)
        self.out = self._step()
        return self.out

    def run(self, seconds: float) -> Self:
        for _ in range(round(seconds / TICK_S)):
            self.tick()
        return self

    def seconds_until(self, condition: Callable[[Output], bool], within_s: float = 200.0) -> float:
        """How long it takes from now until the rules do something."""
        began_s = self.now_s
        while self.now_s - began_s < within_s:
            if condition(self.tick()):
                return round(self.now_s - began_s, 6)
        raise AssertionError(f"not within {within_s} s: {self.out}")

    def names(self) -> list[str]:
        """Of the faults that stand."""
        return [fault.name for fault in self.out.faults]

    # --- wires --------------------------------------------------------------------------------------------------------

    def _step(self) -> Output:
        if self.limit_a is not None and self.lease.epoch == EPOCH:
            fields = {"guard_epoch": EPOCH, "sent_at_s": self.now_s} | self.permits
            self.lease.accept(Permit(evse=1, limit_a=self.limit_a, **fields), self.now_s)
        output = self.rules.step(self._inputs(), self.lease.allowance(self.now_s), self.now_s)
        self._follow(output)
        return output

    def _inputs(self) -> Inputs:
        levels = None if self.unreadable else self.levels or self._made_levels()
        return Inputs(
            levels, self.sensors, self._mirror(), self._sense(), self.unreadable, self._phase_mirror(), self.reading
        )

    def _made_levels(self) -> PilotLevels:
        duty = self.out.duty if hasattr(self, "out") else 1.0
        if hasattr(self, "out") and self.out.cut:
            return PilotLevels(12.0, None, self.ohm)  # the input sits on the EVSE's side of the cut
        high_v = LEVEL_V[self.letter]
        low_v = 0.0 if self.letter == "E" else (-12.0 if self.diode or self.letter == "A" else -high_v)
        if duty == 0.0:
            return PilotLevels(low_v, None, self.ohm)
        return PilotLevels(high_v, None if duty == 1.0 else low_v, self.ohm)

    def _mirror(self) -> bool | None:
        if not self.mirror:
            return None
        return self.feedback if self.feedback is not None else getattr(self, "_main", False)

    def _phase_mirror(self) -> bool | None:
        if not self.spec.phase_contactor or not self.phase_mirror:
            return None
        return self.phase_feedback if self.phase_feedback is not None else getattr(self, "_phases", False)

    def _sense(self) -> bool | None:
        if not self.spec.lock:
            return None
        return self.sense if self.sense is not None else getattr(self, "_bolt", False)

    def _follow(self, output: Output) -> None:
        """Contactor and lock are there at the next tick; a self-test passes at once."""
        self._main = output.closed and (not self.spec.self_switching or self._controller_closes(output))
        self._phases = output.phases_closed
        if output.drive_lock is not None:
            self._bolt = output.drive_lock
        if output.selftest:
            self.sensors = replace(self.sensors, rcd_selftest_ok=self.rcd_passes)

    def _controller_closes(self, output: Output) -> bool:
        """One that switches by itself: PWM runs and the car asks."""
        return 0.0 < output.duty < 1.0 and self.letter in "CD"
