"""Private memory four seconds after boot: of the daemon with the page off and on, of the guard, of the bare program."""

from __future__ import annotations

import asyncio

from bench import procstat
from bench.kit import Kit, up
from bench.results import Measured

VERSION = "1.6"
SETTLE_S = 4.0  # by then everything that starts late has started


async def measure(kit: Kit) -> list[Measured]:
    bare, off, on = await kit.in_turn(
        lambda: _bare(kit), lambda: _daemon_and_guard(kit, page=False), lambda: _daemon_and_guard(kit, page=True)
    )
    beside = [program for (program,) in bare]
    return [
        Measured("memory.page_off", [daemon for daemon, _ in off], beside),
        Measured("memory.page_on", [daemon for daemon, _ in on], beside),
        Measured("memory.guard", [guard for _, guard in off + on], beside),
    ]


async def _bare(kit: Kit) -> tuple[float, ...]:
    bare = kit.bare(VERSION)
    async with up(bare):
        await asyncio.sleep(_settle_s(kit))
        return (procstat.private_mib(bare.pid),)


async def _daemon_and_guard(kit: Kit, *, page: bool) -> tuple[float, ...]:
    ours = kit.ours(VERSION)
    ours.page = page
    async with up(ours):
        await asyncio.sleep(_settle_s(kit))
        return procstat.private_mib(ours.pid), procstat.private_mib(ours.process_of("hw.guard"))


def _settle_s(kit: Kit) -> float:
    return 1.5 if kit.quick else SETTLE_S
