"""One fuse for several EVSEs: results worked out by hand."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.core import supply as core
from chargepoint.core.room import Ceiling, Room, each
from chargepoint.core.supply import Demand, Supply

QUARTER = 900.0


def wants(evse: int, max_a: float = 32.0, **more: object) -> Demand:
    return Demand(evse, max_a, **more)  # type: ignore[arg-type]


def share(total_a: float | None, demands: Sequence[Demand], now_s: float, **more: Any) -> dict[int, float]:
    """Behind a fuse; `sum_a`: of all phases added up."""
    room = None if total_a is None else Room(each(total_a), more.pop("sum_a", inf))
    return core.share(room, demands, now_s, **more)


def test_one_evse_may_take_the_whole_supply_up_to_what_it_can_use() -> None:
    assert share(40.0, [wants(1, 32.0)], 0.0) == {1: 32.0}
    assert share(20.0, [wants(1, 32.0)], 0.0) == {1: 20.0}


def test_equal_evses_get_equal_shares() -> None:
    assert share(40.0, [wants(1), wants(2)], 0.0) == {1: 20.0, 2: 20.0}


def test_what_one_cannot_use_goes_to_the_others() -> None:
    assert share(40.0, [wants(1, 10.0), wants(2), wants(3)], 0.0) == {1: 10.0, 2: 15.0, 3: 15.0}


def test_shares_are_rounded_down_to_tenths_of_an_ampere() -> None:
    assert share(40.0, [wants(1), wants(2), wants(3)], 0.0) == {1: 13.3, 2: 13.3, 3: 13.3}


def test_no_limit_set_means_nothing_is_shared() -> None:
    assert share(None, [wants(1), wants(2)], 0.0) == {}
    assert share(40.0, [], 0.0) == {}


def test_an_evse_that_cannot_use_six_amperes_takes_none_from_the_others() -> None:
    assert share(12.0, [wants(1, 5.9), wants(2, 16.0)], 0.0) == {1: 0.0, 2: 12.0}


def test_a_supply_under_six_amperes_supplies_nobody() -> None:
    assert share(5.9, [wants(1), wants(2)], 0.0) == {1: 0.0, 2: 0.0}


def test_exactly_six_amperes_each_is_enough() -> None:
    assert share(12.0, [wants(1), wants(2)], 0.0) == {1: 6.0, 2: 6.0}


# --- not enough for all -----------------------------------------------------------------------------------------------


def test_where_it_is_too_little_for_all_the_longest_waiting_charge_first() -> None:
    demands = [wants(1, waiting_since_s=30.0), wants(2, waiting_since_s=10.0), wants(3, waiting_since_s=20.0)]
    assert share(16.0, demands, 40.0) == {1: 0.0, 2: 8.0, 3: 8.0}


def test_whoever_charges_goes_on_until_his_turn_is_over() -> None:
    demands = [wants(1, turn_began_s=100.0), wants(2, waiting_since_s=0.0)]
    assert share(10.0, demands, 100.0 + QUARTER - 0.1) == {1: 10.0, 2: 0.0}
    assert share(10.0, demands, 100.0 + QUARTER) == {1: 0.0, 2: 10.0}


def test_whoever_has_charged_longest_makes_room_first() -> None:
    demands = [wants(1, turn_began_s=0.0, charged_s=1800.0), wants(2, turn_began_s=0.0, charged_s=900.0), wants(3)]
    assert share(12.0, demands, 2 * QUARTER) == {1: 0.0, 2: 6.0, 3: 6.0}


def test_turns_go_round() -> None:
    """10 A for three cars: a quarter of an hour each, in the order they came."""
    supply, turns = Supply(10.0), []
    for evse in (1, 2, 3):
        supply.share([wants(each) for each in range(1, evse + 1)], float(evse))
    for quarter in range(7):
        shares = supply.share([wants(1), wants(2), wants(3)], 10.0 + quarter * QUARTER)
        turns.append(max(shares, key=shares.__getitem__))
    assert turns == [1, 2, 3, 1, 2, 3, 1]


def test_a_turn_is_not_cut_short_by_a_newcomer() -> None:
    supply = Supply(10.0)
    assert supply.share([wants(1)], 0.0) == {1: 10.0}
    assert supply.share([wants(1), wants(2)], 60.0) == {1: 10.0, 2: 0.0}
    assert supply.share([wants(1), wants(2)], QUARTER) == {1: 0.0, 2: 10.0}


def test_of_two_whose_turns_are_over_the_one_that_charged_less_stays() -> None:
    supply = Supply(12.0)
    supply.share([wants(1)], 0.0)
    supply.share([wants(1), wants(2)], 100.0)
    supply.share([wants(1), wants(2), wants(3)], 200.0)
    assert supply.share([wants(1), wants(2), wants(3)], 1100.0) == {1: 0.0, 2: 6.0, 3: 6.0}
    assert supply.share([wants(1), wants(2), wants(3)], 1999.9) == {1: 0.0, 2: 6.0, 3: 6.0}
    assert supply.share([wants(1), wants(2), wants(3)], 2000.0) == {1: 6.0, 2: 0.0, 3: 6.0}


def test_a_car_that_leaves_hands_over_at_once() -> None:
    supply = Supply(10.0)
    supply.share([wants(1)], 0.0)
    supply.share([wants(1), wants(2)], 60.0)
    assert supply.share([wants(2)], 61.0) == {2: 10.0}


def test_a_car_that_comes_back_waits_anew() -> None:
    supply = Supply(10.0)
    supply.share([wants(1)], 0.0)
    supply.share([], 10.0)
    supply.share([wants(2)], 20.0)
    assert supply.share([wants(1), wants(2)], 30.0) == {1: 0.0, 2: 10.0}


def test_alone_nobody_has_to_make_room_when_his_turn_is_over() -> None:
    supply = Supply(10.0)
    for at_s in (0.0, QUARTER, 2 * QUARTER):
        assert supply.share([wants(1)], at_s) == {1: 10.0}


# --- phases -----------------------------------------------------------------------------------------------------------


def test_single_phase_evses_on_different_phases_do_not_share() -> None:
    demands = [wants(1, phases=1, rotation="RST"), wants(2, phases=1, rotation="STR"), wants(3, phases=1)]
    assert share(20.0, demands, 0.0) == {1: 10.0, 2: 20.0, 3: 10.0}


def test_a_three_phase_evse_is_held_by_its_fullest_phase() -> None:
    """On L1 three share 30 A; the one on L2 then takes what the three-phase one leaves there."""
    demands = [wants(1), wants(2, phases=1), wants(3, phases=1), wants(4, phases=1, rotation="STR")]
    assert share(30.0, demands, 0.0) == {1: 10.0, 2: 10.0, 3: 10.0, 4: 20.0}


def test_a_three_phase_evse_rises_only_as_far_as_its_fullest_phase_lets_it() -> None:
    """The single-phase one on L2 needs no more than 8 A; what is left of L2 is less than what is left of L1."""
    assert share(30.0, [wants(1), wants(2, 8.0, phases=1, rotation="STR")], 0.0) == {1: 22.0, 2: 8.0}


def test_what_a_car_has_charged_counts_from_when_it_began() -> None:
    """Both turns are over at once, and a third car waits: the one that has charged for longer in all makes room."""
    supply = Supply(12.0)
    supply.share([wants(2)], 1000.0)
    supply.share([wants(1), wants(2)], 1001.0)
    supply.share([wants(1), wants(2), wants(3)], 1002.0)
    assert supply.share([wants(1), wants(2), wants(3)], 2000.0) == {1: 6.0, 2: 0.0, 3: 6.0}


def test_a_turn_that_nobody_wanted_begins_anew_after_exactly_a_quarter_of_an_hour() -> None:
    supply = Supply(10.0)
    supply.share([wants(1)], 0.0)
    supply.share([wants(1)], QUARTER)
    assert supply.share([wants(1), wants(2)], QUARTER + 1) == {1: 10.0, 2: 0.0}
    assert supply.share([wants(1), wants(2)], 2 * QUARTER) == {1: 0.0, 2: 10.0}


def test_a_supply_without_a_limit_shares_nothing_out() -> None:
    assert Supply().share([wants(1)], 0.0) == {}


def test_on_a_single_phase_supply_all_are_on_the_same_phase() -> None:
    demands = [wants(1, phases=1, rotation="RST"), wants(2, phases=1, rotation="STR")]
    assert share(20.0, demands, 0.0, phases=1) == {1: 10.0, 2: 10.0}


def test_who_does_not_fit_is_passed_over_for_one_on_a_free_phase() -> None:
    demands = [
        wants(1, phases=1, waiting_since_s=1.0),
        wants(2, waiting_since_s=2.0),
        wants(3, phases=1, rotation="STR", waiting_since_s=3.0),
    ]
    assert share(10.0, demands, 10.0) == {1: 10.0, 2: 0.0, 3: 10.0}


# --- watts, and the phases really used --------------------------------------------------------------------------------


def test_a_limit_of_all_phases_added_up_is_shared_by_phases_used() -> None:
    """40 A in all: a three-phase car takes three of every four."""
    assert share(40.0, [wants(1), wants(2, phases=1)], 0.0, sum_a=40.0) == {1: 10.0, 2: 10.0}
    assert share(40.0, [wants(1, phases=1)], 0.0, sum_a=30.0) == {1: 30.0}
    assert share(40.0, [wants(1)], 0.0, sum_a=30.0) == {1: 10.0}


def test_too_little_for_three_phases_may_be_enough_for_one() -> None:
    demands = [wants(1, waiting_since_s=0.0), wants(2, phases=1, waiting_since_s=5.0)]
    assert share(40.0, demands, 10.0, sum_a=17.9) == {1: 0.0, 2: 17.9}


def test_a_car_that_uses_one_of_three_phases_takes_nothing_of_the_others() -> None:
    demands = [wants(1, used=(0,)), wants(2, used=(1,)), wants(3, used=(2, 0))]
    assert share(20.0, demands, 0.0) == {1: 10.0, 2: 20.0, 3: 10.0}


# --- what a car would rather have than nothing ------------------------------------------------------------------------


def test_who_charges_badly_with_six_amperes_gets_what_he_needs_before_others_get_more() -> None:
    assert share(20.0, [wants(1, min_a=10.0), wants(2)], 0.0) == {1: 10.0, 2: 10.0}
    assert share(17.0, [wants(1, min_a=10.0), wants(2)], 0.0) == {1: 10.0, 2: 7.0}


def test_where_it_is_too_little_for_that_the_next_one_waits() -> None:
    assert share(15.0, [wants(1, min_a=10.0), wants(2)], 0.0) == {1: 15.0, 2: 0.0}


def test_but_six_amperes_are_better_than_none() -> None:
    demands = [wants(1, min_a=10.0, waiting_since_s=5.0), wants(2, waiting_since_s=0.0)]
    assert share(15.0, demands, 10.0) == {1: 7.5, 2: 7.5}


def test_what_an_evse_cannot_use_it_does_not_need() -> None:
    assert share(16.0, [wants(1, 8.0, min_a=10.0), wants(2)], 0.0) == {1: 8.0, 2: 8.0}


def test_a_turn_that_is_not_used_ends_when_somebody_waits() -> None:
    demands = [wants(1, turn_began_s=0.0, idle=True), wants(2)]
    assert share(10.0, demands, 60.0) == {1: 0.0, 2: 10.0}
    assert share(12.0, demands, 60.0) == {1: 6.0, 2: 6.0}, "nobody has to wait"


def test_ceilings_bound_together_with_the_fuse() -> None:
    supply = Supply(20.0)
    supply.others = [Ceiling("building", (16.0, 10.0, 25.0)), Ceiling("charging profile 1", sum_a=30.0)]
    assert supply.room == Room((16.0, 10.0, 20.0), 30.0)
    assert supply.share([wants(1, phases=1), wants(2, phases=1, rotation="STR")], 0.0) == {1: 16.0, 2: 10.0}


# --- properties -------------------------------------------------------------------------------------------------------

DEMANDS = st.lists(
    st.builds(
        Demand,
        evse=st.just(0),
        max_a=st.one_of(st.floats(0.0, 80.0), st.sampled_from([6.0, 6.3, 10.0, 16.0, 32.0])),
        phases=st.sampled_from([1, 3]),
        rotation=st.sampled_from(["RST", "STR", "TRS", "RTS", "SRT", "TSR"]),
        turn_began_s=st.one_of(st.none(), st.floats(0.0, 2000.0)),
        waiting_since_s=st.floats(0.0, 2000.0),
        charged_s=st.floats(0.0, 2000.0),
    ),
    max_size=8,
).map(lambda rows: [replace(row, evse=number) for number, row in enumerate(rows, start=1)])
TOTALS = st.one_of(st.floats(0.1, 200.0), st.sampled_from([6.0, 12.0, 16.0, 20.0, 35.0, 63.0]))


def exact(amps: float) -> Fraction:
    return Fraction(round(amps * 10), 10)


@given(TOTALS, DEMANDS, st.sampled_from([1, 3]))
def test_no_phase_is_ever_overloaded_and_nobody_gets_an_unusable_share(
    total_a: float, demands: list[Demand], phases: int
) -> None:
    shares = share(total_a, demands, 2000.0, phases=phases)
    assert shares.keys() == {demand.evse for demand in demands}
    for phase in range(3):
        used = sum(exact(shares[demand.evse]) for demand in demands if phase in demand.grid(phases))
        assert used <= Fraction(total_a) + Fraction(1, 10**6)
    for demand in demands:
        assert shares[demand.evse] == 0.0 or 6.0 <= shares[demand.evse] <= demand.max_a + 1e-6


@given(TOTALS, DEMANDS, st.sampled_from([1, 3]))
def test_whatever_is_left_is_too_little_to_share(total_a: float, demands: list[Demand], phases: int) -> None:
    """Nobody waits while six amperes are free on his phases; nobody is held low while he could have more."""
    shares = share(total_a, demands, 2000.0, phases=phases)
    served = [demand for demand in demands if shares[demand.evse] > 0]
    for demand in demands:
        free = min(
            exact(total_a if total_a * 10 == int(total_a * 10) else int(total_a * 10) / 10)
            - sum(exact(shares[other.evse]) for other in served if phase in other.grid(phases))
            for phase in demand.grid(phases)
        )
        if demand in served and shares[demand.evse] < int(demand.max_a * 10) / 10:
            assert free < Fraction(len(served) + 1, 10)
        elif demand not in served and demand.max_a >= 6.0:
            minimum_free = min(
                Fraction(total_a) - 6 * sum(phase in other.grid(phases) for other in served)
                for phase in demand.grid(phases)
            )
            assert minimum_free < 6


@given(TOTALS, DEMANDS)
def test_evses_alike_get_alike(total_a: float, demands: list[Demand]) -> None:
    shares = share(total_a, demands, 2000.0)
    for one, other in combinations(demands, 2):
        alike = one.steps == other.steps and set(one.grid(3)) == set(other.grid(3))
        if alike and shares[one.evse] and shares[other.evse]:
            assert shares[one.evse] == shares[other.evse]


@given(st.integers(1, 5), st.floats(6.0, 40.0), st.integers(1, 30))
def test_everybody_has_his_turn_before_anybody_has_two(evses: int, total_a: float, quarters: int) -> None:
    supply, turns = Supply(total_a), dict.fromkeys(range(1, evses + 1), 0)
    demands = [wants(evse) for evse in turns]
    for quarter in range(quarters):
        for evse, amps in supply.share(demands, quarter * QUARTER).items():
            turns[evse] += amps > 0
        assert max(turns.values()) - min(turns.values()) <= 1


@pytest.mark.parametrize("amps", [6.0, 6.1, 6.3, 10.7, 13.3, 31.9])
def test_a_tenth_is_not_lost_to_binary_fractions(amps: float) -> None:
    assert share(100.0, [wants(1, amps)], 0.0) == {1: amps}


VARIED = st.lists(
    st.builds(
        Demand,
        evse=st.just(0),
        max_a=st.one_of(st.floats(0.0, 80.0), st.sampled_from([6.0, 10.0, 16.0, 32.0])),
        phases=st.sampled_from([1, 3]),
        rotation=st.sampled_from(["RST", "STR", "TRS"]),
        used=st.sampled_from([None, (0,), (1,), (2,), (0, 1), (2, 0), (0, 1, 2)]),
        min_a=st.floats(6.0, 40.0),
        idle=st.booleans(),
        turn_began_s=st.one_of(st.none(), st.floats(0.0, 2000.0)),
        waiting_since_s=st.floats(0.0, 2000.0),
    ),
    max_size=6,
).map(lambda rows: [replace(row, evse=number) for number, row in enumerate(rows, start=1)])
ROOMS = st.builds(Room, st.tuples(*[st.floats(0.0, 80.0)] * 3), st.one_of(st.just(inf), st.floats(0.0, 200.0)))


@given(ROOMS, VARIED)
def test_no_ceiling_is_ever_exceeded_whatever_cars_use_and_prefer(room: Room, demands: list[Demand]) -> None:
    shares = core.share(room, demands, 2000.0)
    used = {demand.evse: demand.grid(3) for demand in demands}
    for phase in range(3):
        assert sum(exact(shares[evse]) for evse, grid in used.items() if phase in grid) <= Fraction(
            room.phase_a[phase]
        ) + Fraction(1, 10**6)
    if room.sum_a < inf:
        drawn = sum(exact(shares[evse]) * len(grid) for evse, grid in used.items())
        assert drawn <= Fraction(room.sum_a) + Fraction(1, 10**6)
    for demand in demands:
        assert shares[demand.evse] == 0.0 or 6.0 <= shares[demand.evse] <= demand.max_a + 1e-6


@given(ROOMS, VARIED)
def test_nobody_waits_while_six_amperes_are_left_to_him(room: Room, demands: list[Demand]) -> None:
    shares = core.share(room, demands, 2000.0)
    grids = {demand.evse: demand.grid(3) for demand in demands}
    drawn = [sum(exact(shares[evse]) for evse, grid in grids.items() if phase in grid) for phase in range(3)]
    total = sum(exact(shares[evse]) * len(grid) for evse, grid in grids.items())
    for demand in demands:
        if shares[demand.evse] == 0.0 and demand.max_a >= 6.0:
            grid = demand.grid(3)
            left = min(Fraction(int(room.phase_a[phase] * 10), 10) - drawn[phase] for phase in grid)
            together = inf if room.sum_a == inf else (Fraction(int(room.sum_a * 10), 10) - total) / len(grid)
            assert left < 6 or together < 6
