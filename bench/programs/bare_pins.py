"""The wires of the bare program's pilot and contactor: a mapped file, so that both ends can stamp what they do.

The bare program watches its pilot on its event loop, as a charge point of one process would.
"""

from __future__ import annotations

import asyncio
import mmap
import struct
import time
from pathlib import Path

TICK_S = 0.010
DEBOUNCE_TICKS = 2  # the guard's opening is debounced by up to 30 ms as well
SIZE = 32
_WIRE = struct.Struct("<QQ")  # level, and the instant (time.monotonic_ns()) at which it last changed
_LEVEL_AT, _COIL_AT = 0, 16


class BarePins:
    def __init__(self, path: Path) -> None:
        with path.open("a+b") as file:
            file.truncate(SIZE)
            self._memory = mmap.mmap(file.fileno(), SIZE)

    def close(self) -> None:
        self._memory.close()

    def set_car(self, draws: bool) -> None:
        _WIRE.pack_into(self._memory, _LEVEL_AT, draws, time.monotonic_ns())

    def set_coil(self, closed: bool) -> None:
        _WIRE.pack_into(self._memory, _COIL_AT, closed, time.monotonic_ns())

    @property
    def car(self) -> tuple[bool, int]:
        """Does it draw (state C), and since when."""
        level, since_ns = _WIRE.unpack_from(self._memory, _LEVEL_AT)
        return bool(level), since_ns

    @property
    def coil(self) -> tuple[bool, int]:
        level, since_ns = _WIRE.unpack_from(self._memory, _COIL_AT)
        return bool(level), since_ns


async def watch(pins: BarePins) -> None:
    """The contactor follows the pilot."""
    differing = 0
    while True:
        await asyncio.sleep(TICK_S)
        draws, _ = pins.car
        closed, _ = pins.coil
        differing = differing + 1 if draws != closed else 0
        if differing > DEBOUNCE_TICKS:
            pins.set_coil(draws)
