"""The route by which other programs on this machine say things only one vendor's back office understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chargepoint.web.controls import Controls
from chargepoint.web.fields import Field, body, text
from chargepoint.web.http import Answer, Handler, NotNow, Request, told


def anything(value: Any) -> Any:
    """Any JSON: OCPP 2.x carries it, 1.6 only a text."""
    return value


TRANSFER = {
    "vendor": Field(text(255, shortest=1), required=True),  # OCPP: vendorId, identifier of the vendor, a domain name
    "message": Field(text(50), nullable=True),  # messageId
    "data": Field(anything, nullable=True),
}


class VendorRoutes:
    """OCPP DataTransfer from the station to the back office (1.6 section 4.3, 2.0.1 P02)."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.table: Mapping[tuple[str, str], Handler] = {("POST", "/api/v1/data-transfer"): self._transfer}

    async def _transfer(self, request: Request) -> Answer:
        given = body(request.body, TRANSFER)
        answer = await self._controls.transfer(given["vendor"], given.get("message"), given.get("data"))
        if isinstance(answer, str):
            raise NotNow(answer)
        return told({"status": answer.get("status"), "data": answer.get("data")})
