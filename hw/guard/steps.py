"""Timed steps of the control pilot that are no offer of current: x1, E, F and the 5 % duty cycle. Pure.

They wake a sleeping car, and are what digital communication with a car (ISO 15118) needs of a pilot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from hw.guard.timer import ROUNDING_S

SIGNALS = ("x1", "E", "F", "5%")  # steady +12 V; cut, 0 V at the car; steady -12 V; "ask me digitally"
LONGEST_S = 60.0  # of one step
MOST = 8

CUT_S = 4.0  # of a wake-up: E, or F where the pilot cannot be cut (EVerest's T_step_EF, Tinkerforge)
AFTER_CUT_S = 0.75  # of x1, before anything is offered again
RECONNECTED_S = 0.050  # the relay that cuts the pilot has moved, and the input shows the car again


@dataclass(frozen=True, slots=True)
class Step:
    signal: str  # one of SIGNALS
    seconds: float


WAKE_UP = (Step("E", CUT_S), Step("x1", AFTER_CUT_S))


def parse(text: str) -> tuple[Step, ...]:
    """Steps as an order names them: "E 4, x1 0.75".

    Raises:
        ValueError: a sentence that says what is wrong.
    """
    steps = tuple(_parse_one(part) for part in text.split(","))
    if len(steps) > MOST:
        raise ValueError(f"more than {MOST} steps")
    return steps


def _parse_one(text: str) -> Step:
    signal, _, number = text.strip().partition(" ")
    if signal not in SIGNALS:
        raise ValueError(f'"{signal}" is none of {", ".join(SIGNALS)}')
    try:
        seconds = float(number)
    except ValueError:
        raise ValueError(f'"{text.strip()}" does not say how many seconds') from None
    if not 0.0 < seconds <= LONGEST_S:
        raise ValueError(f"a step lasts {LONGEST_S:g} s at most")
    return Step(signal, seconds)


class Steps:
    """A sequence that runs, or none."""

    def __init__(self, now_s: float, *, cuttable: bool) -> None:
        """`cuttable`: the pilot's driver can cut it; where it cannot, state F stands for E."""
        self.signal = ""  # imposed now; "" = none
        self.outcome: str | None = ""  # of the latest sequence: "" = it ran to its end; None = it runs still
        self._cuttable = cuttable
        self._waiting: list[Step] = []
        self._until_s = now_s
        self._sees_again_s = now_s

    def begin(self, steps: Sequence[Step], now_s: float) -> None:
        self._waiting, self.outcome, self._until_s = list(steps), None, now_s
        self.step(now_s)

    def cancel(self, why: str, now_s: float) -> None:
        """Something more important has come up."""
        if self.signal:
            self._show("", now_s)
            self._waiting, self.outcome = [], why

    def step(self, now_s: float) -> None:
        while self.outcome is None and now_s >= self._until_s - ROUNDING_S:
            if not self._waiting:
                self._show("", now_s)
                self.outcome = ""
                return
            following = self._waiting.pop(0)
            self._show("F" if following.signal == "E" and not self._cuttable else following.signal, now_s)
            self._until_s += following.seconds

    def blind(self, now_s: float) -> bool:
        """Does the pilot input show something else than the car, because the pilot is cut?"""
        return self.signal == "E" or now_s < self._sees_again_s - ROUNDING_S

    def due_s(self, now_s: float) -> float:
        return min((end_s for end_s in (self._until_s, self._sees_again_s) if end_s > now_s), default=inf)

    def _show(self, signal: str, now_s: float) -> None:
        if self.signal == "E" and signal != "E":
            self._sees_again_s = now_s + RECONNECTED_S
        self.signal = signal
