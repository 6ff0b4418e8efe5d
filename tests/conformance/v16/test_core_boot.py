"""Core: power-up and reset (TC_001, TC_002, TC_013 to TC_016)."""

from itertools import pairwise

import pytest

from tests.conformance.stage import MakeStage, Stage
from tests.conformance.transcript import answers, in_any_order, says, side_by_side
from tests.conformance.v16.words import TAG, accepted, boot, status, statuses, stop

EVERYTHING = {"heartbeats": True, "security": True}
STARTED = says("SecurityEventNotification", type="StartupOfTheDevice")


async def power_up(s: Stage, answer: str, interval_s: int) -> None:
    s.csms.boot_status, s.csms.interval_s = answer, interval_s
    await s.switch_on()


@pytest.mark.case("TC_001_CS")
async def test_tc_001_cold_boot(stage: MakeStage) -> None:
    async with stage(boot=False, evses=2) as s:
        await power_up(s, "Rejected", 60)
        [first] = await s.expect(boot(), **EVERYTHING)
        s.csms.boot_status, s.csms.interval_s = "Accepted", 40
        reported = side_by_side(statuses(connectors=2), [STARTED])
        [again, *_] = await s.expect(boot(), reported, within_s=120, **EVERYTHING)
        assert 60 <= again.at_s - first.at_s <= 64
        beats = await s.expect(*[says("Heartbeat")] * 3, within_s=150, heartbeats=True)
        assert [round(b.at_s - a.at_s) for a, b in pairwise(beats)] == [40, 40]


@pytest.mark.case("TC_002_CS")
async def test_tc_002_cold_boot_pending(stage: MakeStage) -> None:
    async with stage(boot=False) as s:
        await power_up(s, "Pending", 60)
        [first] = await s.expect(boot(), **EVERYTHING)
        await s.asks("GetConfiguration", key=["MeterValueSampleInterval"])
        entry = {"key": "MeterValueSampleInterval", "readonly": False, "value": "0"}
        await s.expect(answers("GetConfiguration", configurationKey=[entry]), **EVERYTHING)
        await s.asks("ChangeConfiguration", key="MeterValueSampleInterval", value="120")
        await s.expect(accepted("ChangeConfiguration"), **EVERYTHING)
        s.csms.boot_status = "Accepted"
        reported = side_by_side(statuses(), [STARTED])
        [again, *_] = await s.expect(boot(), reported, within_s=120, **EVERYTHING)
        assert 60 <= again.at_s - first.at_s <= 64
        await s.expect(says("Heartbeat"), within_s=70, heartbeats=True)


# --- reset ------------------------------------------------------------------------------------------------------------


async def reset_out_of_service(s: Stage, kind: str) -> None:
    """Connector 1 is taken out of service, and stays so through a reset, until it is put back."""
    await s.asks("ChangeAvailability", connectorId=1, type="Inoperative")
    await s.expect(accepted("ChangeAvailability"), status(1, "Unavailable"))
    await s.asks("Reset", type=kind)
    await s.comes_back()
    after = (status(0, "Available"), status(1, "Unavailable"), status(2, "Available"))
    await s.expect(accepted("Reset"), boot(), *after)
    await s.asks("ChangeAvailability", connectorId=1, type="Operative")
    await s.expect(accepted("ChangeAvailability"), status(1, "Available"))


@pytest.mark.case("TC_013_CS")
async def test_tc_013_hard_reset_without_transaction(stage: MakeStage) -> None:
    async with stage(evses=2) as s:
        await reset_out_of_service(s, "Hard")


@pytest.mark.case("TC_014_CS")
async def test_tc_014_soft_reset_without_transaction(stage: MakeStage) -> None:
    async with stage(evses=2) as s:
        await reset_out_of_service(s, "Soft")


async def reset_while_charging(s: Stage, kind: str) -> None:
    """The transaction is told to the end before the station goes; its car is still plugged in when it is back."""
    await s.charge(TAG, seconds=60)
    s.transcript.skip()
    await s.asks("Reset", type=kind)
    await s.comes_back()
    assert not s.closed()
    ended = in_any_order(stop(f"{kind}Reset"), status(1, "Finishing"))
    after = in_any_order(status(0, "Available"), status(1, lambda word: word in ("Finishing", "Preparing")))
    [_, *told] = await s.expect(accepted("Reset"), ended, boot(), after)
    [stopped] = [said for said in told if said.action == "StopTransaction"]
    assert stopped["meterStop"] > s.last("StartTransaction")["meterStart"]
    assert s.csms.open_transactions() == []


@pytest.mark.case("TC_015_CS")
async def test_tc_015_hard_reset_with_transaction(stage: MakeStage) -> None:
    async with stage() as s:
        await reset_while_charging(s, "Hard")


@pytest.mark.case("TC_016_CS")
async def test_tc_016_soft_reset_with_transaction(stage: MakeStage) -> None:
    async with stage() as s:
        await reset_while_charging(s, "Soft")
