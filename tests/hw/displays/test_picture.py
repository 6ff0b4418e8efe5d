"""Screens as pixels."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings

from hw.api import Screen
from hw.displays.picture import draw, font
from hw.displays.qr import matrix
from hw.displays.words import ENGLISH, Words
from tests.hw.displays.test_layout import SCREENS

SIZE = (128, 64)
IDLE = Screen(1, "available", messages=("present_card",))


def drawn(*screens: Screen, size: tuple[int, int] = SIZE) -> Any:
    return draw(screens, Words(ENGLISH), size)


def rows(picture: Any) -> list[bool]:
    """Which rows of pixels have any that are lit."""
    return [any(picture.getpixel((x, y)) for x in range(picture.width)) for y in range(picture.height)]


def lines(picture: Any) -> list[int]:
    """Heights of the lines of text."""
    return [len(list(run)) for lit, run in groupby(rows(picture)) if lit]


def text(line: str, size: int) -> Any:
    """The pixels of a line, cut to what is lit."""
    from PIL import Image, ImageDraw

    picture = Image.new("1", (200, 40))
    pen = ImageDraw.Draw(picture)
    pen.fontmode = "1"
    pen.text((5, 5), line, fill=1, font=font(size))
    return picture.crop(picture.getbbox() or (0, 0, 1, 1))


def shows(picture: Any, line: str, size: int = 12) -> bool:
    """Do exactly these letters stand anywhere in the picture?"""
    wanted = text(line, size)
    return any(
        picture.crop((x, y, x + wanted.width, y + wanted.height)).tobytes() == wanted.tobytes()
        for y in range(picture.height - wanted.height + 1)
        for x in range(picture.width - wanted.width + 1)
    )


def test_the_status_stands_large_above_what_to_do() -> None:
    picture = drawn(IDLE)

    assert shows(picture, "Available", 17)
    assert shows(picture, "Hold your card to the")
    assert shows(picture, "reader")


def test_a_session_shows_power_energy_and_cost() -> None:
    picture = drawn(Screen(1, "charging", energy_wh=12_345, power_w=11_040, price="6.05 €"))

    assert shows(picture, "Charging", 17)
    assert shows(picture, "11.0 kW  12.35 kWh")
    assert shows(picture, "6.05 EUR")


def test_a_figure_that_stands_alone_stands_large() -> None:
    assert shows(drawn(Screen(1, "suspended_ev", energy_wh=12_345, power_w=0.0)), "12.35 kWh", 17)


def test_what_has_just_happened_has_the_whole_display() -> None:
    picture = drawn(Screen(1, "available", notice="card_refused", messages=("present_card",)))

    assert shows(picture, "Card not", 17)
    assert shows(picture, "accepted", 17)
    assert not shows(picture, "Available", 17)
    top, bottom = rows(picture).index(True), rows(picture)[::-1].index(True)
    assert abs(top - bottom) <= 6


def test_two_evses_stand_above_each_other() -> None:
    picture = drawn(Screen(1, "charging", energy_wh=12_340, power_w=7_400), Screen(2, "available"))

    assert shows(picture.crop((0, 0, 128, 32)), "1 Charging")
    assert shows(picture.crop((0, 32, 128, 64)), "2 Available")


def test_four_evses_have_a_line_each() -> None:
    picture = drawn(
        Screen(1, "charging", power_w=7_400), Screen(2, "charging", power_w=3_700), Screen(3, "faulted"),
        Screen(4, "available"),
    )  # fmt: skip

    for line in ("1 Charging", "7.4 kW", "2 Charging", "3.7 kW", "3 Out of order", "4 Available"):
        assert shows(picture, line), line


def test_of_too_many_evses_the_idle_ones_give_way() -> None:
    many = [Screen(n, "available", price=str(n)) for n in range(1, 6)]
    many[4] = Screen(5, "charging", power_w=7_400)

    assert shows(drawn(*many), "5 Charging")


def test_a_code_stands_beside_the_words_module_by_module() -> None:
    content = "https://pay.example.com/CP001/1"
    picture = drawn(Screen(1, "available", messages=("present_card",), price="0.49 €", qr=content))
    code = matrix(content)
    square = picture.crop((64, 0, 128, 64))
    edge = (64 - 2 * len(code)) // 2

    seen = [[not square.getpixel((edge + 2 * x, edge + 2 * y)) for x in range(len(code))] for y in range(len(code))]
    assert seen == code
    assert edge + 2 >= 4  # light around it, where a reader's eye needs it
    assert shows(picture, "0.49 EUR")


def test_a_code_too_fine_to_be_read_is_left_out() -> None:
    picture = drawn(Screen(1, "available", qr="https://pay.example.com/" + "x" * 200))

    assert shows(picture, "Available", 17)
    assert max(x for x in range(128) for y in range(64) if picture.getpixel((x, y))) < 90


def test_a_display_of_half_the_height_shows_what_matters_most() -> None:
    picture = drawn(Screen(1, "charging", energy_wh=12_340, power_w=7_400), size=(128, 32))

    assert shows(picture, "Charging", 17)
    assert shows(picture, "7.4 kW  12.34 kWh")


@pytest.mark.parametrize("status", sorted(ENGLISH))
def test_no_word_is_cut_off_at_the_edge(status: str) -> None:
    picture = drawn(Screen(1, status))

    assert not any(picture.getpixel((127, y)) for y in range(64))
    assert len(lines(picture)) == 1 or status not in ("available", "charging")


@settings(max_examples=100, deadline=None)
@given(SCREENS)
def test_anything_at_all_can_be_drawn(screen: Screen) -> None:
    assert drawn(screen, IDLE, size=(128, 32)).size == (128, 32)
    assert drawn(screen).size == SIZE
