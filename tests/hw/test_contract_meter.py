"""Every meter, simulated, on a bus, or hosted by the guard, does the same while a car draws 16 A on three phases."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chargepoint.hosted import HostedMeter as Heard
from hw.api import Meter, Reading
from hw.background import HostedMeter
from hw.discovery import Place
from hw.errors import DeviceLost
from hw.mock.bay import Bay, Drive
from hw.mock.drivers import MeterOptions, MockMeter
from hw.mock.line import Line
from hw.mock.plant import Plant
from tests.hw.meter_families import FAMILIES, f32
from tests.hw.modbus_slave import Slave, Unit
from tests.hw.test_hosting import Here
from tests.hw.test_modbus_meters import meter as on_a_bus

DUTY_16_A = 0.2667
REPORT_EVERY_S = 0.5
BACK_WITHIN_S = 10.0


def now_s() -> float:
    return asyncio.get_running_loop().time()


def charging() -> Bay:
    bay = Bay("cable", now_s=now_s())
    bay.plug({"reaction_s": 0.0}, now_s())
    bay.drive(Drive(DUTY_16_A, coil=True), now_s())
    return bay


@dataclasses.dataclass
class Bench:
    """A meter and how it is lost."""

    meter: Meter
    lose: Callable[[bool], None]

    async def read_twice(self) -> None:
        """What was underway when it was lost may still arrive, once."""
        await self.meter.read()
        await self.meter.read()

    async def found_again(self) -> Reading:
        until_s = now_s() + BACK_WITHIN_S
        while True:
            try:
                return await self.meter.read()
            except DeviceLost:
                assert now_s() < until_s
                await asyncio.sleep(0.5)


class InMemory(Line):
    """The conversation with the simulated hardware, without its process."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant

    async def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        return dataclasses.asdict(self._plant.reading(question["evse"], now_s()))

    async def close(self) -> None: ...


class Measuring(Unit):
    """An SDM630 behind the contactor of a bay."""

    def __init__(self, bay: Bay) -> None:
        super().__init__(**dataclasses.asdict(FAMILIES[0].unit()) | {"garble": bytes})
        self.bay = bay

    def answer(self, pdu: bytes) -> bytes:
        self.bay.advance(now_s())
        shows = self.bay.reading()
        for phase in range(3):
            self.input.update(enumerate(f32(shows.voltage_v[phase]), 2 * phase))
            self.input.update(enumerate(f32(shows.current_a[phase]), 6 + 2 * phase))
        self.input.update(enumerate(f32(shows.energy_wh / 1000), 0x48))
        return super().answer(pdu)


@asynccontextmanager
async def simulated(patch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    bay = charging()

    async def opened(state_dir: Path, where: str) -> Line:
        return InMemory(Plant({1: bay}))

    patch.setattr(Line, "open", opened)
    async with MockMeter(MeterOptions(), Place("evse.1.meter", Path(), 1)) as meter:
        yield Bench(meter, lambda lost: bay.fault("meter_lost", lost, now_s()))


@asynccontextmanager
async def modbus(patch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with on_a_bus(Slave({1: Measuring(charging())}), model="eastron-sdm630") as (meter, wire):
        yield Bench(meter, lambda lost: setattr(wire, "unplugged", lost))


@asynccontextmanager
async def hosted(patch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """The guard reads a Modbus meter, and its reports tell the daemon."""
    async with modbus(patch) as bus:
        background = Here()
        guards, daemons = HostedMeter(bus.meter, background), Heard("[evse.1.meter]")

        async def report() -> None:
            while True:
                daemons.heard(guards.reading())
                await asyncio.sleep(REPORT_EVERY_S)

        reports = asyncio.ensure_future(report())
        async with daemons:
            yield Bench(daemons, bus.lose)
        reports.cancel()
        guards.close()
        await asyncio.gather(reports, background.task, return_exceptions=True)


@pytest.fixture(params=[simulated, modbus, hosted], ids=lambda make: make.__name__)
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda: request.param(monkeypatch)


async def test_energy_counts_up_by_what_is_drawn(make: Any) -> None:
    async with make() as bench:
        before = await bench.meter.read()
        await asyncio.sleep(360)
        after = await bench.found_again()
    hours = (after.taken_s - before.taken_s) / 3600
    assert after.energy_wh - before.energy_wh == pytest.approx(3 * 230 * 16 * hours, rel=0.02)


async def test_current_and_voltage_are_told_by_phase(make: Any) -> None:
    async with make() as bench:
        await asyncio.sleep(5)  # the contactor has travelled, and the car has reacted
        reading = await bench.meter.read()
    assert reading.current_a == pytest.approx((16.0, 16.0, 16.0), abs=0.05)
    assert reading.voltage_v == pytest.approx((230.0, 230.0, 230.0))


async def test_a_reading_tells_when_it_was_taken(make: Any) -> None:
    async with make() as bench:
        for _ in range(3):
            reading = await bench.meter.read()
            assert 0 <= now_s() - reading.taken_s <= 1.5
            await asyncio.sleep(7.3)


async def test_a_session_begins_and_ends_with_a_reading_taken_then(make: Any) -> None:
    async with make() as bench:
        await bench.meter.read()
        await asyncio.sleep(5)
        asked_s = now_s()
        begin = await bench.meter.begin("04A1B2C3")
        await asyncio.sleep(5)
        end = await bench.meter.end()
    assert asked_s <= begin.taken_s < end.taken_s
    assert begin.energy_wh < end.energy_wh


async def test_a_lost_meter_says_so_tells_no_old_value_and_comes_back(make: Any) -> None:
    async with make() as bench:
        before = await bench.meter.read()
        bench.lose(True)
        await asyncio.sleep(5)
        with pytest.raises(DeviceLost) as lost:
            await bench.read_twice()
        assert (lost.value.where, lost.value.fix != "") == ("[evse.1.meter]", True)

        bench.lose(False)
        back_s = now_s()
        after = await bench.found_again()
    assert after.taken_s >= back_s
    assert after.energy_wh > before.energy_wh
