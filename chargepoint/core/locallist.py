"""The back office's local list: full and differential updates (OCPP 1.6 sections 3.5.2, 5.10, 5.15; 2.0.1 block D)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chargepoint.core import catalogue as known
from chargepoint.core.facts import Token

if TYPE_CHECKING:
    from chargepoint.core.authorization import Card, Cards
    from chargepoint.core.settings import Settings

Answer = Literal["Accepted", "Failed", "NotSupported", "VersionMismatch"]


@dataclass(frozen=True, slots=True)
class Update:
    """What the CSMS sends. `gone`: cards of which it says nothing but their id; they leave the list."""

    version: int
    full: bool
    cards: Sequence[Card] = ()
    gone: Sequence[Token] = ()


def apply(update: Update, cards: Cards, settings: Settings) -> Answer:
    """All of it or nothing."""
    if not settings[known.LOCAL_AUTH_LIST_ENABLED]:
        return "NotSupported"
    if not update.full and update.version <= cards.list_version:
        return "VersionMismatch"
    if _senseless(update) or not _fits(update, cards, settings):
        return "Failed"
    if update.full:
        cards.replace_list(update.version, update.cards)
    else:
        cards.update_list(update.version, update.cards, update.gone)
    return "Accepted"


def _senseless(update: Update) -> bool:
    """A version that means "none", a card twice, or one that a full list names without saying anything of it."""
    tokens = [card.token for card in update.cards] + list(update.gone)
    return update.version <= 0 or len(set(tokens)) < len(tokens) or (update.full and bool(update.gone))


def _fits(update: Update, cards: Cards, settings: Settings) -> bool:
    if len(update.cards) + len(update.gone) > settings[known.SEND_LOCAL_LIST_MAX_LENGTH]:
        return False
    new = len(update.cards)
    if not update.full:
        new = len(cards.listed) + sum(not cards.in_list(card.token) for card in update.cards)
        new -= sum(cards.in_list(token) for token in update.gone)
    return new <= settings[known.LOCAL_AUTH_LIST_MAX_LENGTH]
