"""The lock of a socket, driven both ways."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hw.api import Lock
from hw.doctor.findings import Finding, ok, skipped, verdict
from hw.doctor.proving import Findings, after, answering, nothing, own_checks, until

TRAVELS_WITHIN_S = 4.0  # with a second try of a sluggish motor
RESTS_S = 2.0  # a motor that has been driven 200 ms wants eight times that to cool (hardware notes of Harting)
LISTEN = "nothing senses it: it should have moved twice, listen"
JAMMED = "Check the motor's supply and its two wires, then the sense switch; is a plug or dirt in the way of the bolt?"
SWAPPED = "It senses the same either way: check the wire of the sense switch, and its polarity in the configuration."


async def lock_steps(lock: Lock, look: Callable[[], object] = nothing) -> Findings:
    """Locks, unlocks, and leaves it unlocked."""
    sense = after(look, lock.sense)
    before = await answering(sense)
    yield ok("answers", "lock answers", {None: "", True: "locked", False: "unlocked"}[before])
    try:
        lock.drive(True)
        locked = await until(sense, lambda sensed: sensed is True, TRAVELS_WITHIN_S)
        await asyncio.sleep(RESTS_S)
    finally:
        lock.drive(False)
    unlocked = await until(sense, lambda sensed: sensed is False, TRAVELS_WITHIN_S)
    if locked is None or unlocked is None:
        yield skipped("moves", "lock moves both ways", LISTEN)
    else:
        yield _moves(locked, unlocked)
    async for finding in own_checks(lock):
        yield finding


def _moves(locked: bool, unlocked: bool) -> Finding:
    if not locked:
        seen = "does not lock" if not unlocked else "senses locked when unlocked, and the other way round"
        return verdict(False, "moves", "lock moves both ways", seen, JAMMED if not unlocked else SWAPPED)
    return verdict(
        not unlocked, "moves", "lock moves both ways", "does not unlock" if unlocked else "both ways", JAMMED
    )
