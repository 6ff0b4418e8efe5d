"""A station with the GPIO pilot as real processes: guard, daemon and simulated car, and a back office over TLS.

Above the converter's pins everything is the real driver; below them is the simulated car (hw/mock/board.py). The guard
is a process of its own, as under systemd, since a daemon's child switches no real contactor.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from websockets.asyncio.server import serve
from websockets.typing import Subprotocol

from chargepoint.demo.csms import BackOffice
from chargepoint.demo.panel import Panel
from chargepoint.demo.plant import Plant
from hw.discovery import simulator
from hw.mock.board import TREE, driven, make_tree
from hw.mock.simulator import Simulator
from hw.mock.wires import open_wires, stamps
from hw.processes import living
from tests.process.certificates import Authority

ROOT = Path(__file__).parents[2]
CARD = "04A1B2C3D4E5F6"
PASSWORD = "a-password-of-the-station"
ENTRY_POINT = "[chargepoint.pilot]\ngpio-on-bench = hw.mock.board:BenchPilot\n"

CONFIG = """\
[station]
vendor = "Test"
model = "GPIO"
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
{evse}
"""

SOCKET = """\
outlet = "socket"
pilot = { driver = "gpio-on-bench" }
contactor = { driver = "mock" }
lock = { driver = "mock" }
meter = { driver = "mock" }
"""


class SecureOffice(BackOffice):
    """The demo's back office behind TLS, at localhost."""

    def __init__(self, authority: Authority) -> None:
        super().__init__({CARD: "Ada"}, versions=("2.0.1",), password=PASSWORD)
        signed = authority.sign("localhost")
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(signed.certificate, signed.key)

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._converse, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp2.0.1")],
            process_request=self._admit, compression=None, ssl=self._tls,
        )  # fmt: skip
        return self

    @property
    def url(self) -> str:
        return super().url.replace("ws://127.0.0.1", "wss://localhost")


class GpioStation:
    """`patience`: how many times slower than usual this machine may be."""

    def __init__(
        self, folder: Path, office: SecureOffice, authority: Authority, evse: str, patience: float = 1.0
    ) -> None:
        self.folder, self.office, self.patience = folder, office, patience
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o600)
        config = CONFIG.format(url=office.url, folder=folder, ca=authority.file, evse=evse)
        self.plant = Plant(folder, config)
        self.state = self.plant.state
        self.tree = make_tree(self.state)
        self._processes: list[subprocess.Popen[bytes]] = []
        self.wires = open_wires(self.state)
        self.seen: dict[str, Any] = {}

    def start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        """`python -m module arguments --config ... --state ...`"""
        command = [sys.executable, "-m", module, *arguments]
        command += ["--config", str(self.folder / "chargepoint.toml"), "--state", str(self.state)]
        log = (self.folder / f"{module}.log").open("ab")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        self._processes.append(process)
        return process

    def log(self, module: str) -> str:
        return (self.folder / f"{module}.log").read_text()

    def start_guard(self) -> None:
        self.guard = self.start("hw.guard", "run")

    async def release(self) -> int:
        """What systemd runs when the guard has ended."""
        process = self.start("hw.guard", "release")
        return await asyncio.to_thread(process.wait, 20 * self.patience)

    async def open(self, panel: bool = True) -> None:
        """`panel`: wait for the local API too, which is a while on a slow machine."""
        self.start("hw.mock")
        self.start_guard()
        await self.until(lambda: living("guard", self.state) is not None, "the guard did not start")
        await self.plant.start()
        await self.office.until(lambda: self.office.accepted("CP1"), "the station was not accepted", 30 * self.patience)
        if panel:
            await self.plant.open_panel(20 * self.patience)

    async def charge(self, **car: Any) -> None:
        """A car is plugged in, and started by the back office as soon as the station lets it."""
        await self.simulator.plug(1, **car)
        async with asyncio.timeout(30 * self.patience):
            while await self.office.stations["CP1"].remote_start(CARD, 1) != "Accepted":  # noqa: ASYNC110
                await asyncio.sleep(1)  # the meter was not found yet
        await self.until(self.coil, "the contactor did not close", 40)

    @property
    def simulator(self) -> Simulator:
        return simulator(self.state)

    @property
    def panel(self) -> Panel:
        return self.plant.panel

    def duty(self) -> float:
        """What the PWM's files say: 1.0 is steady +12 V."""
        return driven(self.state / TREE)

    def coil(self) -> bool:
        return stamps(self.wires, 1).coil

    def reaction_ms(self) -> float:
        """From the car's last change of level to the coil's last change."""
        seen = stamps(self.wires, 1)
        return (seen.coil_ns - seen.levels_ns) / 1e6

    async def until(self, holds: Callable[[], bool], failing: str, within_s: float = 30.0) -> None:
        try:
            async with asyncio.timeout(within_s * self.patience):
                while not holds():  # noqa: ASYNC110 - other processes set no Event
                    await asyncio.sleep(0.005 * self.patience)
        except TimeoutError:
            raise TimeoutError(f"{failing}; {self.words()}") from None

    async def until_status(self, **wanted: Any) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            self.seen = await self.panel.evse()
            return self.seen if all(self.seen[key] == value for key, value in wanted.items()) else None

        try:
            return await self.plant.until(look, f"the EVSE did not become {wanted}", 40 * self.patience)
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
async def gpio_station(
    folder: Path, evse: str = SOCKET, patience: float = 1.0, panel: bool = True
) -> AsyncIterator[GpioStation]:
    """`evse`: what stands in its table."""
    authority = Authority(folder, "ca")
    with_bench_driver(folder)
    async with SecureOffice(authority) as office:
        station = GpioStation(folder, office, authority, evse, patience)
        try:
            await station.open(panel)
            yield station
        finally:
            await station.close()


def with_bench_driver(folder: Path) -> None:
    """Let processes from now on find the driver, as if a package had installed it."""
    site = folder / "site"
    info = site / "gpio_bench-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gpio-bench\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINT)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(site), str(ROOT)])
