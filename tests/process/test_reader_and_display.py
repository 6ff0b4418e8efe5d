"""A whole station, a PN532 on a serial line in front of it, and what its display says meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hw.processes import living
from tests.peers.pn532 import Pn532Chip
from tests.peers.pty_device import PtyDevice

CARD = "04A1B2C3D4E5F6"
PATIENCE_S = 40.0
CONFIG = """
[station]
vendor = "Acme"
model = "Wall 22"
serial_number = "A-1"
[[evse]]
[[card_reader]]
driver = "pn532"
port = "{port}"
[[display]]
driver = "mock"
"""


@dataclass
class Station:
    state: Path
    chip: Pn532Chip
    device: PtyDevice

    def display(self) -> list[str]:
        try:
            text: list[str] = json.loads((self.state / "display-1.json").read_text())["text"]
        except FileNotFoundError:
            return []
        return [line.strip() for line in text if line]

    def log(self) -> str:
        return (self.state / "log").read_text()

    async def until(self, holds: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not holds():  # noqa: ASYNC110 - a display tells nobody
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pytest.fail(f"the display says {self.display()}\n{self.log()}")

    async def tool(self, *words: str) -> None:
        files = ("--config", str(self.state / "cp.toml"), "--state", str(self.state))
        running = await asyncio.create_subprocess_exec(sys.executable, "-m", "chargepoint", *words, *files)
        assert await running.wait() == 0


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    chip = Pn532Chip()
    device = PtyDevice(tmp_path / "reader", chip.hears)
    device.plug()
    (tmp_path / "cp.toml").write_text(CONFIG.format(port=device.link))
    with (tmp_path / "log").open("w") as log:
        command = [sys.executable, "-m", "chargepoint", "run", "--config", str(tmp_path / "cp.toml")]
        daemon = subprocess.Popen([*command, "--state", str(tmp_path)], stderr=log)
    try:
        yield Station(tmp_path, chip, device)
    finally:
        daemon.terminate()
        daemon.wait(PATIENCE_S)
        for process in ("guard", "mock"):
            if (pid := living(process, tmp_path)) is not None:
                os.kill(pid, signal.SIGTERM)
        device.close()


async def test_cards_are_read_refused_and_accepted_and_the_reader_may_be_plugged_out_and_in(station: Station) -> None:
    await station.until(lambda: station.display() == ["Available", "Hold your card to", "the reader"])

    station.chip.card = bytes.fromhex(CARD)
    await station.until(lambda: station.display() == ["Card not accepted"])
    station.chip.card = None
    await station.until(lambda: station.display()[:1] == ["Available"])

    station.device.unplug()
    await station.until(lambda: "The card reader is" in station.display())
    station.chip.power_cycle()
    station.device.plug()
    await station.until(lambda: "Hold your card to" in station.display())

    await station.tool("cards", "add", CARD)
    await station.tool("sim", "plug", "1")
    station.chip.card = bytes.fromhex(CARD)
    await station.until(lambda: station.display()[:1] == ["Charging"])

    assert station.log().count("card reader 1: ") == 1
    assert station.log().count("card reader 1 is back") == 1
    assert CARD not in station.log()
