"""What happens every day: cards, plugs, and who goes first."""

from typing import Any

import pytest

from chargepoint.core.facts import Status, TokenRefused
from tests.scenarios.conftest import MakeWorld
from tests.world import Bill, World


def remote_start(w: World, token: str = "REMOTE1", evse: int | None = 1) -> tuple[str, dict[str, Any]]:
    if w.version == "1.6":
        return "RemoteStartTransaction", {"idTag": token} | ({"connectorId": evse} if evse else {})
    id_token = {"idToken": token, "type": "ISO14443"}
    return "RequestStartTransaction", {"idToken": id_token, "remoteStartId": 7} | ({"evseId": evse} if evse else {})


def remote_stop(w: World) -> tuple[str, dict[str, Any]]:
    [number] = w.csms.open_transactions()
    action = "RemoteStopTransaction" if w.version == "1.6" else "RequestStopTransaction"
    return action, {"transactionId": number}


async def test_plug_first_then_card(world: MakeWorld) -> None:
    async with world() as w:
        await w.plug()
        assert (w.status(), w.closed()) == (Status.PREPARING, False)
        await w.card("CARD1")
        await w.until(w.closed)
        before_wh = w.register_wh()
        await w.wait(minutes=30)
        await w.card("CARD1")
        await w.unplug()
        assert w.bills() == [Bill("CARD1", pytest.approx(w.register_wh() - before_wh, abs=12), "Local")]
        assert w.status() is Status.AVAILABLE


async def test_the_bill_is_the_difference_of_the_register(world: MakeWorld) -> None:
    async with world() as w:
        before_wh = w.register_wh()
        await w.charge(minutes=7)
        await w.unplug()
        [bill] = w.bills()
        begin, end = (int(before_wh), int(w.register_wh())) if w.version == "1.6" else (before_wh, w.register_wh())
        assert bill.energy_wh == pytest.approx(end - begin, abs=0.01)
        assert bill.energy_wh > 1000


async def test_card_first_then_plug(world: MakeWorld) -> None:
    async with world() as w:
        await w.card("CARD1")
        assert w.status() is Status.PREPARING
        await w.plug()
        await w.until(w.closed)
        await w.wait(minutes=5)
        await w.unplug()
        [bill] = w.bills()
        assert (bill.token, bill.reason) == ("CARD1", "EVDisconnected")


async def test_a_card_whose_car_does_not_come_is_forgotten(world: MakeWorld) -> None:
    async with world() as w:
        await w.card("CARD1")
        await w.wait(58)
        assert w.status() is Status.AVAILABLE
        await w.plug()
        await w.wait(5)
        assert (w.closed(), w.csms.transactions()) == (False, 0)


async def test_a_car_without_a_card_waits_and_may_still_be_started(world: MakeWorld) -> None:
    async with world() as w:
        await w.plug()
        await w.wait(61)
        assert w.status() is Status.FINISHING
        await w.card("CARD1")
        await w.until(w.closed)


async def test_a_remote_start_and_a_remote_stop(world: MakeWorld) -> None:
    async with world() as w:
        await w.plug()
        action, payload = remote_start(w)
        assert (await w.ask(action, **payload))["status"] == "Accepted"
        await w.until(w.closed)
        await w.wait(minutes=2)
        action, payload = remote_stop(w)
        assert (await w.ask(action, **payload))["status"] == "Accepted"
        await w.until(lambda: not w.closed())
        await w.wait(1)
        assert [(bill.token, bill.reason) for bill in w.bills()] == [("REMOTE1", "Remote")]


async def test_a_remote_start_is_answered_before_anything_it_causes(world: MakeWorld) -> None:
    async with world() as w:
        await w.plug()
        w.frames.clear()
        action, payload = remote_start(w)
        await w.ask(action, **payload)
        await w.wait(5)
        ours = [frame for direction, frame in w.frames if direction == "out"]
        assert ours[0][0] == 3
        assert any(frame[0] == 2 for frame in ours[1:])


async def test_a_remote_start_without_evse_takes_the_one_that_is_plugged(world: MakeWorld) -> None:
    async with world(evses=2) as w:
        await w.plug(2)
        action, payload = remote_start(w, evse=None)
        await w.ask(action, **payload)
        await w.until(lambda: w.closed(2))
        assert not w.closed(1)


