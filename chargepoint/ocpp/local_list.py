"""The back office's local list, in every version: in force and on the disk, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.core.locallist import Answer, Update, apply

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services


async def take(services: Services, update: Update) -> Answer:
    """Failed where it cannot be stored (1.6 section 5.15): after a restart the station would know another list."""
    cards = services.cards
    version, before = cards.list_version, cards.listed
    answer = apply(update, cards, services.settings)
    if answer == "Accepted" and not await services.stored():
        cards.replace_list(version, before)
        return "Failed"
    return answer
