"""Every lamp driver, simulated or on lines, does the same."""

from __future__ import annotations

import pytest

from hw.api import Colour
from tests.hw.rigs import Rig


def test_it_is_dark_and_silent_when_it_has_just_been_claimed(rig: Rig) -> None:
    assert (rig.shown(), rig.sounding()) == (Colour.OFF, False)


@pytest.mark.parametrize("colour", Colour)
def test_it_shows_a_colour_and_goes_dark_again(rig: Rig, colour: Colour) -> None:
    rig.indicator.show(Colour.RED)
    rig.indicator.show(colour)
    assert rig.shown() is colour

    rig.indicator.show(Colour.OFF)
    assert rig.shown() is Colour.OFF


def test_the_buzzer_sounds_and_falls_silent(rig: Rig) -> None:
    rig.indicator.sound(True)
    assert (rig.sounding(), rig.shown()) == (True, Colour.OFF)

    rig.indicator.sound(False)
    assert rig.sounding() is False
