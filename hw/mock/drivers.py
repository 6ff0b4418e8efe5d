"""The drivers of simulated hardware. Those of the guard use the mapped pins, those of the daemon a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from hw.api import CardSeen, Colour, PilotLevels, Reading, Sensors
from hw.discovery import Place, option
from hw.mock.pins import GuardHalf
from hw.mock.wires import boot_id, open_wires, power_on

if TYPE_CHECKING:
    from hw.mock.line import Line
    from hw.mock.signer import MockSigner


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Simulated hardware has no options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamps(Nothing):
    """Nor have simulated lamps."""

    dims: ClassVar[bool] = True


@cache
def half_of(state_dir: Path, evse: int) -> GuardHalf:
    """Pilot, contactor and lock of a bay share one look at its wires; the levels are read first in every tick."""
    memory = open_wires(state_dir)
    power_on(memory, boot_id())
    return GuardHalf(memory, evse)


class _OnPins:
    """What the guard's three drivers of a bay have in common."""

    Options = Nothing

    def __init__(self, options: Nothing, place: Place) -> None:
        self._half = half_of(place.state_dir, place.evse)

    def close(self) -> None:
        """Pins stay as they are."""


class MockPilot(_OnPins):
    """Simulated control pilot; the car is plugged in by `chargepoint sim` or the page."""

    def levels(self) -> PilotLevels:
        self._half.refresh()
        return self._half.levels

    def sensors(self) -> Sensors:
        return self._half.sensors  # as fresh as the levels

    def offer(self, duty: float) -> None:
        self._half.set_duty(duty)

    def cut(self, cut: bool) -> None:
        self._half.set_cut(cut)

    def test_residual_current(self) -> None:
        self._half.ask_selftest()


class MockContactor(_OnPins):
    """Simulated contactor with a mirror contact."""

    def __init__(self, options: Nothing, place: Place) -> None:
        super().__init__(options, place)
        self._phases = place.part == "phase_contactor"

    def switch(self, closed: bool) -> None:
        if self._phases:
            self._half.set_phases(closed)
        else:
            self._half.set_coil(closed)

    def feedback(self) -> bool | None:
        return self._half.phase_feedback if self._phases else self._half.feedback  # as fresh as the levels


class MockLock(_OnPins):
    """Simulated plug lock of a socket."""

    def drive(self, locked: bool) -> None:
        self._half.set_lock(locked)

    def sense(self) -> bool | None:
        return self._half.sense  # as fresh as the levels


class MockSensors:
    """Simulated inputs: emergency stop, door, key and the like, of an EVSE or, in [sensors], of the first one."""

    Options = Nothing

    def __init__(self, options: Nothing, place: Place) -> None:
        self._half = half_of(place.state_dir, place.evse or 1)
        self._seen = Sensors()
        self._shown = Sensors()

    def sensors(self) -> Sensors:
        self._half.refresh()
        if self._half.sensors is not self._seen:
            self._seen = self._half.sensors
            self._shown = replace(self._seen, rcd_selftest_fitted=False, rcd_selftest_ok=None)
        return self._shown

    def test_residual_current(self) -> None:
        """The simulated residual-current device belongs to the pilot."""

    def close(self) -> None:
        """Pins stay as they are."""


class MockIndicator:
    """Simulated lamps and buzzer, which remember what they show."""

    Options = Lamps

    def __init__(self, options: Lamps, place: Place) -> None:
        self.brightness = 1.0
        self.colour = Colour.OFF
        self.sounding = False

    def show(self, colour: Colour) -> None:
        self.colour = colour

    def sound(self, on: bool) -> None:
        self.sounding = on

    def dim(self, brightness: float) -> None:
        self.brightness = brightness

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterOptions:
    """What a simulated meter can be told."""

    signs: bool = option(False, help="sign readings, as a calibrated meter does, with a key that is no secret")


class MockMeter:
    """Simulated energy meter behind the contactor."""

    Options = MeterOptions

    def __init__(self, options: MeterOptions, place: Place) -> None:
        self._options, self._place = options, place
        self._line: Line | None = None
        self._signer: MockSigner | None = None

    async def __aenter__(self) -> Self:
        from hw.mock.line import Line

        self._line = await Line.open(self._place.state_dir, f"[{self._place.where}]")
        if self._options.signs and self._signer is None:
            from hw.mock.signer import MockSigner  # loads cryptography, for 8 MiB

            evse = str(self._place.evse)
            self._signer = MockSigner(f"SIMULATED-{evse}", evse, lambda: datetime.now(UTC))
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._line is not None:
            await self._line.close()
            self._line = None

    async def read(self) -> Reading:
        if self._line is None:
            raise RuntimeError("the meter is not open")
        reading = _reading(await self._line.ask({"do": "meter", "evse": self._place.evse}))
        return reading if self._signer is None else replace(reading, public_key=self._signer.public_key)

    async def begin(self, token: str | None) -> Reading:
        reading = await self.read()
        return reading if self._signer is None else self._signer.begin(token, reading)

    async def end(self) -> Reading:
        reading = await self.read()
        return reading if self._signer is None else self._signer.end(reading)

    @property
    def signs(self) -> str:
        return "any" if self._options.signs else ""

    async def sign(self) -> Reading:
        reading = await self.read()
        return reading if self._signer is None else self._signer.meanwhile(reading)


class MockCardReader:
    """Simulated card reader; cards are presented by `chargepoint sim card` or the page."""

    Options = Nothing

    def __init__(self, options: Nothing, place: Place) -> None:
        self._place = place
        self._line: Line | None = None

    async def __aenter__(self) -> Self:
        from hw.mock.line import Line

        self._line = await Line.open(self._place.state_dir, f"[{self._place.where}]")
        await self._line.ask({"do": "reader", "reader": self._place.number})
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._line is not None:
            await self._line.close()
            self._line = None

    async def cards(self) -> AsyncIterator[CardSeen]:
        if self._line is None:
            raise RuntimeError("the card reader is not open")
        while True:
            told = await self._line.hear()
            yield CardSeen(str(told["card"]), self._place.number)


def _reading(told: dict[str, Any]) -> Reading:
    return Reading(
        energy_wh=told["energy_wh"],
        power_w=told["power_w"],
        current_a=tuple(told["current_a"]),
        voltage_v=tuple(told["voltage_v"]),
        taken_s=told["taken_s"],
    )
