"""Small displays on I2C by way of luma.oled and luma.lcd; the only door to luma.

luma keeps a hook for the end of the program for every device object it makes, for ever: one is made only when something
has acknowledged its address.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

from hw.displays.i2c import Bus

SSD1306_NOTHING = 0xE3  # its command for no operation; an SH1106 has the same


class PicturePanel(Protocol):
    """A display of pixels."""

    def display(self, picture: Any, /) -> None: ...
    def cleanup(self) -> None: ...


class TextPanel(Protocol):
    """A display of letters."""

    text: str

    def cleanup(self) -> None: ...


def oled(chip: str, bus: Bus, address: int, size: tuple[int, int], turns: int) -> PicturePanel:
    """Switched on and dark. `turns`: quarter turns clockwise. Blocks for some 100 ms. Raises DeviceLost."""
    bus.write_i2c_block_data(address, 0x00, [SSD1306_NOTHING])
    make: Callable[..., PicturePanel] = getattr(import_module("luma.oled.device"), chip)
    wire = import_module("luma.core.interface.serial").i2c(bus=bus, address=address)
    return make(wire, width=size[0], height=size[1], rotate=turns)


def hd44780(bus: Bus, address: int, columns: int, lines: int) -> TextPanel:
    """Behind a PCF8574, as its usual backpack is wired. Blocks for some 300 ms. Raises DeviceLost."""
    bus.write_byte(address, 0x00)
    make: Callable[..., TextPanel] = import_module("luma.lcd.device").hd44780
    wire = import_module("luma.core.interface.serial").pcf8574(bus=bus, address=address)
    return make(wire, width=columns, height=lines)
