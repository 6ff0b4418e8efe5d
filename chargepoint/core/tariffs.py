"""What a back office says of price and cost, and what comes of it between two of its messages.

The bill is the back office's: nothing here is ever billed. A station only shows what it was told, carried on with its
own meter until the next message ("OCPP & California Pricing Requirements" 3, Open Charge Alliance, section 3.1).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from chargepoint.core.facts import Moment, Status, Token

FREE = Decimal(0)
LONGEST_TEXT = 2000
"""Characters of a text for the driver; no display shows as many."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Without a currency: the texts for the driver name it."""

    per_kwh: Decimal = FREE
    per_hour: Decimal = FREE  # while charging
    flat: Decimal = FREE  # once, when these prices begin
    idle_per_hour: Decimal = FREE  # while idle
    idle_grace_s: float = 0.0  # that costs nothing yet


@dataclass(frozen=True, slots=True)
class Texts:
    """One message in several languages (RFC 5646)."""

    text: str
    others: Mapping[str, str] = field(default_factory=dict)  # language -> text

    def said_in(self, language: str) -> str:
        """In that language, or another of its kind ("de" for "de-AT"); else as it came."""
        wanted = language.casefold()
        known = {name.casefold(): text for name, text in self.others.items()}
        return known.get(wanted) or known.get(wanted.partition("-")[0]) or self.text


MOST_OFFERS = 20
OFFERED_S = 600.0
"""A price that its driver has not come for by then is none that he was told."""


@dataclass(slots=True)
class Offers:
    """Prices of drivers who have yet to plug in: the answer to a card may be on its way, or its car."""

    _waiting: dict[Token, tuple[Texts, float]] = field(default_factory=dict)  # until when, the latest last

    def put(self, token: Token, price: Texts, now: Moment) -> None:
        self._waiting.pop(token, None)
        self._waiting[token] = (price, now.mono_s + OFFERED_S)
        while len(self._waiting) > MOST_OFFERS:
            del self._waiting[next(iter(self._waiting))]

    def take(self, token: Token, now: Moment) -> Texts | None:
        price, until_s = self._waiting.pop(token, (None, 0.0))
        return price if now.mono_s < until_s else None


@dataclass(frozen=True, slots=True)
class Triggers:
    """When the back office wants a meter value besides the regular ones."""

    at: datetime | None = None
    energy_wh: float | None = None  # of the transaction
    power_w: float | None = None  # crossed, upwards or downwards
    statuses: frozenset[Status] = frozenset()


@dataclass(frozen=True, slots=True)
class Running:
    """What a transaction costs at one meter value, and the prices from there on."""

    cost: Decimal
    at: datetime
    meter_wh: float
    prices: Prices
    idle: bool = False
    idle_since: datetime | None = None  # from when on the grace counts
    then: tuple[datetime, Prices] | None = None  # the prices after these
    halted: bool = False  # nothing is supplied any more, and nothing counts

    def cost_at(self, register_wh: float, at: datetime) -> Decimal:
        if self.halted:
            return self.cost
        if self.idle:
            paid_from = max(self.at, (self.idle_since or self.at) + timedelta(seconds=self.prices.idle_grace_s))
            return self.cost + _hours(at - paid_from) * self.prices.idle_per_hour
        drawn_kwh = Decimal(str(max(register_wh - self.meter_wh, 0.0))) / 1000
        return self.cost + drawn_kwh * self.prices.per_kwh + _hours(at - self.at) * self.prices.per_hour


def _hours(span: timedelta) -> Decimal:
    return Decimal(str(max(span.total_seconds(), 0.0))) / 3600


@dataclass(frozen=True, slots=True)
class Final:
    """What a transaction has cost."""

    cost: Decimal
    texts: Texts | None = None
    link: str = ""  # to the bill, for a QR code


# --- the price for everybody ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DefaultPrice:
    """What those read who have no price of their own. `source`: the JSON that it came as."""

    text: str = ""
    offline_text: str = ""
    prices: Prices | None = None  # for whoever begins while the back office cannot be reached
    source: str = ""

    def said(self, online: bool) -> str:
        return self.text if online else self.offline_text or self.text


NO_PRICE = DefaultPrice()


def read_default_price(text: str) -> DefaultPrice:
    """The value of DefaultPrice, and of DefaultPriceText in one language: a JSON object.

    Raises:
        ValueError: it is none, or not of this shape.
    """
    if not text.strip():
        return NO_PRICE
    told = json_object(text)
    prices = part(told, "chargingPrice")
    return DefaultPrice(
        text=words(told, "priceText"),
        offline_text=words(told, "priceTextOffline") if "priceTextOffline" in told else "",
        prices=None if prices is None else read_prices(prices, part(told, "idlePrice")),
        source=text,
    )


def default_price_of(text: str) -> DefaultPrice:
    """From a plain text, as 2.x has it."""
    return DefaultPrice(text, source=json.dumps({"priceText": text}, ensure_ascii=False)) if text else NO_PRICE


def read_prices(charging: Mapping[str, Any], idle: Mapping[str, Any] | None) -> Prices:
    """ChargingPrice and IdlePrice of the note. Raises ValueError."""
    waiting = idle or {}
    return Prices(
        per_kwh=amount(charging, "kWhPrice"),
        per_hour=amount(charging, "hourPrice"),
        flat=amount(charging, "flatFee"),
        idle_per_hour=amount(waiting, "hourPrice"),
        idle_grace_s=60.0 * float(amount(waiting, "graceMinutes")),
    )


# --- reading what came as JSON ----------------------------------------------------------------------------------------

LARGEST = Decimal(10) ** 9
"""No price is as high, in any currency."""


def json_object(text: str) -> dict[str, Any]:
    """A JSON object with exact numbers. Raises ValueError."""
    try:
        told = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError, ArithmeticError):
        raise ValueError("must be a JSON object") from None
    if not isinstance(told, dict):
        raise ValueError("must be a JSON object")
    return told


def _no_number(word: str) -> Any:
    raise ValueError(word)


def words(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
        raise ValueError(f'must have a text "{name}" of at most {LONGEST_TEXT} characters')
    return value


def part(told: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = told.get(name)
    if name in told and not isinstance(value, dict):
        raise ValueError(f'must have an object as "{name}"')
    return value


def amount(told: Mapping[str, Any], name: str, *, needed: bool = False) -> Decimal:
    """A number that is not negative; 0 where it is left out and not `needed`."""
    if name not in told and not needed:
        return FREE
    value = told.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= LARGEST:
        raise ValueError(f'must have a number from 0 to 10^9 as "{name}"')
    return Decimal(value).quantize(Decimal("1e-9"))
