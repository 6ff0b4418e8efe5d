"""A station on serial lines as real processes: guard and daemon, devices on pseudo-terminals, a back office over TLS.

No driver is simulated: what is, are the devices at the far ends of the lines, and the car.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import struct
import subprocess
import sys
import threading
import time
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chargepoint.demo.panel import Panel
from chargepoint.demo.plant import Plant
from hw.mock.bay import Bay
from hw.processes import living
from tests.hw.modbus_slave import Slave, Unit
from tests.process.certificates import Authority
from tests.process.gpio_station import CARD, PASSWORD, SecureOffice

CONFIG = """\
[station]
vendor = "Test"
model = "Serial"
serial_number = "0001"

[csms]
url = "{url}"
identity = "CP1"
versions = ["2.0.1"]
security_profile = 2
password_file = "{folder}/password"
ca_file = "{ca}"

[web]
listen = "127.0.0.1:0"

[[evse]]
outlet = "cable"
max_current_a = 32
{evse}
"""

VOLTAGE, CURRENT, POWER, ENERGY, SERIAL = 0x00, 0x06, 0x34, 0x48, 0xFC00  # registers of an SDM630


class SerialStation:
    """Start with `open()`; `close()` ends every process."""

    def __init__(self, folder: Path, office: SecureOffice, authority: Authority, evse: str) -> None:
        self.folder, self.office = folder, office
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o600)
        config = CONFIG.format(url=office.url, folder=folder, ca=authority.file, evse=evse)
        self.plant = Plant(folder, config)
        self.state = self.plant.state
        self.seen: dict[str, Any] = {}
        self.guard: subprocess.Popen[bytes] | None = None
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """`python -m hw.guard arguments --config ... --state ...`, as its service does."""
        command = [sys.executable, "-m", "hw.guard", *arguments]
        command += ["--config", str(self.folder / "chargepoint.toml"), "--state", str(self.state)]
        with (self.folder / "guard.log").open("ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._processes.append(process)
        return process

    async def start_guard(self) -> None:
        """As its service does: again, as long as the one that the daemon starts in vain holds the claim."""

        def runs() -> bool:
            if self.guard is None or self.guard.poll() is not None:
                self.guard = self.start("run")
            return living("guard", self.state) == self.guard.pid

        await self.until(runs, "the guard did not start")

    def kill_guard(self) -> None:
        if self.guard is not None:
            self.guard.kill()
            self.guard.wait()

    async def release(self) -> int:
        """What systemd runs when the guard has ended."""
        process = self.start("release")
        return await asyncio.to_thread(process.wait, 20)

    async def open(self) -> None:
        await self.start_guard()
        await self.plant.start()
        await self.office.until(lambda: self.office.accepted("CP1"), "the station was not accepted", 30)
        await self.plant.open_panel(20)

    @property
    def panel(self) -> Panel:
        return self.plant.panel

    async def until(self, holds: Callable[[], object], failing: str, within_s: float = 30.0) -> float:
        began_s = time.monotonic()
        try:
            async with asyncio.timeout(within_s):
                while not holds():  # noqa: ASYNC110 - the devices set no Event
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"{failing}; {self.words()}") from None
        return time.monotonic() - began_s

    async def until_status(self, **wanted: Any) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            self.seen = await self.panel.evse()
            return self.seen if all(self.seen[key] == value for key, value in wanted.items()) else None

        try:
            return await self.plant.until(look, f"the EVSE did not become {wanted}", 40)
        except Exception as error:
            raise AssertionError(f"{error}; it was {self.seen}; {self.words()}") from error

    def words(self) -> str:
        """The last words of all, for when something went wrong."""
        logs = {path.name: path.read_text(errors="replace")[-1500:] for path in self.folder.glob("*.log")}
        return "\n".join(f"{name}: {text}" for name, text in logs.items())

    async def close(self) -> None:
        await self.plant.stop()
        for process in reversed(self._processes):
            process.kill()
            process.wait()


@asynccontextmanager
async def serial_station(folder: Path, evse: str) -> AsyncIterator[SerialStation]:
    """`evse`: what stands in its table, and whatever comes after it in the file."""
    authority = Authority(folder, "ca")
    async with SecureOffice(authority) as office:
        station = SerialStation(folder, office, authority, evse)
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


__all__ = ["CARD", "Bus", "PymodbusMeter", "Sdm630", "SerialStation", "serial_station"]
