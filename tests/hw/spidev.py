"""A kernel's spidev with a converter of the MCP3xxx family behind it, down to the bits on the wire."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Callable
from pathlib import Path

from hw.gpio.spi import SpiPort

SELECT_US = 10.0  # for which the kernel lets the chip rest between two conversions
CALL_US = 15.0  # of the system call

_TRANSFER = struct.Struct("=QQIIHBBBBBB")


class Mcp3xxx:
    """`volts_code(channel, at_us)` is what a test connects to the inputs.

    A conversion begins with the first 1 after the chip is selected; a chip that stays selected converts no second time.
    """

    def __init__(self, bits: int, code: Callable[[int, float], int]) -> None:
        self.bits, self.code = bits, code
        self.now_us = 0.0
        self.select_us = SELECT_US
        self.calls: list[int] = []  # conversions in each system call
        self.leads: list[int] = []  # pause after the first conversion, in microseconds
        self.fails: int | None = None  # errno of every call
        self.line: int | None = None  # MISO stays at this level

    def port(self, root: Path) -> Callable[[str], SpiPort]:
        """What opens the port that it is on."""
        (root / "spidev0.0").touch()
        return lambda path: SpiPort(root / Path(path).name, self.control)

    def control(self, handle: int, code: int, argument: bytearray) -> int:
        os.fstat(handle)  # still open
        if self.fails is not None:
            raise OSError(self.fails, os.strerror(self.fails))
        direction, size, kind, number = code >> 30, code >> 16 & 0x3FFF, chr(code >> 8 & 0xFF), code & 0xFF
        assert (direction, kind, size) == (1, "k", len(argument))
        if number == 1:
            assert argument == b"\0"  # mode 0
            return 0
        assert number == 0
        transfers = list(_TRANSFER.iter_unpack(argument))
        if size % _TRANSFER.size:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self.calls.append(len(transfers))
        self.leads.append(transfers[0][4])
        self.now_us += CALL_US
        converted = False
        for index, (tx, rx, length, hz, delay_us, bits, cs_change, *_) in enumerate(transfers):
            assert bits == 8
            sent = ctypes.string_at(tx, length)
            answer = bytes(length) if converted else self._converse(sent, hz)
            ctypes.memmove(rx, answer, length)
            last = index == len(transfers) - 1
            converted = not cs_change and not last
            assert not (last and cs_change)  # it would stay selected
            self.now_us += delay_us + self.select_us
        return 0

    def _converse(self, sent: bytes, hz: int) -> bytes:
        bits = "".join(f"{byte:08b}" for byte in sent)
        start = bits.index("1")
        assert bits[start + 1] == "1"  # single ended
        channel = int(bits[start + 2 : start + 5], 2)
        code = self.code(channel, self.now_us + (start + 6) * 1e6 / hz)
        self.now_us += len(bits) * 1e6 / hz
        said = "1" * (start + 6) + "0" + f"{code:0{self.bits}b}"  # the line floats until the chip speaks
        said = (said + "0" * len(bits))[: len(bits)]
        if self.line is not None:
            said = str(self.line) * len(bits)
        return int(said, 2).to_bytes(len(sent), "big")
