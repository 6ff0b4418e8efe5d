"""Hands every card held to a reader to the station."""

from __future__ import annotations

import logging
from contextlib import AbstractAsyncContextManager

from chargepoint.core.facts import Token
from chargepoint.desk import Desk
from hw.api import CardReader, CardSeen

log = logging.getLogger(__name__)

KINDS = {"EM4100": "Local"}
"""What a card is -> OCPP 2.x IdTokenEnumType, where the words differ. That list has no word for 125 kHz cards; "Local"
is the one of its types that says nothing about the form of an id. 1.6 knows no types."""

RANDOM = "its number is another each time: a phone, or a card that protects its owner"


async def read_cards(desk: Desk, reader: AbstractAsyncContextManager[CardReader]) -> None:
    """Until the reader is lost (DeviceLost)."""
    async with reader as opened:
        async for seen in opened.cards():
            _present(desk, seen)


def _present(desk: Desk, seen: CardSeen) -> None:
    token = Token(seen.uid, KINDS.get(seen.kind, seen.kind))
    log.info("card %s at reader %d", token.masked, seen.reader)
    if seen.random:
        desk.act(lambda station, now: station.card_unusable(token, RANDOM, now))
    else:
        desk.act(lambda station, now: station.card_presented(token, now, seen.reader))
