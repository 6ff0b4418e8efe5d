"""What the kernel says of a GPIO chip: its label, and of each line its name and who holds it.

Straight from the kernel (uAPI version 2, Linux 5.10 and later, include/uapi/linux/gpio.h), so that the same mistake
gets the same sentence whichever library claims the lines.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DEV = Path("/dev")
HEADER_LABELS = ("pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1")
"""Chips behind the 40-pin header of a Raspberry Pi 1 to 3, 4, and 5, where it is not always the first one."""

_CHIP_INFO = struct.Struct("32s32sI")  # struct gpiochip_info: name, label, lines
_LINE_INFO = struct.Struct("32s32sIIQ160x16x")  # struct gpio_v2_line_info: name, consumer, offset, attributes, flags
_LINE_REQUEST = struct.Struct("256s32sQI20x240sII20xi")
"""struct gpio_v2_line_request: offsets, consumer, configuration (flags, attributes), lines, buffer, file descriptor."""
_LINE_VALUES = struct.Struct("=QQ")  # struct gpio_v2_line_values: bits, mask; the first line of a request is bit 0
_GET_CHIP_INFO = 0x8044B401
_GET_LINE_INFO = 0xC100B405
_GET_LINE = 0xC250B407
_GET_LINE_VALUES = 0xC010B40E
_SET_LINE_VALUES = 0xC010B40F
_USED = 1  # GPIO_V2_LINE_FLAG_USED
_LOW, _HIGH = _LINE_VALUES.pack(0, 1), _LINE_VALUES.pack(1, 1)


@dataclass(frozen=True, slots=True)
class LineInfo:
    """A line as it is now."""

    number: int
    name: str  # "" where the board gives none
    used: bool
    consumer: str  # who holds it, in his own word


@dataclass(frozen=True, slots=True)
class Chip:
    """A GPIO chip."""

    path: str  # "/dev/gpiochip0"
    name: str  # "gpiochip0"
    label: str  # what the hardware is called: "pinctrl-rp1"
    lines: int

    def line(self, number: int) -> LineInfo:
        """Raises OSError."""
        with _opened(self.path) as fd:
            return _line_info(fd, number)

    def level(self, number: int) -> bool:
        """The level of a line that nobody holds, left as it is: neither direction nor level is changed. Raises OSError.

        A request without flags asks for nothing to be configured.
        """
        offsets = number.to_bytes(4, sys.byteorder)
        request = _LINE_REQUEST.pack(offsets, b"chargepoint doctor", 0, 0, b"", 1, 0, 0)
        with _opened(self.path) as fd:
            granted = _LINE_REQUEST.unpack(fcntl.ioctl(fd, _GET_LINE, request))[-1]
        try:
            return read_level(granted)
        finally:
            os.close(granted)

    def all_lines(self) -> list[LineInfo]:
        """Raises OSError."""
        with _opened(self.path) as fd:
            return [_line_info(fd, number) for number in range(self.lines)]


def read_chip(path: str) -> Chip:
    """The chip behind a device file. Raises OSError."""
    with _opened(path) as fd:
        told = fcntl.ioctl(fd, _GET_CHIP_INFO, bytes(_CHIP_INFO.size))
    name, label, lines = _CHIP_INFO.unpack(told)
    return Chip(path, _text(name), _text(label), lines)


def chips() -> list[Chip]:
    """Every chip that may be looked at, in the kernel's order."""
    return list(_readable_chips())


def paths() -> list[str]:
    """The device file of every chip, without the aliases that some systems make."""
    found = [path for path in DEV.glob("gpiochip*") if not path.is_symlink()]
    return [str(path) for path in sorted(found, key=_kernel_order)]


def read_level(fd: int) -> bool:
    """The level of the only line of a request, by the request's file descriptor. Raises OSError.

    The library's own way costs five times as much, and the guard asks for a dozen lines a hundred times a second.
    """
    return fcntl.ioctl(fd, _GET_LINE_VALUES, _LOW) != _LOW


def write_level(fd: int, high: bool) -> None:
    """Set the level of the only line of a request. Raises OSError."""
    fcntl.ioctl(fd, _SET_LINE_VALUES, _HIGH if high else _LOW)


def _readable_chips() -> Iterator[Chip]:
    for path in paths():
        try:
            yield read_chip(path)
        except OSError:
            continue  # not ours to look at


def _kernel_order(path: Path) -> tuple[int, str]:
    digits = path.name.removeprefix("gpiochip")
    return (int(digits) if digits.isdigit() else 1 << 30, path.name)


def _line_info(fd: int, number: int) -> LineInfo:
    asked = _LINE_INFO.pack(b"", b"", number, 0, 0)
    name, consumer, offset, _, flags = _LINE_INFO.unpack(fcntl.ioctl(fd, _GET_LINE_INFO, asked))
    return LineInfo(offset, _text(name), bool(flags & _USED), _text(consumer))


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode(errors="replace")


class _opened:  # noqa: N801 - reads as the verb it is
    """The device file, closed again afterwards."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def __enter__(self) -> int:
        return self._fd

    def __exit__(self, *exc: object) -> None:
        os.close(self._fd)
