"""Lamps and a buzzer on lines of the board. Flashing and what a colour means are the guard's."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from hw.api import Colour
from hw.discovery import Place
from hw.gpio.lines import Lines, OnChip, polarity, wire

LAMPS = ("red", "yellow", "green", "blue")

# Colour -> the lamps that show it, best first; what is not fitted is passed over.
SHOWN: Mapping[Colour, tuple[frozenset[str], ...]] = {
    colour: tuple(frozenset(choice.split("+")) for choice in choices)
    for colour, choices in {
        Colour.GREEN: ("green",),
        Colour.RED: ("red",),
        Colour.BLUE: ("blue", "yellow"),  # a traffic light charges in yellow
        Colour.YELLOW: ("yellow", "red+green"),
        Colour.WHITE: ("red+green+blue", "green+blue", "yellow+green", "green"),
        Colour.PURPLE: ("red+blue", "yellow", "red+green"),
    }.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorOptions(OnChip):
    """`[evse.1.indicator]`."""

    red_line: int | str | None = wire("red lamp, or red of an RGB one")
    green_line: int | str | None = wire("green lamp, or green of an RGB one")
    blue_line: int | str | None = wire("blue lamp, or blue of an RGB one")
    yellow_line: int | str | None = wire("yellow lamp, where there is one")
    active_high: bool = polarity(True, "lamps are lit while their line is high")
    buzzer_line: int | str | None = wire("buzzer")
    buzzer_active_high: bool = polarity(True, "the buzzer sounds while its line is high")


class GpioIndicator:
    """Lamps (three single ones, or RGB) and buzzer on GPIO lines.

    Red, green and blue mix to yellow, purple and white. Where a lamp is missing the nearest that is there is lit:
    green, yellow and red show blue (charging) as yellow.
    """

    Options = IndicatorOptions

    def __init__(self, options: IndicatorOptions, place: Place) -> None:
        """Raises OptionsWrong, DeviceLost."""
        self._lines = lines = Lines(options, place)
        wired = {lamp: key for lamp in LAMPS if getattr(options, key := f"{lamp}_line") is not None}
        self._lamps = {
            lamp: lines.output(key, getattr(options, key), active_high=options.active_high)
            for lamp, key in wired.items()
        }
        self._buzzer = lines.optional_output("buzzer_line", options.buzzer_line, active_high=options.buzzer_active_high)

    def show(self, colour: Colour) -> None:
        lit = next((lamps for lamps in SHOWN.get(colour, ()) if lamps <= self._lamps.keys()), frozenset())
        for lamp, line in self._lamps.items():
            line.set(lamp in lit)

    def sound(self, on: bool) -> None:
        if self._buzzer is not None:
            self._buzzer.set(on)

    def close(self) -> None:
        with ExitStack() as stack:
            stack.callback(self._lines.close)
            stack.callback(self.sound, False)
            stack.callback(self.show, Colour.OFF)
