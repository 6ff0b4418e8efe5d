"""Core: what the back office starts, stops and unlocks (TC_010 to TC_012, TC_017, TC_018, TC_026 to TC_031)."""

import pytest

from tests.conformance.stage import MakeStage, Stage
from tests.conformance.transcript import answers, in_any_order
from tests.conformance.v16.words import OTHER, TAG, accepted, authorize, rejected, start, status, stop

REMOTE = pytest.mark.parametrize("asks", ["true", "false"])
"""AuthorizeRemoteTxRequests: only then is the back office asked about a tag that it has named itself."""


async def knows(s: Stage, asks: str) -> tuple[object, ...]:
    """The case first looks at the key; returns what has to be said because of it."""
    [entry] = (await s.asks("GetConfiguration", key=["AuthorizeRemoteTxRequests"]))["configurationKey"]
    assert (entry["value"], entry["readonly"]) == (asks, False)
    s.transcript.skip()
    return (authorize(),) if asks == "true" else ()


@pytest.mark.case("TC_010_CS")
@REMOTE
async def test_tc_010_remote_start_with_the_cable_plugged_in_first(stage: MakeStage, asks: str) -> None:
    async with stage(settings={"AuthorizeRemoteTxRequests": asks}) as s:
        asked = await knows(s, asks)
        await s.plug()
        await s.expect(status(1, "Preparing"))
        await s.asks("RemoteStartTransaction", connectorId=1, idTag=TAG)
        await s.expect(accepted("RemoteStartTransaction"), *asked, start(), status(1, "Charging"))
        assert s.closed()


@pytest.mark.case("TC_011_1_CS")
@REMOTE
async def test_tc_011_1_remote_start_first(stage: MakeStage, asks: str) -> None:
    async with stage(settings={"AuthorizeRemoteTxRequests": asks}) as s:
        asked = await knows(s, asks)
        await s.asks("RemoteStartTransaction", connectorId=1, idTag=TAG)
        await s.expect(accepted("RemoteStartTransaction"), *asked, status(1, "Preparing"))
        await s.plug()
        await s.expect(start(), status(1, "Charging"))
        assert s.closed()


@pytest.mark.case("TC_011_2_CS")
async def test_tc_011_2_remote_start_and_nobody_plugs_in(stage: MakeStage) -> None:
    async with stage(settings={"ConnectionTimeOut": "45"}) as s:
        await s.asks("RemoteStartTransaction", connectorId=1, idTag=TAG)
        _, preparing = await s.expect(accepted("RemoteStartTransaction"), status(1, "Preparing"))
        [available] = await s.expect(status(1, "Available"), within_s=60)
        assert available.at_s - preparing.at_s == pytest.approx(45, abs=2)


async def charging(s: Stage, **car: object) -> None:
    await s.charge(TAG, seconds=20)
    s.transcript.skip()


@pytest.mark.case("TC_012_CS")
async def test_tc_012_remote_stop(stage: MakeStage) -> None:
    async with stage() as s:
        await charging(s)
        await s.asks("RemoteStopTransaction", transactionId=1001)
        await s.expect(accepted("RemoteStopTransaction"), in_any_order(stop("Remote"), status(1, "Finishing")))
        assert not s.closed()
        await s.unplug()
        await s.expect(status(1, "Available"))


@pytest.mark.case("TC_026_CS")
async def test_tc_026_remote_start_of_a_connector_in_use(stage: MakeStage) -> None:
    async with stage(evses=2) as s:
        await charging(s)
        await s.asks("RemoteStartTransaction", connectorId=1, idTag=OTHER)
        await s.expect(rejected("RemoteStartTransaction"))
        assert s.closed()


@pytest.mark.case("TC_027_CS")
async def test_tc_027_remote_start_of_connector_0(stage: MakeStage) -> None:
    async with stage() as s:
        await s.plug()
        await s.expect(status(1, "Preparing"))
        await s.asks("RemoteStartTransaction", connectorId=0, idTag=TAG)
        await s.expect(rejected("RemoteStartTransaction"))
        assert not s.closed()


@pytest.mark.case("TC_028_CS")
async def test_tc_028_remote_stop_of_a_transaction_that_is_not(stage: MakeStage) -> None:
    async with stage() as s:
        await charging(s)
        await s.asks("RemoteStopTransaction", transactionId=999)
        await s.expect(rejected("RemoteStopTransaction"))
        assert s.closed()


# --- unlock -----------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_017_1_CS")
async def test_tc_017_1_unlock_without_session_socket(stage: MakeStage) -> None:
    async with stage(outlet="socket") as s:
        await s.asks("UnlockConnector", connectorId=1)
        await s.expect(answers("UnlockConnector", status="Unlocked"))
        assert not s.yard.locked(1)


@pytest.mark.case("TC_017_2_CS")
async def test_tc_017_2_unlock_without_session_fixed_cable(stage: MakeStage) -> None:
    async with stage(outlet="cable") as s:
        await s.asks("UnlockConnector", connectorId=1)
        await s.expect(answers("UnlockConnector", status="NotSupported"))


@pytest.mark.case("TC_018_1_CS")
async def test_tc_018_1_unlock_while_charging_socket(stage: MakeStage) -> None:
    async with stage(outlet="socket") as s:
        await charging(s)
        assert s.yard.locked(1)
        await s.asks("UnlockConnector", connectorId=1)
        unlocked = answers("UnlockConnector", status="Unlocked")
        await s.expect(in_any_order(unlocked, stop("UnlockCommand"), status(1, "Finishing")))
        assert (s.closed(), s.yard.locked(1)) == (False, False)
        await s.unplug()
        await s.expect(status(1, "Available"))


@pytest.mark.case("TC_018_2_CS")
async def test_tc_018_2_unlock_while_charging_fixed_cable(stage: MakeStage) -> None:
    async with stage(outlet="cable") as s:
        await charging(s)
        await s.asks("UnlockConnector", connectorId=1)
        await s.expect(answers("UnlockConnector", status="NotSupported"))
        await s.silence(60)
        assert s.closed()


@pytest.mark.case("TC_030_CS")
async def test_tc_030_unlock_and_the_lock_is_jammed(stage: MakeStage) -> None:
    async with stage(outlet="socket") as s:
        await charging(s)
        s.yard.fault(1, "lock_jammed")
        await s.asks("UnlockConnector", connectorId=1)
        failed = answers("UnlockConnector", status="UnlockFailed")
        await s.expect(in_any_order(failed, stop("UnlockCommand"), status(1, "Finishing")))
        assert s.yard.locked(1)


@pytest.mark.case("TC_031_CS")
async def test_tc_031_unlock_of_an_unknown_connector(stage: MakeStage) -> None:
    async with stage(outlet="socket") as s:
        await s.asks("UnlockConnector", connectorId=9)
        await s.expect(answers("UnlockConnector", status="NotSupported"))