async def test_a_remote_start_of_a_busy_evse_is_rejected(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(seconds=10)
        action, payload = remote_start(w)
        assert (await w.ask(action, **payload))["status"] == "Rejected"
        assert w.csms.transactions() == 1


async def test_a_car_pulled_off_while_charging(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=10)
        assert w.closed()
        await w.unplug()
        assert (w.closed(), w.status()) == (False, Status.AVAILABLE)
        [bill] = w.bills()
        assert bill.reason == "EVDisconnected"
        assert bill.energy_wh == pytest.approx(w.register_wh() - 1000.7, abs=1)


async def test_a_cable_left_in_the_socket_is_let_go(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        assert w.yard.locked(1)
        await w.unplug(side="ev")
        await w.wait(3)
        assert (w.status(), w.yard.locked(1), len(w.bills())) == (Status.FINISHING, False, 1)
        await w.unplug()
        assert w.status() is Status.AVAILABLE


async def test_a_cable_left_in_the_socket_waits_for_its_owner(world: MakeWorld) -> None:
    async with world() as w:
        w.given("UnlockConnectorOnEVSideDisconnect", "false")
        await w.charge(minutes=1)
        await w.unplug(side="ev")
        await w.wait(30)
        assert w.yard.locked(1)
        await w.card("CARD1")
        await w.wait(2)
        assert not w.yard.locked(1)
        assert len(w.bills()) == 1


async def test_a_half_inserted_plug_never_gets_power(world: MakeWorld) -> None:
    async with world() as w:
        await w.plug(inserted="half")
        await w.card("CARD1")
        await w.wait(20)
        assert (w.closed(), w.csms.transactions()) == (False, 0)
        assert w.status() is Status.FAULTED
        await w.unplug()
        await w.wait(60)
        assert w.status() is Status.AVAILABLE


async def test_a_second_card_neither_stops_nor_starts(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge("CARD1", minutes=1)
        await w.card("CARD2")
        await w.wait(10)
        assert w.closed()
        assert w.csms.transactions() == 1


async def test_a_rejected_card(world: MakeWorld) -> None:
    async with world() as w:
        w.csms.tokens["STOLEN"] = "Blocked"
        await w.plug()
        await w.card("STOLEN")
        await w.wait(10)
        assert (w.closed(), w.csms.transactions(), w.status()) == (False, 0, Status.PREPARING)
        assert [refused.why for refused in w.happened(TokenRefused)] == ["Blocked"]


async def test_a_card_of_the_same_group_stops(world: MakeWorld) -> None:
    async with world() as w:
        w.csms.groups = {"HIS": "FAMILY", "HERS": "FAMILY", "OTHER": "NEIGHBOURS"}
        await w.charge("HIS", minutes=1)
        await w.card("OTHER")
        assert w.closed()
        await w.card("HERS")
        await w.until(lambda: not w.closed())
        await w.wait(1)
        [bill] = w.bills()
        assert (bill.token, bill.reason) == ("HIS", "Local")


async def test_two_evses_share_a_supply(world: MakeWorld) -> None:
    async with world(evses=2, supply_a=20.0) as w:
        await w.charge("CARD1", evse=1, seconds=30)
        assert w.evse(1).reading.current_a == pytest.approx((16, 16, 16), abs=0.01)
        await w.charge("CARD2", evse=2, seconds=30)
        assert w.evse(1).reading.current_a == pytest.approx((10, 10, 10), abs=0.01)
        assert w.evse(2).reading.current_a == pytest.approx((10, 10, 10), abs=0.01)
        await w.unplug(2)
        await w.wait(15)
        assert w.evse(1).reading.current_a == pytest.approx((16, 16, 16), abs=0.01)


async def test_free_access_charges_whoever_comes(world: MakeWorld) -> None:
    async with world(access="free") as w:
        await w.plug()
        await w.until(w.closed)
        await w.wait(minutes=1)
        await w.unplug()
        assert len(w.bills()) == 1
        assert w.said("Authorize") == []


async def test_local_access_knows_its_own_cards(world: MakeWorld) -> None:
    async with world(access="local") as w:
        w.given_card_on_site("MINE")
        await w.plug()
        await w.card("OTHER")
        assert w.csms.transactions() == 0
        await w.card("MINE")
        await w.until(w.closed)
        await w.wait(minutes=1)
        await w.card("MINE")
        await w.wait(2)
        assert [bill.token for bill in w.bills()] == ["MINE"]
        assert w.said("Authorize") == []


@pytest.mark.parametrize("access", ["free", "local"])
async def test_a_station_without_a_back_office(world: MakeWorld, access: str) -> None:
    async with world(csms=False, access=access) as w:
        w.given_card_on_site("MINE")
        await w.plug()
        await w.card("MINE")
        if access == "free":  # the card of one who needs none stops nothing
            await w.wait(3)
        await w.until(w.closed)
        await w.wait(minutes=6)
        await w.unplug()
        [session] = w.journal.sessions(10)
        assert session["energy_wh"] == pytest.approx(w.register_wh() - 1000.7, abs=1)
        assert w.frames == []


async def test_a_car_that_pauses_keeps_its_session(world: MakeWorld) -> None:
    """Renault Zoe: leaves C for up to a minute to cool, and comes back."""
    async with world() as w:
        await w.charge(minutes=2)
        w.yard.change_car(1, asks_power=False)
        await w.wait(60)
        assert (w.status(), w.closed(), w.permit_a()) == (Status.SUSPENDED_EV, False, 16.0)
        w.yard.change_car(1, asks_power=True)
        await w.until(w.closed)
        await w.wait(2)
        assert w.csms.transactions() == 1
        assert w.status() is Status.CHARGING


async def test_samples_and_states_reach_the_back_office(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=3)
        await w.unplug()
        if w.version == "1.6":
            assert len(w.said("MeterValues")) == 3
            assert w.csms.statuses() == ["Available", "Preparing", "Charging", "Finishing", "Available"]
        else:
            events = w.said("TransactionEvent")
            assert [event["seqNo"] for event in events] == list(range(len(events)))
            assert [e["triggerReason"] for e in events] == [
                "Authorized", "ChargingStateChanged", *["MeterValuePeriodic"] * 3, "EVCommunicationLost",
            ]  # fmt: skip
            assert w.csms.statuses() == ["Available", "Occupied", "Available"]
