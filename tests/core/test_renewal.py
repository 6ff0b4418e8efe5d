"""When the station's certificate is asked for, and when again (A02.FR.17 to .20)."""

from datetime import UTC, datetime, timedelta

import pytest

from chargepoint.core.renewal import Signing, renewal_is_due

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_nothing_is_asked_for_until_somebody_wishes() -> None:
    assert not Signing().wanted


def test_each_wait_is_twice_the_one_before_and_then_nothing_is_asked_for() -> None:
    signing, times, now_s = Signing(), [], 100.0
    signing.begin(now_s)
    while signing.due_s is not None:
        now_s = signing.due_s
        times.append(now_s)
        signing.asked(now_s, 60.0, 3)
    assert times == [100.0, 160.0, 280.0, 520.0]


def test_none_is_repeated_where_none_may_be() -> None:
    signing = Signing()
    signing.begin(0.0)
    signing.asked(0.0, 60.0, 0)
    assert not signing.wanted


def test_nobody_there_is_no_try() -> None:
    signing = Signing()
    signing.begin(0.0)
    for now_s in (0.0, 60.0, 120.0):
        signing.unheard(now_s, 60.0)
    assert signing.due_s == 180.0
    signing.asked(180.0, 60.0, 1)
    assert signing.due_s == 240.0


def test_a_new_wish_begins_from_the_start() -> None:
    signing = Signing()
    signing.begin(0.0)
    signing.asked(0.0, 60.0, 5)
    signing.asked(60.0, 60.0, 5)
    signing.begin(70.0)
    assert signing.due_s == 70.0
    signing.asked(70.0, 60.0, 5)
    assert signing.due_s == 130.0


def test_what_has_come_is_wanted_no_more() -> None:
    signing = Signing()
    signing.begin(0.0)
    assert signing.wanted
    signing.end()
    assert not signing.wanted


@pytest.mark.parametrize(
    ("life_days", "left_days", "due"),
    [
        (365, 40, False),
        (365, 30, False),
        (365, 29.9, True),
        (365, -1, True),
        (30, 10.1, False),  # less than a month, and not the last third
        (30, 9.9, True),
        (30, 10, False),
        (3, 0.9, True),
        (3, 1.1, False),
    ],
)
def test_it_is_renewed_in_its_last_third_and_not_before_its_last_month(
    life_days: float, left_days: float, due: bool
) -> None:
    ends = NOON + left_days * DAY
    assert renewal_is_due(ends - life_days * DAY, ends, NOON) is due
