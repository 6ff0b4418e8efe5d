"""The page is flooded and its password guessed at while a car charges: neither the session nor the guard notices."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from chargepoint.cli.api import Api
from chargepoint.demo.plant import Plant
from chargepoint.errors import NoDaemon
from chargepoint.security import setupcode
from chargepoint.web.trying import AT_ONCE
from hw.guard.client import GuardClient

CONFIG = """\
[station]
vendor = "Acme"
model = "Wall 22"
serial_number = "0001"

[access]
mode = "free"

[web]
listen = "0.0.0.0:0"

[[evse]]
meter = { driver = "mock" }
"""

GUESSES, FLOODERS, FLOOD_S = 1000, 40, 6.0

FALLBACK_A = 6.0
"""What a car is offered once permits have been missing for 10 s; long before, reports say when the last one came."""

PASSWORD = "correct horse"


@asynccontextmanager
async def charging(folder: Path) -> AsyncIterator[tuple[Plant, int]]:
    """A station that others can reach, a car that charges at it, and the page's port."""
    (folder / "state" / "secrets").mkdir(parents=True)
    (folder / "state" / "secrets" / "web-password").write_text(setupcode.hashed(PASSWORD))
    plant = Plant(folder, CONFIG)
    try:
        await plant.start()
        await until(plant, "available")
        await asyncio.to_thread(api(plant).post, "sim", "evse", "1", "plug")
        await until(plant, "charging")
        address = json.loads((plant.state / "run.json").read_text())["api"]
        yield plant, int(address.rpartition(":")[2])
    except BaseException as error:
        error.add_note(plant.last_words())
        raise
    finally:
        await plant.stop()


async def until(plant: Plant, status: str) -> None:
    async with asyncio.timeout(30):
        while True:
            with suppress(NoDaemon):
                if (await status_of(plant))["status"] == status:
                    return
            await asyncio.sleep(0.2)


def api(plant: Plant) -> Api:
    """As our own commands ask: on the socket file, without a password."""
    return Api(plant.state, plant.state.parent / "chargepoint.toml")


async def status_of(plant: Plant) -> dict[str, Any]:
    evse: dict[str, Any] = (await asyncio.to_thread(lambda: api(plant).get("status")))["evses"][0]
    return evse


async def asked(port: int, headers: str = "", path: str = "/api/v1/status") -> int:
    """The status of an answer; 0 where there was none."""
    with suppress(OSError, ValueError, IndexError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}\r\n".encode())
            return int((await reader.readline()).split()[1])
        finally:
            writer.close()
    return 0


def basic(password: str) -> str:
    return f"Authorization: Basic {b64encode(f'me:{password}'.encode()).decode()}\r\n"


async def test_a_car_charges_on_while_the_page_is_flooded_and_its_password_guessed(tmp_path: Path) -> None:
    async with charging(tmp_path) as (plant, port), GuardClient(plant.state / "guard.sock") as guard:
        gaps, before = Gaps(guard), await status_of(plant)
        began_s, cpu_s = time.monotonic(), cpu_of(plant.pid)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(FLOODERS):
                tasks.create_task(flood(port, began_s + FLOOD_S))
            guessing = tasks.create_task(guess(port))
        answers = guessing.result()
        after = await status_of(plant)
        assert after["status"] == "charging"
        assert after["session"]["id"] == before["session"]["id"]
        assert after["session"]["energy_wh"] > before["session"]["energy_wh"]
        assert after["permit_a"] == before["permit_a"] > FALLBACK_A
        assert gaps.least_offered_a > FALLBACK_A
        assert set(answers) <= {0, 401, 429}
        assert 0 < answers.count(401) <= AT_ONCE + 2
        print(f"{len(answers)} guesses, {answers.count(401)} looked at, {cpu_of(plant.pid) - cpu_s:.1f} CPU s "
              f"in {time.monotonic() - began_s:.1f} s")  # fmt: skip
        assert await until_let_in(port) == 200


class Gaps:
    """What the guard reports meanwhile."""

    def __init__(self, guard: GuardClient) -> None:
        self.least_offered_a = 100.0
        guard.on_report = self._heard

    def _heard(self, report: Any) -> None:
        self.least_offered_a = min(self.least_offered_a, report.offered_a)


async def flood(port: int, until_s: float) -> None:
    while time.monotonic() < until_s:
        await asked(port, path="/api/v1/events" if time.monotonic() % 1 < 0.2 else "/")


async def guess(port: int) -> list[int]:
    return [await asked(port, basic(f"guess {n}")) for n in range(GUESSES)]


async def until_let_in(port: int) -> int:
    """The owner comes in, at the latest when the wait of his address is over."""
    async with asyncio.timeout(120):
        while (status := await asked(port, basic(PASSWORD))) == 429:  # noqa: ASYNC110 - a clock elsewhere
            await asyncio.sleep(1.0)
    return status


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
