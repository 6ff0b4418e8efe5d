"""What an installer asks of a station that runs: its steps, its configuration, its logs, and a card that is shown."""

import asyncio
import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chargepoint.config import file as configfile
from chargepoint.config.told import told
from chargepoint.core.facts import Token, TokenAccepted
from chargepoint.web.api import routes
from chargepoint.web.http import Answer, Failed, Request
from tests.web.fake_station import FakeControls

CARD = "04A1B2C3D4E5F6"


class Installer:
    """Asks the API, with one table of routes for the whole visit."""

    def __init__(self) -> None:
        self.controls = FakeControls()
        self._routes = routes(self.controls)

    async def asks(self, method: str, path: str, body: Any = None, **query: str) -> Answer:
        try:
            handler, parts = self._routes.find(method, path)
            return await handler(Request(query, b"" if body is None else json.dumps(body).encode(), parts))
        except Failed as failure:
            return failure.answer()

    async def json(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        return json.loads((await self.asks(method, path, body, **query)).body)

    async def lines(self, path: str, body: Any = None) -> list[dict[str, Any]]:
        return [json.loads(part) for part in await parts_of(await self.asks("POST", path, body))]

    def shows(self, card: str, useless: str = "") -> None:
        token = Token(card, "ISO14443")
        if useless:
            self.controls.act(lambda station, now: station.card_unusable(token, useless, now))
        else:
            self.controls.act(lambda station, now: station.card_presented(token, now))


async def parts_of(answer: Answer) -> list[bytes]:
    assert answer.parts is not None
    return [part async for part in answer.parts]


@pytest.fixture
def installer() -> Installer:
    return Installer()


# --- checks -----------------------------------------------------------------------------------------------------------


async def test_each_step_is_told_as_it_is_done_and_the_whole_is_kept(installer: Installer) -> None:
    assert await installer.json("GET", "/api/v1/doctor") == {"running": False, "at": None, "findings": []}
    *steps, end = await installer.lines("/api/v1/doctor", {"part": "all"})
    assert {"step": "csms.login", "outcome": "ok"}.items() <= steps[-1].items()
    kept = await installer.json("GET", "/api/v1/doctor")
    assert (kept["at"], kept["findings"]) == (end["at"], steps)


async def test_a_test_of_the_way_to_the_back_office_leaves_the_examination_as_it_was(installer: Installer) -> None:
    *steps, _ = await installer.lines("/api/v1/doctor", {"part": "csms"})
    assert [step["step"] for step in steps] == ["csms.name", "csms.reach", "csms.tls", "csms.login"]
    assert (await installer.json("GET", "/api/v1/doctor"))["at"] is None


async def test_two_do_not_examine_at_once_and_who_leaves_makes_room(installer: Installer) -> None:
    first = await installer.asks("POST", "/api/v1/doctor")
    assert first.parts is not None
    await anext(first.parts)
    assert (await installer.json("GET", "/api/v1/doctor"))["running"]
    assert (await installer.asks("POST", "/api/v1/doctor")).status == 409
    await first.parts.aclose()  # type: ignore[attr-defined]
    assert len(await installer.lines("/api/v1/doctor")) > 10


async def test_an_unknown_part_is_refused(installer: Installer) -> None:
    assert (await installer.asks("POST", "/api/v1/doctor", {"part": "click"})).status == 400


# --- logs -------------------------------------------------------------------------------------------------------------


async def test_a_log_is_downloaded_for_a_window_of_time(installer: Installer) -> None:
    window = {"from": "2026-11-22T14:00:00+01:00", "to": "2026-11-22T15:00:00Z"}
    answer = await installer.asks("GET", "/api/v1/log", kind="security", **window)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="A000123-security.txt"'
    assert len(await parts_of(answer)) == 2
    hours = [datetime(2026, 11, 22, hour, tzinfo=UTC) for hour in (13, 15)]
    assert installer.controls.bench.asked_log == ("security", *hours)


@pytest.mark.parametrize("query", [{"kind": "secrets"}, {"from": "yesterday"}, {"to": "2026-11-22T14:00:00"}])
async def test_a_window_that_is_none_is_refused(installer: Installer, query: dict[str, str]) -> None:
    assert (await installer.asks("GET", "/api/v1/log", **query)).status == 400


# --- cards ------------------------------------------------------------------------------------------------------------


async def test_a_support_bundle_is_downloaded_as_a_file(installer: Installer) -> None:
    answer = await installer.asks("GET", "/api/v1/support", **{"from": "2026-11-22T00:00:00Z"})
    assert (answer.status, answer.content_type) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="A000123-support.zip"'
    assert installer.controls.workshop.asked_support == [(datetime(2026, 11, 22, tzinfo=UTC), None)]


async def test_one_support_bundle_is_made_at_a_time(installer: Installer) -> None:
    installer.controls.workshop.pace_s = 5.0
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(installer.asks("GET", "/api/v1/support"))
        await asyncio.sleep(1.0)
        assert (await installer.asks("GET", "/api/v1/support")).status == 409
    assert first.result().status == 200
    assert (await installer.asks("GET", "/api/v1/support")).status == 200


async def test_a_support_bundle_that_cannot_be_made_says_why(installer: Installer) -> None:
    installer.controls.workshop.support_trouble = "no room"
    answer = await installer.asks("GET", "/api/v1/support")
    assert (answer.status, json.loads(answer.body)) == (409, {"error": "The support bundle cannot be made: no room."})
    assert (await installer.asks("GET", "/api/v1/support", **{"from": "soon"})).status == 400


async def learn(installer: Installer, **body: Any) -> asyncio.Task[Any]:
    asked = asyncio.ensure_future(installer.json("POST", "/api/v1/cards/learn", body))
    await asyncio.sleep(0)
    return asked


async def test_a_card_is_added_by_holding_it_to_the_reader_and_naming_it(installer: Installer) -> None:
    asked = await learn(installer)
    installer.shows(CARD)
    answer = await asked
    assert (answer["card"]["id"], answer["card"]["type"], answer["known"]) == (CARD, "ISO14443", False)
    assert await installer.json("GET", "/api/v1/cards") == []  # not before somebody has said whose it is
    await installer.json("POST", "/api/v1/cards", {"id": CARD, "type": "ISO14443", "name": "Ada"})
    assert [card["name"] for card in await installer.json("GET", "/api/v1/cards")] == ["Ada"]
    again = await learn(installer)
    installer.shows(CARD)
    assert {"known": True}.items() <= (answer := await again).items()
    assert answer["card"]["name"] == "Ada"


async def test_a_card_that_is_learnt_starts_nothing_and_the_next_one_does(installer: Installer) -> None:
    await installer.controls.simulator.plug(1)  # type: ignore[union-attr]
    asked = await learn(installer)
    installer.shows(CARD)
    await asked
    assert not [fact for fact in installer.controls.facts if isinstance(fact, TokenAccepted)]
    installer.shows(CARD)
    installer.controls.flow()
    session = installer.controls.station.evses[1].session
    assert session is not None
    assert session.token == Token(CARD)


async def test_nobody_waits_for_a_card_for_ever(installer: Installer) -> None:
    assert await installer.json("POST", "/api/v1/cards/learn", {"within_s": 5}) == {"card": None}
    asked = await learn(installer)
    assert (await installer.asks("POST", "/api/v1/cards/learn")).status == 409
    await installer.asks("DELETE", "/api/v1/cards/learn")
    assert await asked == {"card": None}
    assert installer.controls.station.learner is None


async def test_a_card_with_another_number_each_time_is_turned_away(installer: Installer) -> None:
    asked = await learn(installer)
    installer.shows("08AABBCC", useless="its number is another each time")
    assert (await asked)["useless"] == "its number is another each time"


async def test_a_cards_name_outlives_a_restart() -> None:
    first, second = FakeControls(), FakeControls()
    installer = Installer()
    installer.controls = first
    await installer.asks("POST", "/api/v1/cards", {"id": CARD, "name": "Ada"})
    second.cards.load("local", installer.controls.cards.dump("local"))
    assert [card.name for card in second.cards.entries()] == [card.name for card in first.cards.entries()]


# --- configuration ----------------------------------------------------------------------------------------------------

FILE = """\
[station]
vendor = "Acme"
model = "Wall 22"
serial_number = "1"
[csms]
url = "wss://csms.example.com/ocpp"
identity = "CP001"
password_file = "password"
[[evse]]
max_current_a = 32
pilot = { driver = "mock" }
[settings]
HeartbeatInterval = 300
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "password").write_text("0123456789abcdef")
    path = tmp_path / "chargepoint.toml"
    path.write_text(FILE)
    return path


def shown(file: Path) -> dict[tuple[str, str], tuple[str | None, int | None]]:
    tables = told(configfile.load(file))["tables"]
    return {(table["table"], row["key"]): (row["value"], row["line"]) for table in tables for row in table["rows"]}


def test_each_value_comes_with_the_line_it_stands_on(file: Path) -> None:
    rows = shown(file)
    assert rows["[station]", "vendor"] == ('"Acme"', 2)
    assert rows["[station]", "hard_reset"] == ('"restart"', None)
    assert rows["[[evse]] 1", "max_current_a"] == ("32", 10)
    assert rows["[[evse]] 1", "pilot"] == ('{ driver = "mock" }', 11)
    assert rows["[[evse]] 1", "meter"] == (None, None)


def test_nothing_secret_is_shown(file: Path) -> None:
    odd = {"driver": "ours", "pin": 1234, "api": {"token": "t0ken"}, "url": "mqtt://me:t0ken@broker"}
    text = json.dumps(told(dataclasses.replace(configfile.load(file), sensors=odd)))
    assert [secret for secret in ("0123456789", "1234", "t0ken") if secret in text] == []


def test_a_file_that_was_changed_since_the_start_is_named(file: Path) -> None:
    config = configfile.load(file)
    file.write_text(FILE.replace("32", "16"))
    document = told(config)
    assert document["stale"]
    assert {row["line"] for table in document["tables"] for row in table["rows"]} == {None}
    file.unlink()
    assert told(config)["tables"] != []
