"""What the guard reports beside pilot and contactor: the key, the grid operator's contact, phases, its own reasons."""

from __future__ import annotations

import pytest

from chargepoint.core.facts import GridLimitSet, LimitChanged, Status
from chargepoint.core.observation import Observation
from chargepoint.observing import observation
from hw.api import Report
from tests.core.site import Site


def test_a_report_is_taken_over_whole() -> None:
    report = Report(1, 7, phases=1, key_locked=True, limit_contact=True, held="phases")

    seen = observation(report)

    assert (seen.phases, seen.key_locked, seen.grid_limited, seen.held) == (1, True, True, "phases")


@pytest.mark.parametrize("unwired", [None, False])
def test_inputs_that_are_not_wired_mean_nothing(unwired: bool | None) -> None:
    seen = observation(Report(1, 7, key_locked=unwired, limit_contact=unwired))

    assert (seen.key_locked, seen.grid_limited) == (False, False)


def test_nobody_new_may_charge_while_the_key_is_turned() -> None:
    site = Site()
    site.see(key_locked=True)
    assert site.status() is Status.UNAVAILABLE
    assert site.evse().unfit() == "EVSE 1 is locked by its key"

    site.plug(key_locked=True)
    site.card("CARD1")
    assert site.permit_a() == 0.0

    site.see(key_locked=False)
    site.card("CARD1")
    assert site.permit_a() == 16.0


def test_the_key_does_not_take_anything_from_who_charges() -> None:
    site = Site()
    site.charge()

    site.see(key_locked=True)

    assert (site.permit_a(), site.status()) == (16.0, Status.CHARGING)


def test_each_change_of_the_contact_is_a_fact_and_so_is_what_comes_of_it() -> None:
    site = Site()
    site.charge()
    site.facts.clear()

    site.see(grid_limited=True)
    site.see(grid_limited=True, pilot="C2")
    site.see(grid_limited=False)

    told = [fact for fact in site.facts if isinstance(fact, GridLimitSet | LimitChanged)]
    assert told == [
        GridLimitSet(1, 4200.0), LimitChanged(1, 6.0, "grid operator"),
        GridLimitSet(1, None), LimitChanged(1, 16.0, "configuration"),
    ]  # fmt: skip


def test_an_observation_says_nothing_of_all_that_by_itself() -> None:
    seen = Observation()

    assert (seen.phases, seen.key_locked, seen.grid_limited, seen.held) == (3, False, False, "")
