"""Vendor messages, in 1.6 (sections 4.3 and 5.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.ocpp.dialect import Payload

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services


async def data_transfer(services: Services, payload: Payload) -> Payload:
    """No vendor's messages are understood here."""
    return {"status": "UnknownVendorId"}
