"""Hands every card held to a reader to the station."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from functools import partial

from chargepoint.core.facts import Token
from chargepoint.desk import Desk
from chargepoint.supervise import supervised
from hw.api import CardReader, CardSeen

KINDS = {"EM4100": "Local"}
"""What a card is -> OCPP 2.x IdTokenEnumType, where the words differ. That list has no word for 125 kHz cards; "Local"
is the one of its types that says nothing about the form of an id. 1.6 knows no types."""

RANDOM = "its number is another each time: a phone, or a card that protects its owner"


async def keep_reading(desk: Desk, number: int, reader: AbstractAsyncContextManager[CardReader]) -> None:
    """The n-th reader (from 0), for ever: one that is lost is tried again."""
    await supervised(
        f"card reader {number + 1}",
        partial(read_cards, desk, number, reader),
        lost=lambda fault: desk.act(lambda station, now: station.reader_lost(number, str(fault), now)),
    )


async def read_cards(desk: Desk, number: int, reader: AbstractAsyncContextManager[CardReader]) -> None:
    """Until the reader is lost (DeviceLost)."""
    async with reader as opened:
        desk.act(lambda station, now: station.reader_works(number, now))
        async for seen in opened.cards():
            _present(desk, seen)


def _present(desk: Desk, seen: CardSeen) -> None:
    token = Token(seen.uid, KINDS.get(seen.kind, seen.kind))
    desk.act(lambda station, now: station.card_held(token, seen.reader, now))
    if seen.random:
        desk.act(lambda station, now: station.card_unusable(token, RANDOM, now))
    else:
        desk.act(lambda station, now: station.card_presented(token, now, seen.reader))
