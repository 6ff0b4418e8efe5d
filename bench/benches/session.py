"""CPU of one session that is journalled: start, a sample, stop. What idling costs meanwhile is taken off."""

from __future__ import annotations

import asyncio
import time

from bench import procstat
from bench.calls import session
from bench.kit import Kit, up
from bench.results import Measured
from bench.stations import Bare, Ours

VERSION = "1.6"
SESSIONS = 40
IDLE_S = 5


async def measure(kit: Kit) -> list[Measured]:
    await kit.know_the_machine()
    bare, ours = await kit.in_turn(lambda: _bare(kit), lambda: _ours(kit))
    return [Measured("session", ours, bare)]


async def _bare(kit: Kit) -> float:
    bare = kit.bare(VERSION)
    async with up(bare):
        return await _cpu_ms(kit, bare)


async def _ours(kit: Kit) -> float:
    ours = kit.ours(VERSION)
    async with up(ours):
        await ours.simulator.plug(1)
        return await _cpu_ms(kit, ours)


async def _cpu_ms(kit: Kit, contestant: Bare | Ours) -> float:
    await session(contestant)
    idle = await _share(contestant.pid, kit.size(IDLE_S, 1))
    count = kit.size(SESSIONS, 2)
    before_s, began_s = procstat.cpu_s(contestant.pid), time.perf_counter()
    for _ in range(count):
        await session(contestant)
    spent_s, lasted_s = procstat.cpu_s(contestant.pid) - before_s, time.perf_counter() - began_s
    return (spent_s - idle * lasted_s) / count * 1e3


async def _share(pid: int, seconds: float) -> float:
    """Of one core, while nothing is asked of it."""
    before_s, began_s = procstat.cpu_s(pid), time.perf_counter()
    await asyncio.sleep(seconds)
    return (procstat.cpu_s(pid) - before_s) / (time.perf_counter() - began_s)
