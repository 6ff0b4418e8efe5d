"""Opens what the guard owns, while no guard runs, and has every part prove itself. Contactors are claimed off.

Each driver is opened by itself, so that one that is not there does not hide the others.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol, cast, runtime_checkable

from hw.api import Contactor, HostedMeter, Reading
from hw.discovery import Place, load
from hw.doctor.contactor import contactor_steps
from hw.doctor.findings import failed
from hw.doctor.indicator import indicator_steps
from hw.doctor.lock import lock_steps
from hw.doctor.meter import reading_steps
from hw.doctor.pilot import pilot_steps
from hw.doctor.proving import Findings, at, until
from hw.doctor.sensors import sensor_steps
from hw.errors import DeviceLost, Fixable
from hw.guard.config import GROUPS, SENSORS, Part, Section, hosted_meter, read_config
from hw.processes import claim

READ_WITHIN_S = 5.0  # on a bus that several share, one of which may be dead


@contextmanager
def holding_guards_place(state_dir: Path) -> Iterator[None]:
    """No guard starts meanwhile: two would fight over one contactor. Raises AlreadyRunning."""
    handle = claim("guard", state_dir)
    try:
        yield
    finally:
        os.close(handle)


async def outlet_steps(config: Path, state_dir: Path) -> Findings:
    """Every outlet in turn, then the inputs that concern all of them. Raises ConfigWrong."""
    told = read_config(config)
    for number, section in enumerate(told.sections, 1):
        with ExitStack() as opened:
            async for finding in _Outlet(section, number, state_dir, opened).steps():
                yield finding
    if told.sensors is not None:
        async for finding in _opened(SENSORS, "inputs answer", _station_sensors(told.sensors, state_dir)):
            yield finding


async def _station_sensors(table: Mapping[str, Any], state_dir: Path) -> Findings:
    with closing(load("sensors", table, Place(SENSORS, state_dir))) as board:
        async for finding in sensor_steps(board, own=True):
            yield finding


async def _opened(place: str, proves: str, steps: Findings) -> Findings:
    """Steps that begin with opening a driver, which may be missing or want other options."""
    try:
        async for finding in at(place, steps):
            yield finding
    except Fixable as trouble:
        yield failed(f"{place}.answers", proves, trouble.what, trouble.fix)


class _Outlet:
    def __init__(self, section: Section, number: int, state_dir: Path, opened: ExitStack) -> None:
        self._section, self._number, self._state_dir, self._closing = section, number, state_dir, opened
        self._drivers: dict[str, Any] = {}

    async def steps(self) -> Findings:
        for part, table in self._section.drivers.items():
            place = f"evse.{self._number}.{part}"
            async for finding in _opened(place, f"{part.replace('_', ' ')} answers", self._part(part, table)):
                yield finding
        if self._section.meter is not None and "pilot" in self._drivers:
            steps = self._meter(self._section.meter, self._drivers["pilot"])
            async for finding in _opened(f"evse.{self._number}.meter", "meter answers", steps):
                yield finding

    async def _part(self, part: Part, table: Mapping[str, Any]) -> Findings:
        driver: Any = load(cast(Any, GROUPS[part]), table, self._place(part))
        self._closing.callback(driver.close)
        self._drivers[part] = driver
        async for finding in self._of(part, driver):
            yield finding

    def _of(self, part: Part, driver: Any) -> Findings:
        match part:
            case "pilot":
                return self._pilot(driver)
            case "contactor" | "phase_contactor":
                return contactor_steps(driver, self._look)
            case "lock":
                return lock_steps(driver, self._look)
            case "sensors":
                return sensor_steps(driver, self._look, own=True)
            case _:
                return indicator_steps(driver)

    def _look(self) -> None:
        if "pilot" in self._drivers:
            self._drivers["pilot"].levels()

    async def _pilot(self, pilot: Any) -> Findings:
        """With what its controller does beside: contactor and inputs."""
        socket = self._section.outlet == "socket"
        async for finding in pilot_steps(pilot, socket=socket, phases=self._section.phases):
            yield finding
        if isinstance(pilot, Contactor) and "contactor" not in self._section.drivers:
            async for finding in at("contactor", contactor_steps(pilot, self._look, own=False)):
                yield finding
        async for finding in at("sensors", sensor_steps(pilot, self._look)):
            yield finding

    async def _meter(self, table: Mapping[str, Any], pilot: Any) -> Findings:
        """One that sits in the pilot's controller, or on its port."""
        meter = hosted_meter(table, pilot, self._place("meter"))
        if meter is None:
            return
        if meter is not pilot and isinstance(meter, Closable):
            self._closing.callback(meter.close)

        async def read() -> Reading:
            return await _fresh(meter, self._number)

        async for finding in reading_steps(read, self._section.phases, behind_contactor=True):
            yield finding

    def _place(self, part: str) -> Place:
        return Place(f"evse.{self._number}.{part}", self._state_dir, self._number, phases=self._section.phases)


@runtime_checkable
class Closable(Protocol):
    def close(self) -> None: ...


async def _fresh(meter: HostedMeter, evse: int) -> Reading:
    """A reading that was taken after it was asked for. Raises DeviceLost."""
    asked_s = time.monotonic()

    def is_fresh(seen: Reading | None) -> bool:
        return seen is not None and seen.taken_s >= asked_s

    reading = await until(meter.reading, is_fresh, READ_WITHIN_S)
    if reading is None or not is_fresh(reading):
        what = "there is no reading" if reading is None else "its last reading is old"
        raise DeviceLost(what, where=f"[evse.{evse}.meter]", fix="Check its wires, its unit number and its model.")
    return reading
