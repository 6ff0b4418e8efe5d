"""Vendor messages, in 2.x (P01)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.ocpp.dialect import Payload

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services


async def data_transfer(services: Services, payload: Payload) -> Payload:
    """No vendor's messages are understood here (P01.FR.04)."""
    return {"status": "UnknownVendorId"}
