"""One simulated bay as the guard's drivers see it: reads the other half of the mapped wires, writes its own."""

from __future__ import annotations

import mmap
import time
from dataclasses import replace
from math import isnan
from typing import Any

from hw.api import PilotLevels, Sensors
from hw.mock import wires


class GuardHalf:
    """One bay as the guard's drivers use it. A tick that finds nothing new costs one comparison."""

    __slots__ = ("_at", "_memory", "_raw", "_window", "feedback", "levels", "phase_feedback", "sense", "sensors")

    def __init__(self, memory: mmap.mmap, evse: int) -> None:
        self._memory = memory
        self._at = wires.offset_of(evse)
        sensed_at = self._at + wires.SENSED_AT
        self._window = slice(sensed_at, sensed_at + wires.SENSED.size)
        self._raw = b""
        self.levels = PilotLevels(12.0, None)
        self.sensors = Sensors()
        self.feedback = False
        self.sense = False
        self.phase_feedback = False
        self.refresh()

    def refresh(self) -> bool:
        """Look at the inputs; False, and next to no work, where nothing has changed since the last look."""
        raw = self._memory[self._window]
        if raw == self._raw:
            return False
        count, *fields, count_again = wires.SENSED.unpack(raw)
        if count != count_again or count == 0:
            return False  # in the middle of a write, or nobody has ever written: the inputs rest
        self._raw = raw
        self._take(fields)
        return True

    def _take(self, fields: list[float]) -> None:
        feedback, sense, residual, stop, tested, inputs, phases, answered, high_v, low_v, ohm, degc, _moved_ns = fields
        self.levels = PilotLevels(high_v, None if isnan(low_v) else low_v, None if isnan(ohm) else ohm)
        self.feedback, self.sense, self.phase_feedback = bool(feedback), bool(sense), bool(phases)
        outcome = None if tested == wires.NO_OUTCOME or answered != self.selftests else bool(tested)
        others: Any = {name: bool(int(inputs) >> bit & 1) for bit, name in enumerate(wires.INPUTS)}
        self.sensors = Sensors(bool(residual), bool(stop), degc, outcome, True, **others)

    @property
    def selftests(self) -> int:
        """How many self-tests the guard has asked for in this file's life."""
        count: int = wires.WORD.unpack_from(self._memory, self._at + wires.SELFTESTS_AT)[0]
        return count

    def set_duty(self, duty: float) -> None:
        wires.WORD.pack_into(self._memory, self._at + wires.DUTY_AT, round(duty * wires.PERIOD_NS) + 1)
        self._stamp(0)

    def set_coil(self, closed: bool) -> None:
        self._memory[self._at + wires.COIL_AT] = closed
        self._stamp(1)

    def set_lock(self, locked: bool | None) -> None:
        self._memory[self._at + wires.LOCK_AT] = wires.LOCK_CODES[locked]
        self._stamp(2)

    def set_cut(self, cut: bool) -> None:
        self._memory[self._at + wires.CUT_AT] = cut

    def set_phases(self, closed: bool) -> None:
        self._memory[self._at + wires.PHASES_AT] = closed

    def _stamp(self, output: int) -> None:
        wires.STAMP.pack_into(self._memory, self._at + wires.CHANGES_AT + 8 * output, time.monotonic_ns())

    def ask_selftest(self) -> None:
        wires.WORD.pack_into(self._memory, self._at + wires.SELFTESTS_AT, self.selftests + 1)
        self.sensors = replace(self.sensors, rcd_selftest_ok=None)
