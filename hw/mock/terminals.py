"""One simulated bay as the hardware sees the mapped wires: reads what the guard drives, writes what it measures."""

from __future__ import annotations

import mmap
import time
from math import nan

from hw.api import PilotLevels
from hw.mock import wires
from hw.mock.bay import Bay, Drive

_LOCKS = {code: lock for lock, code in wires.LOCK_CODES.items()}


class Terminals:
    """One bay as the simulated hardware uses it."""

    def __init__(self, memory: mmap.mmap, evse: int) -> None:
        self._memory = memory
        self._at = wires.offset_of(evse)
        self._count = 0
        self._sensed: tuple[object, ...] = ()
        self._levels: PilotLevels | None = None
        self._moved_ns = 0
        self._drive_raw = b""
        self._drive = Drive()

    def drive(self) -> Drive:
        """What the guard drives now."""
        raw = self._memory[self._at : self._at + wires.DRIVE.size]
        if raw != self._drive_raw:
            self._drive_raw = raw
            duty_ns, selftests, coil, lock, cut, phases = wires.DRIVE.unpack(raw)
            duty = (duty_ns - 1) / wires.PERIOD_NS if duty_ns else 1.0
            self._drive = Drive(duty, bool(coil), _LOCKS.get(lock), selftests, bool(cut), bool(phases))
        return self._drive

    def show(self, bay: Bay) -> None:
        """Write what the inputs of the guard measure; costs next to nothing where nothing has changed."""
        levels, sensors = bay.levels(), bay.sensors()
        if levels != self._levels:
            self._levels, self._moved_ns = levels, time.monotonic_ns()
        sensed = (
            bay.feedback(),
            bool(bay.locked()),
            bool(sensors.residual_current),
            bool(sensors.emergency_stop),
            wires.NO_OUTCOME if sensors.rcd_selftest_ok is None else sensors.rcd_selftest_ok,
            sum(1 << bit for bit, name in enumerate(wires.INPUTS) if getattr(sensors, name)),
            bay.phase_feedback(),
            bay.selftests_answered,
            levels.high_v,
            nan if levels.low_v is None else levels.low_v,
            nan if levels.proximity_ohm is None else levels.proximity_ohm,
            sensors.temperature_degc or 0.0,
            self._moved_ns,
        )
        if sensed != self._sensed:
            self._sensed = sensed
            self._count = self._count % 0xFFFF_FFFF + 1
            raw = wires.SENSED.pack(self._count, *sensed, self._count)
            self._memory[self._at + wires.SENSED_AT : self._at + wires.SENSED_AT + len(raw)] = raw

    @property
    def energy_wh(self) -> float:
        """The meter's register as it was last kept."""
        register_wh: float = wires.REGISTER.unpack_from(self._memory, self._at + wires.REGISTER_AT)[0]
        return register_wh

    def keep_energy(self, energy_wh: float) -> None:
        wires.REGISTER.pack_into(self._memory, self._at + wires.REGISTER_AT, energy_wh)
