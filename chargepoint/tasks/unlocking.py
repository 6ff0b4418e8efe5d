"""Opens a socket's lock and waits to see that it has opened."""

from __future__ import annotations

import asyncio
from typing import Protocol

from chargepoint.core.evse import Evse
from hw.api import Result

OPEN_FIRST_S = 5.0
"""The contactor must be proven open first; the EV gets its time to stop drawing."""

LOOK_S = 0.1


class Guard(Protocol):
    async def command(self, evse: int, name: str, argument: str | None = None, timeout_s: float = 3.0) -> Result: ...


async def unlock(evse: Evse, guard: Guard) -> str:
    """The physical outcome, in OCPP's words: Unlocked, UnlockFailed, NotSupported (there is no lock)."""
    if evse.seen.locked is None:
        return "NotSupported"
    if not await _opened(evse):
        return "UnlockFailed"
    result = await guard.command(evse.id, "unlock")
    return "Unlocked" if result.ok else "UnlockFailed"


async def _opened(evse: Evse) -> bool:
    try:
        async with asyncio.timeout(OPEN_FIRST_S):
            while evse.seen.closed:
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        return False
    return True
