"""Jobs that depend on a device or a service: run again after a fault an installer can fix, never after a bug."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator

from chargepoint.errors import Fixable
from chargepoint.logfields import about

log = logging.getLogger(__name__)

STABLE_S = 60.0
"""A job that ran this long had recovered: its next wait is short again."""


def patiently() -> Iterator[float]:
    """Waits in seconds: 1, 2, 4 ... 30, 30, ..."""
    wait_s = 1.0
    while True:
        yield wait_s
        wait_s = min(wait_s * 2, 30.0)


async def supervised(
    name: str,
    job: Callable[[], Awaitable[None]],
    *,
    lost: Callable[[Fixable], None] = lambda fault: None,
    delays_s: Callable[[], Iterator[float]] = patiently,
) -> None:
    """Run `job` for ever. After a Fixable: `lost` is told, one line is logged, and it is run again after a wait."""
    clock, waits, silent = asyncio.get_running_loop().time, delays_s(), ""
    while True:
        started_s = clock()
        try:
            return await job()
        except Fixable as fault:
            lost(fault)
            if clock() - started_s > STABLE_S:
                waits, silent = delays_s(), ""
            if str(fault) != silent:  # one line when it goes, nothing while it stays away
                log.warning("%s: %s", name, fault, extra=about(driver=name))
                silent = str(fault)
        await asyncio.sleep(next(waits))
