"""Lines behind the pin header of a Raspberry Pi that belong to a UART or an SPI bus, or are pulled up at boot.

Warnings, for another board numbers its lines otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chargepoint.config.owners import Device
from hw.discovery import Mistake

HEADER_UART = re.compile(r"/dev/(serial[01]|ttyAMA0|ttyS0)")
UART_LINES = (14, 15)
SPI = re.compile(r"/dev/spidev([01])\.([012])")
SPI_LINES = {"0": (9, 10, 11), "1": (19, 20, 21)}  # MISO, MOSI, SCLK
SELECTS = {"0": (8, 7), "1": (18, 17, 16)}
PULLED_UP = range(9)
"""GPIO0 to GPIO8 are pulled up from power-on until a program claims them (BCM2835 ARM peripherals, 6.2)."""


def warnings(devices: list[Device]) -> Iterator[Mistake]:
    taken = {line: port for device in devices for _, port in device.ports for line in _lines_of(port)}
    for device in devices:
        for key, (chip, line) in device.lines:
            if chip or not isinstance(line, int):
                continue
            if line in taken:
                what = f'{key} = {line} is a line of "{taken[line]}" on a Raspberry Pi'
                yield Mistake(device.where, what, "Give it another line.", key)
            if _is_coil(device, key) and line in PULLED_UP:
                what = f"{key} = {line} is pulled up on a Raspberry Pi while it starts: the coil may be on"
                yield Mistake(device.where, what, "Take one of GPIO9 to GPIO27 for the coil.", key)


def _lines_of(port: str) -> tuple[int, ...]:
    if HEADER_UART.fullmatch(port):
        return UART_LINES
    found = SPI.fullmatch(port)
    if found is None:
        return ()
    bus, select = found[1], int(found[2])
    return (*SPI_LINES[bus], *SELECTS[bus][select : select + 1])


def _is_coil(device: Device, key: str) -> bool:
    return device.part == "contactor" and key in ("line", "hold_line") and device.table.get("active_high", True) is True
