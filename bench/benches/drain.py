"""A long time without a line: how fast what was kept is told afterwards, and what that does to the daemon's memory."""

from __future__ import annotations

import asyncio
import sys
import time

from bench import procstat
from bench.kit import Kit, up
from bench.results import Measured
from bench.stations import JOURNAL, ROOT, Ours

VERSION = "1.6"
FACTS = 100_000
BESIDE = 5000  # for the bare program, which is as fast with few
LOOK_S = 0.1
SLOWEST = 50  # facts a second; slower ends the bench
TOLD = ("StartTransaction", "MeterValues", "StopTransaction")


async def measure(kit: Kit) -> list[Measured]:
    """One run: it takes a minute or more."""
    await kit.know_the_machine()
    rate, growth_mib = await _ours(kit, kit.size(FACTS, 200))
    beside = await _bare(kit, kit.size(BESIDE, 200))
    return [Measured("drain.rate", [rate], [beside]), Measured("drain.growth", [growth_mib])]


async def _ours(kit: Kit, facts: int) -> tuple[float, float]:
    ours = kit.ours(VERSION)
    await _fill(ours, facts)
    kit.office.keep, already = False, _told(kit)
    try:
        async with up(ours):
            return await _drained(kit, ours.pid, facts, already)
    finally:
        kit.office.keep = True


async def _bare(kit: Kit, facts: int) -> float:
    bare = kit.bare(VERSION)
    bare.options = ("--backlog", str(facts))
    already = _told(kit)
    async with up(bare):
        return (await _drained(kit, bare.pid, facts, already))[0]


async def _fill(ours: Ours, facts: int) -> None:
    ours.state.mkdir()
    filling = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.programs.backlog", str(ours.state / JOURNAL), str(facts), cwd=ROOT
    )
    await filling.wait()


async def _drained(kit: Kit, pid: int, facts: int, already: int) -> tuple[float, float]:
    """(facts a second, growth of memory in MiB), from the end of the boot to the last fact."""
    before_mib, began_s, first = procstat.private_mib(pid), time.monotonic(), _told(kit)
    highest_mib, deadline_s = before_mib, began_s + facts / SLOWEST
    while (told := _told(kit)) - already < facts and time.monotonic() < deadline_s:
        await asyncio.sleep(LOOK_S)
        highest_mib = max(highest_mib, procstat.private_mib(pid))
    return (told - first) / (time.monotonic() - began_s), highest_mib - before_mib


def _told(kit: Kit) -> int:
    return sum(kit.office.counts.get(action, 0) for action in TOLD)
