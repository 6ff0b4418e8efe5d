"""Screens as lines of text: everything that matters within 16 letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw.api import Screen
from hw.displays.face import Face
from hw.displays.layout import page
from hw.displays.words import ENGLISH, Words, facts_of, plain

WORDS = Words(ENGLISH)
IDLE = Screen(1, "available", messages=("present_card",))
CHARGING = Screen(1, "charging", energy_wh=12_340, power_w=7_400)


@pytest.mark.parametrize(
    ("screens", "lines"),
    [
        ([IDLE], ["Available", "Hold your card"]),
        ([CHARGING], ["Charging 7.4 kW", "12.34 kWh"]),
        ([Screen(1, "charging", energy_wh=12_340, power_w=22_000, price="6.05 €")], ["Charging 22.0 kW", "12.34 kWh"]),
        ([Screen(1, "charging", energy_wh=340, power_w=7_400, price="0.17 €")], ["Charging 7.4 kW", "0.34 kWh"]),
        ([Screen(1, "suspended_ev", energy_wh=340, power_w=0.0)], ["Car pauses", "0.34 kWh"]),
        ([Screen(1, "preparing", messages=("plug_in",))], ["Preparing", "Plug in"]),
        ([Screen(1, "available", notice="card_refused")], ["Card not", "accepted"]),
        ([Screen(1, "available", notice="card_accepted")], [" Card accepted", ""]),
        ([Screen(1, "faulted", messages=("Residual current was found: unplug the car",))],
         ["Out of order", "Residual..."]),
        ([CHARGING, Screen(2, "available")], ["1 Charging", "2 Available"]),
        ([IDLE, Screen(2, "available", messages=("present_card",))], ["Available", "Hold your card"]),
        ([CHARGING, Screen(2, "available", notice="card_refused")], ["Card not", "accepted"]),
        ([Screen(1, "finishing", energy_wh=9_000, messages=("unplug",))], ["Finished", "Take your cable"]),
    ],
    ids=[
        "idle", "charging", "charging with its cost", "a young session", "paused", "card first", "refused",
        "accepted", "a fault", "two that differ", "two that do not", "refused beside one that charges", "over",
    ],
)  # fmt: skip
def test_two_lines_of_sixteen(screens: list[Screen], lines: list[str]) -> None:
    told = page(screens, WORDS, 16, 2)

    assert [line.strip() for line in told] == [line.strip() for line in lines]


@pytest.mark.parametrize(
    ("screens", "lines"),
    [
        ([IDLE], ["Available", "Hold your card to", "the reader", ""]),
        ([Screen(1, "charging", energy_wh=12_340, power_w=7_400, price="6.05 EUR")],
         ["Charging", "7.4 kW  12.34 kWh", "6.05 EUR", ""]),
        ([CHARGING, Screen(2, "charging", power_w=11_000), Screen(3, "available"), Screen(4, "available")],
         ["1 Charging 7.4 kW", "2 Charging 11.0 kW", "3-4 Available", ""]),
        ([CHARGING, Screen(2, "available", messages=("present_card",))],
         ["1 Charging 7.4 kW", "2 Available", "Hold your card to", "the reader"]),
        ([Screen(1, "available", notice="card_random")],
         ["This card has", "another number each", "time: use another", "one"]),
    ],
    ids=["idle", "charging with its cost", "four of them", "two that differ", "a random id"],
)  # fmt: skip
def test_four_lines_of_twenty(screens: list[Screen], lines: list[str]) -> None:
    assert [line.strip() for line in page(screens, WORDS, 20, 4)] == lines


SCREENS = st.builds(
    Screen,
    evse=st.integers(1, 12),
    status=st.sampled_from(sorted(ENGLISH)) | st.text(max_size=30),
    energy_wh=st.none() | st.floats(0, 1e6),
    power_w=st.none() | st.floats(-1e5, 1e5),
    price=st.text(max_size=30),
    notice=st.just("") | st.sampled_from(sorted(ENGLISH)) | st.text(max_size=80),
    messages=st.lists(st.sampled_from(sorted(ENGLISH)) | st.text(max_size=80), max_size=3).map(tuple),
)


@given(st.lists(SCREENS, max_size=6), st.sampled_from([(16, 2), (16, 4), (20, 2), (20, 4)]))
def test_a_page_always_fits_and_has_only_letters_that_displays_have(
    screens: list[Screen], size: tuple[int, int]
) -> None:
    columns, lines = size
    told = page(screens, WORDS, columns, lines)

    assert len(told) == lines
    assert all(len(line) <= columns and line.isascii() for line in told)


def test_every_word_has_a_variant_for_the_smallest_display() -> None:
    assert [word for word, variants in ENGLISH.items() if len(variants[-1]) > 16] == []


def test_every_word_has_its_longest_variant_first() -> None:
    assert [word for word, told in ENGLISH.items() if list(told) != sorted(told, key=len, reverse=True)] == []


@pytest.mark.parametrize(
    ("text", "told"), [("0.49 €/kWh", "0.49 EUR/kWh"), ("Gerät gestört", "Geraet gestoert"), ("à bientôt", "a bientot")]
)
def test_letters_that_no_small_display_has_are_written_otherwise(text: str, told: str) -> None:
    assert plain(text) == told


def test_figures_without_meaning_are_left_out() -> None:
    assert facts_of(Screen(1, "charging", energy_wh=0.0, power_w=0.0)) == ["0.00 kWh"]
    assert facts_of(Screen(1, "available")) == []


def test_a_price_is_told_before_somebody_charges_and_not_in_place_of_his_own() -> None:
    face = Face(price="0.49 EUR/kWh")
    told = face.priced([Screen(1, "available"), Screen(2, "charging"), Screen(3, "preparing", price="0.39 EUR/kWh")])

    assert [screen.price for screen in told] == ["0.49 EUR/kWh", "", "0.39 EUR/kWh"]
