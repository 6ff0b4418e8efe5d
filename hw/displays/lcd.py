"""Display of letters: HD44780 with a PCF8574 on its back, on I2C."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hw.api import Screen
from hw.discovery import Place, option
from hw.displays.face import Face, words_at
from hw.displays.i2c import Bus
from hw.displays.layout import page
from hw.displays.on_bus import OnBus
from hw.displays.panels import TextPanel, hd44780

SIZES = {"16x2": (16, 2), "20x2": (20, 2), "20x4": (20, 4)}
"""luma.lcd 2.13 has the third line of a 16 x 4 one begin where that of a 20 x 4 one does, four letters to the right."""


class Lcd(OnBus[TextPanel]):
    """LCD of letters on I2C: HD44780 with a PCF8574 backpack."""

    needs = ("luma.lcd", "PIL")

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(Face):
        size: str = option("16x2", choices=tuple(SIZES), help="letters in a line, and lines")
        bus: int = option(1, minimum=0, maximum=99, help="number of the I2C bus: 1 is /dev/i2c-1")
        address: int = option(0x27, minimum=0x03, maximum=0x77, help="on that bus, usually 0x27 or 0x3F")

    def __init__(self, options: Options, place: Place) -> None:
        super().__init__(options.bus, f"[{place.where}]")
        self._options, self._words = options, words_at(place)

    def make(self, bus: Bus) -> TextPanel:
        return hd44780(bus, self._options.address, *SIZES[self._options.size])

    async def show(self, screens: tuple[Screen, ...]) -> None:
        lines = page(self._options.priced(screens), self._words, *SIZES[self._options.size])
        await asyncio.to_thread(self._write, self.panel, lines)

    def _write(self, panel: TextPanel, lines: list[str]) -> None:
        columns, _ = SIZES[self._options.size]
        panel.text = "\n".join(line.ljust(columns) for line in lines)
