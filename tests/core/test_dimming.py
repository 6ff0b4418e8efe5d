"""The grid operator's contact: 4.2 kW, whatever the phases. Watts worked out by hand."""

from dataclasses import replace

import pytest

from chargepoint.core.evse import EvseSpec
from chargepoint.core.facts import GridLimitSet
from tests.core.site import Site

THREE = EvseSpec(1, max_current_a=32.0)
ONE = replace(THREE, phases=1)
SWITCHING = replace(THREE, phase_switching=True)


def dimmed(spec: EvseSpec, *volts: float, seconds: int = 40) -> Site:
    """A car that draws on all it gets, measured, and then the contact."""
    site = Site(spec)
    site.voltage_v = volts
    site.charge()
    site.draws(1, *[10.0] * spec.phases, seconds=seconds)
    site.see(grid_limited=True)
    site.wait(1)
    return site


def test_three_phases_at_six_amperes_are_just_little_enough() -> None:
    assert dimmed(THREE, 230.0, 230.0, 230.0).permit_a() == 6.0


def test_at_a_higher_voltage_they_are_too_much_and_charging_pauses() -> None:
    """3 x 6 A x 234 V = 4212 W."""
    site = dimmed(THREE, 234.0, 234.0, 234.0)
    assert (site.permit_a(), site.why()) == (0.0, ["grid operator"])


def test_one_phase_may_carry_all_of_it() -> None:
    assert dimmed(ONE, 230.0).permit_a() == 18.2
    assert dimmed(ONE, 240.0).permit_a() == 17.5


def test_a_car_that_uses_one_phase_of_three_is_such_a_car() -> None:
    site = Site(THREE)
    site.voltage_v = (230.0, 240.0, 240.0)
    site.charge()
    site.draws(1, 16.0, 0.0, 0.0, seconds=40)
    site.see(grid_limited=True)
    site.wait(1)
    assert site.permit_a() == 18.2
    site.draws(1, 16.0, 16.0, 16.0)
    site.wait(1)
    assert site.permit_a() == 0.0, "it was found to use more"


def test_where_phases_can_be_switched_there_is_one_until_the_contact_lets_go() -> None:
    site = dimmed(SWITCHING, 234.0, 234.0, 234.0)
    assert (site.permit_a(), site.evse().permit_phases()) == (0.0, 1), "nothing before they are switched"
    site.see(pilot="B2", contactor="open", offered_a=0.0)
    site.see(phases=1)
    assert (site.permit_a(), site.evse().permit_phases()) == (17.9, 1)
    site.draw()
    site.voltage_v = (228.0,)
    site.draws(1, 17.9, seconds=10)
    assert (site.permit_a(), site.evse().permit_phases()) == (18.4, 1)
    site.see(grid_limited=False)
    assert site.evse().permit_phases() == 3


def test_behind_an_open_contactor_one_phase_is_judged_by_what_is_usual() -> None:
    site = dimmed(SWITCHING, 234.0, 234.0, 234.0)
    site.voltage_v = (0.0, 0.0, 0.0)
    site.see(pilot="B2", contactor="open", offered_a=0.0)
    site.read()
    assert site.permit_a() == 0.0
    site.see(phases=1)
    assert (site.permit_a(), site.evse().permit_phases()) == (18.2, 1)


def test_where_three_phases_are_little_enough_nothing_is_switched() -> None:
    site = dimmed(SWITCHING, 230.0, 230.0, 230.0)
    assert (site.permit_a(), site.evse().permit_phases()) == (6.0, 3)


def test_a_voltage_that_flickers_does_not_make_it_swing() -> None:
    site = dimmed(THREE, 234.0, 234.0, 234.0)
    for volts in (233.0, 234.0, 232.5, 235.0):
        site.voltage_v = (volts,) * 3
        site.draws(1, 0.0, 0.0, 0.0, seconds=2)
        assert site.permit_a() == 0.0
    site.voltage_v = (230.0,) * 3  # a hundredth below what would be too much
    site.draws(1, 0.0, 0.0, 0.0, seconds=2)
    assert site.permit_a() == 6.0


def test_a_meter_behind_the_open_contactor_says_nothing_of_the_voltage() -> None:
    site = dimmed(THREE, 234.0, 234.0, 234.0)
    site.opened()
    site.voltage_v = (0.0, 0.0, 0.0)
    site.draws(1, 0.0, 0.0, 0.0, seconds=10)
    assert site.permit_a() == 0.0


def test_the_next_time_it_is_judged_anew() -> None:
    site = dimmed(THREE, 234.0, 234.0, 234.0)
    site.opened()
    site.see(grid_limited=False)
    site.voltage_v = (0.0, 0.0, 0.0)
    site.read()
    site.see(grid_limited=True)
    assert site.permit_a() == 6.0


@pytest.mark.parametrize(("watts", "permitted_a"), [(11_000.0, 15.9), (4200.0, 6.0), (4000.0, 0.0), (0.0, 0.0)])
def test_the_power_is_what_the_installer_has_written(watts: float, permitted_a: float) -> None:
    assert dimmed(replace(THREE, external_limit_w=watts), 230.0, 230.0, 230.0).permit_a() == permitted_a


def test_it_never_allows_more_than_anything_else_does() -> None:
    assert dimmed(replace(ONE, max_current_a=10.0), 230.0).permit_a() == 10.0


def test_begin_and_end_are_told_once_also_over_a_restart() -> None:
    site = dimmed(THREE, 230.0, 230.0, 230.0)
    site.see(grid_limited=True, pilot="C2")
    site.see(grid_limited=False)
    assert site.told(GridLimitSet) == [GridLimitSet(1, 4200.0), GridLimitSet(1, None)]

    again = Site(THREE)
    again.evse().grid_told = True  # as the memory has it
    again.see(grid_limited=True)
    assert again.told(GridLimitSet) == []
    again.see(grid_limited=False)
    assert again.told(GridLimitSet) == [GridLimitSet(1, None)]
