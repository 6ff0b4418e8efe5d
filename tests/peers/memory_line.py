"""A serial line in memory, for protocols in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hw.errors import DeviceLost


class MemoryLine:
    """What is written is heard by the device at once; what it says can be read at once."""

    def __init__(self, hears: Callable[[bytes], bytes], where: str) -> None:
        self._hears, self._where = hears, where
        self._said: asyncio.Queue[bytes] = asyncio.Queue()
        self.broken = self.closed = False

    def write(self, data: bytes) -> None:
        self._check()
        if answer := self._hears(data):
            self.says(answer)

    async def read(self) -> bytes:
        self._check()
        data = await self._said.get()
        self._check()
        return data

    def close(self) -> None:
        self.closed = True

    def says(self, data: bytes) -> None:
        self._said.put_nowait(data)

    def unplug(self) -> None:
        self.broken = True
        self.says(b"?")  # wakes who waits

    def _check(self) -> None:
        if self.closed:
            raise RuntimeError("the line is closed")
        if self.broken:
            raise DeviceLost("the port has gone", where=self._where, fix="Plug it in.")
