"""Display of pixels on I2C, such as the 128 x 64 ones with an SSD1306 or SH1106.

SPI displays of this kind need a line of their own beside the bus (data or command), and the lines of the board belong
to the guard: they are not driven.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from hw.api import Screen
from hw.discovery import Place, option
from hw.displays.face import ANYBODY, Face, words_at
from hw.displays.i2c import Bus
from hw.displays.on_bus import OnBus
from hw.displays.panels import PicturePanel, oled
from hw.displays.words import Words

SIZES = {"128x64": (128, 64), "128x32": (128, 32)}


class Oled(OnBus[PicturePanel]):
    """OLED display on I2C: SSD1306, SSD1309 or SH1106."""

    needs = ("luma.oled", "PIL", "segno")

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(Face):
        chip: str = option("ssd1306", choices=("ssd1306", "ssd1309", "sh1106"), help="the display's controller")
        size: str = option("128x64", choices=tuple(SIZES), help="pixels")
        bus: int = option(1, minimum=0, maximum=99, help="number of the I2C bus: 1 is /dev/i2c-1")
        address: int = option(0x3C, minimum=0x03, maximum=0x77, help="on that bus, usually 0x3C or 0x3D")
        upside_down: bool = option(False, help="true where it is mounted so")
        font: str = option(
            "",
            help="a font file (TrueType, OpenType) for letters that its own lacks. Japanese needs one, such as "
            "/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf (package fonts-ipafont-gothic); else it speaks English",
        )
        qr: str = option(
            "",
            help="what the QR code says before anybody charges; {evse} stands for the number. At most some 50 letters",
        )

    def __init__(self, options: Options, place: Place) -> None:
        super().__init__(options.bus, f"[{place.where}]")
        self._options, self._place = options, place

    def make(self, bus: Bus) -> PicturePanel:
        options = self._options
        return oled(options.chip, bus, options.address, SIZES[options.size], 2 if options.upside_down else 0)

    async def show(self, screens: tuple[Screen, ...]) -> None:
        await asyncio.to_thread(self._draw, self.panel, self._with_codes(self._options.priced(screens)))

    def _draw(self, panel: PicturePanel, screens: tuple[Screen, ...]) -> None:
        from hw.displays.picture import Letters, draw  # brings Pillow

        panel.display(draw(screens, self._words(), SIZES[self._options.size], Letters(self._options.font)))

    def _words(self) -> Words:
        from hw.displays.picture import Letters

        return words_at(self._place, Letters(self._options.font).has)

    def _with_codes(self, screens: tuple[Screen, ...]) -> tuple[Screen, ...]:
        """With our QR code where the station tells none."""
        return tuple(
            replace(screen, qr=self._options.qr.replace("{evse}", str(screen.evse)))
            if not screen.qr and screen.status in ANYBODY
            else screen
            for screen in screens
        )
