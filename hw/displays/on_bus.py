"""A display on an I2C bus: opened, shown something, made dark, closed. What blocks does so in a thread."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Generic, Protocol, Self, TypeVar

from hw.displays.i2c import Bus, open_bus
from hw.errors import DeviceLost


class Panel(Protocol):
    """What luma's devices have in common."""

    def cleanup(self) -> None: ...


P = TypeVar("P", bound=Panel)


class OnBus(Generic[P]):
    """Base of the I2C displays: they say how their panel is made."""

    def __init__(self, number: int, where: str) -> None:
        self._number, self._where = number, where
        self._bus: Bus | None = None
        self._opened: P | None = None

    def make(self, bus: Bus) -> P:
        """Blocks. Raises DeviceLost."""
        raise NotImplementedError

    @property
    def panel(self) -> P:
        if self._opened is None:
            raise RuntimeError("the display is not open")
        return self._opened

    async def __aenter__(self) -> Self:
        self._bus = open_bus(self._number, self._where)
        try:
            self._opened = await asyncio.to_thread(self.make, self._bus)
        except BaseException:
            self._bus.close()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        panel, bus, self._opened, self._bus = self._opened, self._bus, None, None
        if panel is not None:
            with suppress(DeviceLost):
                await asyncio.to_thread(panel.cleanup)  # dark: what stood there is not true any more
        if bus is not None:
            bus.close()
