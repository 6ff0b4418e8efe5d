"""The bus over a real pty and real sockets, against slaves that behave as badly as real ones."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import struct
from pathlib import Path

import pytest

from hw.errors import DeviceLost
from hw.modbus.bus import Absent, Bus, SerialLine, TcpLine
from tests.hw.modbus_slave import Slave, Unit, framed
from tests.process.modbus_line import on_a_pty, on_a_socket

VOLTAGES = bytes.fromhex("43 66 00 00 43 67 80 00 43 65 40 00")
"""230.0, 231.5, 229.25 V as an SDM630 answers."""


def sdm() -> Unit:
    return Unit(input=dict(enumerate(struct.unpack(">6H", VOLTAGES))))


async def read_voltages(bus: Bus, unit: int = 1) -> bytes:
    return struct.pack(">6H", *await bus.read(unit, "input", 0, 6))


async def test_over_a_pty_every_byte_is_as_the_standard_says(tmp_path: Path) -> None:
    slave = Slave({1: sdm()})
    async with on_a_pty(tmp_path, slave) as line, Bus(SerialLine(str(line.path)), where="[meter]") as bus:
        assert await read_voltages(bus) == VOLTAGES
        await bus.write(1, 1000, [16])
    assert slave.requests == [
        bytes.fromhex("01 04 00 00 00 06 70 08"),
        bytes.fromhex("01 10 03 E8 00 01 02 00 10 83 B4"),
    ]
    assert slave.units[1].written == [(1000, [16])]


@pytest.mark.parametrize("rtu", [False, True])
async def test_over_tcp_in_both_framings(rtu: bool) -> None:
    slave = Slave({1: sdm(), 2: Unit(holding={7: 8})})
    async with on_a_socket(slave, rtu=rtu) as port:
        line = TcpLine("127.0.0.1", port, rtu)
        async with Bus(line, where="[one]") as one, Bus(line, where="[other]") as other:
            assert await asyncio.gather(read_voltages(one), other.read(2, "holding", 7, 1)) == [VOLTAGES, [8]]
            with pytest.raises(Absent, match=r"\[other\]: Modbus unit 2 on 127.0.0.1:\d+ does not answer register 8"):
                await other.read(2, "holding", 8, 1)
            with pytest.raises(DeviceLost, match="no answer from Modbus unit 3"):
                await other.read(3, "holding", 8, 1)


async def test_unplugged_and_back_at_any_moment(tmp_path: Path) -> None:
    async with on_a_pty(tmp_path, Slave({1: sdm()})) as line, Bus(SerialLine(str(line.path)), where="[meter]") as bus:
        assert await read_voltages(bus) == VOLTAGES
        line.unplug()
        with pytest.raises(DeviceLost, match=r"ttyUSB0 is not there. Plug the adapter in"):
            await read_voltages(bus)
        line.plug()
        assert await read_voltages(bus) == VOLTAGES


async def test_unplugged_while_a_request_is_under_way(tmp_path: Path) -> None:
    slave = Slave({1: Unit(silent=True)})
    async with on_a_pty(tmp_path, slave) as line, Bus(SerialLine(str(line.path)), where="[meter]") as bus:
        reading = asyncio.ensure_future(read_voltages(bus))
        await asyncio.sleep(0.1)
        line.unplug()
        with pytest.raises(DeviceLost):
            await reading
        line.plug()
        slave.units[1] = sdm()
        assert await read_voltages(bus) == VOLTAGES


HABITS = {
    "wrong checksum": lambda frame: frame[:-1] + bytes([frame[-1] ^ 1]),
    "half": lambda frame: frame[: len(frame) // 2],
    "of another unit": lambda frame: framed(b"\x02" + frame[1:-2]),
    "of another function": lambda frame: framed(frame[:1] + b"\x03" + frame[2:-2]),
    "shorter": lambda frame: framed(bytes([1, 4, 4]) + frame[3:7]),
    "all ones": lambda frame: b"\xff" * 40,
    "all zeros": lambda frame: b"\x00" * 40,
    "far too long": lambda frame: frame[:5] * 50,
    "of a function nobody knows": lambda frame: framed(b"\x01\x64" + frame[2:-2]),
    "diagnostics, cut off": lambda frame: b"\x01\x08\x00",
    "identification, cut off": lambda frame: b"\x01\x2b\x0e",
}


@pytest.mark.parametrize("habit", HABITS)
async def test_nonsense_on_the_line_is_a_device_lost_and_leaves_no_trace(
    habit: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    slave = Slave({1: sdm()})
    async with on_a_pty(tmp_path, slave) as line, Bus(SerialLine(str(line.path)), where="[meter]") as bus:
        slave.units[1].garble = HABITS[habit]
        with pytest.raises(DeviceLost, match=r"what comes over .*ttyUSB0 is no answer of Modbus unit 1"):
            await read_voltages(bus)
        slave.units[1].garble = lambda frame: frame
        assert await read_voltages(bus) == VOLTAGES
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []


@pytest.mark.parametrize(
    "garbage",
    [b"\xff" * 40, b"\x00" * 40, b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00\x01\x00\x00\x00\x03\x01\x64\x00",
     b"\x00\x01\x00\x00\x00\x02\x01\x04", b"\x00\x01\x00\x00\x00\x00", b"\x00\x01\x00\x00\x00\x04\x01\x04\x0c\x00"],
)  # fmt: skip
async def test_nonsense_over_tcp_is_a_device_lost_and_leaves_no_trace(
    garbage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    slave = Slave({1: sdm()})
    async with on_a_socket(slave) as port, Bus(TcpLine("127.0.0.1", port), where="[meter]") as bus:
        slave.units[1].garble = lambda frame: garbage
        with pytest.raises(DeviceLost):
            await read_voltages(bus)
        slave.units[1].garble = lambda frame: frame
        assert await read_voltages(bus) == VOLTAGES
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []


async def test_a_doubled_answer_is_taken_once(tmp_path: Path) -> None:
    slave = Slave({1: sdm()})
    slave.units[1].garble = lambda frame: frame + frame
    slave.units[1].input.update({6: 7})
    async with on_a_pty(tmp_path, slave) as line, Bus(SerialLine(str(line.path)), where="[meter]") as bus:
        for _ in range(3):
            assert await read_voltages(bus) == VOLTAGES
            assert await bus.read(1, "input", 6, 1) == [7]


async def test_noise_before_a_request_does_no_harm(tmp_path: Path) -> None:
    async with on_a_pty(tmp_path, Slave({1: sdm()})) as line, Bus(SerialLine(str(line.path)), where="[meter]") as bus:
        await read_voltages(bus)
        line.say(b"\x00\xff\x01\x04")
        await asyncio.sleep(0.05)
        assert await read_voltages(bus) == VOLTAGES


async def test_a_port_of_another_program_says_so(tmp_path: Path) -> None:
    async with on_a_pty(tmp_path, Slave({1: sdm()})) as line:
        other = os.open(line.path, os.O_RDWR | os.O_NOCTTY)
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        async with Bus(SerialLine(str(line.path)), where="[meter]") as bus:
            with pytest.raises(DeviceLost, match=r"ttyUSB0 does not open. See with `fuser`"):
                await read_voltages(bus)
        os.close(other)


async def test_a_host_that_refuses_says_so() -> None:
    async with on_a_socket(Slave()) as port:
        pass
    async with Bus(TcpLine("127.0.0.1", port), where="[meter]") as bus:
        with pytest.raises(DeviceLost, match=r"no connection to 127.0.0.1"):
            await bus.read(1, "input", 0, 1)
