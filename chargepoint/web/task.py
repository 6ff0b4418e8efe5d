"""The page as one long-lived task of the daemon. Nothing here is expensive to import."""

from __future__ import annotations

import asyncio
from importlib import import_module

from chargepoint.web.controls import Controls
from chargepoint.web.listening import Door
from chargepoint.web.trace import RecentFrames


async def serve(controls: Controls, door: Door, frames: RecentFrames | None = None, beside: Door | None = None) -> None:
    """Answer on `door` until cancelled, and on the socket file `beside`. `frames`: what was said to the back office so
    far.

    Nobody may ever call a Unix socket: the HTTP library (20 MiB) is loaded for the first who does.
    """
    if door.is_local_file:
        await _somebody_calls(door)
    await asyncio.to_thread(import_module, "chargepoint.web.server")  # else the loop would stand for 0.1 s
    from chargepoint.web.server import serving

    async with serving(controls, door, frames, beside):
        await asyncio.Event().wait()


async def _somebody_calls(door: Door) -> None:
    loop, called = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(door.socket, called.set)
    try:
        await called.wait()
    finally:
        loop.remove_reader(door.socket)
