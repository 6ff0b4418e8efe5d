"""A card is added by being shown: the next one that is held to a reader is nobody's start of a session."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from chargepoint.core.facts import Token
from chargepoint.web.controls import Controls
from chargepoint.web.http import NotNow


@dataclass(frozen=True, slots=True)
class CardShown:
    """`useless`: why it cannot be added; "" where it can."""

    token: Token
    useless: str = ""


class Learning:
    """One at a time: two people at one reader would get each other's cards."""

    def __init__(self) -> None:
        self._next: asyncio.Future[CardShown | None] | None = None

    async def next(self, controls: Controls, within_s: float) -> CardShown | None:
        """The next card, or None where none comes or somebody stops it.

        Raises:
            NotNow: somebody else waits for one.
        """
        station = controls.station
        if station.learner is not None:
            raise NotNow("somebody else is adding a card at this moment")
        waiting: asyncio.Future[CardShown | None] = asyncio.get_running_loop().create_future()
        self._next = waiting

        def shown(token: Token, useless: str) -> None:
            if not waiting.done():
                waiting.set_result(CardShown(token, useless))

        station.learner = shown
        try:
            async with asyncio.timeout(within_s):
                return await waiting
        except TimeoutError:
            return None
        finally:
            station.learner = None
            self._next = None

    def stop(self) -> None:
        """Whoever waits waits no longer."""
        if self._next is not None and not self._next.done():
            self._next.set_result(None)
