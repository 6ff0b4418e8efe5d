"""Whole sessions with the GPIO pilot's driver in the guard: daemon and guard as processes, back office over TLS."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from hw.mock.board import TREE
from tests.process.gpio_station import GpioStation, gpio_station

Opened = AbstractAsyncContextManager[GpioStation]
SIXTEEN_A = 0.266666


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    monkeypatch.setenv("PYTHONPATH", "")  # put back afterwards
    return gpio_station(tmp_path)


async def test_a_car_is_charged_and_billed(opened: Opened) -> None:
    async with opened as station:
        assert station.duty() == 1.0

        await station.charge(draw_a=16, reaction_s=0.2)
        assert station.duty() == pytest.approx(SIXTEEN_A, abs=1e-9)
        assert station.coil()
        seen = await station.until_status(pilot="C2", contactor="closed")
        assert (seen["cable_a"], seen["locked"]) == (32.0, True)
        assert [fault for fault in seen["faults"] if fault["severity"] != "warning"] == []  # a busy machine is one

        await station.simulator.car(1, asks_power=False)
        await station.until(lambda: not station.coil(), "the contactor did not open")
        assert station.reaction_ms() < 50

        await station.simulator.unplug(1)
        await station.office.until(lambda: station.office.bills(), "no bill arrived", 30)
        [bill] = station.office.bills()
        reading = (await station.panel.evse())["reading"]
        assert bill.stop_wh == pytest.approx(reading["energy_wh"], abs=0.1)
        assert bill.energy_wh > 0
        await station.until(lambda: station.duty() == 1.0, "the offer was not withdrawn")


async def test_the_pwm_of_a_killed_guard_runs_on_until_it_is_released(opened: Opened) -> None:
    async with opened as station:
        await station.charge(draw_a=16, reaction_s=0.2)

        station.kill_guard()
        assert (station.duty(), station.coil()) == (pytest.approx(SIXTEEN_A, abs=1e-9), True)

        assert await station.release() == 0
        assert (station.duty(), station.coil()) == (1.0, False)


async def test_a_pwm_that_stops_by_itself_is_a_fault_and_opens(opened: Opened) -> None:
    async with opened as station:
        await station.charge(draw_a=16, reaction_s=0.2, ignores_offer=True)

        (station.state / TREE / "pwmchip0" / "pwm0" / "duty_cycle").write_text("1000000\n")

        await station.until(lambda: not station.coil(), "the contactor did not open")
        seen = await station.until_status(status="faulted")
        assert "MREC14PilotFault/Implausible" in [fault["name"] for fault in seen["faults"]]
