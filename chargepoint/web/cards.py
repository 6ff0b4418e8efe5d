"""Routes of the cards: those known here, those the back office sent, those remembered from its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chargepoint.core.authorization import CACHE, LIST, LOCAL, Card
from chargepoint.core.facts import Token
from chargepoint.web.controls import Controls
from chargepoint.web.fields import Field, body, identifier, moment, number, one_of, text
from chargepoint.web.http import Answer, Handler, Missing, NotNow, Request, told
from chargepoint.web.learning import Learning
from chargepoint.web.status import rfc3339

SOURCES = (LOCAL, LIST, CACHE)
LEARN_S = 60.0
"""Nobody can start a session with a card while the station waits for a new one: not for long."""
STATUSES = ("Accepted", "Blocked", "Expired", "Invalid")

CARD = {
    "id": Field(identifier(36), required=True),
    "type": Field(text(20)),
    "status": Field(one_of(STATUSES)),
    "group": Field(identifier(36), nullable=True),
    "expires_at": Field(moment, nullable=True),
    "source": Field(one_of(SOURCES)),
    "name": Field(text(60)),
}
LEARN = {"within_s": Field(number(1, LEARN_S))}


class CardRoutes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._learning = Learning()
        self.table: Mapping[tuple[str, str], Handler] = {
            ("GET", "/api/v1/cards"): self._list,
            ("POST", "/api/v1/cards"): self._add,
            ("POST", "/api/v1/cards/learn"): self._learn,
            ("DELETE", "/api/v1/cards/learn"): self._stop_learning,
            ("DELETE", "/api/v1/cards/{id}"): self._remove,
        }

    async def _list(self, request: Request) -> Answer:
        return told([card_document(card) for card in self._controls.cards.entries()])

    async def _add(self, request: Request) -> Answer:
        given = body(request.body, CARD)
        card = self._card(given)
        self._controls.cards.add_local(card)
        return told(card_document(card))

    def _card(self, given: Mapping[str, Any]) -> Card:
        source = given.get("source", LOCAL)
        if source != LOCAL and self._controls.simulator is None:
            raise NotNow("on real hardware only the back office fills its list and the cache")
        group = given.get("group")
        return Card(
            token=Token(given["id"], given.get("type", "")),
            status=given.get("status", "Accepted"),
            group=Token(group) if group else None,
            expires_at=given.get("expires_at"),
            source=source,
            name=given.get("name", ""),
        )

    async def _learn(self, request: Request) -> Answer:
        """The next card that is held to a reader. It is not added yet: somebody has to say whose it is."""
        within_s = body(request.body, LEARN).get("within_s", LEARN_S)
        shown = await self._learning.next(self._controls, within_s)
        if shown is None:
            return told({"card": None})
        known = self._controls.cards.find(shown.token)
        card = known if known is not None and known.source == LOCAL else Card(shown.token)
        return told({"card": card_document(card), "known": card is known, "useless": shown.useless or None})

    async def _stop_learning(self, request: Request) -> Answer:
        self._learning.stop()
        return told({})

    async def _remove(self, request: Request) -> Answer:
        wanted = request.parts["id"]
        sources = SOURCES if self._controls.simulator is not None else (LOCAL,)
        if not self._controls.cards.remove(Token(wanted), sources):
            raise Missing(f"no card {wanted[:40]} was added here")
        return told({})


def card_document(card: Card) -> dict[str, Any]:
    return {
        "id": card.token.value,
        "type": card.token.kind or None,
        "status": card.status,
        "group": card.group.value if card.group else None,
        "expires_at": rfc3339(card.expires_at) if card.expires_at else None,
        "source": card.source,
        "name": card.name or None,
    }
