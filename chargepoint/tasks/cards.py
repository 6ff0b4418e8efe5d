"""Hands every card held to a reader to the station."""

from __future__ import annotations

import logging
from contextlib import AbstractAsyncContextManager

from chargepoint.core.facts import Token
from chargepoint.desk import Desk
from hw.api import CardReader, CardSeen

log = logging.getLogger(__name__)

CARD_KIND = "ISO14443"
"""What the readers read (13.56 MHz cards); 1.6 has no such word and leaves it out."""


async def read_cards(desk: Desk, reader: AbstractAsyncContextManager[CardReader]) -> None:
    """Until the reader is lost (DeviceLost)."""
    async with reader as opened:
        async for seen in opened.cards():
            _present(desk, seen)


def _present(desk: Desk, seen: CardSeen) -> None:
    token = Token(seen.uid, CARD_KIND)
    log.info("card %s at reader %d", token.masked, seen.reader)
    desk.act(lambda station, now: station.card_presented(token, now, seen.reader))
