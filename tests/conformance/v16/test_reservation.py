"""Reservation (TC_046 to TC_053)."""

from datetime import timedelta
from typing import Any

import pytest

from chargepoint.ocpp.instants import time_text
from tests.conformance.stage import MakeStage, Stage
from tests.conformance.transcript import Message, answers, in_any_order
from tests.conformance.v16.words import OTHER, TAG, accepted, authorize, rejected, start, status, stop

FAMILY = "FAMILY"
NUMBER = 17  # of the reservation
REMOTE = pytest.mark.parametrize("asks", ["false", "true"], ids=["trusted", "asked about"])


async def reserve(s: Stage, connector: int = 1, seconds: float = 600, **more: Any) -> None:
    until = time_text(s.true_time() + timedelta(seconds=seconds))
    await s.asks("ReserveNow", connectorId=connector, expiryDate=until, idTag=TAG, reservationId=NUMBER, **more)


def told(answer: str) -> Message:
    return answers("ReserveNow", status=answer)


async def is_reserved(s: Stage, connector: int = 1, **more: Any) -> None:
    await reserve(s, connector, **more)
    await s.expect(told("Accepted"), status(connector, "Reserved"))


async def charges_with_it(s: Stage, tag: str = TAG, connector: int = 1) -> None:
    """Plugged in after the tag; when all is over the connector is everybody's again."""
    await s.plug(connector)
    await s.expect(start(tag, connector, reservationId=NUMBER), status(connector, "Charging"))
    assert s.closed(connector)
    number = s.csms.open_transactions()[-1]
    await s.card(tag)
    await s.expect(in_any_order(stop("Local", number, tag=tag), status(connector, "Finishing")))
    await s.unplug(connector)
    await s.expect(status(connector, "Available"))


# --- used -------------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_046_1_CS")
async def test_tc_046_1_reserved_connector_local_start(stage: MakeStage) -> None:
    async with stage() as s:
        await is_reserved(s)
        await s.card(OTHER)
        await s.expect(authorize(OTHER))
        await s.card(TAG)
        await s.expect(authorize(), status(1, "Preparing"))
        await charges_with_it(s)


@pytest.mark.case("TC_046_2_CS")
@REMOTE
async def test_tc_046_2_reserved_connector_remote_start(stage: MakeStage, asks: str) -> None:
    async with stage(settings={"AuthorizeRemoteTxRequests": asks}) as s:
        await is_reserved(s)
        await s.asks("RemoteStartTransaction", connectorId=1, idTag=OTHER)
        await s.expect(rejected("RemoteStartTransaction"))
        await s.asks("RemoteStartTransaction", connectorId=1, idTag=TAG)
        asked = [authorize()] if asks == "true" else []
        await s.expect(accepted("RemoteStartTransaction"), *asked, status(1, "Preparing"))
        await charges_with_it(s)


@pytest.mark.case("TC_053_1_CS")
async def test_tc_053_1_reserved_by_parent_local_start(stage: MakeStage) -> None:
    async with stage() as s:
        s.csms.groups = {TAG: FAMILY, OTHER: FAMILY, "STRANGER": "NEIGHBOURS"}
        await is_reserved(s, parentIdTag=FAMILY)
        await s.card("STRANGER")
        await s.expect(authorize("STRANGER"))
        await s.card(OTHER)
        await s.expect(authorize(OTHER), status(1, "Preparing"))
        await charges_with_it(s, OTHER)


@pytest.mark.case("TC_053_2_CS")
@REMOTE
async def test_tc_053_2_reserved_by_parent_remote_start(stage: MakeStage, asks: str) -> None:
    async with stage(settings={"AuthorizeRemoteTxRequests": asks}) as s:
        s.csms.groups = {TAG: FAMILY, OTHER: FAMILY, "STRANGER": "NEIGHBOURS"}
        await is_reserved(s, parentIdTag=FAMILY)
        await s.asks("RemoteStartTransaction", connectorId=1, idTag="STRANGER")
        await s.expect(accepted("RemoteStartTransaction"), authorize("STRANGER"))
        await s.asks("RemoteStartTransaction", connectorId=1, idTag=OTHER)
        await s.expect(accepted("RemoteStartTransaction"), authorize(OTHER), status(1, "Preparing"))
        await charges_with_it(s, OTHER)


@pytest.mark.case("TC_049_CS")
@pytest.mark.parametrize("connector", [1, 2])
async def test_tc_049_reserved_charge_point(stage: MakeStage, connector: int) -> None:
    async with stage(evses=2) as s:
        other = 3 - connector
        await reserve(s, 0)
        await s.expect(told("Accepted"))
        await s.plug(other)
        await s.expect(status(other, "Preparing"))
        await s.card(OTHER)  # one of the two is anybody's; the last is kept
        kept = status(connector, "Reserved")
        await s.expect(authorize(OTHER), in_any_order(kept, start(OTHER, other), status(other, "Charging")))
        await s.card("STRANGER")
        await s.expect(authorize("STRANGER"))
        await s.card(TAG)
        await s.expect(authorize(), status(connector, "Preparing"))
        await charges_with_it(s, connector=connector)


