"""Remote trigger (TC_054, TC_055)."""

from typing import Any

import pytest

from tests.conformance.stage import MakeStage, Stage
from tests.conformance.transcript import ABSENT, Message, Said, says
from tests.conformance.v16.words import TAG, accepted, boot, rejected, status, statuses

USUAL = {"Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage"}


async def triggered(s: Stage, message: str, *expected: Message, **more: Any) -> Said:
    """The answer goes out first, then what was asked for, once. Returns the last."""
    await s.asks("TriggerMessage", requestedMessage=message, **more)
    return (await s.expect(accepted("TriggerMessage"), *expected, quiet_s=1, heartbeats=True))[-1]


def register_wh(said: Said) -> float:
    sampled = said["meterValue"][0]["sampledValue"]
    [value] = [each["value"] for each in sampled if each["measurand"] == "Energy.Active.Import.Register"]
    return float(value)


def meter_values(connector: int, transaction: Any = ABSENT) -> Message:
    return says("MeterValues", connectorId=connector, transactionId=transaction, meterValue=by_trigger)


def by_trigger(values: list[dict[str, Any]]) -> bool:
    """What MeterValuesSampledData names, all of it marked as triggered."""
    sampled = [each for value in values for each in value["sampledValue"]]
    return {each["context"] for each in sampled} == {"Trigger"} and {each["measurand"] for each in sampled} == USUAL


@pytest.mark.case("TC_054_CS")
async def test_tc_054_trigger_message(stage: MakeStage) -> None:
    settings = {"HeartbeatInterval": "3600", "MeterValuesSampledData": ",".join(sorted(USUAL))}
    async with stage(evses=2, settings=settings, before=seldom) as s:
        idle = await triggered(s, "MeterValues", meter_values(1), connectorId=1)
        assert register_wh(idle) == s.register_wh(1)
        await triggered(s, "MeterValues", meter_values(1), meter_values(2))
        await triggered(s, "Heartbeat", says("Heartbeat"))
        await triggered(s, "StatusNotification", status(2, "Available"), connectorId=2)
        await triggered(s, "StatusNotification", status(0, "Available"), connectorId=0)
        await triggered(s, "StatusNotification", *statuses(connectors=2))
        await triggered(s, "DiagnosticsStatusNotification", says("DiagnosticsStatusNotification", status="Idle"))
        await triggered(s, "FirmwareStatusNotification", says("FirmwareStatusNotification", status="Idle"))
        await triggered(s, "BootNotification", boot())
        await s.charge(TAG, seconds=20)
        s.transcript.skip()
        busy = await triggered(s, "MeterValues", meter_values(1, 1001), connectorId=1)
        assert register_wh(busy) == pytest.approx(s.register_wh(1), abs=10)  # 11 kW for the three seconds since
        await triggered(s, "MeterValues", meter_values(2), connectorId=2)
        await triggered(s, "StatusNotification", status(1, "Charging"), connectorId=1)


def seldom(s: Stage) -> None:
    """No heartbeat but those that are asked for."""
    s.csms.interval_s = 3600


@pytest.mark.case("TC_055_CS")
@pytest.mark.parametrize("message", ["MeterValues", "StatusNotification"])
async def test_tc_055_trigger_message_rejected(stage: MakeStage, message: str) -> None:
    async with stage(evses=2) as s:
        await s.asks("TriggerMessage", requestedMessage=message, connectorId=3)
        await s.expect(rejected("TriggerMessage"))
