"""A station with the GPIO pilot as real processes, and a simulated car.

Above the converter's pins everything is the real driver; below them is the simulated car (hw/mock/board.py).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chargepoint.demo.authority import Authority
from hw.discovery import simulator
from hw.mock.board import TREE, driven, make_tree
from hw.mock.simulator import Simulator
from hw.mock.wires import open_wires, stamps
from tests.process.secure_station import CARD, SecureOffice, SecureStation

ROOT = Path(__file__).parents[2]
ENTRY_POINT = "[chargepoint.pilot]\ngpio-on-bench = hw.mock.board:BenchPilot\n"

SOCKET = """\
outlet = "socket"
pilot = { driver = "gpio-on-bench" }
contactor = { driver = "mock" }
lock = { driver = "mock" }
meter = { driver = "mock" }
"""


class GpioStation(SecureStation):
    def __init__(
        self, folder: Path, office: SecureOffice, authority: Authority, evse: str, patience: float = 1.0
    ) -> None:
        super().__init__(folder, office, authority, evse, patience)
        self.tree = make_tree(self.state)
        self.wires = open_wires(self.state)

    async def open(self, panel: bool = True) -> None:
        self.start("hw.mock")
        await super().open(panel)

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

    def duty(self) -> float:
        """What the PWM's files say: 1.0 is steady +12 V."""
        return driven(self.state / TREE)

    def coil(self) -> bool:
        return stamps(self.wires, 1).coil

    def reaction_ms(self) -> float:
        """From the car's last change of level to the coil's last change."""
        seen = stamps(self.wires, 1)
        return (seen.coil_ns - seen.levels_ns) / 1e6


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
