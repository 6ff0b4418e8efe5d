"""An account as JSON, so that a restart in the middle of a session forgets neither price nor cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from chargepoint.core.account import Account
from chargepoint.core.facts import Status
from chargepoint.core.tariffs import Final, Prices, Running, Texts, Triggers

Kept = dict[str, Any]


def dump(account: Account) -> Kept:
    """What `load` takes."""
    return {
        "transaction": account.transaction,
        "price": _texts(account.price),
        "running": account.running and _running(account.running),
        "final": account.final
        and {"cost": str(account.final.cost), "texts": _texts(account.final.texts), "link": account.final.link},
        "triggers": _triggers(account.triggers),
        "leaves": account.leaves,
    }


def load(account: Account, kept: Mapping[str, Any]) -> None:
    """Raises KeyError, TypeError, ValueError or ArithmeticError where it is not what `dump` gave."""
    running, final, triggers = kept["running"], kept["final"], kept["triggers"]
    account.running = running and _running_of(running)
    account.final = final and Final(Decimal(final["cost"]), _texts_of(final["texts"]), final["link"])
    account.triggers = Triggers(
        _moment(triggers["at"]),
        triggers["energy_wh"],
        triggers["power_w"],
        frozenset(map(Status, triggers["statuses"])),
    )
    account.price, account.leaves = _texts_of(kept["price"]), bool(kept["leaves"])
    account.transaction = str(kept["transaction"])


def _texts(texts: Texts | None) -> Kept | None:
    return None if texts is None else {"text": texts.text, "others": dict(texts.others)}


def _texts_of(kept: Kept | None) -> Texts | None:
    return None if kept is None else Texts(kept["text"], dict(kept["others"]))


def _running(running: Running) -> Kept:
    then = running.then
    return {
        "cost": str(running.cost),
        "at": running.at.isoformat(),
        "meter_wh": running.meter_wh,
        "prices": _prices(running.prices),
        "idle": running.idle,
        "idle_since": running.idle_since and running.idle_since.isoformat(),
        "then": then and [then[0].isoformat(), _prices(then[1])],
        "halted": running.halted,
    }


def _running_of(kept: Kept) -> Running:
    then = kept["then"]
    return Running(
        cost=Decimal(kept["cost"]), at=datetime.fromisoformat(kept["at"]), meter_wh=float(kept["meter_wh"]),
        prices=_prices_of(kept["prices"]), idle=bool(kept["idle"]), idle_since=_moment(kept["idle_since"]),
        then=then and (datetime.fromisoformat(then[0]), _prices_of(then[1])), halted=bool(kept["halted"]),
    )  # fmt: skip


def _prices(prices: Prices) -> list[str | float]:
    amounts = (prices.per_kwh, prices.per_hour, prices.flat, prices.idle_per_hour)
    return [*map(str, amounts), prices.idle_grace_s]


def _prices_of(kept: list[Any]) -> Prices:
    per_kwh, per_hour, flat, idle_per_hour, grace_s = kept
    return Prices(Decimal(per_kwh), Decimal(per_hour), Decimal(flat), Decimal(idle_per_hour), float(grace_s))


def _triggers(triggers: Triggers) -> Kept:
    return {
        "at": triggers.at and triggers.at.isoformat(),
        "energy_wh": triggers.energy_wh,
        "power_w": triggers.power_w,
        "statuses": sorted(triggers.statuses),
    }


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
