"""Prometheus and the page asked far too often, while a car charges: it goes on charging, and nobody waits for long."""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64encode
from pathlib import Path
from urllib.parse import urlsplit

from tests.process.test_support import CARD, PAGE, Station, station  # noqa: F401 - a fixture

FLOOD_S, CALLERS = 6.0, 24


class Caller:
    """Asks again as soon as it has heard."""

    def __init__(self, at: Station, path: str, password: str) -> None:
        place = urlsplit(json.loads((at.state / "run.json").read_text())["api"])
        self._place = place.hostname or "", place.port or 0
        login = b64encode(f"x:{password}".encode()).decode()
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: {place.hostname}\r\nAuthorization: Basic {login}\r\n\r\n".encode()
        )
        self.heard = 0

    async def flood(self) -> None:
        while True:
            try:
                await self._talk()
            except (OSError, ValueError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.01)  # turned out: come again

    async def _talk(self) -> None:
        reader, writer = await asyncio.open_connection(*self._place)
        try:
            while True:
                writer.write(self._request)
                head = await reader.readuntil(b"\r\n\r\n")
                found = re.search(rb"[Cc]ontent-[Ll]ength: (\d+)", head)
                await reader.readexactly(int(found[1]) if found else 0)
                self.heard += 1
        finally:
            writer.close()


async def value(at: Station, name: str) -> float:
    """Of a metric, by the bundle's way in: the local socket or the page."""
    place = urlsplit(json.loads((at.state / "run.json").read_text())["api"])
    one = Caller(at, "/metrics", PAGE)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(one._request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"[Cc]ontent-[Ll]ength: (\d+)", head)
    assert length, head
    body = (await reader.readexactly(int(length[1]))).decode()
    writer.close()
    found = re.search(rf"^{name} (\S+)$", body, re.MULTILINE)
    assert found, name
    return float(found[1])


async def test_a_flood_of_questions_does_not_touch_charging(station: Station) -> None:  # noqa: F811
    await station.done("cards", "add", CARD)
    await station.done("sim", "plug", "1")
    await station.done("start", "1", CARD)
    async with asyncio.timeout(60.0):
        while await station.status() != "charging":  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)
    callers = [
        Caller(station, "/metrics" if n % 2 else "/api/v1/status", PAGE if n % 3 else "wrong") for n in range(CALLERS)
    ]
    await value(station, "process_start_time_seconds")  # from now on the loop is watched
    async with asyncio.TaskGroup() as tasks:
        flooding = [tasks.create_task(caller.flood()) for caller in callers]
        await asyncio.sleep(FLOOD_S)
        for task in flooding:
            task.cancel()
    assert sum(caller.heard for caller in callers) > 200
    assert await station.status() == "charging"
    evse = json.loads(await station.done("status", "--json"))["evses"][0]
    assert (evse["permit_a"], evse["contactor"]) == (16.0, "closed")


async def test_files_of_the_station_hold_no_password(tmp_path: Path, station: Station) -> None:  # noqa: F811
    """What a flood of wrong passwords leaves behind."""
    await station.done("status")
    caller = Caller(station, "/metrics", "a-wrong-password")
    flooding = asyncio.ensure_future(caller.flood())
    await asyncio.sleep(2.0)
    flooding.cancel()
    assert caller.heard > 12
    log = await station.done("logs", "--last", "500")
    assert "a-wrong-password" not in log
    assert log.count("MaintenanceLoginFailed") <= 11
