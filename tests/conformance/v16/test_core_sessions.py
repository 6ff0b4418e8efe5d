"""Core: charging sessions begun and ended at the station, and by the back office (TC_003 to TC_012, TC_068, TC_069)."""

import pytest

from tests.conformance.stage import MakeStage, Stage
from tests.conformance.transcript import answers, in_any_order
from tests.conformance.v16.words import OTHER, TAG, accepted, authorize, start, status, stop


@pytest.mark.case("TC_003_CS")
async def test_tc_003_regular_session_plug_in_first(stage: MakeStage) -> None:
    async with stage() as s:
        await s.plug()
        await s.expect(status(1, "Preparing"))
        assert not s.closed()
        await s.card(TAG)
        await s.expect(authorize(), start(), status(1, "Charging"))
        assert s.closed()


@pytest.mark.case("TC_004_1_CS")
async def test_tc_004_1_regular_session_identification_first(stage: MakeStage) -> None:
    async with stage() as s:
        await s.card(TAG)
        await s.expect(authorize(), status(1, "Preparing"))
        await s.plug()
        await s.expect(start(), status(1, "Charging"))
        assert s.closed()


@pytest.mark.case("TC_004_2_CS")
async def test_tc_004_2_identification_first_and_nobody_plugs_in(stage: MakeStage) -> None:
    async with stage(settings={"ConnectionTimeOut": "45"}) as s:
        await s.card(TAG)
        _, preparing = await s.expect(authorize(), status(1, "Preparing"))
        [available] = await s.expect(status(1, "Available"), within_s=60)
        assert available.at_s - preparing.at_s == pytest.approx(45, abs=2)
        await s.plug()
        await s.expect(status(1, "Preparing"))
        assert not s.closed()


# --- the cable is pulled at the car -----------------------------------------------------------------------------------


async def charging(s: Stage) -> None:
    await s.charge(TAG, seconds=20)
    s.transcript.skip()


@pytest.mark.case("TC_005_1_CS")
async def test_tc_005_1_unplugged_at_the_car_and_unlocked(stage: MakeStage) -> None:
    settings = {"StopTransactionOnEVSideDisconnect": "true", "UnlockConnectorOnEVSideDisconnect": "true"}
    async with stage(outlet="socket", settings=settings) as s:
        await charging(s)
        assert s.yard.locked(1)
        await s.unplug(side="ev")
        await s.expect(in_any_order(stop("EVDisconnected"), status(1, "Finishing")))
        assert not s.yard.locked(1)
        await s.unplug()
        await s.expect(status(1, "Available"))


@pytest.mark.case("TC_005_2_CS")
@pytest.mark.parametrize("who", ["the back office", "the driver"])
async def test_tc_005_2_unplugged_at_the_car_and_kept_locked(stage: MakeStage, who: str) -> None:
    settings = {"StopTransactionOnEVSideDisconnect": "true", "UnlockConnectorOnEVSideDisconnect": "false"}
    async with stage(outlet="socket", settings=settings) as s:
        await charging(s)
        await s.unplug(side="ev")
        await s.expect(in_any_order(stop("EVDisconnected"), status(1, "Finishing")))
        await s.silence(60)
        assert s.yard.locked(1)
        if who == "the driver":
            await s.card(TAG)
            await s.silence()
        else:
            await s.asks("UnlockConnector", connectorId=1)
            await s.expect(answers("UnlockConnector", status="Unlocked"))
        assert not s.yard.locked(1)
        await s.unplug()
        await s.expect(status(1, "Available"))


@pytest.mark.case("TC_005_3_CS")
@pytest.mark.parametrize("outlet", ["socket", "cable"])
async def test_tc_005_3_unplugged_at_the_car_and_the_transaction_goes_on(stage: MakeStage, outlet: str) -> None:
    async with stage(outlet=outlet, settings={"StopTransactionOnEVSideDisconnect": "false"}) as s:
        await charging(s)
        await s.unplug(side="ev")
        await s.expect(status(1, "SuspendedEV"))
        assert not s.closed()
        await s.asks("RemoteStopTransaction", transactionId=1001)
        end = "Finishing" if outlet == "socket" else "Available"  # a captive cable is with nobody
        await s.expect(accepted("RemoteStopTransaction"), in_any_order(stop("Remote"), status(1, end)))


# --- tags that are known already --------------------------------------------------------------------------------------


async def known_from_a_session(s: Stage) -> None:
    """The back office has accepted the tag once, so that it is in the cache."""
    await s.plug()
    await s.card(TAG)
    await s.card(TAG)
    await s.unplug()
    await s.wait(5)
    s.transcript.skip()


