"""The self-test of the residual-current device: before every session, and at least once a day. Pure."""

from __future__ import annotations

from hw.api import Sensors

EVERY_S = 24 * 3600.0
COUNTS_AFTER_S = 0.050  # an outcome that is there earlier is the last test's


class Selftest:
    """Where the board has no such device, there is nothing to test and `passed` is always True."""

    def __init__(self, within_s: float) -> None:
        """`within_s`: no outcome for so long is a failure."""
        self.running = False
        self.failed = False
        self.fitted = False
        self.due = True  # at start, for every car, and when somebody asks
        self._began_s = 0.0
        self._within_s = within_s
        self._passed_s: float | None = None

    @property
    def passed(self) -> bool:
        return not self.fitted or (not self.due and not self.running and not self.failed)

    def ask(self) -> None:
        """A car has come, or somebody wants to know."""
        self.due = True

    def step(self, sensors: Sensors, may_run: bool, now_s: float) -> bool:
        """Returns True when a test shall start now. `may_run`: the contactor is proven open."""
        self.fitted = sensors.rcd_selftest_fitted
        if self.running:
            self._await_outcome(sensors.rcd_selftest_ok, now_s)
            return False
        if self._passed_s is not None and now_s - self._passed_s >= EVERY_S:
            self.due = True
        if not (self.fitted and self.due and may_run):
            return False
        self.due, self.running, self._began_s = False, True, now_s
        return True

    def _await_outcome(self, outcome: bool | None, now_s: float) -> None:
        age_s = now_s - self._began_s
        if outcome is not None and age_s >= COUNTS_AFTER_S:
            self.running, self.failed = False, not outcome
            self._passed_s = now_s
        elif age_s >= self._within_s:
            self.running, self.failed = False, True
            self._passed_s = now_s
