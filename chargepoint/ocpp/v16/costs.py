"""Price and cost for the driver ("OCPP & California Pricing Requirements" 3, Open Charge Alliance, section 3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chargepoint.core import catalogue as known
from chargepoint.core.costs import name_price
from chargepoint.core.facts import ConnectorUnplugged, Record
from chargepoint.core.tariffs import Final, Running, Texts, Triggers, amount, part, read_prices, words
from chargepoint.ocpp.dialect import Payload, fact_of
from chargepoint.ocpp.instants import read_time, time_text
from chargepoint.ocpp.v16.identity import read_tag
from chargepoint.ocpp.v16.statuses import WORDS
from chargepoint.ocpp.v16.transactions import number_of

if TYPE_CHECKING:
    from chargepoint.core.account import Account
    from chargepoint.ocpp.services import Services

VENDOR = "org.openchargealliance.costmsg"

ACCEPTED: Payload = {"status": "Accepted"}
REJECTED: Payload = {"status": "Rejected"}
LONGEST_TAG, LONGEST_LINK = 20, 1000
CHARGING, IDLE = "Charging", "Idle"

STATUSES = {word: status for status, word in WORDS.items()}


def spoken(services: Services) -> bool:
    """Is there anything on which a driver could read it?"""
    return services.settings[known.CUSTOM_DISPLAY_COST_AND_PRICE]


# --- from the back office ---------------------------------------------------------------------------------------------


async def set_user_price(services: Services, data: dict[str, Any]) -> Payload:
    """Whether he is here already or comes in a moment: the answer to his card may still be on its way to us."""
    token, price = read_tag(_text(data, "idToken", LONGEST_TAG)), _texts(data)
    services.act(lambda station, now: name_price(station, token, price, now))
    return ACCEPTED


async def running_cost(services: Services, data: dict[str, Any]) -> Payload:
    told, triggers = _running(data), _triggers(part(data, "triggerMeterValue") or {})
    account = _account(services, data)
    if account is None:
        return REJECTED
    services.act(lambda station, now: account.told_running(told, triggers, now))
    return ACCEPTED


async def final_cost(services: Services, data: dict[str, Any]) -> Payload:
    """Of a transaction that is not the latest at its EVSE nobody is there any more to read it."""
    link = _text(data, "qrCodeText", LONGEST_LINK) if "qrCodeText" in data else ""
    told = Final(amount(data, "cost", needed=True), _texts(data), link)
    account = _account(services, data)
    if account is None:
        return REJECTED
    services.act(lambda station, now: account.told_final(told, now))
    return ACCEPTED


def _account(services: Services, data: Mapping[str, Any]) -> Account | None:
    """The account that shows this transaction: it runs, or was the latest at its EVSE."""
    number = data.get("transactionId")
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueError("transactionId must be a number")
    for evse in services.station.evses.values():
        shown = evse.account.transaction
        if shown and services.journal.csms_id(shown) == number:
            return evse.account
    return None


# --- reading ----------------------------------------------------------------------------------------------------------


def _running(data: Mapping[str, Any]) -> Running:
    """Once a transaction is over, only what idling costs needs to be said."""
    state = data.get("state")
    charging, then = part(data, "chargingPrice"), part(data, "nextPeriod")
    if state not in (CHARGING, IDLE) or (charging is None and state == CHARGING):
        raise ValueError("state and prices do not fit")
    return Running(
        cost=amount(data, "cost", needed=True),
        at=_moment(data, "timestamp"),
        meter_wh=float(amount(data, "meterValue", needed=True)),
        prices=read_prices(charging or {}, part(data, "idlePrice")),
        idle=state == IDLE,
        then=None if then is None else (_moment(then, "atTime"), read_prices(_needed(then), part(then, "idlePrice"))),
    )


def _needed(period: Mapping[str, Any]) -> dict[str, Any]:
    prices = part(period, "chargingPrice")
    if prices is None:
        raise ValueError("a period needs its chargingPrice")
    return prices


def _triggers(data: Mapping[str, Any]) -> Triggers:
    statuses = data.get("atCPStatus", [])
    if not isinstance(statuses, list) or not all(isinstance(word, str) and word in STATUSES for word in statuses):
        raise ValueError("atCPStatus must name statuses")
    return Triggers(
        at=_moment(data, "atTime") if "atTime" in data else None,
        energy_wh=1000.0 * float(amount(data, "atEnergykWh")) if "atEnergykWh" in data else None,
        power_w=1000.0 * float(amount(data, "atPowerkW")) if "atPowerkW" in data else None,
        statuses=frozenset(STATUSES[word] for word in statuses),
    )


def _texts(data: Mapping[str, Any]) -> Texts:
    """priceText, and the same in other languages; what is no plain text cannot be shown and is left out."""
    extra = data.get("priceTextExtra", [])
    if not isinstance(extra, list) or not all(isinstance(each, dict) for each in extra):
        raise ValueError("priceTextExtra must be a list of messages")
    plain = [each for each in extra if each.get("format", "UTF8") in ("ASCII", "UTF8")]
    return Texts(words(data, "priceText"), {_text(each, "language", 8): words(each, "content") for each in plain})


def _text(data: Mapping[str, Any], name: str, longest: int) -> str:
    value = words(data, name)
    if len(value) > longest:
        raise ValueError(f"{name} is too long")
    return value


def _moment(data: Mapping[str, Any], name: str) -> datetime:
    return read_time(words(data, name))


# --- to the back office -----------------------------------------------------------------------------------------------


def unplugged(services: Services, record: Record) -> tuple[str, Payload]:
    """Section 3.4: a message that is certain to arrive, as a status is not."""
    fact = fact_of(record, ConnectorUnplugged)
    data = {"transactionId": number_of(services, fact.transaction), "timestamp": time_text(record.at)}
    text = json.dumps(data, separators=(",", ":"))
    return "DataTransfer", {"vendorId": VENDOR, "messageId": "ConnectorUnplugged", "data": text}
