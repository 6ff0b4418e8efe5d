"""The fuse while cars are still following: what somebody may yet be drawing is not given away a second time."""

import pytest

from chargepoint.core.evse import EvseSpec
from chargepoint.core.profile import Kind, Period, Profile, Purpose, Schedule, Unit
from tests.core.site import EMPTY, NOON, Site


def behind_one_fuse(fuse_a: float, *amps: float) -> Site:
    """An EVSE for each of `amps`."""
    return Site(*(EvseSpec(n, max_current_a=a) for n, a in enumerate(amps, start=1)), supply_a=fuse_a)


def shares(site: Site) -> list[float | None]:
    return [evse.supply_a for evse in site.station.evses.values()]


def newcomer(site: Site, evse: int) -> None:
    """A car that is permitted to charge and has not closed yet. Its card costs no time here."""
    site.plug(evse)
    site.card(f"CARD{evse}", after_s=0.0)


def follows(site: Site, evse: int) -> None:
    """The guard has changed the duty cycle."""
    site.see(evse, offered_a=site.permit_a(evse))


def test_what_a_car_had_counts_for_the_five_seconds_in_which_it_may_follow() -> None:
    site = behind_one_fuse(32, 32, 32)
    site.charge("A", 1)
    newcomer(site, 2)
    follows(site, 1)
    assert shares(site) == [16.0, 0.0]
    site.wait(4.9, step_s=0.1)
    assert shares(site) == [16.0, 0.0]
    site.wait(0.1)
    assert shares(site) == [16.0, 16.0]


def test_falling_twice_within_five_seconds_is_falling_from_the_higher() -> None:
    """32 A until a moment ago, then 24: the car may be drawing 32 still. A third car gets nothing of the 48 A yet."""
    site = behind_one_fuse(48, 32, 32, 32)
    site.charge("A", 1)
    newcomer(site, 2)
    follows(site, 1)
    assert shares(site) == [24.0, 16.0, None]
    site.wait(2)
    newcomer(site, 3)
    follows(site, 1)
    assert shares(site) == [16.0, 16.0, 0.0]
    site.wait(5)
    assert shares(site) == [16.0, 16.0, 16.0]


def test_what_was_long_ago_does_not_count_when_a_car_falls_again() -> None:
    site = behind_one_fuse(48, 32, 32, 32)
    site.charge("A", 1)
    newcomer(site, 2)
    follows(site, 1)
    site.wait(5)
    newcomer(site, 3)
    follows(site, 1)
    assert shares(site) == [16.0, 16.0, 8.0]


def test_an_offer_that_has_not_fallen_yet_counts_however_long_it_takes() -> None:
    site = behind_one_fuse(32, 32, 32)
    site.charge("A", 1)
    newcomer(site, 2)
    site.wait(60)
    assert shares(site) == [16.0, 0.0]
    follows(site, 1)
    assert shares(site) == [16.0, 16.0]


def test_six_amperes_of_room_are_room_and_less_is_none() -> None:
    for fuse_a, left_a in [(22.0, 6.0), (21.9, 0.0)]:
        site = behind_one_fuse(fuse_a, 16, 16)
        site.charge("A", 1)
        newcomer(site, 2)
        assert shares(site)[1] == left_a


@pytest.mark.parametrize("contactor", ["closed", "welded"])
def test_a_contactor_that_does_not_open_counts_as_it_supplied_although_nothing_is_offered(contactor: str) -> None:
    site = behind_one_fuse(20, 16, 16)
    site.charge("A", 1)
    site.station.stop(1, site.now)
    site.see(1, pilot="B1", contactor=contactor, offered_a=0.0)
    newcomer(site, 2)
    site.wait(60)
    assert shares(site) == [None, 0.0]
    site.opened(1)
    assert shares(site) == [None, 16.0]


def test_a_contactor_found_closed_counts_with_all_it_can_supply() -> None:
    """The program has begun anew and does not know what it permitted before."""
    site = behind_one_fuse(20, 16, 16)
    site.see(1, EMPTY, contactor="welded")
    newcomer(site, 2)
    assert shares(site) == [None, 0.0]


def test_a_car_that_leaves_and_one_that_comes_have_nothing_to_do_with_each_other() -> None:
    site = behind_one_fuse(20, 16, 16)
    site.charge("A", 1)
    site.unplug(1)
    site.charge("B", 1)
    newcomer(site, 2)
    follows(site, 1)
    site.wait(5)
    assert shares(site) == [10.0, 10.0]


def test_without_a_fuse_nobody_has_a_share() -> None:
    site = behind_one_fuse(0, 16, 16)
    site.charge("A", 1)
    newcomer(site, 2)
    assert (shares(site), site.permit_a(1), site.permit_a(2)) == ([None, None], 16.0, 16.0)


def test_single_phase_evses_on_different_phases_take_nothing_from_each_other() -> None:
    site = Site(EvseSpec(1, phases=1), EvseSpec(2, phases=1, phase_rotation="STR"), supply_a=20)
    newcomer(site, 1)
    newcomer(site, 2)
    assert shares(site) == [16.0, 16.0]


