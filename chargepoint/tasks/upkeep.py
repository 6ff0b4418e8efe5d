"""What is to be done now and then: ask the kernel about its clock, note the time, forget what is older than a year."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from chargepoint.errors import JournalError
from chargepoint.heartbeats import Heart
from chargepoint.timing import Clock, Memory, note_time

log = logging.getLogger(__name__)

LOOK_S = 60.0
"""How often the kernel is asked whether NTP keeps its clock."""

NOTE_S = 3_600.0
"""How often the time is noted for the next start: each note is a commit."""

PRUNE_S = 86_400.0


class Journal(Protocol):
    async def prune(self, now: datetime, /) -> int: ...


async def keep_up(
    clock: Clock, journal: Journal, memory: Memory, look: Callable[[], None], heart: Heart | None = None
) -> None:
    """Never returns. `look` is called whenever the clock is looked at."""
    pruned_s = noted_s = -math.inf
    heart = heart or Heart()
    while True:
        heart.beat()
        clock.look()
        look()
        now = clock.now()
        if clock.trusted and now.mono_s - pruned_s >= PRUNE_S:  # by a wrong clock everything may look old
            pruned_s = now.mono_s
            await _prune(journal, now.at)
        if clock.trusted and now.mono_s - noted_s >= NOTE_S:
            noted_s = now.mono_s
            note_time(clock, memory)
        await asyncio.sleep(LOOK_S)


async def _prune(journal: Journal, at: datetime) -> None:
    try:
        forgotten = await journal.prune(at)
    except JournalError as error:
        log.warning("the history could not be tidied: %s", error)
    else:
        if forgotten:
            log.info("%d sessions of more than a year ago are forgotten", forgotten)
