"""What a thousand sessions leave behind in the daemon's memory."""

from __future__ import annotations

import asyncio

from bench import procstat
from bench.calls import session
from bench.kit import Kit, up
from bench.results import Measured
from bench.stations import Bare, Ours

VERSION = "1.6"
FIRST = 50  # sessions before the count begins: caches fill once
SESSIONS = 1000
SETTLE_S = 3.0


async def measure(kit: Kit) -> list[Measured]:
    ours, bare = kit.ours(VERSION), kit.bare(VERSION)
    async with up(ours):
        await ours.simulator.plug(1)
        grown = await _grown_mib(kit, ours)
    async with up(bare):
        beside = await _grown_mib(kit, bare)
    return [Measured("growth", [grown], [beside])]


async def _grown_mib(kit: Kit, contestant: Ours | Bare) -> float:
    await _sessions(kit, contestant, kit.size(FIRST, 2))
    before = procstat.private_mib(contestant.pid)
    await _sessions(kit, contestant, kit.size(SESSIONS, 5))
    return procstat.private_mib(contestant.pid) - before


async def _sessions(kit: Kit, contestant: Ours | Bare, count: int) -> None:
    for done in range(count):
        await session(contestant)
        if done % 200 == 199:
            kit.say(f"{contestant.identity}: {done + 1} sessions")
    await asyncio.sleep(0.5 if kit.quick else SETTLE_S)
