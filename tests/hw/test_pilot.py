"""Levels, duty cycles and cable resistors against the tables of IEC 61851-1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw.guard.pilot import cable_rating_a, diode_shows, duty_for, high_ns, letter_of, offer_of, plug_present


@pytest.mark.parametrize(
    ("high_v", "letter"),
    [
        (13.6, "?"), (13.5, "A"), (12.0, "A"), (10.6, "A"),
        (10.4, "B"), (9.0, "B"), (7.6, "B"),
        (7.4, "C"), (6.0, "C"), (4.6, "C"),
        (4.4, "D"), (3.0, "D"), (1.6, "D"),
        (1.4, "E"), (0.0, "E"), (-1.25, "E"),
        (-1.3, "?"), (-6.0, "?"), (-10.4, "?"),
        (-10.5, "F"), (-12.0, "F"), (-13.0, "F"),
    ],
)  # fmt: skip
def test_a_level_without_history_falls_into_its_window(high_v: float, letter: str) -> None:
    assert letter_of(high_v) == letter


@pytest.mark.parametrize(
    ("before", "high_v", "letter"),
    [
        ("A", 10.30, "A"), ("A", 10.25, "B"), ("B", 10.70, "B"), ("B", 10.76, "A"),
        ("B", 7.30, "B"), ("B", 7.25, "C"), ("C", 7.70, "C"), ("C", 7.76, "B"),
        ("C", 4.30, "C"), ("C", 4.25, "D"), ("D", 4.70, "D"), ("D", 4.76, "C"),
        ("D", 1.30, "D"), ("D", 1.25, "E"), ("E", 1.70, "E"), ("E", 1.76, "D"),
        ("F", 10.40, "B"), ("?", 7.40, "C"), ("A", 6.00, "C"), ("E", 12.0, "A"),
    ],
)  # fmt: skip
def test_a_border_lies_further_away_for_whoever_stands_beside_it(before: str, high_v: float, letter: str) -> None:
    assert letter_of(high_v, before) == letter


@pytest.mark.parametrize(
    ("amps", "ns"),
    [
        (6, 100_000), (8, 133_333), (10, 166_666), (13, 216_666), (16, 266_666), (20, 333_333), (25, 416_666),
        (32, 533_333), (40, 666_666), (48, 800_000), (51, 850_000), (60, 880_000), (63, 892_000), (70, 920_000),
        (80, 960_000), (51.5, 850_000), (52.5, 850_000), (53, 852_000),
    ],
)  # fmt: skip
def test_amperes_become_the_high_time_of_the_table(amps: float, ns: int) -> None:
    assert high_ns(amps) == ns


@pytest.mark.parametrize("amps", [0.0, 5.99, 80.01, float("nan")])
def test_what_the_pilot_cannot_express_is_refused(amps: float) -> None:
    with pytest.raises(ValueError, match="outside 6 to 80 A"):
        high_ns(amps)


@pytest.mark.parametrize(
    ("percent", "amps"),
    [
        (2.9, 0), (5.0, 0), (7.5, 0), (8.0, 6), (9.99, 6), (10.0, 6), (26.6666, 16), (85.0, 51), (90.0, 65),
        (96.0, 80), (96.5, 80), (97.1, 0), (100.0, 0), (0.0, 0),
    ],
)  # fmt: skip
def test_a_car_reads_a_duty_cycle_by_the_table(percent: float, amps: float) -> None:
    assert offer_of(percent / 100) == pytest.approx(amps, abs=0.001)


@given(st.floats(6.0, 80.0))
def test_a_car_never_reads_more_than_was_meant(amps: float) -> None:
    read_a = offer_of(duty_for(amps))

    assert amps - 1.6 <= read_a <= amps + 1e-9  # 1.5 A are lost between the two lines, 51 to 52.5 A


@pytest.mark.parametrize(
    ("ohm", "three", "one"),
    [
        (None, None, None), (0.0, None, None), (74.9, None, None), (75.0, 63, 70), (100.0, 63, 70), (149.9, 63, 70),
        (150.0, 32, 32), (220.0, 32, 32), (329.9, 32, 32), (330.0, 20, 20), (680.0, 20, 20), (999.9, 20, 20),
        (1000.0, 13, 13), (1500.0, 13, 13), (2200.0, 13, 13), (2200.1, None, None),
    ],
)  # fmt: skip
def test_a_resistor_stands_for_a_cable_rating(ohm: float | None, three: float | None, one: float | None) -> None:
    assert (cable_rating_a(ohm, 3), cable_rating_a(ohm, 1)) == (three, one)


@pytest.mark.parametrize(
    ("ohm", "present"), [(None, False), (2200.1, False), (2200.0, True), (220.0, True), (0.0, True)]
)
def test_a_plug_is_there_below_2200_ohm(ohm: float | None, present: bool) -> None:
    assert plug_present(ohm) is present


@pytest.mark.parametrize(
    ("low_v", "shows"), [(None, False), (-12.0, True), (-10.5, True), (-10.4, False), (-9.0, False)]
)
def test_a_diode_keeps_the_low_plateau_at_minus_12_v(low_v: float | None, shows: bool) -> None:
    assert diode_shows(low_v) is shows
