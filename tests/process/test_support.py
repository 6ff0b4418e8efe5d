"""`chargepoint support` at a real station, running and stopped: one file, no secret in it, charging undisturbed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hw.processes import living

PATIENCE_S = 60.0
PAGE, CARD = "a-password-of-the-page", "04A1B2C3D4E5F6"
CONFIG = """
[station]
vendor = "Acme"
model = "Wall 22"
serial_number = "A-1"
[access]
mode = "local"
[web]
listen = "127.0.0.1:0"
password_file = "{password}"
[[evse]]
"""


class Station:
    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / "state"
        (self.state / "secrets").mkdir(parents=True)
        password = self.state / "secrets" / "page"
        password.write_text(PAGE)
        password.chmod(0o600)
        (folder / "cp.toml").write_text(CONFIG.format(password=password))
        self._files = ("--config", str(folder / "cp.toml"), "--state", str(self.state))
        with (folder / "stderr").open("w") as log:
            command = [sys.executable, "-m", "chargepoint", "run", *self._files]
            self.daemon = subprocess.Popen(command, stderr=log)

    async def tool(self, *words: str) -> tuple[int, str, str]:
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "chargepoint", *words, *self._files,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
        )  # fmt: skip
        out, said = await running.communicate()
        return running.returncode or 0, out.decode(), said.decode()

    async def done(self, *words: str) -> str:
        """Once it can be done."""
        async with asyncio.timeout(PATIENCE_S):
            while (answer := await self.tool(*words))[0] != 0:  # noqa: ASYNC110 - another process starts
                await asyncio.sleep(0.2)  # it is starting
        return answer[1]

    async def status(self) -> str:
        status: str = json.loads(await self.done("status", "--json"))["evses"][0]["status"]
        return status

    def bundle(self, name: str) -> dict[str, str]:
        with zipfile.ZipFile(self.folder / name) as packed:
            return {each.partition("/")[2]: packed.read(each).decode() for each in packed.namelist()}

    def end(self) -> None:
        self.daemon.terminate()
        self.daemon.wait(PATIENCE_S)

    def close(self) -> None:
        self.end()
        for process in ("guard", "mock"):
            if (pid := living(process, self.state)) is not None:
                os.kill(pid, signal.SIGTERM)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    station = Station(tmp_path)
    yield station
    station.close()


async def test_a_bundle_is_made_while_a_car_charges_and_after_the_station_has_stopped(station: Station) -> None:
    await station.done("cards", "add", CARD)
    await station.done("sim", "plug", "1")
    await station.done("start", "1", CARD)
    async with asyncio.timeout(PATIENCE_S):
        while await station.status() != "charging":  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)
    status, out, said = await station.tool("support", "running.zip")
    assert (status, said) == (0, "")
    assert "Secrets are masked" in out
    assert (station.folder / "running.zip").stat().st_mode & 0o077 == 0
    assert await station.status() == "charging"
    running = station.bundle("running.zip")
    assert json.loads(running["status.json"])["evses"][0]["status"] == "charging"
    assert "chargepoint_evse_power_watts" in running["metrics.txt"]
    assert any(step["step"].startswith("computer") for step in json.loads(running["doctor.json"]))

    station.end()
    status, _, said = await station.tool("support", "--since", "-1h")
    assert status == 0
    assert "made without a running station" in said
    (made,) = station.folder.glob("chargepoint-support-*.zip")
    stopped = station.bundle(made.name)
    assert "status.json" not in stopped
    assert "evse=1 charging" in stopped["log.txt"]
    for told in (running, stopped):
        for name, text in told.items():
            assert PAGE not in text, name
            assert CARD not in text, name


async def test_who_may_not_write_there_is_told(station: Station) -> None:
    await station.done("status")
    status, _, said = await station.tool("support", "/nonexistent/folder/x.zip")
    assert status == 1
    assert "Name a file that this user may write" in said
