"""A long time without a line: how fast what was kept is told afterwards, and what that does to the daemon's memory."""

from __future__ import annotations

import asyncio
import sys
import time

from bench import procstat
from bench.kit import Kit, up
from bench.office import Office
from bench.results import Measured
from bench.stations import BOOT_S, JOURNAL, ROOT, Bare, Ours, within

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
    return await _drained(kit, ours, facts, first="StartTransaction")


async def _bare(kit: Kit, facts: int) -> float:
    bare = kit.bare(VERSION)
    bare.options = ("--backlog", str(facts))
    return (await _drained(kit, bare, facts, first="StopTransaction"))[0]


async def _fill(ours: Ours, facts: int) -> None:
    ours.state.mkdir(exist_ok=True)
    filling = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.programs.backlog", str(ours.state / JOURNAL), str(facts), cwd=ROOT
    )
    await filling.wait()


async def _drained(kit: Kit, contestant: Ours | Bare, facts: int, first: str) -> tuple[float, float]:
    """(facts a second, growth of memory in MiB), from the first fact that is told to the last."""
    office, kit.office.keep = kit.office, False
    began, already = office.expect(contestant.identity, first), _told(office)
    try:
        async with up(contestant):
            began_s = (await within(began, BOOT_S, first, contestant)).at_s
            before_mib = highest_mib = procstat.private_mib(contestant.pid)
            while (told := _told(office) - already) < facts and time.perf_counter() < began_s + facts / SLOWEST:
                await asyncio.sleep(LOOK_S)
                highest_mib = max(highest_mib, procstat.private_mib(contestant.pid))
            return told / (time.perf_counter() - began_s), highest_mib - before_mib
    finally:
        office.keep = True


def _told(office: Office) -> int:
    return sum(office.counts.get(action, 0) for action in TOLD)
