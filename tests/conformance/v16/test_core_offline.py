"""Core: power failure, and the back office out of reach (TC_032 to TC_039)."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from chargepoint.core.mains import mains_failed
from tests.conformance.stage import MakeStage, Stage
from tests.conformance.transcript import Said, in_any_order, says
from tests.conformance.v16.words import TAG, accepted, boot, start, status, statuses, stop


def when(said: Said) -> datetime:
    return datetime.fromisoformat(said["timestamp"])


def both_ends(data: list[dict[str, Any]]) -> bool:
    """Is the register told as it was at the begin and at the end?"""
    return [value["sampledValue"][0]["context"] for value in data] == ["Transaction.Begin", "Transaction.End"]


async def charging(s: Stage) -> None:
    await s.charge(TAG, seconds=20)
    s.transcript.skip()


@pytest.mark.case("TC_032_1_CS")
async def test_tc_032_1_power_failure_with_a_battery(stage: MakeStage) -> None:
    async with stage() as s:
        await charging(s)
        s.daemon.desk.act(mains_failed)  # says the script of the battery: `chargepoint mains failed`
        ended = stop("PowerLoss", transactionData=both_ends)
        await s.expect(in_any_order(ended, status(1, "Finishing")))
        assert not s.closed()
        await s.power_cut()
        await s.wait(minutes=5)
        await s.power_back()
        back = status(1, lambda word: word in ("Finishing", "Preparing"))
        await s.expect(boot(), in_any_order(status(0, "Available"), back))
        assert s.csms.open_transactions() == []


@pytest.mark.case("TC_032_2_CS")
async def test_tc_032_2_power_failure_while_charging(stage: MakeStage) -> None:
    async with stage() as s:
        await charging(s)
        went_down = s.true_time()
        await s.power_cut()
        await s.wait(minutes=5)
        await s.power_back()
        told = await s.expect(
            boot(),
            in_any_order(status(0, "Available"), status(1, "Finishing"), stop("PowerLoss", transactionData=both_ends)),
            quiet_s=20,
        )
        [stopped] = [said for said in told if said.action == "StopTransaction"]
        assert stopped["meterStop"] == int(s.register_wh())
        assert abs(when(stopped) - went_down) <= timedelta(minutes=5, seconds=15)
        assert not s.closed()


@pytest.mark.case("TC_034_CS")
async def test_tc_034_power_failure_while_unavailable(stage: MakeStage) -> None:
    async with stage(evses=2) as s:
        await s.asks("ChangeAvailability", connectorId=0, type="Inoperative")
        await s.expect(accepted("ChangeAvailability"), in_any_order(*statuses("Unavailable", 2)))
        await s.power_cut()
        await s.wait(60)
        await s.power_back()
        await s.expect(boot(), *statuses("Unavailable", 2))


async def line_comes_back(s: Stage) -> None:
    s.link.restore()
    await s.until(lambda: s.daemon.built.station.online, within_s=1200)


@pytest.mark.case("TC_036_CS")
async def test_tc_036_connection_lost_during_a_transaction(stage: MakeStage) -> None:
    async with stage(settings={"MeterValueSampleInterval": "60"}) as s:
        await charging(s)
        s.link.cut()
        await s.wait(minutes=3)
        assert s.closed()
        await line_comes_back(s)
        await s.wait(5)
        queued = [said for said in s.transcript.new() if said.action == "MeterValues"]
        times = [datetime.fromisoformat(said["meterValue"][0]["timestamp"]) for said in queued]
        assert len(times) >= 3
        assert [later - earlier for earlier, later in pairwise(times)] == [timedelta(seconds=60)] * (len(times) - 1)
        await s.expect(*[says("MeterValues", connectorId=1, transactionId=1001)] * len(queued), quiet_s=0)
        assert s.closed()
        s.transcript.skip()
        await s.expect(says("MeterValues", connectorId=1, transactionId=1001), within_s=61)


# --- started, stopped, or both while offline --------------------------------------------------------------------------

OFFLINE = {"LocalAuthorizeOffline": "true", "AuthorizationCacheEnabled": "true"}
UNKNOWN = {"LocalAuthorizeOffline": "true", "AllowOfflineTxForUnknownId": "true"}


@pytest.mark.case("TC_037_1_CS")
@pytest.mark.parametrize("known", ["from the cache", "from the local list", "not at all"])
async def test_tc_037_1_offline_start_with_a_valid_tag(stage: MakeStage, known: str) -> None:
    async with stage(settings=UNKNOWN if known == "not at all" else OFFLINE) as s:
        if known == "from the cache":
            await s.plug()
            await s.card(TAG)
            await s.card(TAG)
            await s.unplug()
        elif known == "from the local list":
            s.given_local_list(TAG)
        s.transcript.skip()
        number = 1002 if known == "from the cache" else 1001
        s.link.cut()
        await s.plug()
        began = s.true_time()
        await s.card(TAG)
        await s.until(s.closed)
        await s.wait(60)
        await line_comes_back(s)
        told = await s.expect(in_any_order(start(), status(1, "Charging")), within_s=60)
        [started] = [said for said in told if said.action == "StartTransaction"]
        assert abs(when(started) - began) <= timedelta(seconds=4)
        assert s.csms.open_transactions() == [number]
        assert s.closed()


async def offline_start_that_is_refused(s: Stage) -> None:
    s.csms.tokens[TAG] = "Invalid"
    s.link.cut()
    await s.plug()
    await s.card(TAG)
    await s.until(s.closed)
    await s.wait(60)
    await line_comes_back(s)


@pytest.mark.case("TC_037_2_CS")
async def test_tc_037_2_offline_start_refused_afterwards_and_suspended(stage: MakeStage) -> None:
    async with stage(settings=UNKNOWN | {"StopTransactionOnInvalidId": "false"}) as s:
        await offline_start_that_is_refused(s)
        await s.expect(in_any_order(start(), status(1, "Charging")), status(1, "SuspendedEVSE"), within_s=60)
        assert not s.closed()
        assert s.csms.open_transactions() == [1001]


@pytest.mark.case("TC_037_3_CS")
async def test_tc_037_3_offline_start_refused_afterwards_and_stopped(stage: MakeStage) -> None:
    async with stage(settings=UNKNOWN | {"StopTransactionOnInvalidId": "true"}) as s:
        await offline_start_that_is_refused(s)
        end = in_any_order(stop("DeAuthorized"), status(1, "Finishing"))
        await s.expect(in_any_order(start(), status(1, "Charging")), end, within_s=60)
        assert not s.closed()


@pytest.mark.case("TC_038_CS")
async def test_tc_038_offline_stop(stage: MakeStage) -> None:
    async with stage() as s:
        await charging(s)
        s.link.cut()
        await s.wait(30)
        ended = s.true_time()
        await s.card(TAG)
        assert not s.closed()
        await s.wait(60)
        await line_comes_back(s)
        told = await s.expect(in_any_order(stop("Local", tag=TAG), status(1, "Finishing")), within_s=60)
        [stopped] = [said for said in told if said.action == "StopTransaction"]
        assert abs(when(stopped) - ended) <= timedelta(seconds=4)


@pytest.mark.case("TC_039_CS")
async def test_tc_039_offline_transaction(stage: MakeStage) -> None:
    async with stage(settings=OFFLINE) as s:
        s.given_local_list(TAG)
        s.csms._numbers = iter([4711])
        s.link.cut()
        await s.plug()
        began = s.true_time()
        await s.card(TAG)
        await s.wait(minutes=4)
        ended = s.true_time()
        await s.card(TAG)
        await s.unplug()
        await line_comes_back(s)
        started, stopped = await s.expect(start(), stop("Local", transaction=4711, tag=TAG), within_s=60)
        assert abs(when(started) - began) <= timedelta(seconds=4)
        assert abs(when(stopped) - ended) <= timedelta(seconds=4)
        assert stopped["meterStop"] > started["meterStart"]
