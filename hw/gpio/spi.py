"""Many conversions in one system call: a message of the kernel's spidev with the chip deselected between its parts.

A converter of the MCP3xxx family needs its select line to rise before each conversion, so that a longer transfer is no
batch. The kernel takes a list of transfers, each with `cs_change`, and runs it without coming back: gaps are even, and
30 conversions cost one call instead of 30. Standard library only.

Source: Linux include/uapi/linux/spi/spidev.h; Documentation/spi/spidev.rst.
"""

from __future__ import annotations

import fcntl
import os
import struct
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

_TRANSFER = struct.Struct("<QQIIHBBBBBx")  # tx, rx, length, hertz, delay us, bits, cs_change, widths, word delay
_DELAY = struct.Struct("<H")
_DELAY_AT = 24  # in a transfer
_WRITE, _MAGIC = 1, ord("k")
_MODE = 0x6B01 | _WRITE << 30 | 1 << 16  # SPI_IOC_WR_MODE
MOST = 255  # transfers in a message

Control = Callable[[int, int, bytearray], object]


class Message:
    """Some conversions in a fixed order, to be run again and again."""

    def __init__(self, handle: int, requests: Sequence[bytes], hz: int, control: Control = fcntl.ioctl) -> None:
        """`requests`: what is sent for each; as many bytes come back."""
        if not 0 < len(requests) <= MOST:
            raise ValueError(f"{len(requests)} transfers in a message")
        self._handle, self._control = handle, control
        self._sent = array("B", b"".join(requests))
        self._received = array("B", bytes(len(self._sent)))
        self._transfers = self._described(requests, hz)
        self._code = _WRITE << 30 | len(self._transfers) << 16 | _MAGIC << 8

    def _described(self, requests: Sequence[bytes], hz: int) -> bytearray:
        sent, received, at = self._sent.buffer_info()[0], self._received.buffer_info()[0], 0
        transfers = bytearray()
        for number, request in enumerate(requests, 1):
            deselect = number < len(requests)  # after the last one it would mean: stay selected
            transfers += _TRANSFER.pack(sent + at, received + at, len(request), hz, 0, 8, deselect, 0, 0, 0)
            at += len(request)
        return transfers

    def run(self, lead_us: int) -> bytes:
        """What came back. After the first conversion the bus rests for `lead_us`. Raises OSError."""
        _DELAY.pack_into(self._transfers, _DELAY_AT, lead_us)
        self._control(self._handle, self._code, self._transfers)
        return self._received.tobytes()


class SpiPort:
    """/dev/spidevBUS.SELECT in mode 0."""

    def __init__(self, path: str | Path, control: Control = fcntl.ioctl) -> None:
        """Raises OSError."""
        self._control = control
        self._handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            control(self._handle, _MODE, bytearray(1))
        except OSError:
            self.close()
            raise

    def message(self, requests: Sequence[bytes], hz: int) -> Message:
        return Message(self._handle, requests, hz, self._control)

    def close(self) -> None:
        os.close(self._handle)
