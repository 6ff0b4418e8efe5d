"""What systemd does for the guard on a product, done by the daemon elsewhere: a dead or hung guard is replaced.

Before a new one starts, `python -m hw.guard release` opens every contactor, because outputs outlive their process.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from hw.processes import ensure_guard, reap, spawn

log = logging.getLogger(__name__)

HUNG_S = 4.0  # without a report
LOOK_EVERY_S = 0.5
STABLE_S = 5.0  # a guard that has lived so long did not fail at start
LONGEST_DELAY_S = 10.0
RELEASE_WITHIN_S = 5.0


class Listener(Protocol):
    """Knows when the guard was last heard (loop time)."""

    heard_s: float


async def keep_guard(listener: Listener, config: Path, state_dir: Path) -> None:
    """Adopt or start the guard of `state_dir`; replace it within a second whenever it dies or hangs. Never returns."""
    clock, delays = asyncio.get_running_loop().time, _delays_s()
    while True:
        started_s = clock()
        pid = ensure_guard(config, state_dir)
        why = await _until_lost(pid, listener)
        log.warning("guard (process %d) %s: opening every contactor and starting it again", pid, why)
        await _release(config, state_dir)
        if clock() - started_s > STABLE_S:
            delays = _delays_s()
        await asyncio.sleep(next(delays))


def _delays_s() -> Iterator[float]:
    """At once first, then slower and slower: a guard that cannot start says why in its log, and that often enough."""
    delay_s = 0.0
    while True:
        yield delay_s
        delay_s = min(delay_s * 2 + 1.0, LONGEST_DELAY_S)


async def _until_lost(pid: int, listener: Listener) -> str:
    """Returns once the process is gone, and why; a hung one is killed."""
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return _ending(pid)
    loop.add_reader(handle, gone.set)
    try:
        return await _watch(pid, gone, listener)
    finally:
        loop.remove_reader(handle)
        os.close(handle)


async def _watch(pid: int, gone: asyncio.Event, listener: Listener) -> str:
    clock = asyncio.get_running_loop().time
    began_s = clock()
    suspected = False  # two looks in a row, so that our own stall is not taken for the guard's
    patience_s = HUNG_S
    while not await _within(gone, LOOK_EVERY_S if suspected else max(patience_s, LOOK_EVERY_S)):
        patience_s = max(listener.heard_s, began_s) + HUNG_S - clock()
        hung = patience_s <= 0.0
        if hung and suspected:
            os.kill(pid, signal.SIGKILL)
            await gone.wait()
            reap(pid)
            return f"was silent for {HUNG_S:g} s and has been killed"
        suspected = hung
    return _ending(pid)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


def _ending(pid: int) -> str:
    status = reap(pid)
    return "has died" if status is None else f"ended with status {status}"


async def _release(config: Path, state_dir: Path) -> None:
    pid = spawn("guard", ["release"], config, state_dir)
    handle = os.pidfd_open(pid)
    gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(handle, gone.set)
    try:
        if not await _within(gone, RELEASE_WITHIN_S):
            log.error("opening every contactor took longer than %g s", RELEASE_WITHIN_S)
    finally:
        asyncio.get_running_loop().remove_reader(handle)
        os.close(handle)
    status = reap(pid)
    if status != 0:
        log.error("opening every contactor failed with status %s; see %s", status, state_dir / "guard.log")
