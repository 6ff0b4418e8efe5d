"""Who starts and replaces the guard: the daemon a simulated station's, a service manager that of real hardware."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from chargepoint import app
from chargepoint.config.file import load

STATION = '[station]\nvendor = "Acme"\nmodel = "Wall 22"\nserial_number = "1"\n[[evse]]\n'
REAL = STATION + 'outlet = "cable"\npilot = { driver = "rapi", port = "/dev/ttyUSB0" }\n'


class Guard:
    alive = False


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(app, "ensure_guard", lambda config, state: told.append("guard"))
    monkeypatch.setattr(app, "ensure_simulator", lambda config, state: told.append("simulator"))
    return told


def written(folder: Path, text: str) -> Any:
    path = folder / "chargepoint.toml"
    path.write_text(text)
    return load(path)


def test_a_simulated_station_starts_its_guard(tmp_path: Path, started: list[str]) -> None:
    app.ensure_processes(written(tmp_path, STATION), tmp_path)
    assert started == ["simulator", "guard"]


def test_the_guard_of_real_hardware_is_somebody_elses(tmp_path: Path, started: list[str]) -> None:
    app.ensure_processes(written(tmp_path, REAL), tmp_path)
    assert started == []


async def run_jobs(config: Any, guard: Guard, folder: Path) -> None:
    for job in app.guard_jobs(config, folder, guard, alone=False):  # type: ignore[arg-type]
        await job()


async def test_a_guard_that_nobody_has_started_is_missed_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    await asyncio.wait_for(run_jobs(written(tmp_path, REAL), Guard(), tmp_path), 60)
    assert [record.message.partition(":")[0] for record in caplog.records] == ["no guard answers"]


async def test_a_guard_that_is_there_is_not_missed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    guard = Guard()
    guard.alive = True
    await asyncio.wait_for(run_jobs(written(tmp_path, REAL), guard, tmp_path), 60)
    assert caplog.records == []
