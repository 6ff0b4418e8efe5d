"""Which meters are the guard's, and how it reads them without waiting for them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Self

import pytest

from hw.api import Reading
from hw.background import HostedMeter
from hw.discovery import check_inside, check_outlet
from hw.errors import DeviceLost
from hw.guard.config import ConfigWrong, read_config
from hw.hosting import guard_ports, is_hosted

BUS = "/dev/ttyUSB0"
PILOT = {"driver": "simpleevse", "port": BUS, "unit": 1}
METER = {"driver": "modbus", "model": "eastron-sdm630", "port": BUS, "unit": 2}


def test_a_meter_on_a_port_of_the_guards_is_the_guards() -> None:
    ports = guard_ports([{"pilot": PILOT, "meter": METER}, {"pilot": {"driver": "mock"}}])
    assert ports == {BUS}
    assert is_hosted(METER, ports)
    assert not is_hosted({**METER, "port": "/dev/ttyUSB1"}, ports)


def test_the_port_may_be_another_evses_or_that_of_the_stations_sensors() -> None:
    ports = guard_ports([{"pilot": PILOT}, {"meter": METER}], {"driver": "x", "port": "/dev/ttyUSB5"})
    assert is_hosted(METER, ports)
    assert is_hosted({**METER, "port": "/dev/ttyUSB5"}, ports)


def test_the_meter_inside_a_controller_is_the_guards() -> None:
    assert is_hosted({"driver": "pilot"}, frozenset())


@pytest.mark.parametrize("meter", [None, {"driver": "mock"}, {"driver": "modbus", "host": "10.0.0.7", "port": 502}])
def test_all_others_are_the_daemons(meter: dict[str, Any] | None) -> None:
    assert not is_hosted(meter, guard_ports([{"pilot": PILOT}]))


@pytest.mark.parametrize("evse", [{}, {"pilot": 7}, {"pilot": {"port": 7}}, {"pilot": {"port": ""}}])
def test_a_table_with_mistakes_owns_no_port(evse: dict[str, Any]) -> None:
    assert guard_ports([evse]) == frozenset()


def test_a_pilot_without_a_meter_inside_is_named() -> None:
    told = [str(mistake) for mistake in check_inside({"driver": "pilot"}, {"driver": "mock"}, "evse.1.meter")]
    assert told == [
        '[evse.1.meter] driver = "pilot" finds no meter in a pilot with driver = "mock". '
        "Name the driver of the meter that is wired."
    ]
    assert check_inside({"driver": "pilot"}, {"driver": "rapi", "port": BUS}, "evse.1.meter") == []
    assert "unit" in str(check_inside({"driver": "pilot", "unit": 1}, None, "evse.1.meter"))


def test_a_pilot_that_sees_no_plug_is_for_fixed_cables() -> None:
    rapi = {"driver": "rapi", "port": BUS}
    assert [str(mistake) for mistake in check_outlet(rapi, "socket", "evse.1")] == [
        '[evse.1] driver = "rapi" does not see whether a plug is in the socket. Write outlet = "cable" for a fixed '
        "cable; a socket needs a pilot that reads the proximity contact."
    ]
    assert check_outlet(rapi, "cable", "evse.1") == []
    assert check_outlet({"driver": "mock"}, "socket", "evse.1") == []
    assert check_outlet({"driver": "none such"}, "socket", "evse.1") == []  # told elsewhere


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "chargepoint.toml"
    path.write_text(text)
    return path


def test_the_guard_reads_the_tables_of_its_own_meters_and_of_no_others(tmp_path: Path) -> None:
    text = f"""
        [[evse]]
        outlet = "cable"
        pilot = {{ driver = "rapi", port = "{BUS}" }}
        meter = {{ driver = "pilot" }}
        [[evse]]
        meter = {{ driver = "none such", port = "/dev/ttyUSB1" }}
        """
    inside, strange = read_config(written(tmp_path, text)).sections
    assert inside.meter == {"driver": "pilot"}
    assert strange.meter is None


def test_the_guard_tells_what_is_wrong_with_a_meter_of_its_own(tmp_path: Path) -> None:
    text = f"""
        [[evse]]
        outlet = "cable"
        pilot = {{ driver = "rapi", port = "{BUS}" }}
        meter = {{ driver = "none such", port = "{BUS}" }}
        """
    with pytest.raises(ConfigWrong, match=r"\[evse.1.meter\] driver = \"none such\" is not an installed meter driver"):
        read_config(written(tmp_path, text))


# --- reading in the background ----------------------------------------------------------------------------------------


class Meter:
    """Counts its readings. `lost`: does not answer; `shut`: cannot even be opened."""

    def __init__(self) -> None:
        self.lost = self.shut = False
        self.open = 0
        self.reads = 0

    async def __aenter__(self) -> Self:
        if self.shut:
            raise DeviceLost("there is no port", where="[evse.1.meter]", fix="Plug it in.")
        self.open += 1
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.open -= 1

    async def read(self) -> Reading:
        if self.lost:
            await asyncio.sleep(0.5)
            raise DeviceLost("no answer", where="[evse.1.meter]", fix="Check A and B.")
        self.reads += 1
        return Reading(float(self.reads), taken_s=asyncio.get_running_loop().time())

    async def begin(self, token: str | None) -> Reading:
        return await self.read()

    async def end(self) -> Reading:
        return await self.read()


class Here:
    """Runs the job on the test's own loop."""

    def start(self, job: Callable[[], Coroutine[Any, Any, None]]) -> Here:
        self.task = asyncio.get_running_loop().create_task(job())
        return self

    def call(self, tell: Callable[[], object]) -> None:
        asyncio.get_running_loop().call_soon(tell)

    def end(self) -> None:
        self.task.cancel()


async def test_a_meter_is_read_every_second_and_its_latest_reading_is_there_at_once() -> None:
    meter = Meter()
    hosted = HostedMeter(meter, Here())
    assert hosted.reading() is None

    await asyncio.sleep(10.5)
    reading = hosted.reading()
    assert reading is not None
    assert (meter.reads, reading.energy_wh) == (11, 11.0)
    hosted.close()
    await asyncio.sleep(0)
    assert meter.open == 0


async def test_of_a_dead_meter_the_last_reading_grows_old_and_one_line_tells(caplog: pytest.LogCaptureFixture) -> None:
    meter = Meter()
    hosted = HostedMeter(meter, Here())
    await asyncio.sleep(0.5)
    meter.lost = True
    await asyncio.sleep(60)
    reading = hosted.reading()
    assert reading is not None
    assert asyncio.get_running_loop().time() - reading.taken_s > 59
    meter.lost = False
    await asyncio.sleep(2)

    assert hosted.reading() is not reading
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert warnings == ["[evse.1.meter]: no answer. Check A and B.", "[evse.1.meter]: it answers again"]
    hosted.close()


async def test_a_meter_whose_port_is_not_there_is_opened_when_it_is() -> None:
    meter = Meter()
    meter.shut = True
    hosted = HostedMeter(meter, Here())
    await asyncio.sleep(30)
    assert hosted.reading() is None
    meter.shut = False
    await asyncio.sleep(3)
    assert hosted.reading() is not None
    hosted.close()