CACHE = {"AuthorizationCacheEnabled": "true", "LocalPreAuthorize": "true"}


@pytest.mark.case("TC_007_1_CS")
async def test_tc_007_1_regular_start_with_a_cached_tag(stage: MakeStage) -> None:
    async with stage(settings=CACHE) as s:
        await known_from_a_session(s)
        await s.plug()
        await s.expect(status(1, "Preparing"))
        await s.card(TAG)
        await s.expect(start(), status(1, "Charging"))


@pytest.mark.case("TC_007_2_CS")
async def test_tc_007_2_remote_start_with_a_cached_tag(stage: MakeStage) -> None:
    async with stage(settings=CACHE | {"AuthorizeRemoteTxRequests": "true"}) as s:
        await known_from_a_session(s)
        await s.plug()
        await s.expect(status(1, "Preparing"))
        await s.asks("RemoteStartTransaction", connectorId=1, idTag=TAG)
        await s.expect(accepted("RemoteStartTransaction"), start(), status(1, "Charging"))


async def known_from_the_local_list(s: Stage) -> None:
    entry = {"idTag": TAG, "idTagInfo": {"status": "Accepted"}}
    await s.asks("SendLocalList", listVersion=1, updateType="Full", localAuthorizationList=[entry])
    await s.expect(accepted("SendLocalList"))
    await s.plug()
    await s.expect(status(1, "Preparing"))


LIST = {"LocalAuthListEnabled": "true", "LocalPreAuthorize": "true", "AuthorizationCacheEnabled": "false"}


@pytest.mark.case("TC_008_1_CS")
async def test_tc_008_1_regular_start_with_a_tag_of_the_local_list(stage: MakeStage) -> None:
    async with stage(settings=LIST) as s:
        await known_from_the_local_list(s)
        await s.card(TAG)
        await s.expect(start(), status(1, "Charging"))


@pytest.mark.case("TC_008_2_CS")
async def test_tc_008_2_remote_start_with_a_tag_of_the_local_list(stage: MakeStage) -> None:
    async with stage(settings=LIST | {"AuthorizeRemoteTxRequests": "true"}) as s:
        await known_from_the_local_list(s)
        await s.asks("RemoteStartTransaction", connectorId=1, idTag=TAG)
        await s.expect(accepted("RemoteStartTransaction"), start(), status(1, "Charging"))


async def clear_the_cache(s: Stage) -> None:
    await known_from_a_session(s)
    await s.asks("ClearCache")
    await s.expect(accepted("ClearCache"))
    await s.plug()
    await s.expect(status(1, "Preparing"))


@pytest.mark.case("TC_061_1_CS")
async def test_tc_061_1_cleared_cache_local(stage: MakeStage) -> None:
    async with stage(settings=CACHE) as s:
        await clear_the_cache(s)
        await s.card(TAG)
        await s.expect(authorize(), start(), status(1, "Charging"))


@pytest.mark.case("TC_061_2_CS")
async def test_tc_061_2_cleared_cache_remote(stage: MakeStage) -> None:
    async with stage(settings=CACHE | {"AuthorizeRemoteTxRequests": "true"}) as s:
        await clear_the_cache(s)
        await s.asks("RemoteStartTransaction", connectorId=1, idTag=TAG)
        await s.expect(accepted("RemoteStartTransaction"), authorize(), start(), status(1, "Charging"))


# --- stopped by a card ------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_068_CS")
async def test_tc_068_stopped_by_the_tag_that_started(stage: MakeStage) -> None:
    async with stage() as s:
        await charging(s)
        await s.card(TAG)
        await s.expect(in_any_order(stop("Local", tag=TAG), status(1, "Finishing")))
        assert not s.closed()
        await s.unplug()
        await s.expect(status(1, "Available"))


@pytest.mark.case("TC_069_CS")
async def test_tc_069_stopped_by_a_tag_of_the_same_parent(stage: MakeStage) -> None:
    async with stage() as s:
        s.csms.groups = {TAG: "FAMILY", OTHER: "FAMILY", "STRANGER": "NEIGHBOURS"}
        await charging(s)
        await s.card("STRANGER")
        await s.expect(authorize("STRANGER"))
        assert s.closed()
        await s.card(OTHER)
        await s.expect(authorize(OTHER), in_any_order(stop("Local", tag=OTHER), status(1, "Finishing")))
        assert not s.closed()
