"""What a month comes to: worked out by hand, for one port, with outages that overlap."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.core.uptime import CSMS, STATION, Cause, Outage, figures, length, merged, seconds_of

NOVEMBER, DECEMBER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)
MONTH_S = 30 * 86_400


def hours(number: float) -> datetime:
    return NOVEMBER + timedelta(hours=number)


def outage(place: str, cause: Cause, began_h: float, ended_h: float | None) -> Outage:
    return Outage(place, cause, "", hours(began_h), None if ended_h is None else hours(ended_h))


def of(*outages: Outage, evse: int = 1, now: datetime = LATER) -> tuple[float, ...]:
    """Hours: observed, T_outage, T_excluded, not working, unusable."""
    port = figures(outages, evse, NOVEMBER, DECEMBER, now)
    spans = (port.observed_s, port.outage_s, port.excluded_s, port.not_working_s, port.unusable_s)
    return tuple(seconds / 3600 for seconds in spans)


def test_a_month_without_outages_is_whole() -> None:
    port = figures([], 1, NOVEMBER, DECEMBER, LATER)
    assert (port.observed_s, port.nevi, port.uk_reliability, port.availability) == (MONTH_S, 1.0, 1.0, 1.0)


def test_nevi_takes_planned_work_and_power_cuts_off_the_outages() -> None:
    cut = outage(STATION, Cause.POWER_LOSS, 200, 226)
    told = [outage("1", Cause.FAULT, 0, 36), outage("1", Cause.PLANNED, 100, 110), cut]
    port = figures(told, 1, NOVEMBER, DECEMBER, LATER)
    assert (port.outage_s, port.excluded_s) == (72 * 3600, 36 * 3600)
    assert port.nevi == pytest.approx((720 - 36) / 720)


def test_what_is_excluded_excuses_nothing_that_was_broken_anyway() -> None:
    assert of(outage("1", Cause.FAULT, 0, 10), outage(STATION, Cause.POWER_LOSS, 5, 15))[1:3] == (15, 5)


def test_a_line_that_is_down_counts_for_nevi_and_not_for_a_driver_nor_in_the_united_kingdom() -> None:
    assert of(outage(CSMS, Cause.NETWORK, 0, 10)) == (720, 10, 0, 0, 0)


def test_in_the_united_kingdom_what_nobody_can_see_is_not_measured() -> None:
    """Out of order for ten hours, of which the station was dark for four."""
    assert of(outage("1", Cause.FAULT, 0, 10), outage(STATION, Cause.POWER_LOSS, 6, 12))[3] == 6


def test_out_of_service_is_inoperative_in_the_united_kingdom() -> None:
    assert of(outage("1", Cause.PLANNED, 0, 10))[3] == 10


def test_another_outlets_fault_is_not_ours() -> None:
    assert of(outage("2", Cause.FAULT, 0, 10)) == (720, 0, 0, 0, 0)


def test_before_the_records_begin_and_after_now_nothing_is_known() -> None:
    begin = outage(STATION, Cause.INSTALLED, 120, 120)
    assert of(begin, outage("1", Cause.FAULT, 130, None), now=hours(240)) == (120, 110, 0, 110, 110)
    assert figures([begin], 1, NOVEMBER, hours(100), LATER).nevi is None


def test_only_the_part_within_the_month_counts() -> None:
    assert of(outage(STATION, Cause.CRASH, -5, 2), outage(STATION, Cause.CRASH, 719, 800))[1] == 3
    assert seconds_of(outage(STATION, Cause.CRASH, -5, 2), NOVEMBER, DECEMBER, LATER) == 7200


def test_an_outage_that_seems_to_end_before_it_began_has_no_length() -> None:
    assert of(outage(STATION, Cause.POWER_LOSS, 10, 5))[1] == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted).map(tuple)))
def test_each_instant_counts_once(spans: list[tuple[int, int]]) -> None:
    instants = {second for began, ended in spans for second in range(began, ended)}
    assert length(merged(spans)) == len(instants)
