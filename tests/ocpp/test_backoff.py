"""Waits that grow, and never end."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from chargepoint.ocpp.backoff import boot_waits_s, reconnect_waits_s


def test_the_base_doubles_so_many_times_and_then_stays() -> None:
    waits = reconnect_waits_s(10, 0, 3, lambda: 0.0)
    assert list(islice(waits, 6)) == [10, 20, 40, 80, 80, 80]


def test_each_wait_has_a_new_random_part_that_is_not_doubled() -> None:
    parts = iter([0.5, 0.1, 1.0])
    waits = reconnect_waits_s(10, 20, 5, lambda: next(parts))
    assert list(islice(waits, 3)) == [10 + 10, 20 + 2, 40 + 20]


@given(st.floats(1, 3600), st.floats(0, 3600), st.integers(0, 10), st.randoms())
def test_no_wait_leaves_its_bounds(minimum: float, spread: float, times: int, random: object) -> None:
    waits = reconnect_waits_s(minimum, spread, times, random.random)  # type: ignore[attr-defined]
    for n, wait in enumerate(islice(waits, 30)):
        base = minimum * 2 ** min(n, times)
        assert base <= wait <= base + spread


def test_own_boot_waits_grow_from_a_minute_to_a_quarter_of_an_hour() -> None:
    assert list(islice(boot_waits_s(), 7)) == [60, 120, 240, 480, 900, 900, 900]
