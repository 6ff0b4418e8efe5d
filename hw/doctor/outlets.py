"""Opens what the guard owns, while no guard runs, and has every part prove itself. Contactors are claimed off.

Each driver is opened by itself, so that one that is not there does not hide the others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, cast

from hw.api import Contactor, HostedMeter, Reading
from hw.discovery import Place, load
from hw.doctor.contactor import contactor_steps
from hw.doctor.findings import failed
from hw.doctor.indicator import indicator_steps
from hw.doctor.lock import lock_steps
from hw.doctor.meter import reading_steps
from hw.doctor.pilot import pilot_steps
from hw.doctor.proving import ANSWERS_WITHIN_S, Findings, at, until
from hw.doctor.sensors import sensor_steps
from hw.errors import DeviceLost, Fixable
from hw.guard.config import GROUPS, SENSORS, Part, Section, read_config
from hw.processes import claim

HOSTED = "pilot"  # the meter "driver" that means: inside the pilot's controller


@contextmanager
def holding_guards_place(state_dir: Path) -> Iterator[None]:
    """No guard starts meanwhile: two would fight over one contactor. Raises AlreadyRunning."""
    handle = claim("guard", state_dir)
    try:
        yield
    finally:
        os.close(handle)


async def outlet_steps(config: Path, state_dir: Path, hosted: frozenset[int] = frozenset()) -> Findings:
    """Every outlet in turn. `hosted`: those whose meter sits inside the pilot's controller. Raises ConfigWrong."""
    told = read_config(config)
    for number, section in enumerate(told.sections, 1):
        with ExitStack() as opened:
            outlet = _Outlet(section, number, state_dir, opened, hosts_meter=number in hosted)
            async for finding in outlet.steps():
                yield finding
    if told.sensors is not None:
        async for finding in _station_sensors(told.sensors, state_dir):
            yield finding


async def _station_sensors(table: Mapping[str, Any], state_dir: Path) -> Findings:
    """Inputs that concern every outlet."""
    try:
        board = load("sensors", table, Place(SENSORS, state_dir))
    except Fixable as trouble:
        yield failed(f"{SENSORS}.answers", "inputs answer", trouble.what, trouble.fix)
        return
    with closing(board):
        async for finding in at(SENSORS, sensor_steps(board, own=True)):
            yield finding


class _Outlet:
    def __init__(self, section: Section, number: int, state_dir: Path, opened: ExitStack, *, hosts_meter: bool) -> None:
        self._section, self._number, self._state_dir, self._opened = section, number, state_dir, opened
        self._hosts_meter = hosts_meter
        self._drivers: dict[str, Any] = {}

    async def steps(self) -> Findings:
        for part, table in self._section.drivers.items():
            place = f"evse.{self._number}.{part}"
            try:
                self._drivers[part] = self._open(part, table, place)
            except Fixable as trouble:
                yield failed(f"{place}.answers", f"{_said(part)} answers", trouble.what, trouble.fix)
                continue
            async for finding in at(place, self._of(part)):
                yield finding

    def _open(self, part: Part, table: Mapping[str, Any], where: str) -> Any:
        place = Place(where, self._state_dir, self._number, phases=self._section.phases)
        driver: Any = load(cast(Any, GROUPS[part]), table, place)
        self._opened.callback(driver.close)
        return driver

    def _of(self, part: Part) -> Findings:
        driver = self._drivers[part]
        match part:
            case "pilot":
                return self._pilot()
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

    async def _pilot(self) -> Findings:
        """With what its controller does beside: contactor, sensors, meter."""
        pilot = self._drivers["pilot"]
        socket = self._section.outlet == "socket"
        async for finding in pilot_steps(pilot, socket=socket, phases=self._section.phases):
            yield finding
        if isinstance(pilot, Contactor) and "contactor" not in self._section.drivers:
            async for finding in at("contactor", contactor_steps(pilot, self._look)):
                yield finding
        async for finding in at("sensors", sensor_steps(pilot, self._look)):
            yield finding
        if self._hosts_meter and isinstance(pilot, HostedMeter):
            async for finding in at("meter", self._hosted(pilot)):
                yield finding

    def _hosted(self, meter: HostedMeter) -> Findings:
        async def read() -> Reading:
            reading = await until(meter.reading, lambda seen: seen is not None, ANSWERS_WITHIN_S)
            if reading is None:
                where = f"[evse.{self._number}.meter]"
                raise DeviceLost("the controller has no reading", where=where, fix="Is its meter connected and set up?")
            return reading

        return reading_steps(read, self._section.phases, behind_contactor=True)


def _said(part: str) -> str:
    return part.replace("_", " ")
