"""Reads a meter of the whole station every second: what the building takes, or what its panels give."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from chargepoint.heartbeats import Heart
from chargepoint.logfields import about
from hw.api import Meter, Reading
from hw.errors import DeviceLost

log = logging.getLogger(__name__)

PERIOD_S = 1.0
LOST_AFTER_S = 3.0
"""Silence after which the meter counts as lost, as with the meters of the EVSEs."""
STALE_S = 5.0
"""An older value says nothing about now."""


@dataclass(slots=True)
class StationMeterKeeper:
    """The only user of one meter; the latest reading is there for whoever asks."""

    name: str  # "main meter", as a log line says it
    role: str  # main, pv
    meter: Meter
    heard: Callable[[tuple[float, ...]], None] | None = None  # told the amperes of every reading that tells them
    latest: Reading | None = None
    lost: bool = False
    heart: Heart = field(default_factory=Heart)

    async def run(self) -> None:
        """For ever. Raises DeviceLost only where the meter cannot be opened."""
        self.heart.beat()
        async with self.meter:
            last_s = _now_s()
            while True:
                self.heart.beat()
                try:
                    self._read(await self.meter.read())
                    last_s = _now_s()
                except DeviceLost as fault:
                    if _now_s() - last_s >= LOST_AFTER_S:
                        self._lose(fault)
                await asyncio.sleep(PERIOD_S)

    def current_a(self) -> tuple[float, ...] | None:
        """Amperes per phase, L1 first; None while the meter is silent or does not tell them."""
        latest = self.latest
        if latest is None or _now_s() - latest.taken_s > STALE_S:
            return None
        return latest.current_a or None

    def _read(self, reading: Reading) -> None:
        if self.lost:
            self.lost = False
            log.info("%s is back", self.name, extra=about(driver=self.name))
        before = self.latest.meter if self.latest is not None else ""
        if before and reading.meter and reading.meter != before:
            log.warning("%s: another meter is in place, %s instead of %s", self.name, reading.meter, before)
        self.latest = reading.finite()
        if self.heard is not None and self.latest.current_a:
            self.heard(flow_a(self.latest))

    def _lose(self, fault: DeviceLost) -> None:
        if not self.lost:
            self.lost = True
            log.warning("%s lost: %s", self.name, fault, extra=about(driver=self.name))


def flow_a(reading: Reading) -> tuple[float, ...]:
    """Amperes per phase; negative where power flows to the grid. Most meters tell a current without its direction."""
    power_w = reading.phase_power_w
    if len(power_w) != len(reading.current_a):
        return reading.current_a
    return tuple(-abs(amps) if watts < 0 else amps for amps, watts in zip(reading.current_a, power_w, strict=True))


def _now_s() -> float:
    return asyncio.get_running_loop().time()
