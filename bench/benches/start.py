"""From process start to a working station: our daemon, guard and journal included, beside the bare program."""

from __future__ import annotations

import asyncio
from statistics import median

from bench.kit import Kit, up
from bench.results import Measured
from bench.stations import Booted, Ours

VERSION = "1.6"


async def measure(kit: Kit) -> list[Measured]:
    bare, ours = await kit.in_turn(lambda: _bare(kit), lambda: _ours(kit))
    kit.learn(start_ms=median(took.to_boot_ms for took in bare))
    return [
        Measured("start.boot", [took.to_boot_ms for took in ours], [took.to_boot_ms for took in bare]),
        Measured(
            "start.connectors", [took.to_connectors_ms for took in ours], [took.to_connectors_ms for took in bare]
        ),
    ]


GUARD_S = 10.0


async def _bare(kit: Kit) -> Booted:
    async with up(kit.bare(VERSION)) as took:
        return took


async def _ours(kit: Kit) -> Booted:
    ours = kit.ours(VERSION)
    async with up(ours) as took:
        return Booted(max(took.to_boot_ms, await _guard_ready_ms(ours)), took.to_connectors_ms)


async def _guard_ready_ms(ours: Ours) -> float:
    """When the guard had bound its socket, by the file system's clock (ticks of 4 ms).

    The journal is opened before the daemon dials: a boot message on the wire says that it is open.
    """
    socket = ours.state / "guard.sock"
    async with asyncio.timeout(GUARD_S):
        while not socket.exists():  # noqa: ASYNC110 - a loaded machine starts the daemon first
            await asyncio.sleep(0.002)
    return (socket.stat().st_ctime_ns - ours.started_ns) / 1e6
