"""What a station of 1.6 says and does until the back office has accepted it (OCPP 1.6 section 4.2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.world import World, a_world

INTERVAL_S = 600


def pending(world: World) -> None:
    world.csms.boot_status, world.csms.interval_s = "Pending", INTERVAL_S


def said(world: World) -> list[str]:
    return [told.action for told in world.csms.csms.told]


@pytest.mark.parametrize(
    ("asked", "wanted", "action"),
    [
        ("TriggerMessage", "StatusNotification", "StatusNotification"),
        ("TriggerMessage", "Heartbeat", "Heartbeat"),
        ("TriggerMessage", "MeterValues", "MeterValues"),
        ("TriggerMessage", "FirmwareStatusNotification", "FirmwareStatusNotification"),
        ("TriggerMessage", "DiagnosticsStatusNotification", "DiagnosticsStatusNotification"),
        ("ExtendedTriggerMessage", "LogStatusNotification", "LogStatusNotification"),
        ("ExtendedTriggerMessage", "FirmwareStatusNotification", "SignedFirmwareStatusNotification"),
        ("ExtendedTriggerMessage", "MeterValues", "MeterValues"),
    ],
)
async def test_while_pending_whatever_is_triggered_is_said(
    tmp_path: Path, asked: str, wanted: str, action: str
) -> None:
    async with a_world("1.6", tmp_path, before=pending) as world:
        answer = await world.ask(asked, requestedMessage=wanted, connectorId=1)
        await world.wait(5)
        assert answer == {"status": "Accepted"}
        assert said(world) == ["BootNotification", action]


async def test_triggered_values_are_said_once_and_a_transaction_nobody_has_numbered_is_not_named(
    tmp_path: Path,
) -> None:
    """Transactions before the first acceptance: the operator's choice (section 4.2.1)."""
    async with a_world("1.6", tmp_path, before=pending) as world:
        world.given_local_list("CARD1")
        await world.charge(minutes=1)
        assert world.closed()
        await world.ask("TriggerMessage", requestedMessage="MeterValues", connectorId=1)
        await world.wait(5)
        (values,) = world.said("MeterValues")
        assert "transactionId" not in values
        assert values["meterValue"][0]["sampledValue"][0]["context"] == "Trigger"
        world.csms.boot_status = "Accepted"
        await world.wait(INTERVAL_S)
        contexts = [v["sampledValue"][0]["context"] for each in world.said("MeterValues") for v in each["meterValue"]]
        assert contexts.count("Trigger") == 1
        assert said(world).index("StartTransaction") < said(world).index("MeterValues", 3)


@pytest.mark.parametrize(
    ("action", "payload", "answer"),
    [
        ("RemoteStartTransaction", {"idTag": "CARD1", "connectorId": 1}, {"status": "Rejected"}),
        ("RemoteStopTransaction", {"transactionId": 1}, {"status": "Rejected"}),
        ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "60"}, {"status": "Accepted"}),
        ("ChangeAvailability", {"connectorId": 1, "type": "Inoperative"}, {"status": "Accepted"}),
        ("ClearCache", {}, {"status": "Accepted"}),
        ("UnlockConnector", {"connectorId": 1}, {"status": "Unlocked"}),
    ],
)
async def test_while_pending_requests_are_answered_and_nothing_is_said(
    tmp_path: Path, action: str, payload: dict[str, Any], answer: dict[str, Any]
) -> None:
    """But neither start nor stop from afar (section 4.2)."""
    async with a_world("1.6", tmp_path, before=pending) as world:
        assert await world.ask(action, **payload) == answer
        await world.wait(60)
        assert said(world) == ["BootNotification"]


async def test_a_triggered_boot_while_pending_beats_the_interval(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path, before=pending) as world:
        world.csms.boot_status = "Accepted"
        assert await world.ask("TriggerMessage", requestedMessage="BootNotification") == {"status": "Accepted"}
        await world.wait(5)
        assert said(world)[:4] == ["BootNotification", "BootNotification", "StatusNotification", "StatusNotification"]


async def test_a_session_before_the_first_acceptance_can_be_forbidden(tmp_path: Path) -> None:
    forbidden = {"TxCtrlr.TxBeforeAcceptedEnabled": "false"}
    async with a_world("1.6", tmp_path, before=pending, settings=forbidden) as world:
        world.given_local_list("CARD1")
        await world.charge(minutes=1)
        assert not world.closed()


async def test_what_is_out_of_service_or_reserved_is_so_after_a_power_cut(tmp_path: Path) -> None:
    """Sections 5.2 and 5.14."""
    async with a_world("1.6", tmp_path, evses=2) as world:
        await world.ask("ChangeAvailability", connectorId=1, type="Inoperative")
        await world.ask("ReserveNow", connectorId=2, expiryDate="2026-11-23T00:00:00Z", idTag="FRIEND", reservationId=5)
        await world.wait(2)
        before = len(world.said("StatusNotification"))
        await world.power_cut()
        await world.wait(60)
        await world.power_back()
        shown = {told["connectorId"]: told["status"] for told in world.said("StatusNotification")[before:]}
        assert shown == {0: "Available", 1: "Unavailable", 2: "Reserved"}
        assert world.csms.boots() == 2


async def test_so_are_meter_values_in_2_0_1(tmp_path: Path) -> None:
    """B02.FR.02, F06.FR.06."""
    async with a_world("2.0.1", tmp_path, before=pending) as world:
        answer = await world.ask("TriggerMessage", requestedMessage="MeterValues", evse={"id": 1})
        await world.wait(5)
        assert answer["status"] == "Accepted"
        assert said(world) == ["BootNotification", "MeterValues"]
        world.csms.boot_status = "Accepted"
        await world.wait(INTERVAL_S)
        assert len(world.said("MeterValues")) == 1
