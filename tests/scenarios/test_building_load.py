"""A house with an oven, a kettle and panels, and a car that gets what they leave."""

from __future__ import annotations

import pytest

from chargepoint.core.facts import ContactorClosed, LimitChanged, Status
from tests.scenarios.conftest import MakeWorld
from tests.world import World

HOUSE = {"building_max_current_a": 25.0, "building_fallback_a": 6.0}
FOLLOWS_S = 12.0
"""Three seconds until it is believed, a renewed permit, and the time a car has to follow."""


async def charging(w: World, evse: int = 1) -> None:
    """The station has looked at the house for a minute, and a car draws what it is offered."""
    await w.wait(minutes=2)
    await w.charge(evse=evse, minutes=2)


def offered_a(w: World, evse: int = 1) -> float:
    return w.evse(evse).seen.offered_a


async def test_a_car_gets_what_the_house_leaves_and_gets_it_back_when_the_oven_is_off(world: MakeWorld) -> None:
    async with world(supply=HOUSE) as w:
        await charging(w)
        assert offered_a(w) == 16.0

        w.house.load_a = (3.0, 15.0, 3.0)
        await w.wait(FOLLOWS_S)
        assert (offered_a(w), w.evse().limits()[-1].source) == (10.0, "supply")
        assert {limit.source: limit.amps for limit in w.evse().limits()}["building"] == 10.0
        assert w.house.longest_over_s(25.0) <= FOLLOWS_S

        w.house.load_a = (3.0, 3.0, 3.0)
        await w.wait(50)
        assert offered_a(w) == 10.0, "not before it has been calm for a minute"
        await w.wait(30)
        assert offered_a(w) == 16.0


async def test_where_less_than_six_amperes_are_left_the_car_pauses_and_goes_on_by_itself(world: MakeWorld) -> None:
    async with world(supply=HOUSE) as w:
        await charging(w)
        w.house.load_a = (22.0, 5.0, 5.0)
        await w.wait(30)
        assert (w.status(), w.closed()) == (Status.SUSPENDED_EVSE, False)

        w.house.load_a = (5.0, 5.0, 5.0)
        await w.wait(minutes=4.5)
        assert not w.closed()
        await w.wait(minutes=1)
        assert (w.status(), w.closed()) == (Status.CHARGING, True)
        await w.unplug()
        assert len(w.bills()) == 1


async def test_a_kettle_between_two_pots_of_tea_is_no_reason_to_switch_the_car_again_and_again(
    world: MakeWorld,
) -> None:
    """An hour in which a stove's thermostat takes 20 A of one phase for twenty seconds in every minute."""
    async with world(supply=HOUSE) as w:
        await charging(w)
        w.facts.clear()
        for _ in range(60):
            w.house.load_a = (23.0, 3.0, 3.0)
            await w.wait(20)
            w.house.load_a = (3.0, 3.0, 3.0)
            await w.wait(40)
        assert len(w.happened(LimitChanged)) == 1
        assert len(w.happened(ContactorClosed)) == 0


async def test_a_car_that_ramps_up_and_down_by_itself_is_not_taken_for_the_house(world: MakeWorld) -> None:
    async with world(supply=HOUSE) as w:
        w.house.load_a = (8.0, 8.0, 8.0)
        await charging(w)
        w.facts.clear()
        for _ in range(20):
            w.yard.change_car(1, draw_a=6.0)
            await w.wait(7.3)
            w.yard.change_car(1, draw_a=32.0)
            await w.wait(7.3)
        assert (offered_a(w), w.happened(LimitChanged)) == (16.0, [])


async def test_a_silent_main_meter_means_the_declared_current(world: MakeWorld) -> None:
    async with world(supply=HOUSE) as w:
        await charging(w)
        w.house.silent = True
        await w.wait(7)
        assert w.permit_a() == 6.0
        assert "building: no measurement" in [limit.source for limit in w.evse().limits()]
        await w.wait(10)
        assert (offered_a(w), w.closed()) == (6.0, True)

        w.house.silent = False
        await w.wait(50)
        assert w.permit_a() == 6.0
        await w.wait(30)
        assert offered_a(w) == 16.0


async def test_a_declared_current_of_nothing_pauses(world: MakeWorld) -> None:
    async with world(supply={**HOUSE, "building_fallback_a": 0.0}) as w:
        await charging(w)
        w.house.silent = True
        await w.wait(30)
        assert (w.closed(), w.status()) == (False, Status.SUSPENDED_EVSE)
        assert "building: no measurement" in [limit.source for limit in w.evse().limits() if limit.amps == 0]


async def test_a_silent_meter_of_the_evse_s_own_means_the_declared_current_too(world: MakeWorld) -> None:
    async with world(supply=HOUSE, evse={"on_meter_loss": "continue"}) as w:
        await charging(w)
        await w.fault("meter_lost")
        await w.wait(20)
        assert "building: no measurement" in [limit.source for limit in w.evse().limits()]
        assert (w.permit_a(), offered_a(w), w.closed()) == (6.0, 6.0, True)


async def test_what_the_panels_give_is_not_relied_upon(world: MakeWorld) -> None:
    async with world(supply={**HOUSE, "building_max_current_a": 10.0}) as w:
        w.house.load_a = (-8.0, -8.0, -8.0)
        await charging(w)
        assert offered_a(w) == 10.0
        w.house.load_a = (0.0, 0.0, 0.0)
        await w.wait(2)
        assert w.house.longest_over_s(10.0) == 0.0


async def test_two_cars_share_what_is_left_and_rise_only_into_what_the_other_lets_go(world: MakeWorld) -> None:
    async with world(evses=2, supply=HOUSE) as w:
        await charging(w, 1)
        await w.charge("CARD2", evse=2, minutes=2)
        assert [offered_a(w, 1), offered_a(w, 2)] == [12.5, 12.5]
        w.house.load_a = (5.0, 5.0, 5.0)
        await w.wait(30)
        assert [offered_a(w, 1), offered_a(w, 2)] == [10.0, 10.0]
        w.house.load_a = (16.0, 5.0, 5.0)
        await w.wait(30)
        assert sorted([offered_a(w, 1), offered_a(w, 2)]) == [0.0, 9.0], "nine amperes are too little for two"
        await w.wait(minutes=16)
        await w.wait(30)
        assert w.closed(2), "each has his turn"
        assert w.house.longest_over_s(25.0) <= FOLLOWS_S


@pytest.mark.parametrize("phase", [0, 1, 2])
async def test_a_single_phase_car_minds_only_its_own_phase(world: MakeWorld, phase: int) -> None:
    """On an EVSE of three phases, once it has been measured: the EVSE's L1 is the grid's S here."""
    async with world(supply=HOUSE, rotations=["STR"]) as w:
        await w.wait(minutes=2)
        await w.plug(phases=1)
        await w.card("CARD1")
        await w.wait(minutes=2)
        loads = [3.0, 3.0, 3.0]
        loads[phase] = 15.0
        w.house.load_a = (loads[0], loads[1], loads[2])
        await w.wait(20)
        assert offered_a(w) == (10.0 if phase == 1 else 16.0)