def test_on_a_single_phase_supply_they_do() -> None:
    site = Site(EvseSpec(1, phases=1), EvseSpec(2, phases=1, phase_rotation="STR"), supply_a=20)
    site.station.sharing.supply.phases = 1
    newcomer(site, 1)
    newcomer(site, 2)
    assert shares(site) == [10.0, 10.0]


def test_a_three_phase_evse_is_held_by_the_fullest_of_its_phases() -> None:
    """On L2 a car that has just fallen from 16 A; L1 and L3 are free."""
    site = Site(EvseSpec(1, phases=1, phase_rotation="STR"), EvseSpec(2), supply_a=20)
    site.charge("A", 1)
    newcomer(site, 2)
    assert shares(site) == [10.0, 0.0]
    follows(site, 1)
    site.wait(5)
    assert shares(site) == [10.0, 10.0]


# --- what the others do not need --------------------------------------------------------------------------------------


def test_what_a_limit_of_its_own_keeps_from_an_evse_goes_to_the_others() -> None:
    site = behind_one_fuse(20, 16, 16)
    site.charge("A", 1)
    newcomer(site, 2)
    follows(site, 1)
    site.wait(6)
    assert shares(site) == [10.0, 10.0]
    site.draw(2)
    site.station.limit(1, 6.0, site.now)
    follows(site, 1)
    site.wait(6)
    assert shares(site) == [6.0, 14.0]
    follows(site, 2)
    site.station.limit(1, None, site.now)
    site.wait(6)
    assert shares(site) == [6.0, 10.0], "the other one has not let go yet"
    follows(site, 2)
    site.wait(6)
    assert shares(site) == [10.0, 10.0]


def test_who_is_paused_by_a_limit_of_his_own_keeps_nothing_from_anybody() -> None:
    site = behind_one_fuse(10, 16, 16)
    site.charge("A", 1)
    newcomer(site, 2)
    assert shares(site) == [10.0, 0.0]
    site.station.limit(1, 0.0, site.now)
    site.see(1, pilot="B1", contactor="open", offered_a=0.0)
    assert shares(site) == [None, 10.0]
    assert site.why(1) == ["local"]


def test_a_full_car_leaves_its_turn_to_one_that_waits() -> None:
    site = behind_one_fuse(10, 16, 16)
    site.charge("A", 1)
    newcomer(site, 2)
    site.pause(1)
    site.wait(119)
    assert shares(site) == [10.0, 0.0]
    site.wait(2)
    site.see(1, pilot="B1", offered_a=0.0)
    assert shares(site) == [0.0, 10.0]


def test_a_full_car_keeps_six_amperes_and_the_other_has_the_rest_until_it_wants_more() -> None:
    site = behind_one_fuse(20, 16, 16)
    site.charge("A", 1)
    newcomer(site, 2)
    follows(site, 1)
    site.wait(5)
    site.draw(2)
    assert shares(site) == [10.0, 10.0]
    site.pause(1)
    site.wait(121)
    assert shares(site) == [6.0, 10.0], "the full one may begin again, by the offer that it had"
    follows(site, 1)
    site.wait(5)
    assert shares(site) == [6.0, 14.0]
    follows(site, 2)
    site.draw(1)
    site.wait(6)
    assert shares(site) == [6.0, 10.0], "the other one has not followed yet"
    follows(site, 2)
    site.wait(6)
    assert shares(site) == [10.0, 10.0]


def test_alone_a_full_car_keeps_its_offer() -> None:
    site = behind_one_fuse(20, 16, 16)
    site.charge("A", 1)
    site.pause(1)
    site.wait(300)
    assert shares(site) == [16.0, None]


def test_a_full_car_is_asked_again_when_its_turn_comes() -> None:
    site = behind_one_fuse(10, 16, 16)
    site.charge("A", 1)
    newcomer(site, 2)
    site.pause(1)
    site.wait(121)
    site.see(1, pilot="B1", offered_a=0.0)
    site.draw(2)
    site.wait(901)
    site.see(2, pilot="B1", contactor="open", offered_a=0.0)
    assert shares(site) == [10.0, 0.0]


def test_a_limit_in_watts_counts_the_phases_that_others_may_draw_on() -> None:
    site = Site(EvseSpec(1), EvseSpec(2, phases=1), supply_a=40)
    site.station.sharing.supply.max_current_a = 0.0
    site.charge("A", 1)
    site.draws(1, 10.0, 10.0, 10.0)
    assert site.station.set_profile(station_maximum_w(6900.0), site.now) == ""
    assert shares(site) == [10.0, None]
    newcomer(site, 2)
    assert shares(site) == [7.5, 0.0], "the first may draw thirty amperes in all until it has followed"
    follows(site, 1)
    site.wait(5)
    assert shares(site) == [7.5, 7.5]


def station_maximum_w(watts: float) -> Profile:
    schedule = Schedule(Unit.WATTS, (Period(0.0, watts),), start=NOON)
    return Profile(1, 0, 0, Purpose.STATION_MAX, Kind.ABSOLUTE, schedule)
