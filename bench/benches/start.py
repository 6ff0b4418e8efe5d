"""From process start to a working station: our daemon, guard and journal included, beside the bare program."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from bench.kit import Kit, up
from bench.results import Measured
from bench.stations import JOURNAL, Booted, Ours

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


async def _bare(kit: Kit) -> Booted:
    async with up(kit.bare(VERSION)) as took:
        return took


async def _ours(kit: Kit) -> Booted:
    ours = kit.ours(VERSION)
    async with up(ours) as took:
        ready_ms = max(_ready_ms(ours, path) for path in (ours.state / "guard.sock", ours.state / JOURNAL))
        return Booted(max(took.to_boot_ms, ready_ms), took.to_connectors_ms)


def _ready_ms(ours: Ours, path: Path) -> float:
    """When the guard had bound its socket, or the journal was made, by the file system's clock (ticks of 4 ms)."""
    return (path.stat().st_ctime_ns - ours.started_ns) / 1e6
