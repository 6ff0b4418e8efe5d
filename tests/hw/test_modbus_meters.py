"""Every map against a meter whose registers all differ, written from the makers' tables; and what meters do wrong."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hw.api import Reading
from hw.discovery import Place
from hw.errors import DeviceLost
from hw.modbus.maps import known, models
from hw.modbus.meter import ModbusMeter
from hw.modbus.options import ModbusOptions
from hw.options import read_options
from tests.hw.meter_families import FAMILIES, Family, f32, i32, u32
from tests.hw.modbus_slave import Slave, Unit
from tests.hw.modbus_wire import SlaveWire

SDM630 = FAMILIES[0]


@asynccontextmanager
async def meter(slave: Slave, **table: object) -> AsyncIterator[tuple[ModbusMeter, SlaveWire]]:
    options, mistakes = read_options(ModbusOptions, {"port": "/dev/ttyUSB0", **table}, "evse.1.meter")
    assert options is not None, mistakes
    wire = SlaveWire(slave)
    place = Place("evse.1.meter", Path("/nowhere"), 1)
    async with ModbusMeter(options, place, make=lambda line: wire) as driver:
        yield driver, wire


def same(reading: Reading, expected: Reading) -> None:
    for field in dataclasses.fields(Reading):
        if field.name != "taken_s":
            value, wanted = getattr(reading, field.name), getattr(expected, field.name)
            assert value == (
                wanted if wanted is None or isinstance(wanted, str) else pytest.approx(wanted, rel=1e-6)
            ), field.name


# --- every map --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.model)
async def test_what_the_display_shows_is_what_is_read(family: Family) -> None:
    async with meter(Slave({family.number: family.unit()}), model=family.model) as (driver, wire):
        same(await driver.read(), family.shows)
        first = len(wire.asked)
        same(await driver.read(), family.shows)
    assert len(wire.asked) - first <= 9, "one block where possible"


def test_every_map_has_a_meter_to_prove_it() -> None:
    assert {family.model for family in FAMILIES} - {"sunspec"} == set(models())


async def test_the_sdm630_is_read_in_two_requests_a_second() -> None:
    async with meter(Slave({1: SDM630.unit()}), model="eastron-sdm630") as (driver, wire):
        await driver.read()
        before = len(wire.asked)
        await driver.read()
    assert [(request.address, request.count) for _, request in wire.asked[before:]] == [(0, 76), (0x15A, 6)]
    times = [at for at, _ in wire.asked[before:]]
    assert times[1] - times[0] >= 0.15 - 1e-6  # answer, and 100 ms of rest


async def test_what_a_meter_lacks_is_found_out_once() -> None:
    family = next(family for family in FAMILIES if family.model == "schneider-iem3150")
    async with meter(Slave({1: family.unit()}), model=family.model) as (driver, wire):
        await driver.read()
        learning = len(wire.asked)
        await driver.read()
        assert len(wire.asked) - learning < learning


# --- what goes wrong --------------------------------------------------------------------------------------------------


async def lost(driver: ModbusMeter) -> str:
    with pytest.raises(DeviceLost) as fault:
        await driver.read()
    return str(fault.value)


async def test_swapped_words_are_told_as_such_with_the_remedy() -> None:
    family = next(family for family in FAMILIES if family.model == "gavazzi-em340")
    async with meter(Slave({1: family.unit()}), model="gavazzi-em340", words="high-first") as (driver, _):
        told = await lost(driver)
    assert told.startswith("[evse.1.meter]: the numbers make sense only with their words the other way round (voltage")
    assert told.endswith('Set words = "low-first" in this table.')


async def test_swapped_words_of_floats_are_told_as_well() -> None:
    swapped = dict(SDM630.input)
    for address in range(0, 0x4C, 2):
        swapped[address], swapped[address + 1] = swapped[address + 1], swapped[address]
    for address in (0x15A, 0x15C, 0x15E):
        swapped[address], swapped[address + 1] = swapped[address + 1], swapped[address]
    async with meter(Slave({1: Unit(input=swapped)}), model="eastron-sdm630") as (driver, _):
        assert 'Set words = "low-first"' in await lost(driver)
    async with meter(Slave({1: Unit(input=swapped)}), model="eastron-sdm630", words="low-first") as (driver, _):
        assert (await driver.read()).voltage_v == pytest.approx((231.1, 232.2, 233.3))


async def test_another_model_s_map_is_found_out() -> None:
    async with meter(Slave({1: Unit(input=dict.fromkeys(range(0x180), 0x5555))}), model="eastron-sdm630") as (
        driver,
        _,
    ):
        assert "tells what cannot be: voltage of L1" in await lost(driver)


async def test_a_meter_without_its_energy_register_is_no_meter() -> None:
    live = {at: word for at, word in SDM630.input.items() if at < 0x48}
    async with meter(Slave({1: Unit(input=live)}), model="eastron-sdm630") as (driver, _):
        assert "tells no energy. Check the model" in await lost(driver)


@pytest.mark.parametrize("words", [[0x7FC0, 0], [0xFFFF, 0xFFFF], [0x7F80, 0]])
async def test_energy_that_is_not_a_number_is_never_told(words: list[int]) -> None:
    unit = SDM630.unit()
    unit.input.update(enumerate(words, 0x48))
    async with meter(Slave({1: unit}), model="eastron-sdm630") as (driver, _):
        assert "tells no energy" in await lost(driver)


async def test_a_phase_that_is_not_available_is_left_out() -> None:
    unit = next(family for family in FAMILIES if family.model == "abb-b23").unit()
    unit.holding.update(enumerate([0xFFFF] * 4, 0x5B02))
    unit.holding.update(enumerate([0x7FFF, 0xFFFF], 0x5B18))
    async with meter(Slave({1: unit}), model="abb-b23") as (driver, _):
        reading = await driver.read()
    assert reading.voltage_v == pytest.approx((231.1,))
    assert reading.phase_power_w == (), "a value in the middle is missing, so that none is told"


@pytest.mark.parametrize("phase", [0, 1, 2])
async def test_no_quantity_of_a_meter_that_lacks_a_phase_is_other_than_a_number(phase: int) -> None:
    unit = SDM630.unit()
    for first in (0x00, 0x06, 0x0C):  # volts, amperes, watts
        unit.input.update(enumerate([0x7FC0, 0], first + 2 * phase))
    async with meter(Slave({1: unit}), model="eastron-sdm630") as (driver, _):
        reading = await driver.read()
    assert [len(reading.voltage_v), len(reading.current_a), len(reading.phase_power_w)] == [2 if phase == 2 else 0] * 3
    assert reading.finite() is reading


async def test_a_frequency_in_tenths_is_understood_and_a_silly_one_dropped() -> None:
    unit = SDM630.unit()
    async with meter(Slave({1: unit}), model="eastron-sdm630") as (driver, _):
        unit.input.update(enumerate(f32(501.0), 0x46))
        assert (await driver.read()).frequency_hz == pytest.approx(50.1)
        unit.input.update(enumerate(f32(7.0), 0x46))
        assert (await driver.read()).frequency_hz is None


async def test_negative_energy_is_no_reading() -> None:
    unit = next(family for family in FAMILIES if family.model == "schneider-iem3155").unit()
    unit.holding.update(enumerate([0xFFFF, 0xFFFF, 0xFFFF, 0xFF00], 0x0C83))
    async with meter(Slave({1: unit}), model="schneider-iem3155") as (driver, _):
        assert "energy = -256 Wh" in await lost(driver)


async def test_an_unusual_voltage_is_remarked_once(caplog: pytest.LogCaptureFixture) -> None:
    unit = SDM630.unit()
    unit.input.update(enumerate(f32(187.25), 0x00))
    async with meter(Slave({1: unit}), model="eastron-sdm630") as (driver, _):
        for _ in range(3):
            assert (await driver.read()).voltage_v[0] == pytest.approx(187.25)
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert told == [
        "[evse.1.meter]: L1 has 187.2 V, which is not within a tenth of 230 or 110 V. "
        "Check how the meter is wired, and its model."
    ]


async def test_another_meter_in_its_place_shows_by_its_serial_number() -> None:
    slave = Slave({1: SDM630.unit()})
    async with meter(slave, model="eastron-sdm630") as (driver, _):
        assert (await driver.read()).meter == "23456789"
        slave.units[1].silent = True
        await lost(driver)
        slave.units[1] = replaced = SDM630.unit()
        replaced.holding.update(enumerate(u32(777), 0xFC00))
        await asyncio.sleep(5)
        assert (await driver.read()).meter == "777"


async def test_unplugged_and_back() -> None:
    async with meter(Slave({1: SDM630.unit()}), model="eastron-sdm630") as (driver, wire):
        await driver.read()
        wire.unplugged = True
        assert "/dev/ttyUSB0 is not there" in await lost(driver)
        wire.unplugged = False
        same(await driver.read(), SDM630.shows)


async def test_a_silent_meter_is_told_with_what_to_try() -> None:
    async with meter(Slave({2: SDM630.unit()}), model="eastron-sdm630") as (driver, _):
        told = await lost(driver)
    assert told.startswith("[evse.1.meter]: no answer from Modbus unit 1 on /dev/ttyUSB0. Check its power")
    assert "9600 8N1" in told


# --- SunSpec ----------------------------------------------------------------------------------------------------------


async def test_sunspec_without_a_meter_says_what_it_found() -> None:
    holding = dict(enumerate([0x5375, 0x6E53, 120, 2, 0, 0, 103, 1, 0, 0xFFFF, 0], 40000))
    async with meter(Slave({1: Unit(holding=holding)}), model="sunspec") as (driver, _):
        assert "the SunSpec models of unit 1 (120, 103) are not those of a meter" in await lost(driver)


async def test_a_device_without_sunspec_says_so() -> None:
    async with meter(Slave({1: SDM630.unit()}), model="sunspec") as (driver, _):
        assert "does not speak SunSpec. Switch SunSpec Modbus on" in await lost(driver)


async def test_a_list_of_models_without_end_is_not_followed_for_ever() -> None:
    holding = {40000: 0x5375, 40001: 0x6E53, **dict.fromkeys(range(40002, 50000), 1)}
    async with meter(Slave({1: Unit(holding=holding)}), model="sunspec") as (driver, wire):
        assert "are not those of a meter" in await lost(driver)
    assert len(wire.asked) < 250


async def test_a_single_phase_sunspec_meter_has_one_phase() -> None:
    family = next(family for family in FAMILIES if family.model == "sunspec")
    unit = family.unit()
    start = next(at for at, word in unit.holding.items() if word == 203)
    unit.holding[start] = 201
    for offset in (4, 5, 9, 10, 20, 21):
        unit.holding[start + offset] = 0x8000
    async with meter(Slave({1: unit}), model="sunspec") as (driver, _):
        reading = await driver.read()
    assert (reading.voltage_v, reading.current_a) == (pytest.approx((231.1,)), pytest.approx((11.12,)))


# --- the installer's own map ------------------------------------------------------------------------------------------


async def test_a_map_of_one_s_own_is_read(tmp_path: Path) -> None:
    own = tmp_path / "acme.toml"
    own.write_text(
        'about = "Acme 3"\nregisters = "holding"\nunit = 5\n[quantities]\n'
        'energy_wh = { at = 10, type = "u32", scale = 10 }\nvoltage_v = { at = [1, 2, 3], type = "u16", scale = 0.1 }\n'
    )
    unit = Unit(holding={1: 2301, 2: 2302, 3: 2303, **dict(enumerate(u32(1234), 10))})
    async with meter(Slave({5: unit}), map_file=str(own)) as (driver, _):
        reading = await driver.read()
    assert (reading.energy_wh, reading.voltage_v) == (12340.0, pytest.approx((230.1, 230.2, 230.3)))


async def test_a_map_may_be_another_with_a_line_changed(tmp_path: Path) -> None:
    own = tmp_path / "sdm.toml"
    own.write_text('based_on = "eastron-sdm630"\n[quantities]\nenergy_wh = { at = 0x200, type = "i32" }\n')
    unit = SDM630.unit()
    unit.input.update(enumerate(i32(4711), 0x200))
    async with meter(Slave({1: unit}), map_file=str(own)) as (driver, _):
        reading = await driver.read()
    assert (reading.energy_wh, reading.export_wh) == (4711.0, 789_000.0)


MISTAKES = {
    "no = toml = at all": "it is not TOML",
    'based_on = "eastron-sdm360"': 'is not a model known here. Did you mean "eastron-sdm630"?',
    "about = 'x'": "quantities is missing",
    "[quantities]\npower_w = { at = 1, type = 'f32' }": "energy_wh is missing",
    "[quantities]\nenergy_wh = { at = 1, type = 'f64' }": 'type = "f64" is not one of the choices',
    "[quantities]\nenergy_wh = { at = 70000, type = 'f32' }": "at = 70000 is out of range. Allowed: 0 to 65535",
    "[quantities]\nenergy_wh = { at = 1, type = 'f32', scal = 2 }": '"scal" is not an option here',
    "[quantities]\nenergy_wh = { at = [1, 2], type = 'f32' }": "energy_wh has 2 addresses. It takes one address",
    "[quantities]\nenergy_wh = { at = 1, type = 'text', length = 2 }": "energy_wh is a number, not a text",
    "[quantities]\nenergy_wh = { at = 1, type = 'u32' }\nvoltage = { at = 1 }": 'Did you mean "voltage_v"?',
    "words = 'little'\n[quantities]\nenergy_wh = { at = 1, type = 'u32' }": 'words = "little" is not one',
}


@pytest.mark.parametrize("written", MISTAKES)
def test_a_mistake_in_a_map_of_one_s_own_is_named_with_file_key_and_remedy(written: str, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(written)
    _, mistakes = read_options(ModbusOptions, {"port": "/dev/x", "map_file": str(own)}, "evse.1.meter")
    told = "\n".join(map(str, mistakes))
    assert told.startswith("[evse.1.meter] ")
    assert str(own) in told
    assert MISTAKES[written] in told


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"port": "/dev/x"}, "it needs a model or a map_file, one of them"),
        ({"model": "eastron-sdm630"}, "it needs a port or a host, one of them"),
        ({"model": "eastron-sdm360", "port": "/dev/x"}, 'Did you mean "eastron-sdm630"?'),
        ({"map_file": "own.toml", "port": "/dev/x"}, "is not an absolute path"),
        ({"map_file": "/no/such.toml", "port": "/dev/x"}, "/no/such.toml: there is no such file"),
        ({"model": "sunspec", "host": "inverter", "framer": "udp"}, 'framer = "udp" is not one of the choices'),
    ],
)
def test_a_mistake_in_the_table_is_named(table: dict[str, object], told: str) -> None:
    _, mistakes = read_options(ModbusOptions, table, "evse.1.meter")
    assert told in "\n".join(map(str, mistakes))


def test_every_model_stands_in_the_manual() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "meters.md").read_text()
    assert [model for model in models() if f"`{model}` | {known(model).about}" not in manual] == []


def test_every_map_says_what_it_is_and_where_it_is_from() -> None:
    assert all(known(model).about and known(model).source for model in models())
