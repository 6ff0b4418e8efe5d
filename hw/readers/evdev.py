"""Card reader on USB that pretends to be a keyboard, by the kernel's input events and the standard library.

The device is grabbed: what it types reaches us and nobody else, no login prompt on the console above all. Which order
its bytes have only its maker knows, so that a random id cannot be told from another here.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self

from hw.api import CardSeen
from hw.discovery import Place, option
from hw.errors import DeviceLost
from hw.readers.ids import EM4100, ISO14443, ISO15693, IdForm
from hw.readers.keyboard import DROPPED, Typing
from hw.readers.presented import Sighting, presented

EVENT = struct.Struct("@llHHi")  # struct input_event: time in two words, type, code, value
KEY, PRESSED = 1, 1  # EV_KEY; 0 is release, 2 is repeat
SYN, SYN_DROPPED = 0, 3  # the kernel's buffer was full
GRAB = 0x40044590  # EVIOCGRAB: _IOW('E', 0x90, int)
MANY = 64  # events a read

_NAME_IT = "Name its device: `ls /dev/input/by-id/*-event-kbd` shows the keyboards there are."


def grab(fd: int) -> None:
    """Nobody else hears the keys from now on. Raises OSError."""
    fcntl.ioctl(fd, GRAB, 1)


class Keys:
    """The key presses of one input device, watched by the running loop until it is closed or breaks."""

    def __init__(self, path: str, where: str) -> None:
        self._path, self._where = path, where
        self._fd = _opened(path, where)
        self._pressed: asyncio.Queue[int | None] = asyncio.Queue()  # None: it has gone
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._readable)

    async def next(self) -> int:
        """The code of the next key pressed. Raises DeviceLost."""
        key = await self._pressed.get()
        if key is None:
            fix = "Is it still plugged in? It is tried again by itself."
            raise DeviceLost(f'"{self._path}" has gone', where=self._where, fix=fix)
        return key

    def close(self) -> None:
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _readable(self) -> None:
        try:
            events = os.read(self._fd, MANY * EVENT.size)
        except BlockingIOError:
            return
        except OSError:
            events = b""
        if not events:
            self._loop.remove_reader(self._fd)
            self._pressed.put_nowait(None)
        whole = len(events) - len(events) % EVENT.size
        for _, _, kind, code, value in EVENT.iter_unpack(events[:whole]):
            if (kind, value) == (KEY, PRESSED):
                self._pressed.put_nowait(code)
            elif (kind, code) == (SYN, SYN_DROPPED):
                self._pressed.put_nowait(DROPPED)


def _opened(path: str, where: str) -> int:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _explained(path, error, where) from None
    try:
        grab(fd)
    except OSError as error:
        os.close(fd)
        raise _explained(path, error, where) from None
    return fd


def _explained(path: str, error: OSError, where: str) -> DeviceLost:
    match error.errno:
        case errno.ENOENT | errno.ENODEV:
            return DeviceLost(f'there is no input device "{path}"', where=where, fix=_NAME_IT)
        case errno.EACCES | errno.EPERM:
            fix = "Add the user this program runs as to the group `input`."
            return DeviceLost(f'"{path}" may not be opened by this user', where=where, fix=fix)
        case errno.EBUSY:
            fix = "Another program has grabbed it: stop that."
            return DeviceLost(f'"{path}" is in use', where=where, fix=fix)
        case _:
            return DeviceLost(f'"{path}" is no input device ({error.strerror})', where=where, fix=_NAME_IT)


class Evdev:
    """USB card reader that types like a keyboard."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(IdForm):
        port: str = option(help="the input device: /dev/input/by-id/…-event-kbd")
        types: str = option("hex", choices=("hex", "decimal"), help="what the reader types: hex digits, or a number")
        card_kind: str = option(
            ISO14443, choices=(ISO14443, ISO15693, EM4100), help="which cards it reads: EM4100 is 125 kHz"
        )

    def __init__(self, options: Options, place: Place) -> None:
        self._options, self._place = options, place
        self._keys: Keys | None = None

    async def __aenter__(self) -> Self:
        self._keys = Keys(self._options.port, f"[{self._place.where}]")
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._keys is not None:
            self._keys.close()
        self._keys = None

    def cards(self) -> AsyncIterator[CardSeen]:
        return presented(self._sightings(), self._options, self._place.number)

    async def _sightings(self) -> AsyncIterator[Sighting]:
        typing, clock = Typing(decimal=self._options.types == "decimal"), asyncio.get_running_loop().time
        while self._keys is not None:
            uid = typing.press(await self._keys.next(), clock())
            if uid is not None:
                yield Sighting(uid, self._options.card_kind, order_known=False)
