"""Vendor messages, in 1.6 (sections 4.3 and 5.6): a table of vendors, each a table of messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from chargepoint.core.tariffs import json_object
from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.v16 import costs, plug_and_charge

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services

T = TypeVar("T")
Message = Callable[["Services", dict[str, Any]], Awaitable[Payload]]
"""Answers one message. Its data is a JSON object; ValueError: it says something that cannot be."""


@dataclass(frozen=True, slots=True)
class Vendor:
    messages: Mapping[str, Message]
    spoken: Callable[[Services], bool]  # has this station anything behind it?


def _without_case(table: Mapping[str, T]) -> dict[str, T]:
    """Names of vendors and messages compare without case (CiString)."""
    return {name.casefold(): entry for name, entry in table.items()}


COST_MESSAGES: Mapping[str, Message] = {
    "SetUserPrice": costs.set_user_price,
    "RunningCost": costs.running_cost,
    "FinalCost": costs.final_cost,
}
CERTIFICATE_MESSAGES: Mapping[str, Message] = {
    action: plug_and_charge.wrapped(action, answer) for action, answer in plug_and_charge.ANSWERS.items()
}
VENDORS = _without_case(
    {
        costs.VENDOR: Vendor(_without_case(COST_MESSAGES), costs.spoken),
        plug_and_charge.VENDOR: Vendor(_without_case(CERTIFICATE_MESSAGES), plug_and_charge.spoken),
    }
)


async def data_transfer(services: Services, payload: Payload) -> Payload:
    vendor = VENDORS.get(payload["vendorId"].casefold())
    if vendor is None or not vendor.spoken(services):
        return {"status": "UnknownVendorId"}
    message = vendor.messages.get(payload.get("messageId", "").casefold())
    if message is None:
        return {"status": "UnknownMessageId"}
    try:
        return await message(services, json_object(payload.get("data", "")))
    except ValueError:
        return {"status": "Rejected"}
