"""Opens serial ports; the only module that knows pyserial.

What keeps a port from opening is told as an installer can use it: is it not there, not allowed, in use, or no port at
all? What comes back is pyserial's object, non-blocking; a driver reads it on the event loop (`hw.serial.line`) or in a
thread of its own.
"""

from __future__ import annotations

import errno
import os
import re
import termios
from typing import Protocol

import serial

from hw.errors import DeviceLost


class Port(Protocol):
    """The part of pyserial's Serial that drivers use. Any call may raise OSError when the device has gone."""

    port: str

    @property
    def is_open(self) -> bool: ...
    @property
    def in_waiting(self) -> int: ...
    def fileno(self) -> int: ...
    def read(self, size: int = 1) -> bytes: ...
    def write(self, data: bytes, /) -> int | None: ...
    def reset_input_buffer(self) -> None: ...
    def close(self) -> None: ...


_ON_THE_BOARD = re.compile(r"/dev/(serial[01]|ttyAMA\d+|ttyS\d+)")
"""The UARTs of a Raspberry Pi and their aliases; /dev/serial/by-id is the folder of USB adapters."""

_BLOCKED = (errno.EBUSY, errno.EAGAIN)
_NOT_ALLOWED = (errno.EACCES, errno.EPERM)


def open_port(
    path: str, *, baudrate: int, where: str, timeout_s: float | None = 0.0, parity: str = "N", stopbits: int = 1
) -> Port:
    """The port, ours alone; 8 data bits. `timeout_s` of a read: 0 returns at once, None waits.

    Raises:
        DeviceLost: it cannot be opened; the remedy says why.
    """
    try:
        port: Port = serial.Serial(
            path, baudrate, parity=parity, stopbits=stopbits, timeout=timeout_s, write_timeout=timeout_s,
            exclusive=True,
        )  # fmt: skip
        return port
    except (OSError, ValueError, termios.error) as error:
        raise _explained(path, error, where) from None


def _explained(path: str, error: Exception, where: str) -> DeviceLost:
    number = _number(error)
    if number == errno.ENOENT:
        return DeviceLost(f'there is no port "{path}"', where=where, fix=_not_there(path))
    if number in _NOT_ALLOWED:
        fix = "Add the user this program runs as to the group `dialout`."
        return DeviceLost(f'"{path}" may not be opened by this user', where=where, fix=fix)
    if number in _BLOCKED or "exclusively lock" in str(error):
        return DeviceLost(f'"{path}" is in use', where=where, fix=_in_use(path))
    fix = "Name a serial port: /dev/serial/by-id lists those of USB adapters."
    return DeviceLost(f'"{path}" is no serial port that can be used ({_reason(error)})', where=where, fix=fix)


def _number(error: Exception) -> int | None:
    return error.args[0] if isinstance(error, termios.error) else getattr(error, "errno", None)


def _reason(error: Exception) -> str:
    number = _number(error)
    return os.strerror(number) if number else str(error)


def _not_there(path: str) -> str:
    if _ON_THE_BOARD.fullmatch(path):
        return "On a Raspberry Pi, enable_uart=1 in config.txt makes /dev/serial0 appear after a reboot."
    return "Is it plugged in? `ls /dev/serial/by-id` shows what is there, by names that stay the same."


def _in_use(path: str) -> str:
    if _ON_THE_BOARD.fullmatch(path):
        return "Most often by the serial console: switch it off (`sudo raspi-config`, Serial Port), and reboot."
    return f"Stop the other program; `sudo fuser {path}` shows its number."
