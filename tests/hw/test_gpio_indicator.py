"""Which lamps show a colour, on a station that has not got them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw.api import Colour
from hw.discovery import Place
from hw.gpio.indicator import GpioIndicator
from tests.hw.gpio_wires import MockWires

LINES = {"red": 18, "yellow": 22, "green": 19, "blue": 20}


@pytest.mark.parametrize(
    ("fitted", "shown"),
    [
        (
            "red green blue",
            {"green": "green", "red": "red", "blue": "blue", "yellow": "red green", "white": "red green blue",
             "purple": "red blue"},
        ),
        (
            "red yellow green",
            {"green": "green", "red": "red", "blue": "yellow", "yellow": "yellow", "white": "yellow green",
             "purple": "yellow"},
        ),
        (
            "red yellow green blue",
            {"green": "green", "red": "red", "blue": "blue", "yellow": "yellow", "white": "red green blue",
             "purple": "red blue"},
        ),
        ("red green", {"green": "green", "red": "red", "blue": "", "yellow": "red green", "white": "green"}),
        ("", {"green": "", "red": "", "purple": ""}),
    ],
)  # fmt: skip
def test_colours(monkeypatch: pytest.MonkeyPatch, fitted: str, shown: dict[str, str]) -> None:
    wires = MockWires(monkeypatch)
    options = GpioIndicator.Options(**{f"{lamp}_line": LINES[lamp] for lamp in fitted.split()})
    lamps = GpioIndicator(options, Place("evse.1.indicator", Path("/nonexistent"), 1))
    for colour, expected in (shown | {"off": ""}).items():
        lamps.show(Colour(colour))
        assert {lamp for lamp in fitted.split() if wires.level(LINES[lamp])} == set(expected.split())


def test_closing_leaves_it_dark_and_silent_even_if_a_lamp_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    wires = MockWires(monkeypatch)
    options = GpioIndicator.Options(red_line=18, buzzer_line=21, active_high=False)
    lamps = GpioIndicator(options, Place("evse.1.indicator", Path("/nonexistent"), 1))
    lamps.show(Colour.RED)
    lamps.sound(True)
    assert (wires.level(18), wires.level(21)) == (False, True)

    wires.breaks(18)
    with pytest.raises(Exception, match="No such device"):
        lamps.close()
    assert not wires.level(21)
