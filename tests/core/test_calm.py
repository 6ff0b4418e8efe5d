"""A measured allowance that falls soon and rises late."""

from hypothesis import given
from hypothesis import strategies as st

from chargepoint.core.calm import Calm


def calm(value: float = 10.0, **more: float) -> Calm:
    return Calm(value, **{"fall_s": 3.0, "rise_s": 60.0, "step": 1.0, "resume_s": 300.0, **more})


def seconds(watched: Calm, allowed: float, span_s: float, from_s: float = 0.0) -> float:
    """See the same once a second; returns the next second."""
    for second in range(int(span_s)):
        watched.see(allowed, from_s + second)
    return from_s + span_s


def test_less_is_believed_when_it_has_lasted_three_seconds() -> None:
    watched = calm()
    seconds(watched, 7.0, 3)
    assert watched.value == 10.0
    watched.see(7.0, 3.0)
    assert watched.value == 7.0


def test_a_peak_of_two_seconds_is_nothing() -> None:
    watched = calm()
    now_s = seconds(watched, 12.0, 10)
    now_s = seconds(watched, 2.0, 2, now_s)
    seconds(watched, 12.0, 10, now_s)
    assert watched.value == 10.0


def test_it_falls_to_what_was_there_all_the_while_and_no_further() -> None:
    watched = calm()
    for second, allowed in enumerate([9.0, 6.5, 7.0, 8.0]):
        watched.see(allowed, second)
    assert watched.value == 9.0
    watched.see(7.5, 4.0)
    assert watched.value == 8.0


def test_more_is_believed_after_a_calm_minute() -> None:
    watched = calm()
    seconds(watched, 14.0, 60)
    assert watched.value == 10.0
    watched.see(14.0, 60.0)
    assert watched.value == 14.0


def test_it_rises_to_the_least_of_that_minute() -> None:
    watched = calm()
    now_s = seconds(watched, 14.0, 30)
    watched.see(12.0, now_s)
    seconds(watched, 14.0, 40, now_s + 1)
    assert watched.value == 12.0


def test_less_than_a_step_more_is_not_worth_a_change() -> None:
    watched = calm()
    seconds(watched, 10.9, 300)
    assert watched.value == 10.0


def test_what_fell_below_six_amperes_rises_only_after_five_minutes() -> None:
    watched = calm()
    now_s = seconds(watched, 3.0, 5)
    assert watched.value == 3.0
    now_s = seconds(watched, 12.0, 300, now_s)
    assert watched.value == 3.0
    watched.see(12.0, now_s)
    assert watched.value == 12.0
    now_s = seconds(watched, 8.0, 5, now_s + 1)
    seconds(watched, 12.0, 61, now_s)
    assert watched.value == 12.0, "it is the pause that has to be long"


def test_a_gap_without_measurements_proves_nothing() -> None:
    watched = calm()
    watched.see(3.0, 0.0)
    watched.fall_back(6.0)
    watched.see(20.0, 100.0)
    watched.see(20.0, 130.0)
    assert watched.value == 6.0
    watched.see(20.0, 160.0)
    assert watched.value == 20.0


def test_at_once_where_no_patience_is_asked_for() -> None:
    watched = calm(20.0, fall_s=0.0)
    watched.see(5.0, 0.0)
    assert watched.value == 5.0


@given(st.lists(st.floats(0.0, 40.0), min_size=70, max_size=200))
def test_it_is_never_more_than_what_was_allowed_within_the_last_three_seconds(allowed: list[float]) -> None:
    watched = calm(0.0)
    for second, each in enumerate(allowed):
        watched.see(each, second)
        if second >= 3:
            assert watched.value <= max(allowed[second - 3 : second + 1])
