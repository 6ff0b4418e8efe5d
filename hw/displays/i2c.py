"""An I2C bus through the kernel's i2c-dev, with the standard library alone.

It has the methods that luma.core asks of an SMBus, so that its own library for them is not needed, and so that what
goes wrong is told as an installer can use it. (Kernel: Documentation/i2c/dev-interface.rst.)
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Sequence
from typing import Protocol

from hw.errors import DeviceLost

_SLAVE = 0x0703  # I2C_SLAVE: the address that reads and writes are for

NOBODY = (errno.EREMOTEIO, errno.ENXIO, errno.EIO, errno.ETIMEDOUT)
"""What the kernel's bus drivers say where no device acknowledges."""


class Bus(Protocol):
    """What luma.core needs. Every method raises DeviceLost."""

    def write_byte(self, address: int, value: int, /) -> None: ...
    def write_i2c_block_data(self, address: int, register: int, data: Sequence[int], /) -> None: ...
    def close(self) -> None: ...


class I2cBus:
    """An open /dev/i2c-N."""

    def __init__(self, number: int, where: str) -> None:
        self._path, self._where = f"/dev/i2c-{number}", where
        self._address = -1
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise _not_opened(self._path, error, where) from None

    def write_byte(self, address: int, value: int, /) -> None:
        self._send(address, bytes([value]))

    def write_i2c_block_data(self, address: int, register: int, data: Sequence[int], /) -> None:
        self._send(address, bytes([register, *data]))

    def close(self) -> None:
        fd, self._fd = self._fd, -1  # luma may still write at the end of the program
        os.close(fd)

    def _send(self, address: int, data: bytes) -> None:
        try:
            if address != self._address:
                fcntl.ioctl(self._fd, _SLAVE, address)
                self._address = address
            os.write(self._fd, data)
        except OSError as error:
            raise self._unheard(address, error) from None

    def _unheard(self, address: int, error: OSError) -> DeviceLost:
        if error.errno in NOBODY:
            what = f"nothing answers at address 0x{address:02X} of {self._path}"
            fix = f"Check the display's wires (SDA, SCL, supply) and `address`: sudo i2cdetect -y {self._path[9:]}."
        elif error.errno == errno.EBUSY:
            what = f"address 0x{address:02X} of {self._path} belongs to a driver of the kernel"
            fix = "Remove the dtoverlay from config.txt that claims it, and reboot."
        else:
            what = f"{self._path} cannot be used ({error.strerror})"
            fix = "Name an I2C bus: `ls /dev/i2c-*`."
        return DeviceLost(what, where=self._where, fix=fix)


def _not_opened(path: str, error: OSError, where: str) -> DeviceLost:
    if error.errno == errno.ENOENT:
        fix = "Switch I2C on: dtparam=i2c_arm=on in config.txt, `i2c-dev` in /etc/modules, and reboot."
        return DeviceLost(f"there is no I2C bus {path}", where=where, fix=fix)
    if error.errno in (errno.EACCES, errno.EPERM):
        fix = "Add the user this program runs as to the group `i2c`."
        return DeviceLost(f"{path} may not be opened by this user", where=where, fix=fix)
    return DeviceLost(f"{path} cannot be opened ({error.strerror})", where=where, fix="Name an I2C bus: `bus = 1`.")


def open_bus(number: int, where: str) -> Bus:
    """Raises DeviceLost."""
    return I2cBus(number, where)
