"""The local list in 1.6 (sections 5.10 and 5.15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chargepoint.core import catalogue as known
from chargepoint.core.authorization import LIST, Card
from chargepoint.core.locallist import Update
from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.instants import optional_time
from chargepoint.ocpp.local_list import take
from chargepoint.ocpp.v16.identity import read_tag

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services

SWITCHED_OFF = -1
"""As if the station had no local list (section 6.26)."""


async def get_local_list_version(services: Services, payload: Payload) -> Payload:
    enabled = services.settings[known.LOCAL_AUTH_LIST_ENABLED]
    return {"listVersion": services.cards.shown_version if enabled else SWITCHED_OFF}


async def send_local_list(services: Services, payload: Payload) -> Payload:
    entries = payload.get("localAuthorizationList", ())
    update = Update(
        version=payload["listVersion"],
        full=payload["updateType"] == "Full",
        cards=[_card(entry) for entry in entries if "idTagInfo" in entry],
        gone=[read_tag(entry["idTag"]) for entry in entries if "idTagInfo" not in entry],
    )
    return {"status": await take(services, update)}


def _card(entry: dict[str, Any]) -> Card:
    told = entry["idTagInfo"]
    parent = told.get("parentIdTag")
    return Card(
        token=read_tag(entry["idTag"]),
        status=told["status"],
        group=read_tag(parent) if parent else None,
        expires_at=optional_time(told.get("expiryDate")),
        source=LIST,
    )
