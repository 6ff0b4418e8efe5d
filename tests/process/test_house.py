"""A whole station on a laptop in a simulated house: the car gets what the house leaves."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hw.processes import living

PATIENCE_S = 40.0
CONFIG = """
[station]
vendor = "Acme"
model = "Wall 22"
serial_number = "A-1"
[supply]
building_max_current_a = 25
building_fallback_a = 16
[access]
mode = "free"
[[evse]]
[[meter]]
role = "main"
driver = "mock"
"""

Tool = Callable[..., Any]


@pytest.fixture
def tool(tmp_path: Path) -> Iterator[Tool]:
    (tmp_path / "cp.toml").write_text(CONFIG)
    files = ("--config", str(tmp_path / "cp.toml"), "--state", str(tmp_path))
    with (tmp_path / "log").open("w") as log:
        daemon = subprocess.Popen([sys.executable, "-m", "chargepoint", "run", *files], stderr=log)

    async def run(*words: str) -> Any:
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "chargepoint", *words, "--json", *files,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        out, _ = await running.communicate()
        return json.loads(out) if running.returncode == 0 else None

    try:
        yield run
    finally:
        daemon.terminate()
        daemon.wait(PATIENCE_S)
        for process in ("guard", "mock"):
            if (pid := living(process, tmp_path)) is not None:
                os.kill(pid, signal.SIGTERM)


async def until(tool: Tool, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The EVSE's status, once that is true."""
    told: dict[str, Any] = {}
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not (told and holds(told)):
                status = await tool("status")
                told = status["evses"][0] if status else {}
    except TimeoutError:
        pytest.fail(f"the station says {told}")
    return told


def limits(evse: dict[str, Any]) -> dict[str, float]:
    return {limit["source"]: limit["amps"] for limit in evse["limits"]}


async def test_an_oven_lowers_the_car_and_a_silent_meter_is_told(tool: Tool) -> None:
    await until(tool, lambda evse: evse["status"] == "available" and "building" in limits(evse))
    await tool("sim", "plug", "1")
    await until(tool, lambda evse: evse["status"] == "charging" and evse["permit_a"] == 16.0)

    await tool("sim", "house", "18", "3", "3")
    evse = await until(tool, lambda evse: evse["permit_a"] == 7.0)
    assert limits(evse)["building"] == 7.0

    await tool("sim", "house", "--silent")
    evse = await until(tool, lambda evse: "building: no measurement" in limits(evse))
    assert evse["permit_a"] == 16.0
