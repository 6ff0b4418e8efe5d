"""Opens a socket's lock and waits to see that it has opened."""

from __future__ import annotations

import asyncio
from typing import Protocol

from chargepoint.core.evse import Evse
from chargepoint.core.facts import ContactorOpened
from chargepoint.desk import Desk
from hw.api import Result

OPEN_FIRST_S = 8.0
"""The contactor must be proven open first; an EV gets 6 s to stop drawing (IEC 61851-1 table A.6, 10.2)."""


class Guard(Protocol):
    async def command(self, evse: int, name: str, argument: str | None = None, timeout_s: float = 3.0) -> Result: ...


async def unlock(evse: Evse, guard: Guard, desk: Desk) -> str:
    """The physical outcome, in OCPP's words: Unlocked, UnlockFailed, NotSupported (there is no lock)."""
    if not evse.spec.has_lock:
        return "NotSupported"
    if not await _opened(evse, desk):
        return "UnlockFailed"
    result = await guard.command(evse.id, "unlock")
    return "Unlocked" if result.ok else "UnlockFailed"


async def _opened(evse: Evse, desk: Desk) -> bool:
    opened = asyncio.Event()
    forget = desk.subscribe(lambda record: opened.set() if record.fact == ContactorOpened(evse.id) else None)
    try:
        async with asyncio.timeout(OPEN_FIRST_S):
            if evse.seen.closed:
                await opened.wait()
    except TimeoutError:
        return False
    finally:
        forget()
    return True
