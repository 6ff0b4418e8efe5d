"""Limits that do not come from the back office: the grid operator's contact, balance of phases, random delays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chargepoint.core.facts import ContactorClosed, GridLimitSet, Status
from chargepoint.records import grid as gridrecords
from tests.scenarios.conftest import MakeWorld
from tests.world import NOON, SIMULATED, World

SWITCHING = {"phase_contactor": SIMULATED, "phase_switching": True}


def limits(w: World, evse: int = 1) -> dict[str, float]:
    return {limit.source: limit.amps for limit in w.evse(evse).limits()}


def offered_a(w: World, evse: int = 1) -> float:
    return w.evse(evse).seen.offered_a


# --- the grid operator ------------------------------------------------------------------------------------------------


@pytest.fixture
def high_voltage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hw.mock.bay.NOMINAL_V", 236.0)


async def test_at_a_usual_voltage_three_phases_go_on_with_six_amperes(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=2)
        await w.fault("limit_contact")
        await w.wait(minutes=1)
        assert (offered_a(w), w.closed()) == (6.0, True)
        reading = w.yard.bays[1].reading()
        assert reading.power_w is not None
        assert reading.power_w <= 4200.0


@pytest.mark.usefixtures("high_voltage")
async def test_at_a_higher_voltage_it_charges_on_one_phase_where_that_can_be_had(world: MakeWorld) -> None:
    async with world(evse={**SWITCHING, "max_current_a": 32.0}) as w:
        await w.charge(minutes=2)
        most_w = 0.0

        await w.fault("limit_contact")
        await w.wait(8)
        for _ in range(90):
            await w.wait(1)
            w.register_wh()
            most_w = max(most_w, w.yard.bays[1].reading().power_w or 0.0)
        assert w.closed()
        assert w.drawn_a() == pytest.approx((16.0, 0.0, 0.0), abs=0.01)
        assert most_w <= 4200.0
        assert offered_a(w) == pytest.approx(17.7, abs=0.1)

        await w.fault("limit_contact", active=False)
        await w.wait(minutes=1)
        assert w.drawn_a() == pytest.approx((16.0, 16.0, 16.0), abs=0.01)
        assert w.happened(GridLimitSet) == [GridLimitSet(1, 4200.0), GridLimitSet(1, None)]


@pytest.mark.usefixtures("high_voltage")
async def test_where_it_cannot_charging_pauses_and_is_not_tried_again_and_again(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=2)
        w.facts.clear()
        await w.fault("limit_contact")
        await w.wait(minutes=30)
        assert (w.closed(), w.status(), limits(w)["grid operator"]) == (False, Status.SUSPENDED_EVSE, 0.0)
        assert w.happened(ContactorClosed) == []
        await w.fault("limit_contact", active=False)
        await w.wait(minutes=1)
        assert (w.closed(), w.status()) == (True, Status.CHARGING)


async def test_when_it_was_limited_is_kept_over_restarts_and_power_cuts(world: MakeWorld) -> None:
    async with world() as w:
        await w.wait(minutes=1)
        await w.fault("limit_contact")
        await w.wait(minutes=10)
        await w.restart_program()
        await w.wait(minutes=10)
        [entry] = gridrecords.kept(w.daemon.memory)
        assert (entry["evse"], entry["watts"], entry["until"]) == (1, 4200.0, None)

        await w.power_cut()
        w.yard.fault(1, "limit_contact", active=False)
        await w.power_back()
        await w.wait(minutes=1)
        [entry] = gridrecords.kept(w.daemon.memory)
        assert entry["from"] < entry["until"]
        assert (NOON + timedelta(minutes=20)).isoformat() < entry["until"]


async def test_the_back_office_sees_the_limit_in_the_composite_schedule(world: MakeWorld) -> None:
    async with world() as w:
        if w.version != "1.6":
            return
        await w.charge(minutes=1)
        await w.fault("limit_contact")
        await w.wait(2)
        for connector in (0, 1):
            answer = await w.ask("GetCompositeSchedule", connectorId=connector, duration=3600)
            assert [each["limit"] for each in answer["chargingSchedule"]["chargingSchedulePeriod"]] == [6.0]


# --- balance ----------------------------------------------------------------------------------------------------------


async def test_single_phase_cars_on_one_phase_get_twenty_amperes_in_all(world: MakeWorld) -> None:
    async with world(evses=2, evse={"phases": 1, "max_current_a": 32.0}, supply={"max_phase_difference_a": 20.0}) as w:
        await w.plug(1, draw_a=32.0)
        await w.card("CARD1")
        await w.wait(minutes=1)
        assert (offered_a(w), limits(w)["phase balance"]) == (20.0, 20.0)
        await w.plug(2, draw_a=32.0)
        await w.card("CARD2")
        await w.wait(minutes=1)
        assert [offered_a(w, 1), offered_a(w, 2)] == [10.0, 10.0]


async def test_cars_on_three_phases_balance_each_other_until_one_leaves(world: MakeWorld) -> None:
    options = {"evse": {"phases": 1, "max_current_a": 32.0}, "supply": {"max_phase_difference_a": 20.0}}
    async with world(evses=3, rotations=["RST", "STR", "TRS"], **options) as w:
        for evse in (1, 2, 3):
            await w.plug(evse, draw_a=32.0)
            await w.card(f"CARD{evse}")
        await w.wait(minutes=2)
        assert [offered_a(w, evse) for evse in (1, 2, 3)] == [32.0, 32.0, 32.0]
        await w.unplug(3)
        await w.wait(12)
        assert [offered_a(w, evse) for evse in (1, 2)] == [20.0, 20.0]
        loads = w.house.total_a()
        assert max(loads) - min(loads) <= 20.1


# --- random delay -----------------------------------------------------------------------------------------------------

LONG = {"random_delay_s": 600}


def delayed(w: World, seconds: float = 300.0) -> None:
    """Every delay is so long from now on."""
    w.daemon.built.station.steering.delay.draw = lambda span_s: seconds
    for evse in w.daemon.built.station.evses.values():
        evse.delay.draw = lambda span_s: seconds


async def test_a_start_waits_and_the_user_may_end_the_wait(world: MakeWorld) -> None:
    async with world(supply=LONG) as w:
        delayed(w)
        await w.charge(seconds=30)
        [limit] = [limit for limit in w.evse().limits() if limit.source == "random delay"]
        assert limit.until is not None
        assert 260 < (limit.until - w.wall()).total_seconds() < 270
        assert (w.closed(), w.status()) == (False, Status.SUSPENDED_EVSE)

        skipped = w.daemon.desk.act(lambda station, now: station.steering.hurry(station, 1, now))
        await w.wait(10)
        assert (skipped, w.closed(), offered_a(w)) == (True, True, 16.0)


async def test_a_start_that_waits_begins_by_itself(world: MakeWorld) -> None:
    async with world(supply=LONG) as w:
        delayed(w)
        await w.charge(minutes=4.8)
        assert not w.closed()
        await w.wait(30)
        assert w.closed()


async def test_a_stop_by_card_unplug_or_back_office_never_waits(world: MakeWorld) -> None:
    async with world(supply=LONG) as w:
        delayed(w)
        await w.charge(minutes=6)
        assert w.closed()
        await w.card("CARD1")
        await w.wait(8)
        assert not w.closed()


async def test_a_program_that_restarts_while_a_car_charges_does_not_make_it_wait(world: MakeWorld) -> None:
    async with world(supply=LONG) as w:
        delayed(w)
        await w.charge(minutes=6)
        await w.restart_program()
        assert (w.closed(), w.permit_a()) == (True, 16.0)


async def test_the_grid_operator_and_faults_do_not_wait(world: MakeWorld) -> None:
    async with world(supply=LONG) as w:
        delayed(w)
        await w.charge(minutes=6)
        await w.fault("limit_contact")
        await w.wait(8)
        assert offered_a(w) == 6.0
        await w.fault("limit_contact", active=False)
        await w.wait(8)
        assert offered_a(w) == 16.0
        await w.fault("emergency_stop")
        assert not w.closed()


async def test_the_fuse_does_not_wait(world: MakeWorld) -> None:
    async with world(evses=2, supply={**LONG, "max_current_a": 20.0}) as w:
        delayed(w)
        await w.charge(minutes=6)
        w.evse(2).delay.draw = lambda span_s: 0.0
        await w.charge("CARD2", evse=2, seconds=15)
        assert [offered_a(w, 1), offered_a(w, 2)] == [10.0, 10.0]


def profile(amps: float, *, purpose: str = "TxDefaultProfile", connector: int = 1) -> dict[str, object]:
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": amps}]}
    return {
        "connectorId": connector,
        "csChargingProfiles": {
            "chargingProfileId": 1, "stackLevel": 0, "chargingProfilePurpose": purpose,
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {**schedule, "startSchedule": "2026-11-22T12:00:00Z"},
        },
    }  # fmt: skip


@pytest.mark.parametrize(("purpose", "connector"), [("TxDefaultProfile", 1), ("ChargePointMaxProfile", 0)])
async def test_an_increase_and_a_decrease_by_a_profile_wait_and_a_pause_does_not(
    world: MakeWorld, purpose: str, connector: int
) -> None:
    async with world(supply=LONG) as w:
        if w.version != "1.6":
            return
        delayed(w)
        await w.charge(minutes=6)

        await w.ask("SetChargingProfile", **profile(10.0, purpose=purpose, connector=connector))
        await w.wait(minutes=4.8)
        assert offered_a(w) == 16.0
        await w.wait(30)
        assert offered_a(w) == 10.0

        await w.ask("SetChargingProfile", **profile(14.0, purpose=purpose, connector=connector))
        await w.wait(minutes=4.8)
        assert (offered_a(w), limits(w)["random delay"]) == (10.0, 10.0)
        await w.wait(30)
        assert offered_a(w) == 14.0

        await w.ask("SetChargingProfile", **profile(0.0, purpose=purpose, connector=connector))
        await w.wait(10)
        assert (offered_a(w), w.closed()) == (0.0, False)


async def test_the_back_office_may_set_the_span_and_the_file_keeps_its_word_where_it_is_silent(
    world: MakeWorld,
) -> None:
    async with world(supply=LONG) as w:
        if w.version != "1.6":
            return
        told = await w.ask("GetConfiguration", key=["RandomDelay"])
        assert told["configurationKey"][0]["value"] == "600"
        for value, status in (("1800", "Accepted"), ("1801", "Rejected"), ("0", "Accepted")):
            assert (await w.ask("ChangeConfiguration", key="RandomDelay", value=value))["status"] == status
        await w.charge(seconds=10)
        assert w.closed()
