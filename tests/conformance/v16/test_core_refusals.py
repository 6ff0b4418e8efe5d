"""Core: refused tags, faults, and what nobody understands (TC_023, TC_024, TC_041, TC_062)."""

import pytest

from tests.conformance.stage import MakeStage
from tests.conformance.transcript import answers
from tests.conformance.v16.words import TAG, accepted, authorize, status

REFUSED = pytest.mark.parametrize("verdict", ["Invalid", "Blocked", "Expired", "ConcurrentTx"])


@pytest.mark.case("TC_023_4_CS")
@REFUSED
async def test_tc_023_4_local_start_with_a_refused_tag(stage: MakeStage, verdict: str) -> None:
    async with stage() as s:
        s.csms.tokens[TAG] = verdict
        await s.card(TAG)
        await s.expect(authorize())
        await s.plug()
        await s.expect(status(1, "Preparing"))
        await s.card(TAG)
        await s.expect(authorize())
        assert not s.closed()


@pytest.mark.case("TC_023_5_CS")
@REFUSED
async def test_tc_023_5_remote_start_with_a_refused_tag(stage: MakeStage, verdict: str) -> None:
    async with stage(settings={"AuthorizeRemoteTxRequests": "true"}) as s:
        s.csms.tokens[TAG] = verdict
        await s.plug()
        await s.expect(status(1, "Preparing"))
        await s.asks("RemoteStartTransaction", connectorId=1, idTag=TAG)
        await s.expect(accepted("RemoteStartTransaction"), authorize())
        assert not s.closed()


# --- faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_024_CS")
async def test_tc_024_a_plug_that_cannot_be_locked(stage: MakeStage) -> None:
    async with stage(outlet="socket") as s:
        await s.asks("RemoteStartTransaction", connectorId=1, idTag=TAG)
        await s.expect(accepted("RemoteStartTransaction"), status(1, "Preparing"))
        await s.plug(inserted="half")
        await s.expect(status(1, "Faulted", "ConnectorLockFailure"))
        await s.silence(30)
        assert not s.closed()


@pytest.mark.case("TC_041_CS")
async def test_tc_041_nobody_charges_at_a_faulted_connector(stage: MakeStage) -> None:
    async with stage() as s:
        await s.plug()
        await s.expect(status(1, "Preparing"))
        await s.fault("earth_leakage")
        await s.expect(status(1, "Faulted", "GroundFailure"))
        await s.card(TAG)
        await s.wait(10)
        assert not [said for said in s.transcript.new() if said.action == "StartTransaction"]
        assert not s.closed()


@pytest.mark.case("TC_062_CS")
@pytest.mark.parametrize("message", [{}, {"messageId": "unknown"}])
async def test_tc_062_data_transfer_of_an_unknown_vendor(stage: MakeStage, message: dict[str, str]) -> None:
    async with stage() as s:
        await s.asks("DataTransfer", vendorId="com.example.unknown", data="x", **message)
        await s.expect(answers("DataTransfer", status="UnknownVendorId"))
