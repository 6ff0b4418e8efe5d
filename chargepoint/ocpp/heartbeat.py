"""When the next Heartbeat is due: after so much silence of ours, and for the clock at least once a day."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from chargepoint.core.catalogue import HEARTBEAT_INTERVAL
from chargepoint.core.kinds import DAY_S
from chargepoint.ocpp.calls import Kind
from chargepoint.ocpp.line import Line
from chargepoint.ocpp.services import NoAnswer, Services


@dataclass(slots=True, eq=False)
class Heartbeat:
    """Speaks when nothing else has been said for the interval."""

    services: Services
    line: Line
    clock_s: Callable[[], float]  # of the event loop
    _said_s: float = field(init=False)  # when we last sent a request, or were accepted
    _beat_s: float = field(init=False)  # when we last were told the time
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._said_s = self._beat_s = self.clock_s()

    def said(self) -> None:
        """A request of ours went out: silence begins anew (1.6 section 4.6, 2.0.1 G02.FR.05)."""
        self._said_s = self.clock_s()

    def changed(self) -> None:
        """The interval or the registration has changed."""
        self._changed.set()

    async def run(self) -> None:
        while True:
            wait_s = self._due_s() - self.clock_s()
            if wait_s > 0:
                await self._wait(wait_s)
            else:
                await self._beat()

    def _due_s(self) -> float:
        if not self.line.accepted.is_set():
            return math.inf
        interval_s = self.services.settings[HEARTBEAT_INTERVAL]
        return min(self._said_s + interval_s if interval_s > 0 else math.inf, self._beat_s + DAY_S)

    async def _wait(self, wait_s: float) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout(None if math.isinf(wait_s) else wait_s):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _beat(self) -> None:
        self._beat_s = self._said_s = self.clock_s()
        try:
            await self.line.heartbeat(Kind.OWN, self.services.clock.correct)
        except NoAnswer:
            return  # the next one is due in its time; a dead link is found by others
