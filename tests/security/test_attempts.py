"""A thousand wrong codes: each costs more time than the one before, and the owner still comes in."""

import pytest

from chargepoint.security.attempts import FREE, LONGEST_WAIT_S, PLACES, Attempts


def guess(attempts: Attempts, where: str, until_s: float, from_s: float = 0.0) -> int:
    """Guess wrongly as soon as it is let, until then; how many guesses were looked at."""
    now_s, looked_at = from_s, 0
    while (now_s := now_s + attempts.wait_s(where, now_s)) < until_s:
        attempts.wrong(where, now_s)
        looked_at += 1
    return looked_at


def test_the_first_few_are_free_for_fingers_slip() -> None:
    attempts = Attempts()
    assert [attempts.wrong("here", 0.0) for _ in range(4)] == [0.0] * 4
    assert attempts.wait_s("here", 0.0) == 0.0
    assert attempts.wrong("here", 0.0) == 1.0


def test_then_each_doubles_the_wait() -> None:
    attempts = Attempts()
    waits, now_s = [], 0.0
    for _ in range(FREE + 12):
        now_s += attempts.wait_s("here", now_s)
        waits.append(attempts.wrong("here", now_s))
    assert waits[FREE - 1 : FREE + 5] == [1, 2, 4, 8, 16, 32]
    assert waits[-1] == LONGEST_WAIT_S


def test_a_day_of_guessing_is_little_more_than_a_hundred_guesses() -> None:
    attempts = Attempts()
    assert guess(attempts, "here", until_s=86_400.0) < 120


def test_after_a_thousand_wrong_ones_the_owner_waits_a_quarter_of_an_hour_at_most() -> None:
    attempts = Attempts()
    now_s = 0.0
    for _ in range(1000):
        now_s += attempts.wait_s("here", now_s)
        attempts.wrong("here", now_s)
    assert 0 < attempts.wait_s("here", now_s) <= 15 * 60
    assert attempts.wait_s("here", now_s + 15 * 60) == 0.0


def test_a_machine_that_guesses_keeps_nobody_at_another_out() -> None:
    attempts = Attempts()
    guess(attempts, "192.0.2.66", until_s=86_400.0)
    assert attempts.wait_s("192.0.2.66", 86_400.0 - 1) > 0
    assert attempts.wait_s("192.0.2.7", 86_400.0 - 1) == 0.0


def test_the_right_one_ends_the_counting() -> None:
    attempts = Attempts()
    for _ in range(FREE + 3):
        attempts.wrong("here", 0.0)
    attempts.right("here")
    attempts.right("somewhere nobody has tried")
    assert attempts.wait_s("here", 0.0) == 0.0
    assert attempts.wrong("here", 0.0) == 0.0


def test_ten_thousand_places_are_not_remembered_for_ever() -> None:
    attempts = Attempts()
    for number in range(10_000):
        attempts.wrong(f"2001:db8:{number:x}::/64", 0.0)
    assert len(attempts._places) == PLACES


def test_who_guesses_on_is_not_forgotten_for_many_others() -> None:
    attempts = Attempts()
    for number in range(10_000):
        attempts.wrong("192.0.2.66", 0.0)
        attempts.wrong(f"2001:db8:{number:x}::/64", 0.0)
    assert attempts.wait_s("192.0.2.66", 0.0) == LONGEST_WAIT_S


@pytest.mark.parametrize("wrong", [60, 5_000])
def test_no_count_of_wrong_ones_makes_the_wait_longer_than_the_longest(wrong: int) -> None:
    attempts = Attempts()
    assert max(attempts.wrong("here", 0.0) for _ in range(wrong)) == LONGEST_WAIT_S
