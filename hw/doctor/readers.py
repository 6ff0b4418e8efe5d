"""Card readers and displays: do they answer?"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

from hw.api import CardReader, CardSeen, Display, Screen
from hw.doctor.findings import ok
from hw.doctor.proving import Findings, own_checks

LISTENS_S = 1.5  # a reader that is unplugged says so within that
SHOWN_S = 2.0


async def reader_steps(reader: CardReader) -> Findings:
    """A card that is held to it meanwhile is shown, without its last digits."""
    async with reader:
        card = await _first_card(reader)
        yield ok("answers", "card reader answers", "no card is held to it" if card is None else _masked(card.uid))
        async for finding in own_checks(reader):
            yield finding


async def _first_card(reader: CardReader) -> CardSeen | None:
    cards: Any = reader.cards()
    async with aclosing(cards):
        try:
            async with asyncio.timeout(LISTENS_S):
                seen: CardSeen = await anext(cards)
                return seen
        except (TimeoutError, StopAsyncIteration):
            return None


def _masked(uid: str) -> str:
    return f"a card of {len(uid) // 2} bytes: {uid[:4]}…"


async def display_steps(display: Display, evses: int) -> Findings:
    async with display:
        screens = tuple(Screen(number, "available", messages=("chargepoint doctor",)) for number in range(1, evses + 1))
        await display.show(screens)
        await asyncio.sleep(SHOWN_S)
        yield ok("answers", "display takes what it is told", 'showed "available": did you see it?')
        async for finding in own_checks(display):
            yield finding
