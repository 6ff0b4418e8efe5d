"""Whatever the back office answers to a request of ours in 1.6: the link lives, and the station goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ocpp.bent import bent, inlined
from tests.ocpp.rig import request_schema
from tests.world import World, a_world

NEVER = ("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z")


def trigger(action: str) -> Callable[[World], Awaitable[None]]:
    async def ask(world: World) -> None:
        await world.ask("TriggerMessage", requestedMessage=action)

    return ask


async def card(world: World) -> None:
    await world.card("STRANGER")


async def session(world: World) -> None:
    await world.charge("CARD1")
    await world.unplug()


OCCASIONS: dict[str, Callable[[World], Awaitable[None]]] = {
    "BootNotification": trigger("BootNotification"),
    "Heartbeat": trigger("Heartbeat"),
    "StatusNotification": trigger("StatusNotification"),
    "MeterValues": trigger("MeterValues"),
    "FirmwareStatusNotification": trigger("FirmwareStatusNotification"),
    "DiagnosticsStatusNotification": trigger("DiagnosticsStatusNotification"),
    "Authorize": card,
    "StartTransaction": session,
    "StopTransaction": session,
}


def answers(action: str) -> list[Any]:
    """What is wrong in one place, and what no program should stumble over."""
    schema = inlined(request_schema(f"{action}Response"))
    info = [{"idTagInfo": {"status": "Accepted", "expiryDate": at}} for at in NEVER]
    odd: dict[str, list[Any]] = {
        "BootNotification": [
            {"status": "Accepted", "interval": n, "currentTime": at} for n in (-1, 2**62) for at in NEVER
        ],
        "Heartbeat": [{"currentTime": at} for at in NEVER],
        "Authorize": info,
        "StartTransaction": [{**each, "transactionId": n} for each in info for n in (0, -1, 2**62)],
        "StopTransaction": info,
    }  # fmt: skip
    return [each.payload for each in bent(schema)] + odd.get(action, []) + [None, [], "x", 5, {"surprise": {}}]


@pytest.mark.parametrize("action", sorted(OCCASIONS))
async def test_an_odd_answer_stops_nobody(action: str, tmp_path: Path) -> None:
    hurried = {"TransactionMessageAttempts": "1", "OCPPCommCtrlr.HeartbeatInterval": "86400"}
    async with a_world("1.6", tmp_path, settings=hurried, ntp=False) as world:
        usual = world.csms.csms.answers[action]
        for odd in answers(action):
            world.csms.csms.answers[action] = lambda payload, odd=odd: odd
            await OCCASIONS[action](world)
            await world.wait(3)
            world.csms.csms.answers[action] = usual
            assert await world.ask("GetConfiguration", key=["NumberOfConnectors"])
        assert len(world.link.attempts) == 1
        await trigger("BootNotification")(world)
        await world.wait(minutes=2)
        await world.charge("FRIEND", minutes=2)
        assert world.closed()
        await world.unplug()
        await world.wait(minutes=5)
        assert world.bills()[-1].token == "FRIEND"
        assert world.bills()[-1].energy_wh > 0
