"""What an installer does with a real daemon: first password, checks, a card at the reader, logs."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chargepoint.cli.api import Api
from chargepoint.demo.plant import Plant
from chargepoint.security import setupcode
from tests.process.test_page_flooded import CONFIG, until

CODE, PASSWORD, CARD = setupcode.new_code(), "correct horse", "04A1B2C3D4E5F6"
LOCAL = CONFIG.replace('mode = "free"', 'mode = "local"') + '\n[[card_reader]]\ndriver = "mock"\n'


@asynccontextmanager
async def fresh(folder: Path) -> AsyncIterator[Plant]:
    """As it leaves the factory: with a label, without a password."""
    (folder / "state" / "secrets").mkdir(parents=True)
    (folder / "state" / "secrets" / "setup-code").write_text(setupcode.hashed_code(CODE))
    plant = Plant(folder, LOCAL)
    try:
        await plant.start()
        await until(plant, "available")
        yield plant
    except BaseException as error:
        error.add_note(plant.last_words())
        raise
    finally:
        await plant.stop()


async def asked(plant: Plant, method: str, path: str, body: Any = None, cookie: str = "") -> tuple[int, str, str]:
    """Status, body and cookie of a request from elsewhere, as the page makes it."""
    return await asyncio.to_thread(_asked, plant, method, path, body, cookie)


def _asked(plant: Plant, method: str, path: str, body: Any, cookie: str) -> tuple[int, str, str]:
    port = int(json.loads((plant.state / "run.json").read_text())["api"].rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, None if body is None else json.dumps(body), {"Cookie": cookie})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers.get("Set-Cookie", "").partition(";")[0]
    finally:
        connection.close()


async def test_a_station_from_the_factory_is_set_up_through_its_page(tmp_path: Path) -> None:
    async with fresh(tmp_path) as plant:
        assert (await asked(plant, "GET", "/api/v1/status"))[0] == 401
        assert "entry.js" in (await asked(plant, "GET", "/"))[1]
        status, _, cookie = await asked(plant, "POST", "/api/v1/entry/first", {"code": CODE, "password": PASSWORD})
        assert status == 200
        assert (await asked(plant, "GET", "/api/v1/status", cookie=cookie))[0] == 200

        _, told, _ = await asked(plant, "POST", "/api/v1/doctor", {"part": "all"}, cookie)
        *steps, end = [json.loads(line) for line in told.splitlines()]
        assert [step["step"] for step in steps if step["outcome"] == "failed" and step["step"] != "computer.disk"] == []
        assert {"program.guard", "evse.1.report", "evse.1.meter.answers"} <= {step["step"] for step in steps}
        assert end["at"]

        asking = asyncio.create_task(asked(plant, "POST", "/api/v1/cards/learn", {"within_s": 20}, cookie))
        own = Api(plant.state, tmp_path / "chargepoint.toml")
        await asyncio.sleep(0.5)
        await asyncio.to_thread(lambda: own.post("sim", "card", body={"uid": CARD}))
        assert json.loads((await asking)[1])["card"]["id"] == CARD
        assert (await asked(plant, "POST", "/api/v1/cards", {"id": CARD, "name": "Ada"}, cookie))[0] == 200

        log = (await asked(plant, "GET", "/api/v1/log?kind=log", cookie=cookie))[1]
        assert "page and API at" in log
        assert PASSWORD not in log
        assert CODE not in log

        await plant.kill()
        await plant.start()
        await until(plant, "available")
        assert (await asked(plant, "GET", "/api/v1/status", cookie=cookie))[0] == 401  # a restart ends every visit
        assert (await asked(plant, "POST", "/api/v1/entry/first", {"code": CODE, "password": "another one"}))[0] == 409
        status, _, cookie = await asked(plant, "POST", "/api/v1/entry/login", {"password": PASSWORD})
        assert status == 200
        cards = json.loads((await asked(plant, "GET", "/api/v1/cards", cookie=cookie))[1])
        assert [card["name"] for card in cards] == ["Ada"]
        assert json.loads((await asked(plant, "GET", "/api/v1/doctor", cookie=cookie))[1])["at"] == end["at"]
