"""A station on serial lines as real processes: guard and daemon, devices on pseudo-terminals, a back office over TLS.

No driver is simulated: what is, are the devices at the far ends of the lines, and the car.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import struct
import threading
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chargepoint.demo.authority import Authority
from hw.mock.bay import Bay
from tests.hw.modbus_slave import Slave, Unit
from tests.process.secure_station import SecureOffice, SecureStation

OUTLET = """\
outlet = "cable"
max_current_a = 32
"""

VOLTAGE, CURRENT, POWER, ENERGY, SERIAL = 0x00, 0x06, 0x34, 0x48, 0xFC00  # registers of an SDM630


@asynccontextmanager
async def serial_station(folder: Path, evse: str) -> AsyncIterator[SecureStation]:
    """`evse`: what stands in its table, and whatever comes after it in the file."""
    authority = Authority(folder, "ca")
    async with SecureOffice(authority) as office:
        station = SecureStation(folder, office, authority, OUTLET + evse)
        try:
            await station.open()
            yield station
        finally:
            await station.close()


# --- meters -----------------------------------------------------------------------------------------------------------


def sdm630_registers(bay: Bay) -> dict[int, int]:
    """The input registers of a meter that counts what a bay supplies."""
    reading = bay.reading()
    missing = (0.0,) * (3 - len(reading.current_a))
    shown = {
        VOLTAGE: reading.voltage_v + missing,
        CURRENT: reading.current_a + missing,
        POWER: (reading.power_w or 0.0,),
        ENERGY: (reading.energy_wh / 1000,),
    }
    told = dict.fromkeys(range(0x200), 0)
    for at, values in shown.items():
        words = struct.unpack(f">{2 * len(values)}H", struct.pack(f">{len(values)}f", *values))
        told.update(enumerate(words, at))
    return told


class Sdm630(Unit):
    """On a bus of the test's own slave."""

    def __init__(self, bay: Bay) -> None:
        super().__init__(holding={SERIAL: 0, SERIAL + 1: 4711})
        self._bay = bay

    def answer(self, pdu: bytes) -> bytes:
        self.input = sdm630_registers(self._bay)
        return super().answer(pdu)


class Bus:
    """A slave's units as the far end of a `SerialCable`."""

    def __init__(self, units: dict[int, Unit], tick: Callable[[], None]) -> None:
        self.slave, self._tick = Slave(units), tick

    def feed(self, data: bytes, now_s: float) -> bytes:
        return b"".join(self.slave.heard(data))

    def tick(self, now_s: float) -> bytes:
        self._tick()
        return b""


class PymodbusMeter:
    """An SDM630 by pymodbus's own RTU server, on the far one of two linked pseudo-terminals."""

    def __init__(self, path: Path, bay: Bay) -> None:
        self._bay = bay
        self._ends = [os.openpty(), os.openpty()]
        for _, slave in self._ends:
            tty.setraw(slave)
        path.symlink_to(os.ttyname(self._ends[0][1]))
        self._ending = threading.Event()  # of the link
        self._over = asyncio.Event()  # of the server
        self._loop = asyncio.new_event_loop()
        self._threads = [
            threading.Thread(target=self._link, daemon=True),
            threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._ending.set()
        self._loop.call_soon_threadsafe(self._over.set)
        for thread in self._threads:
            thread.join(5)
        self._loop.close()
        for end in self._ends:
            for handle in end:
                os.close(handle)

    def _link(self) -> None:
        (near, _), (far, _) = self._ends
        while not self._ending.is_set():
            for handle in select.select([near, far], [], [], 0.1)[0]:
                os.write(far if handle == near else near, os.read(handle, 1024))

    async def _serve(self) -> None:
        from pymodbus import FramerType
        from pymodbus.server import ModbusSerialServer
        from pymodbus.simulator import DataType, SimData, SimDevice

        async def show(code: int, start: int, address: int, count: int, registers: list[int], values: Any) -> None:
            if code == 4:
                told = sdm630_registers(self._bay)
                registers[:] = [told.get(start + at, word) for at, word in enumerate(registers)]

        bits = [SimData(0, values=False, count=16, datatype=DataType.BITS)]
        holding = [SimData(SERIAL, values=[0, 4711], datatype=DataType.REGISTERS)]
        live = [SimData(0, values=0, count=0x200, datatype=DataType.REGISTERS)]
        device = SimDevice(1, simdata=(bits, bits, holding, live), action=show)
        port = os.ttyname(self._ends[1][1])
        server = ModbusSerialServer([device], framer=FramerType.RTU, port=port, baudrate=9600)
        await server.serve_forever(background=True)
        await self._over.wait()
        with contextlib.suppress(asyncio.CancelledError):
            await server.shutdown()
