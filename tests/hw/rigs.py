"""Test rigs for the contracts of the guard's drivers: one simulated bay, its drivers, and a clock that tests turn.

The mock drivers reach the bay by the mapped wires, the GPIO drivers by the lines of a board. Whatever a contract asks
of a driver it asks of both.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hw.api import Colour, Contactor, Indicator, Lock, SensorBoard, Sensors
from hw.discovery import Place, load
from hw.gpio.contactor import GpioContactor
from hw.gpio.indicator import GpioIndicator
from hw.gpio.lock import GpioLock
from hw.gpio.sensors import GpioSensors
from hw.mock.bay import Bay, Drive
from hw.mock.drivers import MockIndicator
from hw.mock.terminals import Terminals
from hw.mock.wires import open_wires
from tests.hw.gpio_wires import LIBRARIES, ChipWires, MockWires, Wires, simulated_chip

TICK_S = 0.010

COIL, MIRROR, PHASE_COIL, PHASE_MIRROR = 17, 27, 16, 26
OPEN, CLOSE, BOLT = 5, 6, 13
RESIDUAL, RESIDUAL_AC, TEST = 22, 23, 24
STOP, EARTH, PEN, DOOR, KEY, LIMIT = 4, 7, 8, 9, 10, 11
RED, GREEN, BLUE, BUZZER = 18, 19, 20, 21
SWITCHES = {
    STOP: ("emergency_stop", True),
    EARTH: ("earth_missing", True),
    PEN: ("pen_fault", True),
    DOOR: ("enclosure_open", True),
    KEY: ("key_locked", True),
    LIMIT: ("limit_contact", False),
}


class Rig(ABC):
    """A bay and its drivers. `run()` lets time pass, with a tick of the guard every 10 ms."""

    contactor: Contactor
    phase_contactor: Contactor
    lock: Lock
    sensor_board: SensorBoard
    indicator: Indicator

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.bay = Bay(now_s=self.now_s, phase_contactor=True)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.now_s = round(self.now_s + TICK_S, 3)
            self.exchange()
            self.look()

    def fault(self, kind: str, active: bool = True) -> None:
        self.bay.fault(kind, active, self.now_s)
        self.run(TICK_S)

    def look(self) -> None:
        """What the guard does with its inputs at every tick."""
        self.contactor.feedback()
        self.phase_contactor.feedback()
        self.lock.sense()
        self.sensors()

    def sensors(self) -> Sensors:
        return self.sensor_board.sensors()

    @abstractmethod
    def exchange(self) -> None:
        """What the drivers drive reaches the bay, what it measures reaches them."""

    @abstractmethod
    def shown(self) -> Colour: ...

    @abstractmethod
    def sounding(self) -> bool: ...


class MockRig(Rig):
    def __init__(self, state_dir: Path) -> None:
        super().__init__()
        self._terminals = Terminals(open_wires(state_dir), 1)

        def place(part: str) -> Place:
            return Place(f"evse.1.{part}", state_dir, 1)

        simulated = {"driver": "mock"}
        self.pilot = load("pilot", simulated, place("pilot"))
        self.contactor = load("contactor", simulated, place("contactor"))
        self.phase_contactor = load("contactor", simulated, place("phase_contactor"))
        self.lock = load("lock", simulated, place("lock"))
        self.sensor_board = load("sensors", simulated, place("sensors"))
        self._lamps = MockIndicator(MockIndicator.Options(), place("indicator"))
        self.indicator = self._lamps
        self.exchange()
        self.look()

    def look(self) -> None:
        self.pilot.levels()  # comes first in every tick
        super().look()

    def exchange(self) -> None:
        self.bay.drive(self._terminals.drive(), self.now_s)
        self._terminals.show(self.bay)

    def shown(self) -> Colour:
        return self._lamps.colour

    def sounding(self) -> bool:
        return self._lamps.sounding


class GpioRig(Rig):
    """The drivers of hw.gpio, every line of them wired. Motor pulses are 0.1 s, so that it soon has rested."""

    def __init__(self, wires: Wires, **options: Any) -> None:
        super().__init__()
        self.wires = wires
        self.module = Module()
        self._options = wires.options | options
        self.closing: list[Callable[[], None]] = []
        self.contactor = self._built(GpioContactor, "contactor", line=COIL, feedback_line=MIRROR, feedback_pull="none")
        self.phase_contactor = self._built(
            GpioContactor, "phase_contactor", line=PHASE_COIL, feedback_line=PHASE_MIRROR, feedback_pull="none"
        )
        self.lock = self._built(
            GpioLock, "lock", open_line=OPEN, close_line=CLOSE, sense_line=BOLT, sense_pull="none", pulse_ms=100
        )
        self.exchange()
        lines = (
            "residual",
            "residual_ac",
            "residual_test",
            "emergency_stop",
            "earth",
            "pen",
            "enclosure",
            "key",
            "limit",
        )
        numbers = (RESIDUAL, RESIDUAL_AC, TEST, STOP, EARTH, PEN, DOOR, KEY, LIMIT)
        pulls = ("residual", "emergency_stop", "earth", "pen", "enclosure", "key", "limit")
        self.sensor_board = self._built(
            GpioSensors,
            "sensors",
            **{f"{name}_line": number for name, number in zip(lines, numbers, strict=True)},
            **{f"{name}_pull": "none" for name in pulls},
        )
        self.module = Module()  # before, its test input was nobody's
        self.indicator = self._built(
            GpioIndicator, "indicator", red_line=RED, green_line=GREEN, blue_line=BLUE, buzzer_line=BUZZER
        )
        self.run(0.1)

    def _built(self, driver: Any, part: str, **table: Any) -> Any:
        options = driver.Options(**self._options, **table)
        place = Place(f"evse.1.{part}", Path("/nonexistent"), 1)
        timed = {} if driver is GpioIndicator else {"clock": lambda: self.now_s}
        built = driver(options, place, **timed)
        self.closing.append(built.close)
        return built

    def exchange(self) -> None:
        wires, bay = self.wires, self.bay
        motor = {(False, False): None, (True, False): False, (False, True): True}
        lock = motor[wires.level(OPEN), wires.level(CLOSE)]  # both together: KeyError, a short circuit
        coil, phase_coil = wires.level(COIL), wires.level(PHASE_COIL)
        bay.drive(Drive(coil=coil, lock=lock, phase_coil=phase_coil), self.now_s)
        wires.pull(MIRROR, bay.feedback())
        wires.pull(PHASE_MIRROR, bay.phase_feedback())
        wires.pull(BOLT, bool(bay.locked()))
        seen = bay.sensors()
        for line, (name, high) in SWITCHES.items():
            wires.pull(line, getattr(seen, name) is high)
        works = "rcd_selftest" not in bay.faults
        direct, alternating = self.module.outputs(wires.level(TEST), works, self.now_s)
        wires.pull(RESIDUAL, direct or bool(seen.residual_current))
        wires.pull(RESIDUAL_AC, alternating)

    def shown(self) -> Colour:
        return LAMPS[self.wires.level(RED), self.wires.level(GREEN), self.wires.level(BLUE)]

    def sounding(self) -> bool:
        return self.wires.level(BUZZER)


LAMPS = {
    (False, False, False): Colour.OFF,
    (True, False, False): Colour.RED,
    (False, True, False): Colour.GREEN,
    (False, False, True): Colour.BLUE,
    (True, True, False): Colour.YELLOW,
    (True, False, True): Colour.PURPLE,
    (True, True, True): Colour.WHITE,
}


@dataclass
class Module:
    """A residual-current module: pulled low at TST, it trips its outputs one after the other and lets go again."""

    began_s: float | None = None
    pulled: bool = False

    def outputs(self, test_level: bool, works: bool, now_s: float) -> tuple[bool, bool]:
        if self.pulled and test_level and works:
            self.began_s = now_s
        self.pulled = not test_level
        age_s = 99.0 if self.began_s is None else now_s - self.began_s
        return 0.7 <= age_s < 2.05, 1.3 <= age_s < 2.05


KINDS = tuple(f"{library} on the kernel's chip" for library in LIBRARIES) if simulated_chip() else ("mock", "gpio")


@contextmanager
def a_rig(kind: str, state_dir: Path, patch: pytest.MonkeyPatch) -> Iterator[Rig]:
    if kind == "mock":
        yield MockRig(state_dir)
        return
    folder = simulated_chip()
    wires = ChipWires(kind.split()[0], folder) if folder else MockWires(patch)
    rig = GpioRig(wires)
    try:
        yield rig
    finally:
        for close in rig.closing:
            close()
