"""Who may charge: the local list, the cache of the back office's answers, cards known on site, and the rules between.

Rules: OCPP 1.6 section 3.5, OCPP 2.0.1 part 2 use cases C01 to C16, with errata.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chargepoint.core import catalogue as known
from chargepoint.core.facts import Moment, Token

if TYPE_CHECKING:
    from chargepoint.core.settings import Settings

ACCEPTED = "Accepted"
LIST, CACHE, LOCAL = "csms", "cache", "local"  # Card.source
SOURCES = (LIST, CACHE, LOCAL)

CACHE_ENTRIES = 1000
"""More cards than that are not remembered; a few hundred kilobytes."""
OF_THE_MOMENT = frozenset({"ConcurrentTx", "NotAtThisTime", "NotAtThisLocation", "NotAllowedTypeEVSE"})
"""Refusals that say nothing of the card itself: they do not become its status."""
NO_AUTHORIZATION = "NoAuthorization"
"""Kind of token of a start button or an operator's remote start (OCPP 2.0.1 C02): nobody is asked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The CSMS's answer about a token, in words common to all versions."""

    status: str  # Accepted, Blocked, Expired, Invalid, ConcurrentTx, Unknown, ... as the CSMS said it
    group: Token | None = None
    expires_at: datetime | None = None

    @property
    def accepted(self) -> bool:
        return self.status == ACCEPTED


@dataclass(frozen=True, slots=True)
class Card:
    """A card we know something about. `source`: csms (the local list), cache, local (added on site)."""

    token: Token
    status: str = ACCEPTED
    group: Token | None = None
    expires_at: datetime | None = None
    source: str = LOCAL
    learnt_at: datetime | None = None  # when the back office last spoke of it; only in the cache
    name: str = ""  # whose it is; only of cards added on site

    @property
    def accepted(self) -> bool:
        return self.status == ACCEPTED

    def expired(self, at: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= at

    def differs(self, before: Card) -> bool:
        """Is this news? The same answer again is worth writing down once an hour: flash wears out."""
        return replace(self, learnt_at=_hour(self.learnt_at)) != replace(before, learnt_at=_hour(before.learnt_at))


def _hour(at: datetime | None) -> datetime | None:
    return at.replace(minute=0, second=0, microsecond=0) if at is not None else None


# --- decisions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Accept:
    """May charge, and on whose word."""

    by: str  # local list, cache, local card, free, offline rule, no authorization
    group: Token | None = None


@dataclass(frozen=True, slots=True)
class Refuse:
    """May not charge, in a sentence."""

    why: str


@dataclass(frozen=True, slots=True)
class Ask:
    """The back office must say."""


Decision = Accept | Refuse | Ask


def is_master(group: Token | None, settings: Settings) -> bool:
    """Cards of the MasterPass group stop every transaction and start none (OCPP 2.0.1 C16, C12.FR.09)."""
    master = settings[known.MASTER_PASS_GROUP_ID]
    return bool(master) and group is not None and group.value.casefold() == master.casefold()


@dataclass(frozen=True, slots=True)
class Circumstance:
    """What a decision depends on besides the cards."""

    settings: Settings
    at: datetime
    clock_trusted: bool


def _nobody(source: str) -> None:
    """Nobody listens."""


class Cards:
    """All cards this station knows. Ids compare without case; an entry without a type matches every type."""

    def __init__(self) -> None:
        self.list_version = 0  # of the local list; 0: there is none
        self.on_change: Callable[[str], None] = _nobody  # told the source of the cards that are others now
        self._list: dict[Token, Card] = {}
        self._cache: dict[Token, Card] = {}
        self._local: dict[Token, Card] = {}

    # --- deciding -----------------------------------------------------------------------------------------------------

    def decide(
        self, token: Token, *, online: bool, mode: str, settings: Settings, now: Moment, clock_trusted: bool
    ) -> Decision:
        """Is this token good? `mode`: ocpp, local (only cards known on site) or free.

        An accepted token of the MasterPass group (`is_master`) may stop transactions, but start none.
        """
        around = Circumstance(settings, now.at, clock_trusted)
        if mode == "free":
            return Accept("free")
        if mode == "local":
            return self._judge(self._local.get(token), "local card", around)
        if token.kind == NO_AUTHORIZATION:
            return Accept("no authorization")
        return self._online(token, around) if online else self._offline(token, around)

    def _online(self, token: Token, around: Circumstance) -> Decision:
        """Accepted at once only where LocalPreAuthorize says so; a refusal we only remember is asked about again."""
        card, by = self._remembered(token, around)
        if card is not None and not card.accepted and card.source == CACHE:
            # C10.FR.03 and C12.FR.05, switched off by DisablePostAuthorize
            return Refuse(_refused(card)) if around.settings[known.DISABLE_POST_AUTHORIZE] else Ask()
        if not around.settings[known.LOCAL_PRE_AUTHORIZE]:
            return Ask()
        decision = self._judge(card, by, around)
        return decision if isinstance(decision, Accept) else Ask()

    def _offline(self, token: Token, around: Circumstance) -> Decision:
        """The local list outranks the cache (1.6 section 3.5.3): what it refuses stays refused."""
        card, by = self._remembered(token, around)
        if card is None:
            if around.settings[known.ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID]:  # C15.FR.08
                return Accept("offline rule")
            return Refuse("this card is not known here, and the back office cannot be reached")
        if not around.settings[known.LOCAL_AUTHORIZE_OFFLINE]:
            return Refuse("the back office cannot be reached")
        return self._judge(card, by, around)

    def _remembered(self, token: Token, around: Circumstance) -> tuple[Card | None, str]:
        if token in self._list and around.settings[known.LOCAL_AUTH_LIST_ENABLED]:
            return self._list[token], "local list"
        card = self._cache.get(token) if around.settings[known.AUTHORIZATION_CACHE_ENABLED] else None
        if card is not None and self._outlived(card, around):
            self._forget(token)
            card = None
        return card, "cache"

    def _judge(self, card: Card | None, by: str, around: Circumstance) -> Decision:
        if card is None:
            return Refuse("this card is not known here")
        if not card.accepted:
            return Refuse(_refused(card))
        if card.expires_at is not None and not around.clock_trusted:
            return Refuse("this card has an expiry date, and the station does not know the date")
        if card.expired(around.at):
            return Refuse("this card has expired")
        return Accept(by, card.group)

    def _outlived(self, card: Card, around: Circumstance) -> bool:
        """Is a cached answer too old to count? Not by a clock that may be wrong."""
        if not around.clock_trusted:
            return False
        if card.expires_at is not None:  # C10.FR.08: its own date first
            return card.expired(around.at)
        life_s = around.settings[known.AUTH_CACHE_LIFE_TIME]
        return bool(life_s) and card.learnt_at is not None and around.at - card.learnt_at > timedelta(seconds=life_s)

    def find(self, token: Token) -> Card | None:
        """What is known of a token, the local list first."""
        return self._list.get(token) or self._local.get(token) or self._cache.get(token)

    # --- learning -----------------------------------------------------------------------------------------------------

    def learn(self, token: Token, verdict: Verdict, now: Moment, settings: Settings) -> None:
        """Remember what the back office said, unless its local list says it already (1.6 section 3.5.1)."""
        if not settings[known.AUTHORIZATION_CACHE_ENABLED] or token in self._list:
            return
        if verdict.status in OF_THE_MOMENT or token.kind == NO_AUTHORIZATION:
            return
        card = Card(token, verdict.status, verdict.group, verdict.expires_at, CACHE, now.at)
        before = self._cache.pop(token, None)
        if not card.expired(now.at):
            self._cache[token] = card
            self._make_room()
        if before is None or card.differs(before):
            self.on_change(CACHE)

    def _make_room(self) -> None:
        """Cards that may not charge go first, then the ones heard of longest ago (C10.FR.04, .07)."""
        while len(self._cache) > CACHE_ENTRIES:
            refused = (token for token, card in self._cache.items() if not card.accepted)
            del self._cache[next(refused, next(iter(self._cache)))]

    def _forget(self, token: Token) -> None:
        del self._cache[token]
        self.on_change(CACHE)

    def clear_cache(self) -> None:
        self._cache.clear()
        self.on_change(CACHE)

    # --- keeping ------------------------------------------------------------------------------------------------------

    def entries(self) -> list[Card]:
        """Every card: local list, cards added on site, cache."""
        return [*self._list.values(), *self._local.values(), *self._cache.values()]

    def add_local(self, card: Card) -> None:
        """Add or replace a card; it goes where its `source` says."""
        shelf = self._shelf(card.source)
        shelf.pop(card.token, None)  # the key too: its type may have been another
        shelf[card.token] = card
        if card.source == LIST:
            self.list_version = self.list_version or 1
            self._outrank_cache()
        self._make_room()
        self.on_change(card.source)

    def remove(self, token: Token, sources: Iterable[str] = (LOCAL, LIST, CACHE)) -> bool:
        """Was there such a card?"""
        found = [source for source in sources if self._shelf(source).pop(token, None)]
        for source in found:
            self.on_change(source)
        return bool(found)

    def replace_list(self, version: int, cards: Iterable[Card]) -> None:
        """The back office's whole local list. What it says replaces what the cache remembers of the same cards."""
        self._list = {card.token: replace(card, source=LIST) for card in cards}
        self.list_version = version
        self._outrank_cache()
        self.on_change(LIST)

    @property
    def shown_version(self) -> int:
        """Of the local list; 0 while it is empty, whatever number it came with (1.6 section 5.10)."""
        return self.list_version if self._list else 0

    def update_list(self, version: int, cards: Iterable[Card], gone: Iterable[Token]) -> None:
        """What has changed in the back office's local list since the version before."""
        changed = dict(self._list)
        for token in gone:
            changed.pop(token, None)
        for card in cards:
            changed.pop(card.token, None)  # the key too: its type may have been another
            changed[card.token] = card
        self.replace_list(version, changed.values())

    @property
    def listed(self) -> tuple[Card, ...]:
        """The back office's local list."""
        return tuple(self._list.values())

    def in_list(self, token: Token) -> bool:
        return token in self._list

    def _outrank_cache(self) -> None:
        """What the list says of a card replaces what the cache remembers of it."""
        outranked = [token for token in self._cache if token in self._list]
        for token in outranked:
            del self._cache[token]
        if outranked:
            self.on_change(CACHE)

    def _shelf(self, source: str) -> dict[Token, Card]:
        return {LIST: self._list, CACHE: self._cache, LOCAL: self._local}[source]

    def dump(self, source: str) -> dict[str, Any]:
        """The cards of one source, as JSON can hold them."""
        told: dict[str, Any] = {"cards": [_as_json(card) for card in self._shelf(source).values()]}
        return told | {"version": self.list_version} if source == LIST else told

    def load(self, source: str, kept: Mapping[str, Any]) -> None:
        """Take up what `dump` gave before a restart."""
        if source == LIST:
            self.list_version = int(kept.get("version", 0))
        self._shelf(source).update({card.token: card for card in _from_json(kept.get("cards", ()), source)})


def _refused(card: Card) -> str:
    return f"this card is {card.status}" if card.source != CACHE else f"the back office said {card.status} before"


def _as_json(card: Card) -> dict[str, Any]:
    told: dict[str, Any] = {"id": card.token.value, "type": card.token.kind}
    if not card.accepted:
        told["status"] = card.status
    if card.group is not None:
        told["group"] = [card.group.value, card.group.kind]
    if card.name:
        told["name"] = card.name
    for name, at in (("expires_at", card.expires_at), ("learnt_at", card.learnt_at)):
        if at is not None:
            told[name] = at.isoformat(timespec="seconds")
    return told


def _from_json(kept: Iterable[Mapping[str, Any]], source: str) -> Iterator[Card]:
    for row in kept:
        yield Card(
            Token(row["id"], row["type"]),
            row.get("status", ACCEPTED),
            Token(*row["group"]) if "group" in row else None,
            _time(row.get("expires_at")),
            source,
            _time(row.get("learnt_at")),
            row.get("name", ""),
        )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
