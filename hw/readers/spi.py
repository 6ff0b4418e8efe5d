"""An SPI device through the kernel's spidev, with the standard library alone.

Several messages go into one system call, each with its own chip select: a look at a reader is a dozen short messages,
and a call costs more than the bytes in it. (Kernel: Documentation/spi/spidev.rst.)
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from array import array
from collections.abc import Sequence
from typing import Protocol

from hw.errors import DeviceLost

_TRANSFER = struct.Struct("=QQIIHBBBBBx")  # struct spi_ioc_transfer
_WRITE = 1 << 30
_MAGIC = ord("k") << 8

SPEED_HZ = 1_000_000
"""Ten times slower than the chips allow: jumper wires are long."""


class Spi(Protocol):
    """What a chip's driver needs; tests bring a simulated chip."""

    def exchange(self, messages: Sequence[bytes]) -> list[bytes]:
        """What came back during each message, as many bytes as went out. Raises DeviceLost."""
        ...

    def close(self) -> None: ...


class SpiDevice:
    """An open /dev/spidevB.C, mode 0, 8 bits."""

    def __init__(self, path: str, where: str) -> None:
        self._path, self._where = path, where
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise _not_opened(path, error, where) from None

    def exchange(self, messages: Sequence[bytes]) -> list[bytes]:
        out = [array("B", message) for message in messages]
        heard = [array("B", bytes(len(message))) for message in messages]
        last = len(messages) - 1
        request = bytearray()
        for number, (sent, received) in enumerate(zip(out, heard, strict=True)):
            request += _TRANSFER.pack(
                sent.buffer_info()[0], received.buffer_info()[0], len(sent), SPEED_HZ, 0, 8, number != last, 0, 0, 0
            )
        try:
            fcntl.ioctl(self._fd, _WRITE | len(request) << 16 | _MAGIC, bytes(request))
        except OSError as error:
            what = f'"{self._path}" cannot be used ({error.strerror})'
            raise DeviceLost(what, where=self._where, fix="Name an SPI device, for example /dev/spidev0.0.") from None
        return [received.tobytes() for received in heard]

    def close(self) -> None:
        os.close(self._fd)


def _not_opened(path: str, error: OSError, where: str) -> DeviceLost:
    if error.errno == errno.ENOENT:
        fix = "Switch SPI on: dtparam=spi=on in config.txt, and reboot; then `ls /dev/spidev*`."
        return DeviceLost(f'there is no SPI device "{path}"', where=where, fix=fix)
    if error.errno in (errno.EACCES, errno.EPERM):
        fix = "Add the user this program runs as to the group `spi`."
        return DeviceLost(f'"{path}" may not be opened by this user', where=where, fix=fix)
    return DeviceLost(
        f'"{path}" cannot be opened ({error.strerror})', where=where, fix="Name an SPI device: `ls /dev/spidev*`."
    )


def open_spi(path: str, where: str) -> Spi:
    """Raises DeviceLost."""
    return SpiDevice(path, where)
