"""The unbalanced-load limit: phases may differ by so much and no more."""

import pytest

from chargepoint.core.balance import Balance
from chargepoint.core.evse import EvseSpec
from tests.core.site import Site


def site_of(*specs: EvseSpec, difference_a: float = 20.0) -> Site:
    site = Site(*specs)
    site.station.sharing.connection.balance = Balance(difference_a)
    for evse in site.station.evses:
        site.measure(evse, 0.0, 0.0, 0.0)
    return site


def single(number: int, rotation: str) -> EvseSpec:
    return EvseSpec(number, max_current_a=32.0, phases=1, phase_rotation=rotation)


def charging(site: Site, *evses: int) -> None:
    for evse in evses:
        site.charge(f"CARD{evse}", evse)
    follow(site)


def follow(site: Site, seconds: int = 30) -> None:
    """Cars draw what they are offered on the phases that they have."""
    for _ in range(seconds):
        for number, evse in site.station.evses.items():
            site.see(number, offered_a=site.permit_a(number))
            amps = site.permit_a(number) if evse.seen.closed else 0.0
            site.measure(number, *[amps] * evse.spec.phases)
        site.wait(1)


def difference_a(site: Site) -> float:
    loads = [0.0, 0.0, 0.0]
    for evse in site.station.evses.values():
        drawn = evse.drawn_a(3) or (0.0, 0.0, 0.0)
        loads = [load + amps for load, amps in zip(loads, drawn, strict=True)]
    return max(loads) - min(loads)


def test_one_single_phase_car_may_draw_twenty_amperes() -> None:
    site = site_of(single(1, "RST"))
    charging(site, 1)
    assert (site.permit_a(1), site.why(1)) == (20.0, [])
    assert site.limits()["phase balance"] == 20.0


def test_two_on_one_phase_share_them() -> None:
    site = site_of(single(1, "RST"), single(2, "RST"))
    charging(site, 1, 2)
    assert [site.permit_a(1), site.permit_a(2)] == [10.0, 10.0]


def test_one_on_each_phase_balance_each_other() -> None:
    site = site_of(single(1, "RST"), single(2, "STR"), single(3, "TRS"))
    charging(site, 1, 2)
    assert [site.permit_a(n) for n in (1, 2)] == [20.0, 20.0]
    charging(site, 3)
    follow(site, 60)
    assert [site.permit_a(n) for n in (1, 2, 3)] == [32.0, 32.0, 32.0]


def test_when_one_of_them_stops_the_others_fall_back_at_once() -> None:
    site = site_of(single(1, "RST"), single(2, "STR"), single(3, "TRS"))
    charging(site, 1, 2, 3)
    follow(site, 60)
    site.pause(3)
    site.measure(3, 0.0)
    site.wait(1)
    assert [site.permit_a(n) for n in (1, 2)] == [20.0, 20.0]


def test_a_three_phase_car_balances_itself_once_it_is_measured() -> None:
    site = site_of(EvseSpec(1, max_current_a=32.0))
    site.charge("CARD1", 1)
    assert site.permit_a(1) == 20.0, "it might be a single-phase car"
    follow(site, 40)
    assert site.permit_a(1) == 32.0


def test_beside_a_three_phase_car_a_single_phase_one_adds_its_twenty_amperes() -> None:
    site = site_of(EvseSpec(1, max_current_a=16.0), single(2, "STR"))
    charging(site, 1, 2)
    follow(site, 60)
    assert [site.permit_a(1), site.permit_a(2)] == [16.0, 20.0]


def test_an_evse_that_nobody_measures_balances_nothing() -> None:
    site = site_of(single(1, "RST"), single(2, "STR"), single(3, "TRS"))
    charging(site, 1, 2, 3)
    follow(site, 60)
    site.station.meter_lost(3, "no answer", site.now)
    site.wait(1)
    assert [site.permit_a(n) for n in (1, 2)] == [20.0, 20.0]


@pytest.mark.parametrize("difference", [10.0, 16.0, 20.0])
def test_whatever_comes_and_goes_the_phases_never_differ_by_more(difference: float) -> None:
    """A car has no time to follow here: what it draws is what it is offered."""
    site = site_of(single(1, "RST"), single(2, "STR"), EvseSpec(3, phase_rotation="TRS"), difference_a=difference)
    for step in range(12):
        here = [n for n in (1, 2, 3) if (step >> (n - 1)) % 2]
        for number in (1, 2, 3):
            if number in here and site.evse(number).session is None:
                site.charge(f"CARD{number}{step}", number)
            elif number not in here and site.evse(number).session is not None:
                site.measure(number, 0.0, 0.0, 0.0)
                site.unplug(number)
        for _ in range(25):
            follow(site, 1)
            site.wait(0.1)
            if all(site.permit_a(n) >= (site.evse(n).drawn_a(3) or (0.0,) * 3)[0] for n in here):
                assert difference_a(site) <= difference + 0.1
