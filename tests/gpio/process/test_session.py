"""A whole session with no simulated driver above the wire: GPIO pilot and contactor, and a Modbus meter.

Guard and daemon are processes, the back office is behind TLS, the contactor has lines of a real kernel chip. The
pilot's converter is simulated (hw/mock/board.py): there is no SPI in the virtual machine.
"""

from __future__ import annotations

import asyncio
import os
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from hw.api import Reading
from hw.discovery import Place, load
from hw.errors import DeviceLost
from tests.hw.gpio_wires import ChipWires, simulated_chip
from tests.hw.modbus_slave import Slave, Unit
from tests.process.gpio_station import GpioStation, gpio_station
from tests.process.modbus_line import on_a_socket

PATIENCE = 10.0  # the processor is emulated
LIBRARY = "gpiod"  # each library drives a contactor in tests/hw/test_contract_contactor.py
COIL, FEEDBACK = 17, 27
VOLTAGE, CURRENT, POWER, ENERGY, SERIAL = 0x00, 0x06, 0x34, 0x48, 0xFC00  # registers of an SDM630

EVSE = """\
outlet = "cable"
pilot = {{ driver = "gpio-on-bench" }}
meter = {{ driver = "modbus", model = "eastron-sdm630", host = "127.0.0.1", tcp_port = {port} }}

[evse.contactor]
driver = "gpio"
chip = "{chip}"
pin_factory = "{library}"
line = {coil}
feedback_line = {feedback}
feedback_pull = "none"
"""


@asynccontextmanager
async def on_the_chip(folder: Path) -> AsyncIterator[tuple[GpioStation, Unit]]:
    """The station, and its meter."""
    meter = Unit(input=dict.fromkeys(range(0x200), 0), holding={SERIAL: 0, SERIAL + 1: 4711})
    show(Reading(0.0, 0.0, (0.0,) * 3, (230.0,) * 3), meter)
    state = folder / "state"
    state.mkdir()
    (Path(os.environ["GPIOSIM_DIR"]) / f"sim_gpio{FEEDBACK}" / "pull").write_text("pull-down")
    relay = start_relay(state)
    try:
        async with on_a_socket(Slave({1: meter})) as port:
            chip = os.environ["GPIOSIM_CHIP"]
            evse = EVSE.format(coil=COIL, feedback=FEEDBACK, chip=chip, library=LIBRARY, port=port)
            async with asyncio.TaskGroup() as tasks, gpio_station(folder, evse, PATIENCE, panel=False) as station:
                turning = tasks.create_task(turn(meter, state))
                try:
                    yield station, meter
                except BaseException:
                    print(station.words())
                    raise
                finally:
                    turning.cancel()
        await asyncio.sleep(0.1)  # sockets take a moment to close
    finally:
        relay.kill()
        relay.wait()


def start_relay(state: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.gpio.relay", str(state), str(COIL), str(FEEDBACK)])


async def turn(meter: Unit, state: Path) -> None:
    """The meter is where the simulated car draws its energy from, which may take its time to answer here."""
    while True:
        with suppress(DeviceLost):
            async with load("meter", {"driver": "mock"}, Place("evse.1.meter", state, 1)) as wheel:
                while True:
                    show(await wheel.read(), meter)
                    await asyncio.sleep(0.5)
        await asyncio.sleep(0.5)


def show(reading: Reading, meter: Unit) -> None:
    shown = {VOLTAGE: reading.voltage_v, CURRENT: reading.current_a}
    shown |= {POWER: (reading.power_w or 0.0,), ENERGY: (reading.energy_wh / 1000,)}
    for at, values in shown.items():
        words = struct.unpack(f">{2 * len(values)}H", struct.pack(f">{len(values)}f", *values))
        meter.input.update(enumerate(words, at))


@pytest.fixture
def chip(monkeypatch: pytest.MonkeyPatch) -> ChipWires:
    monkeypatch.setenv("PYTHONPATH", "")  # put back afterwards
    folder = simulated_chip()
    assert folder is not None
    return ChipWires(LIBRARY, folder)


def shown_wh(meter: Unit) -> float:
    kilowatt_hours: float = struct.unpack(">f", struct.pack(">2H", meter.input[ENERGY], meter.input[ENERGY + 1]))[0]
    return 1000 * kilowatt_hours


async def test_a_car_is_charged_and_billed(tmp_path: Path, chip: ChipWires) -> None:
    async with on_the_chip(tmp_path) as (station, meter):
        await station.until(lambda: station.duty() == 1.0, "no steady 12 V")
        assert not chip.level(COIL)

        await station.charge(draw_a=16, reaction_s=0.2)
        assert chip.level(COIL)
        assert station.duty() == pytest.approx(0.266666, abs=1e-9)
        await station.until(lambda: shown_wh(meter) >= 5, "nothing flows")
        await station.simulator.car(1, asks_power=False)
        await station.until(lambda: not chip.level(COIL), "the contactor did not open")
        await station.simulator.unplug(1)
        await station.office.until(lambda: station.office.bills(), "no bill arrived", 30 * PATIENCE)
        [bill] = station.office.bills()
        assert bill.energy_wh >= 4.9  # all that the meter had shown, to the precision of its register


async def test_release_opens_the_contactor_and_ends_the_pwm_of_a_killed_guard(tmp_path: Path, chip: ChipWires) -> None:
    async with on_the_chip(tmp_path) as (station, _):
        await station.charge(draw_a=16, reaction_s=0.2)

        station.kill_guard()
        assert station.duty() == pytest.approx(0.266666, abs=1e-9)  # hardware PWM outlives its process
        assert await station.release() == 0

        assert (station.duty(), chip.level(COIL)) == (1.0, False)
