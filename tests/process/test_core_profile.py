"""The main cases of OCPP 1.6's core profile with real processes and sockets: everything a station says, in its order.

The back office is the strict CSMS; whatever it finds wrong is in its `/violations`. In virtual time every case is in
tests/conformance.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.process.strict import StrictCsms
from tests.process.strict_station import Station, in_order

pytestmark = pytest.mark.node

CARD = "04A1B2C3D4E5F6"
ACCEPTED = {"status": "Accepted"}
OFTEN = ("MeterValues", "Heartbeat", "SecurityEventNotification")
"""What may be said at any time here."""


async def said(station: Station, *, without: tuple[str, ...] = OFTEN) -> list[str]:
    """Every request of the station so far, and every answer, in a few words."""
    asked: dict[str, str] = {}
    told: list[str] = []
    for entry in await station.csms.log(station.identity):
        kind, number, *rest = entry["frame"]
        if kind == 2:
            asked[number] = rest[0]
        if entry["to"] == "csms" and (kind != 2 or rest[0] not in without):
            told.append(in_words(*rest) if kind == 2 else f"{asked[number]}: {rest[0].get('status', rest)}")
    return told


def in_words(action: str, payload: dict[str, Any]) -> str:
    match action:
        case "StatusNotification":
            return f"{payload['connectorId']} {payload['status']}"
        case "StopTransaction":
            return f"StopTransaction {payload['reason']}"
    return action


async def until_said(station: Station, last: str, count: int = 1) -> None:
    async with asyncio.timeout(40):
        while (await said(station)).count(last) < count:  # noqa: ASYNC110 - another process says it
            await asyncio.sleep(0.1)


async def since(station: Station, before: list[str]) -> list[str]:
    return (await said(station))[len(before) :]


BOOT = ["BootNotification", "0 Available", "1 Available"]


async def ready(station: Station) -> list[str]:
    await until_said(station, "1 Available")
    return await said(station)


async def charging(station: Station) -> list[str]:
    """A car charges; all that was said until then."""
    await ready(station)
    await station.plant.panel.plug()
    await until_said(station, "1 Preparing")
    await station.plant.panel.card(CARD)
    await until_said(station, "1 Charging")
    return await said(station)


# --- TC_001 -----------------------------------------------------------------------------------------------------------


async def test_cold_boot_rejected_then_accepted_then_heartbeats(csms: StrictCsms, tmp_path: Path) -> None:
    await csms.behaviour(boot="Rejected", interval=8)
    try:
        async with in_order(csms, tmp_path, "CP-cold-boot") as station:
            await until_said(station, "BootNotification")
            assert await said(station, without=()) == ["BootNotification"]
            await csms.behaviour(boot="Accepted", interval=2)
            await ready(station)
            assert await said(station) == ["BootNotification", *BOOT]
            boots = [e["t"] for e in await csms.log(station.identity) if e["frame"][2:3] == ["BootNotification"]]
            assert boots[1] - boots[0] >= 7.9
            await station.says("Heartbeat", 2)
    finally:
        await csms.behaviour(boot="Accepted", interval=60)


# --- TC_003, TC_068 ---------------------------------------------------------------------------------------------------


async def test_a_session_with_a_card(csms: StrictCsms, tmp_path: Path) -> None:
    async with in_order(csms, tmp_path, "CP-session") as station:
        before = await charging(station)
        assert before == [*BOOT, "1 Preparing", "Authorize", "StartTransaction", "1 Charging"]
        await station.plant.panel.card(CARD)
        await station.says("StopTransaction", idTag=CARD)
        assert sorted(await since(station, before)) == ["1 Finishing", "StopTransaction Local"]
        await station.plant.panel.unplug()
        await until_said(station, "1 Available", 2)


# --- TC_010, TC_012 ---------------------------------------------------------------------------------------------------


async def test_a_remote_start_and_a_remote_stop(csms: StrictCsms, tmp_path: Path) -> None:
    async with in_order(csms, tmp_path, "CP-remote") as station:
        before = await ready(station)
        await station.plant.panel.plug()
        await until_said(station, "1 Preparing")
        assert await station.asked("RemoteStartTransaction", {"idTag": CARD, "connectorId": 1}) == ACCEPTED
        await until_said(station, "1 Charging")
        assert await since(station, before) == [
            "1 Preparing", "RemoteStartTransaction: Accepted", "StartTransaction", "1 Charging",
        ]  # fmt: skip
        before = await said(station)
        number = await number_of_the_transaction(station)
        assert await station.asked("RemoteStopTransaction", {"transactionId": number}) == ACCEPTED
        await station.says("StopTransaction", transactionId=number)
        first, *rest = await since(station, before)
        assert (first, sorted(rest)) == ("RemoteStopTransaction: Accepted", ["1 Finishing", "StopTransaction Remote"])


async def number_of_the_transaction(station: Station) -> int:
    """What the back office has answered to the latest StartTransaction."""
    answers = [
        e["frame"][2] for e in await station.csms.log(station.identity) if e["to"] == "cp" and e["frame"][0] == 3
    ]
    return next(answer["transactionId"] for answer in reversed(answers) if "transactionId" in answer)


# --- TC_015, TC_016 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Hard", "Soft"])
async def test_a_reset_during_a_transaction(csms: StrictCsms, tmp_path: Path, kind: str) -> None:
    async with in_order(csms, tmp_path, f"CP-reset-{kind}") as station:
        before = await charging(station)
        assert await station.asked("Reset", {"type": kind}) == ACCEPTED
        await until_said(station, "1 Preparing", 2)
        first, *ended, boot, station_status, connector = await since(station, before)
        assert first == "Reset: Accepted"
        assert sorted(ended) == ["1 Finishing", f"StopTransaction {kind}Reset"]
        assert [boot, station_status, connector] == ["BootNotification", "0 Available", "1 Preparing"]


# --- TC_037_1, TC_039 -------------------------------------------------------------------------------------------------


async def test_a_session_spent_offline_is_told_afterwards(csms: StrictCsms, tmp_path: Path) -> None:
    async with in_order(csms, tmp_path, "CP-offline") as station:
        await ready(station)
        unknown = {"key": "AllowOfflineTxForUnknownId", "value": "true"}
        assert await station.asked("ChangeConfiguration", unknown) == ACCEPTED
        before = await said(station)
        await station.plant.panel.link(False)
        await station.plant.panel.plug()
        await station.becomes("preparing")
        await station.plant.panel.card(CARD)
        await station.becomes("charging")
        await asyncio.sleep(2.5)
        await station.plant.panel.card(CARD)
        await station.becomes("finishing")
        await station.plant.panel.unplug()
        await station.becomes("available")
        assert await since(station, before) == []
        await station.plant.panel.link(True)
        stop = await station.says("StopTransaction")
        told = [words for words in await since(station, before) if words != "1 Available"]  # what holds may be repeated
        assert told == ["StartTransaction", "StopTransaction Local"]
        start = await station.says("StartTransaction")
        assert stop["transactionId"] == await number_of_the_transaction(station)
        assert start["timestamp"] < stop["timestamp"]
