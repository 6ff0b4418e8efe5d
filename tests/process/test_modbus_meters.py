"""The meter driver against pymodbus's own server, for every map; and an SDM630 on a real serial line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from hw.discovery import Place
from hw.errors import DeviceLost
from hw.modbus.meter import ModbusMeter
from hw.modbus.options import ModbusOptions
from hw.options import read_options
from tests.hw.meter_families import FAMILIES, Family
from tests.hw.modbus_slave import Registers, Slave
from tests.hw.test_modbus_meters import SDM630, same
from tests.process.modbus_line import on_a_pty


def driver(**table: object) -> ModbusMeter:
    options, mistakes = read_options(ModbusOptions, table, "evse.1.meter")
    assert options is not None, mistakes
    return ModbusMeter(options, Place("evse.1.meter", Path("/nowhere"), 1))


def simulated(registers: Registers) -> list[SimData]:
    """Runs of neighbours; between them the server answers exception 2."""
    addresses = sorted(registers)
    starts = (
        [addresses[0], *(after for before, after in pairwise(addresses) if after != before + 1)] if addresses else []
    )
    runs = [[at for at in addresses if at >= start] for start in starts]
    data = []
    for start, rest in zip(starts, runs, strict=True):
        length = next((step for step, at in enumerate(rest) if at != start + step), len(rest))
        values = [registers[start + step] for step in range(length)]
        data.append(SimData(start, values=values, datatype=DataType.REGISTERS))
    return data or [SimData(0, values=[0], datatype=DataType.REGISTERS)]


@asynccontextmanager
async def served(family: Family) -> AsyncIterator[int]:
    nothing = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
    device = SimDevice(family.number, (nothing, nothing, simulated(family.holding), simulated(family.input)))
    server = ModbusTcpServer(device, address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    try:
        yield server.transport.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    finally:
        await server.shutdown()


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.model)
async def test_every_map_reads_what_pymodbus_serves(family: Family) -> None:
    async with served(family) as port, driver(model=family.model, host="127.0.0.1", tcp_port=port) as meter:
        same(await meter.read(), family.shows)
        same(await meter.read(), family.shows)


async def test_an_sdm630_on_a_serial_line_unplugged_and_back(tmp_path: Path) -> None:
    async with (
        on_a_pty(tmp_path, Slave({1: SDM630.unit()})) as line,
        driver(model="eastron-sdm630", port=str(line.path)) as meter,
    ):
        same(await meter.read(), SDM630.shows)
        line.unplug()
        with pytest.raises(DeviceLost, match="is not there"):
            await meter.read()
        line.plug()
        same(await meter.read(), SDM630.shows)


async def test_two_meters_on_one_serial_line_the_dead_one_does_not_stop_the_other(tmp_path: Path) -> None:
    async with on_a_pty(tmp_path, Slave({1: SDM630.unit()})) as line:
        port = str(line.path)
        async with (
            driver(model="eastron-sdm630", port=port) as good,
            driver(model="eastron-sdm630", port=port, unit=2) as dead,
        ):
            results = await asyncio.gather(good.read(), dead.read(), return_exceptions=True)
            same(results[0], SDM630.shows)  # type: ignore[arg-type]
            assert "no answer from Modbus unit 2" in str(results[1])
            same(await good.read(), SDM630.shows)
