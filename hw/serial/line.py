"""A serial port on the event loop: bytes are handed out as they come, and a line that breaks says so once."""

from __future__ import annotations

import asyncio
import os
from typing import Protocol

from hw.errors import DeviceLost
from hw.serial.port import Port, open_port

CHUNK = 4096
UNREAD_BYTES = 16_384
"""More than that is not kept for somebody who does not read."""


class Line(Protocol):
    """What a protocol needs of a line; tests bring one of their own."""

    def write(self, data: bytes) -> None: ...
    async def read(self) -> bytes: ...
    def close(self) -> None: ...


class SerialLine:
    """An open port, watched by the running loop until it is closed or breaks."""

    def __init__(self, port: Port, where: str) -> None:
        self._port, self._where = port, where
        self._name = str(port.port)
        self._fd = port.fileno()
        self._heard = bytearray()
        self._broken = ""  # why it cannot be used any more
        self._stirred = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._readable)

    def write(self, data: bytes) -> None:
        """All of it, at once: frames are shorter than what the kernel buffers. Raises DeviceLost."""
        if self._broken:
            raise self._gone()
        try:
            sent = os.write(self._fd, data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._break(error.strerror or str(error))
            raise self._gone() from None
        if sent < len(data):
            fix = "Check the cable, and that no flow control is wired."
            raise DeviceLost(f'"{self._name}" takes no more bytes', where=self._where, fix=fix)

    async def read(self) -> bytes:
        """What has come since the last call, one byte at least. Raises DeviceLost when the port has gone."""
        while not self._heard:
            if self._broken:
                raise self._gone()
            self._stirred.clear()
            await self._stirred.wait()
        data = bytes(self._heard)
        self._heard.clear()
        return data

    def close(self) -> None:
        self._unwatch()
        self._port.close()

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self._break(error.strerror or str(error))
            return
        if not data:  # readable, and nothing there: the other end has hung up
            self._break("hung up")
            return
        self._heard += data
        del self._heard[:-UNREAD_BYTES]
        self._stirred.set()

    def _break(self, why: str) -> None:
        """The loop would call for a dead port for ever: it is not watched any more."""
        self._unwatch()
        self._broken = why
        self._stirred.set()

    def _gone(self) -> DeviceLost:
        fix = "Is it still plugged in? It is tried again by itself."
        return DeviceLost(f'"{self._name}" has gone ({self._broken})', where=self._where, fix=fix)

    def _unwatch(self) -> None:
        if not self._broken and self._port.is_open:
            self._loop.remove_reader(self._fd)


def open_line(path: str, baudrate: int, where: str) -> Line:
    """Raises DeviceLost."""
    return SerialLine(open_port(path, baudrate=baudrate, where=where), where)
