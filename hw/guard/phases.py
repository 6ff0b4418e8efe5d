"""The contactor of L2 and L3, for charging with one phase or with three. Pure.

It stands in series with the contactor, so that by itself it puts nothing on the plug, and it never moves under load:
the offer is withdrawn, the contactor opens, no current is proven, it moves, the car gets a pause. Pauses: EVerest 10 s,
Tinkerforge 10 to 60 s; EVerest's manual warns of damage to some cars.
"""

from __future__ import annotations

from enum import Enum
from math import inf

from hw.guard.timer import ROUNDING_S, Timer

NO_CURRENT_A = 0.5  # on every phase, measured just now
QUIET_S = 0.100  # that nothing flows has to be proven for so long
MOVES_WITHIN_S = 0.250  # else it is welded or stuck, as with the contactor itself
PROOF_WITHIN_S = 20.0  # a car has 6 s to stop, then the contactor opens; more is a proof that never comes


class Stage(Enum):
    REST = "rest"
    WAITING = "waiting"  # for the proof that nothing flows
    MOVING = "moving"
    PAUSE = "pause"


class Phases:
    def __init__(self, phases: int, now_s: float, *, fitted: bool, switchable: bool, pause_s: float) -> None:
        """`phases`: of the station. `fitted`: there is a phase contactor; it is open when the guard starts."""
        self.closed = False  # commanded
        self.phases = 1 if fitted else phases  # connected, or would be
        self.wrong = False  # just now: it is not where it was sent
        self.unproven = False  # switching was given up, because nothing proves that no current flows
        self._fitted, self._switchable = fitted, switchable
        self._usual, self._pause_s = phases, pause_s
        self._stage = Stage.REST
        self._since_s = now_s
        self._refused: int | None = None
        self._quiet = Timer(QUIET_S)
        self._wrong = Timer(MOVES_WITHIN_S)

    @property
    def withheld(self) -> bool:
        """Must nothing be offered now?"""
        return self._stage is not Stage.REST

    def see(self, feedback: bool | None, now_s: float) -> None:
        """`feedback`: True = its main contacts are closed; None = it has no mirror contact."""
        if not self._fitted:
            return
        self.wrong = self._wrong.over(feedback is not None and feedback != self.closed, now_s)
        if self._stage is not Stage.MOVING:
            closed = self.closed if feedback is None or not self.wrong else feedback
            self.phases = self._usual if closed else 1

    def step(self, wanted: int | None, no_load: bool, served: bool, now_s: float) -> None:
        """`wanted`: 1 or 3, None = as it is. `no_load`: proven. `served`: a car is there that has had an offer."""
        if not self._fitted:
            return
        target = self._target(wanted)
        if target != self._refused:
            self._refused, self.unproven = None, False
        match self._stage:
            case Stage.REST if target not in (self._set_to, self._refused):
                self._go(Stage.WAITING, now_s)
            case Stage.WAITING:
                self._wait(target, no_load, now_s)
            case Stage.MOVING if now_s - self._since_s >= MOVES_WITHIN_S - ROUNDING_S:
                self._go(Stage.PAUSE if served else Stage.REST, now_s)
            case Stage.PAUSE if not served or now_s - self._since_s >= self._pause_s - ROUNDING_S:
                self._go(Stage.REST, now_s)

    def _wait(self, target: int, no_load: bool, now_s: float) -> None:
        if target == self._set_to:
            self._go(Stage.REST, now_s)
        elif self._quiet.over(no_load, now_s):
            self.closed = target > 1
            self._go(Stage.MOVING, now_s)
        elif now_s - self._since_s >= PROOF_WITHIN_S:
            self._refused, self.unproven = target, True
            self._go(Stage.REST, now_s)

    def _target(self, wanted: int | None) -> int:
        if not self._switchable:
            return self._usual
        return wanted if wanted in (1, self._usual) else self._set_to

    @property
    def _set_to(self) -> int:
        return self._usual if self.closed else 1

    def _go(self, stage: Stage, now_s: float) -> None:
        self._stage, self._since_s = stage, now_s
        self._quiet.over(False, now_s)

    def due_s(self) -> float:
        return self._since_s + self._pause_s if self._stage is Stage.PAUSE else inf

    def settled(self, now_s: float) -> bool:
        return self._stage in (Stage.REST, Stage.PAUSE) and not self._wrong.running(now_s)
