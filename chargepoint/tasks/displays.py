"""Keeps a display true: shows every change within half a second, and nothing twice."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from functools import partial

from chargepoint.core.facts import Record
from chargepoint.desk import Desk
from chargepoint.supervise import supervised
from chargepoint.tasks.screens import Screens
from hw.api import Display, Screen

COALESCE_S = 0.5
"""Facts come in bursts, and a display is slow: no more than two pictures a second."""
PERIOD_S = 1.0
"""While a car is there, readings and passing time change what is shown, and are no facts."""
IDLE_PERIOD_S = 10.0
"""While none is, hardly anything changes without a fact."""


async def keep_shown(desk: Desk, number: int, display: AbstractAsyncContextManager[Display], readers: int) -> None:
    """The n-th display (from 0), for ever: one that is lost is tried again. `readers`: card readers there are."""
    await supervised(f"display {number + 1}", partial(show_screens, desk, display, readers))


async def show_screens(desk: Desk, display: AbstractAsyncContextManager[Display], readers: int) -> None:
    """Until the display is lost (DeviceLost)."""
    screens, changed = Screens(desk.station, readers), asyncio.Event()

    def heard(record: Record) -> None:
        screens.heard(record.fact, desk.clock.now().mono_s)
        changed.set()

    forget = desk.subscribe(heard)
    try:
        async with display as opened:
            shown: tuple[Screen, ...] = ()
            while True:
                changed.clear()
                now = screens.now(desk.clock.now())
                if now != shown:
                    await opened.show(now)
                    shown = now
                    await asyncio.sleep(COALESCE_S)
                else:
                    await _stirred(changed, PERIOD_S if screens.restless else IDLE_PERIOD_S)
    finally:
        forget()


async def _stirred(changed: asyncio.Event, at_most_s: float) -> None:
    try:
        async with asyncio.timeout(at_most_s):
            await changed.wait()
    except TimeoutError:
        pass
