"""A meter on the network: asked "read", it answers one line, such as "wh=1234.5 w=3680 v=230.1,229.8,231.0"."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from typing import Self

from hw.api import Reading
from hw.discovery import Place, option
from hw.errors import DeviceLost

ANSWER_WITHIN_S = 2.0  # a station wants to know within 5 s that its meter is dead


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What may stand in meter = { driver = "acme", … }."""

    host: str = option(help="name or address of the meter")
    port: int = option(7005, minimum=1, maximum=65535, help="its TCP port")


class Meter:
    """Acme meter M1 on the network."""

    Options = Options

    def __init__(self, options: Options, place: Place) -> None:
        self._options, self._place = options, place
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                self._reader, self._writer = await asyncio.open_connection(self._options.host, self._options.port)
        except (OSError, TimeoutError) as error:
            raise self._lost(f"it cannot be reached ({error or 'no answer'})") from None
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def read(self) -> Reading:
        line = await self._asked()
        told = reading(line, time.monotonic())
        if told is None:
            raise self._lost(f"it says {line.strip()!r}, which is no reading")
        return told

    async def begin(self, token: str | None) -> Reading:
        return await self.read()  # a meter that signs would open its record here

    async def end(self) -> Reading:
        return await self.read()

    async def _asked(self) -> str:
        if self._reader is None or self._writer is None:
            raise self._lost("it is not open")
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                self._writer.write(b"read\n")
                line = await self._reader.readline()
        except (OSError, ValueError, TimeoutError) as error:  # ValueError: a line without end
            self._writer.close()  # a late answer must not be taken for the next one
            raise self._lost(f"it does not answer ({error or 'too slow'})") from None
        return line.decode("ascii", "replace")

    def _lost(self, what: str) -> DeviceLost:
        fix = f"Check its cable, and that {self._options.host} is its address."
        return DeviceLost(what, where=f"[{self._place.where}]", fix=fix)


def reading(line: str, taken_s: float) -> Reading | None:
    """What a line says; None where it makes no sense: a value is never guessed."""
    try:
        told = dict(part.split("=", 1) for part in line.split())
        numbers = [float(told["wh"]), float(told["w"]), *(float(part) for part in told["v"].split(","))]
    except (KeyError, ValueError):
        return None
    energy_wh, power_w, *voltage_v = numbers
    if energy_wh < 0 or not all(map(math.isfinite, numbers)):
        return None
    return Reading(energy_wh, power_w, voltage_v=tuple(voltage_v), taken_s=taken_s)
