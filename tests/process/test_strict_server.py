"""The strict CSMS itself, tried with a station of three lines: a judge must be known to convict."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.process.strict import CallError, StrictCsms, strict_csms

pytestmark = pytest.mark.node

BOOT = {
    "1.6": {"chargePointVendor": "Acme", "chargePointModel": "Wall"},
    "2.0.1": {"reason": "PowerUp", "chargingStation": {"vendorName": "Acme", "model": "Wall"}},
}


@pytest.fixture(scope="module")
def server() -> Iterator[StrictCsms]:
    with strict_csms() as running:
        yield running


def dial(server: StrictCsms, identity: str, version: str) -> connect:
    return connect(f"{server.url}/{identity}", subprotocols=[Subprotocol(f"ocpp{version}")], proxy=None)


async def ask(socket: ClientConnection, action: str, payload: dict[str, Any]) -> list[Any]:
    await socket.send(json.dumps([2, action, action, payload]))
    async with asyncio.timeout(5):
        answer: list[Any] = json.loads(await socket.recv())
    return answer


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_sound_message_is_answered_and_logged(server: StrictCsms, version: str) -> None:
    identity = f"good{version}"
    async with dial(server, identity, version) as socket:
        answer = await ask(socket, "BootNotification", BOOT[version])
        assert (answer[0], answer[2]["status"]) == (3, "Accepted")
        assert (await server.stations())[identity] == f"ocpp{version}"
        assert await server.calls(identity) == [("BootNotification", BOOT[version])]
        assert await server.violations(identity) == []


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_message_that_breaks_its_schema_is_a_violation(server: StrictCsms, version: str) -> None:
    identity = f"bad{version}"
    async with dial(server, identity, version) as socket:
        assert (await ask(socket, "BootNotification", {**BOOT[version], "extra": 1}))[0] == 4
        (violation,) = await server.violations(identity)
        assert (violation["kind"], violation["method"], violation["outbound"]) == ("schema", "BootNotification", False)


async def test_a_station_is_called_and_its_answer_handed_back(server: StrictCsms) -> None:
    async with dial(server, "called", "1.6") as socket:
        calling = asyncio.ensure_future(server.call("called", "ClearCache"))
        _, key, action, _ = json.loads(await socket.recv())
        await socket.send(json.dumps([3, key, {"status": "Accepted"}]))
        assert (action, await calling) == ("ClearCache", {"status": "Accepted"})


async def test_an_answer_that_breaks_its_schema_is_a_violation_too(server: StrictCsms) -> None:
    async with dial(server, "liar", "1.6") as socket:
        calling = asyncio.ensure_future(server.call("liar", "ClearCache"))
        _, key, _, _ = json.loads(await socket.recv())
        await socket.send(json.dumps([3, key, {"status": "Perhaps"}]))
        with pytest.raises(CallError):
            await calling
        assert [v["kind"] for v in await server.violations("liar")] == ["schema"]


async def test_it_mutes_errs_and_drops_as_told(server: StrictCsms) -> None:
    async with dial(server, "told", "1.6") as socket:
        await server.behaviour(errors={"Heartbeat": "InternalError"})
        assert (await ask(socket, "Heartbeat", {}))[2] == "InternalError"
        await server.behaviour(errors={}, tags={"04A1": "Blocked"})
        assert (await ask(socket, "Authorize", {"idTag": "04A1"}))[2] == {"idTagInfo": {"status": "Blocked"}}
        await server.behaviour(tags=None)
        await server.drop("told", code=1001)
        async with asyncio.timeout(5):
            await socket.wait_closed()
        assert socket.close_code == 1001
    assert "told" not in await server.stations()
