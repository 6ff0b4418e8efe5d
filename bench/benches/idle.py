"""CPU of a station with nothing to do but to read its meter every second and to watch its pilot every 10 ms."""

from __future__ import annotations

import asyncio
import time

from bench import procstat
from bench.kit import Kit, up
from bench.results import Measured

VERSION = "1.6"
SETTLE_S = 5.0
WINDOW_S = 30


async def measure(kit: Kit) -> list[Measured]:
    await kit.know_the_machine()
    bare, ours = await kit.in_turn(lambda: _bare(kit), lambda: _ours(kit))
    beside = [program for (program,) in bare]
    return [
        Measured("idle.daemon", [daemon for daemon, _ in ours], beside),
        Measured("idle.guard", [guard for _, guard in ours], beside),
    ]


async def _bare(kit: Kit) -> list[float]:
    bare = kit.bare(VERSION)
    async with up(bare):
        return await _cpu_s_per_hour(kit, bare.pid)


async def _ours(kit: Kit) -> list[float]:
    ours = kit.ours(VERSION)
    async with up(ours):
        return await _cpu_s_per_hour(kit, ours.pid, ours.process_of("hw.guard"))


async def _cpu_s_per_hour(kit: Kit, *pids: int) -> list[float]:
    """Of each process, over the same window."""
    await asyncio.sleep(1.0 if kit.quick else SETTLE_S)
    before, began_s = [procstat.cpu_s(pid) for pid in pids], time.perf_counter()
    await asyncio.sleep(kit.size(WINDOW_S, 2))
    spent = [procstat.cpu_s(pid) - used for pid, used in zip(pids, before, strict=True)]
    return [cpu_s / (time.perf_counter() - began_s) * 3600 for cpu_s in spent]
