"""Requests for one setting, one at a time: answers a second, the usual one, and the slowest of a hundred."""

from __future__ import annotations

from statistics import median

from bench.kit import Kit
from bench.results import Measured

VERSIONS = ("1.6", "2.0.1")


async def measure(kit: Kit) -> list[Measured]:
    measured = []
    for version in VERSIONS:
        bare, ours = await kit.in_turn(
            lambda v=version: kit.burst_of(kit.bare(v)),  # type: ignore[misc]
            lambda v=version: kit.burst_of(kit.ours(v)),  # type: ignore[misc]
        )
        if version == "1.6":  # the anchors are GetConfiguration's
            kit.learn(answers_per_s=median(b.rate for b in bare), cpu_us=median(b.cpu_us for b in bare))
        measured += [
            Measured(f"roundtrip.{version}.rate", [b.rate for b in ours], [b.rate for b in bare]),
            Measured(f"roundtrip.{version}.p50", [b.p50_ms for b in ours], [b.p50_ms for b in bare]),
            Measured(f"roundtrip.{version}.p99", [b.p99_ms for b in ours], [b.p99_ms for b in bare]),
        ]
    return measured
