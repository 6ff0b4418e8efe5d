"""Which phases a car really draws on, by what its meter shows."""

from chargepoint.core.evse import EvseSpec
from tests.core.site import Site


def used(site: Site, evse: int = 1) -> tuple[int, ...]:
    return site.evse(evse).phase_use.used


def test_before_it_draws_a_car_may_use_all_phases() -> None:
    site = Site()
    site.plug()
    assert used(site) == (0, 1, 2)


def test_a_car_that_draws_on_one_phase_for_half_a_minute_uses_one() -> None:
    site = Site()
    site.charge()
    site.draws(1, 16.0, 0.0, 0.0, seconds=29)
    assert used(site) == (0, 1, 2)
    site.draws(1, 16.0, 0.0, 0.0, seconds=2)
    assert used(site) == (0,)


def test_another_phase_counts_from_its_first_ampere() -> None:
    site = Site()
    site.charge()
    site.draws(1, 16.0, 0.0, 0.0, seconds=40)
    site.draws(1, 16.0, 0.9, 0.0, seconds=1)
    assert used(site) == (0,), "that is the meter's noise"
    site.draws(1, 16.0, 1.0, 0.0)
    site.wait(1)
    assert used(site) == (0, 1, 2)
    site.draws(1, 16.0, 16.0, 0.0, seconds=30)
    assert used(site) == (0, 1)


def test_a_car_that_pauses_is_still_the_same_car() -> None:
    site = Site()
    site.charge()
    site.draws(1, 16.0, 0.0, 0.0, seconds=40)
    site.pause()
    site.draws(1, 0.0, 0.0, 0.0, seconds=100)
    assert used(site) == (0,)


def test_the_next_car_is_another_one() -> None:
    site = Site()
    site.charge()
    site.draws(1, 16.0, 0.0, 0.0, seconds=40)
    site.unplug()
    site.charge("CARD2")
    assert used(site) == (0, 1, 2)


def test_what_a_meter_shows_while_the_contactor_is_open_is_not_the_car() -> None:
    site = Site()
    site.plug()
    site.draws(1, 16.0, 0.0, 0.0, seconds=100)
    assert used(site) == (0, 1, 2)


def test_after_the_phases_were_switched_nothing_is_known() -> None:
    site = Site(EvseSpec(1, phase_switching=True))
    site.charge()
    site.draws(1, 16.0, 0.0, 0.0, seconds=40)
    site.see(phases=1)
    assert used(site) == (0,)
    site.see(phases=3)
    assert used(site) == (0, 1, 2)


def test_they_are_told_as_the_grid_counts_them() -> None:
    site = Site(EvseSpec(1, phase_rotation="TRS"))
    site.charge()
    site.draws(1, 16.0, 0.0, 0.0, seconds=40)
    assert site.evse().used_grid == (2,)


def test_while_its_meter_is_silent_a_car_may_use_all_phases() -> None:
    site = Site(EvseSpec(1, on_meter_loss="continue"))
    site.charge()
    site.draws(1, 16.0, 0.0, 0.0, seconds=40)
    site.station.meter_lost(1, "no answer", site.now)
    site.wait(1)
    assert used(site) == (0, 1, 2)
    site.draws(1, 16.0, 0.0, 0.0, seconds=40)
    assert used(site) == (0,)
