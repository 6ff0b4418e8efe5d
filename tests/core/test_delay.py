"""The random delay: what waits, what never does."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.core.delay import Delay, evenly


def after(delay_s: float, allowed_a: float = 0.0) -> Delay:
    """Draws always the same."""
    return Delay(lambda span_s: delay_s, allowed_a)


@pytest.mark.parametrize(("before_a", "wanted_a"), [(0.0, 16.0), (6.0, 16.0), (16.0, 6.0), (inf, 10.0), (10.0, inf)])
def test_a_start_an_increase_and_a_decrease_wait(before_a: float, wanted_a: float) -> None:
    delay = after(300.0, before_a)
    delay.follow(wanted_a, 600, 1000.0)
    assert (delay.allowed_a, delay.until_s) == (before_a, 1300.0)
    delay.follow(wanted_a, 600, 1299.9)
    assert delay.allowed_a == before_a
    delay.follow(wanted_a, 600, 1300.0)
    assert (delay.allowed_a, delay.pending) == (wanted_a, False)


@pytest.mark.parametrize("wanted_a", [0.0, 5.9])
def test_a_stop_never_waits(wanted_a: float) -> None:
    delay = after(300.0, 16.0)
    delay.follow(wanted_a, 600, 0.0)
    assert (delay.allowed_a, delay.pending) == (wanted_a, False)


def test_a_stop_ends_a_delay_that_runs() -> None:
    delay = after(300.0, 16.0)
    delay.follow(10.0, 600, 0.0)
    delay.follow(0.0, 600, 10.0)
    assert (delay.allowed_a, delay.pending) == (0.0, False)
    delay.follow(10.0, 600, 20.0)
    assert delay.until_s == 320.0


def test_what_changes_while_it_waits_is_made_as_it_is_wanted_then_and_waits_no_longer() -> None:
    delay = after(300.0)
    delay.follow(16.0, 600, 0.0)
    delay.follow(10.0, 600, 200.0)
    assert delay.until_s == 300.0
    delay.follow(10.0, 600, 300.0)
    assert delay.allowed_a == 10.0


def test_what_is_taken_back_while_it_waits_changes_nothing() -> None:
    delay = after(300.0, 16.0)
    delay.follow(10.0, 600, 0.0)
    delay.follow(16.0, 600, 100.0)
    assert (delay.allowed_a, delay.pending) == (16.0, False)


def test_a_user_in_a_hurry_waits_no_longer() -> None:
    delay = after(300.0)
    delay.follow(16.0, 600, 0.0)
    delay.hurry()
    delay.follow(16.0, 600, 1.0)
    assert (delay.allowed_a, delay.pending) == (16.0, False)
    delay.hurry()
    delay.follow(10.0, 600, 2.0)
    assert delay.pending, "the next change is another one"


def test_without_a_span_nothing_waits() -> None:
    delay = after(300.0)
    delay.follow(16.0, 0, 0.0)
    assert (delay.allowed_a, delay.pending) == (16.0, False)


def test_a_span_that_is_switched_off_ends_the_wait() -> None:
    delay = after(300.0)
    delay.follow(16.0, 600, 0.0)
    delay.follow(16.0, 0, 1.0)
    assert (delay.allowed_a, delay.pending) == (16.0, False)


def test_what_went_on_while_the_program_was_away_does_not_wait() -> None:
    delay = Delay(lambda span_s: 300.0)
    delay.follow(16.0, 600, 0.0, already=True)
    assert (delay.allowed_a, delay.pending) == (16.0, False)


def test_what_did_not_go_on_does() -> None:
    delay = Delay(lambda span_s: 300.0)
    delay.follow(16.0, 600, 0.0, already=False)
    assert (delay.allowed_a, delay.until_s) == (0.0, 300.0)


@given(st.integers(0, 1800))
def test_delays_are_whole_seconds_within_the_span(span_s: int) -> None:
    drawn = evenly(span_s)
    assert drawn == int(drawn)
    assert 0 <= drawn <= span_s


def test_every_second_of_the_span_is_drawn_now_and_then() -> None:
    assert {evenly(3) for _ in range(200)} == {0.0, 1.0, 2.0, 3.0}
