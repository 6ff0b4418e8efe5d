"""From what a reader reads to the cards that are presented to the station: one for each tap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from hw.api import CardSeen
from hw.readers.ids import ISO14443, IdForm, is_random
from hw.readers.taps import Taps

PERIOD_S = 0.3
"""Between two looks at a reader that must be asked: quicker than a hand, and three times within `taps.GONE_S`."""

_ANY_RANDOM = b"random"
"""Random ids are one card to us: the same one may show another number at every reading."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A card was read, maybe the same as a moment ago."""

    uid: bytes
    kind: str = ISO14443  # or ISO15693, EM4100
    order_known: bool = True  # the bytes are in the order in which the card sends them


async def presented(sightings: AsyncIterator[Sighting], form: IdForm, reader: int) -> AsyncIterator[CardSeen]:
    """Each tap once, its id in the installer's form. Ends, or raises DeviceLost, as `sightings` does."""
    taps, clock = Taps(), asyncio.get_running_loop().time
    async for sighting in sightings:
        random = sighting.order_known and sighting.kind == ISO14443 and is_random(sighting.uid)
        if taps.is_new(_ANY_RANDOM if random else sighting.uid, clock()):
            yield CardSeen(form.write(sighting.uid, sighting.kind), reader, sighting.kind, random)


async def looked(look: Callable[[], Awaitable[bytes | None]]) -> AsyncIterator[Sighting]:
    """What a reader sees that has to be asked each time. Raises what `look` raises."""
    while True:
        uid = await look()
        if uid is not None:
            yield Sighting(uid)
        await asyncio.sleep(PERIOD_S)