# --- not used ---------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_047_CS")
async def test_tc_047_reserved_connector_expires(stage: MakeStage) -> None:
    async with stage() as s:
        began = s.true_time()
        await is_reserved(s, seconds=90)
        [available] = await s.expect(status(1, "Available"), within_s=120)
        assert (s.true_time() - began).total_seconds() == pytest.approx(90 + 3, abs=2)
        assert available["timestamp"] >= time_text(began + timedelta(seconds=90))
        await s.card(OTHER)
        await s.expect(authorize(OTHER), status(1, "Preparing"))


@pytest.mark.case("TC_051_CS")
async def test_tc_051_cancel(stage: MakeStage) -> None:
    async with stage() as s:
        await is_reserved(s)
        await s.asks("CancelReservation", reservationId=NUMBER)
        await s.expect(accepted("CancelReservation"), status(1, "Available"))
        await s.card(OTHER)
        await s.expect(authorize(OTHER), status(1, "Preparing"))


@pytest.mark.case("TC_052_CS")
async def test_tc_052_cancel_what_is_not_reserved(stage: MakeStage) -> None:
    async with stage() as s:
        await is_reserved(s)
        await s.asks("CancelReservation", reservationId=NUMBER + 1)
        await s.expect(rejected("CancelReservation"))
        await s.card(OTHER)
        await s.expect(authorize(OTHER))


# --- refused ----------------------------------------------------------------------------------------------------------


async def is_refused(s: Stage, answer: str, connector: int = 1) -> None:
    """And nothing has been reserved."""
    await reserve(s, connector)
    await s.expect(told(answer))
    await s.asks("CancelReservation", reservationId=NUMBER)
    await s.expect(rejected("CancelReservation"))


@pytest.mark.case("TC_048_1_CS")
async def test_tc_048_1_reserve_a_faulted_connector(stage: MakeStage) -> None:
    async with stage() as s:
        await s.fault("earth_leakage")
        await s.expect(status(1, "Faulted", "GroundFailure"))
        await is_refused(s, "Faulted")


@pytest.mark.case("TC_048_2_CS")
async def test_tc_048_2_reserve_an_occupied_connector(stage: MakeStage) -> None:
    async with stage() as s:
        await s.plug()
        await s.expect(status(1, "Preparing"))
        await is_refused(s, "Occupied")
        await s.card(OTHER)
        await s.expect(authorize(OTHER), start(OTHER), status(1, "Charging"))
        await is_refused(s, "Occupied")


@pytest.mark.case("TC_048_3_CS")
async def test_tc_048_3_reserve_an_unavailable_connector(stage: MakeStage) -> None:
    async with stage() as s:
        await s.asks("ChangeAvailability", connectorId=1, type="Inoperative")
        await s.expect(accepted("ChangeAvailability"), status(1, "Unavailable"))
        await is_refused(s, "Unavailable")


@pytest.mark.case("TC_048_4_CS")
async def test_tc_048_4_reserve_where_reservations_are_switched_off(stage: MakeStage) -> None:
    async with stage(settings={"ReservationCtrlr.Enabled": "false"}) as s:
        await is_refused(s, "Rejected")
        await s.card(OTHER)
        await s.expect(authorize(OTHER), status(1, "Preparing"))


@pytest.mark.case("TC_050_1_CS")
async def test_tc_050_1_reserve_a_faulted_charge_point(stage: MakeStage) -> None:
    async with stage(evses=2) as s:
        for connector in (1, 2):
            await s.fault("emergency_stop", evse=connector)
        await s.expect(status(1, "Faulted", "OtherError"), status(2, "Faulted", "OtherError"))
        await is_refused(s, "Faulted", 0)


@pytest.mark.case("TC_050_2_CS")
async def test_tc_050_2_reserve_an_occupied_charge_point(stage: MakeStage) -> None:
    async with stage(evses=2) as s:
        for connector in (1, 2):
            await s.plug(connector)
            await s.expect(status(connector, "Preparing"))
        await is_refused(s, "Occupied", 0)


@pytest.mark.case("TC_050_3_CS")
async def test_tc_050_3_reserve_an_unavailable_charge_point(stage: MakeStage) -> None:
    async with stage(evses=2) as s:
        await s.asks("ChangeAvailability", connectorId=0, type="Inoperative")
        gone = in_any_order(*(status(connector, "Unavailable") for connector in (0, 1, 2)))
        await s.expect(accepted("ChangeAvailability"), gone)
        await is_refused(s, "Unavailable", 0)


@pytest.mark.case("TC_050_4_CS")
async def test_tc_050_4_reserve_a_charge_point_that_keeps_only_connectors(stage: MakeStage) -> None:
    async with stage(evses=2, settings={"ReserveConnectorZeroSupported": "false"}) as s:
        await s.asks("GetConfiguration", key=["ReserveConnectorZeroSupported"])
        key = {"key": "ReserveConnectorZeroSupported", "readonly": True, "value": "false"}
        await s.expect(answers("GetConfiguration", configurationKey=[key]))
        await is_refused(s, "Rejected", 0)
        await is_reserved(s, 2)
