"""The self-test of a residual-current module with an input TST and outputs for 6 mA DC and 30 mA AC (RDC-DD). Pure."""

from __future__ import annotations

from enum import Enum, auto

TEST_S = 0.250  # TST is pulled for so long (0.03 to 1.2 s would do)
DIRECT_WITHIN_S = 0.740  # after that the 6 mA output has to trip within so long,
ALTERNATING_WITHIN_S = 0.660  # then the 30 mA one within so long,
IDLE_WITHIN_S = 1.200  # then both have to rest again within so long (Tinkerforge EVSE 2)

TESTED_WITHIN_S = TEST_S + DIRECT_WITHIN_S + ALTERNATING_WITHIN_S + IDLE_WITHIN_S + 0.150  # late ticks


class Step(Enum):
    IDLE = auto()
    PULLED = auto()  # TST is active
    DIRECT = auto()  # the 6 mA output has to trip
    ALTERNATING = auto()  # the 30 mA output has to trip
    RESTING = auto()  # both have to let go


class ModuleTest:
    """One test after the other; `tick()` says whether TST shall be active now."""

    def __init__(self) -> None:
        self.passed: bool | None = None  # of the latest test; None before the first and while one runs
        self._step = Step.IDLE
        self._until_s = 0.0

    def begin(self, now_s: float) -> None:
        """A test that runs is not begun anew."""
        if self._step is Step.IDLE:
            self.passed = None
            self._enter(Step.PULLED, now_s + TEST_S)

    def tick(self, direct: bool, alternating: bool | None, now_s: float) -> bool:
        """`direct`, `alternating`: the outputs are tripped; None = there is no second one."""
        late = now_s >= self._until_s
        match self._step:
            case Step.PULLED if late:
                self._enter(Step.DIRECT, now_s + DIRECT_WITHIN_S)
            case Step.DIRECT if direct:
                following = Step.RESTING if alternating is None else Step.ALTERNATING
                self._enter(following, self._until_s + ALTERNATING_WITHIN_S + (alternating is None) * IDLE_WITHIN_S)
            case Step.ALTERNATING if alternating:
                self._enter(Step.RESTING, self._until_s + IDLE_WITHIN_S)
            case Step.RESTING if not direct and not alternating:
                self._end(True)
            case Step.DIRECT | Step.ALTERNATING | Step.RESTING if late:
                self._end(False)
        return self._step is Step.PULLED

    def _enter(self, step: Step, until_s: float) -> None:
        self._step, self._until_s = step, until_s

    def _end(self, passed: bool) -> None:
        self._step, self.passed = Step.IDLE, passed
