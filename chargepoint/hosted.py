"""A meter that the guard hosts, as the daemon sees it: its readings come with the guard's reports."""

from __future__ import annotations

import asyncio
from typing import Self

from hw.api import Reading
from hw.errors import DeviceLost

NEXT_WITHIN_S = 2.5
"""The guard reads every second and reports twice a second. Longer without a new reading, the meter is silent; together
with the patience of whoever reads it, that is known within 5 s."""


class HostedMeter:
    """Every read is of a value that nobody has had before."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._latest: Reading | None = None
        self._taken_s = -1.0  # of the reading that was handed out last
        self._heard = asyncio.Event()

    def heard(self, reading: Reading | None) -> None:
        """What a report of the guard says."""
        if reading is not None and (self._latest is None or reading.taken_s > self._latest.taken_s):
            self._latest = reading
            self._heard.set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """It is the guard's to close."""

    async def read(self) -> Reading:
        return await self._next(self._taken_s)

    async def begin(self, token: str | None) -> Reading:
        """A reading taken after the request. A hosted meter opens no signed record."""
        return await self._next(asyncio.get_running_loop().time())

    async def end(self) -> Reading:
        return await self._next(asyncio.get_running_loop().time())

    async def _next(self, after_s: float) -> Reading:
        try:
            async with asyncio.timeout(NEXT_WITHIN_S):
                while self._latest is None or self._latest.taken_s <= after_s:
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            fix = "Check its wires and its unit number; the guard's log says what it finds."
            raise DeviceLost("the guard has no new reading of this meter", where=self._where, fix=fix) from None
        self._taken_s = self._latest.taken_s
        return self._latest
