"""Plug & Charge over 1.6, as far as no vehicle is spoken to: OCPP 2.0.1's messages about certificates, in DataTransfer.

Source: "Using ISO 15118 Plug & Charge with OCPP 1.6" 1.0, Open Charge Alliance. Nothing here speaks with vehicles, so
there is no key ISO15118PnCEnabled: what is installed waits for a program that does.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from chargepoint.core.certificatekind import Kind
from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.schemas import Schemas
from chargepoint.ocpp.v16.certificates import read, told

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Certificates, Services

VENDOR = "org.openchargealliance.iso15118pnc"
ROOTS = (Kind.V2G_ROOT, Kind.MO_ROOT, Kind.CSMS_ROOT, Kind.MANUFACTURER_ROOT)

Answerer = Callable[["Certificates", dict[str, Any]], Payload]

_schemas = Schemas("v201")


def spoken(services: Services) -> bool:
    return services.certificates is not None


def wrapped(action: str, answer: Answerer) -> Callable[[Services, dict[str, Any]], Awaitable[Payload]]:
    """A message of 2.0.1 in the data of a DataTransfer, and its answer in the data of that one's."""

    async def message(services: Services, data: dict[str, Any]) -> Payload:
        if services.certificates is None or _schemas.check_request(action, data) is not None:
            return {"status": "Rejected"}
        return {"status": "Accepted", "data": json.dumps(answer(services.certificates, data), separators=(",", ":"))}

    return message


def install_certificate(certificates: Certificates, data: dict[str, Any]) -> Payload:
    return {"status": certificates.roots.install(Kind(data["certificateType"]), data["certificate"])}


def get_installed_certificate_ids(certificates: Certificates, data: dict[str, Any]) -> Payload:
    """Of all kinds of roots where none is named."""
    wanted = data.get("certificateType") or ROOTS
    found = certificates.roots.installed([kind for kind in ROOTS if kind in wanted])
    chain = [{"certificateType": str(kind), "certificateHashData": told(named)} for kind, named in found]
    return {"status": "Accepted", "certificateHashDataChain": chain} if chain else {"status": "NotFound"}


def delete_certificate(certificates: Certificates, data: dict[str, Any]) -> Payload:
    return {"status": certificates.roots.delete(read(data["certificateHashData"]))}


def trigger_message(certificates: Certificates, data: dict[str, Any]) -> Payload:
    """The vehicles' side has no certificate of its own that could be signed."""
    return {"status": "NotImplemented"}


def certificate_signed(certificates: Certificates, data: dict[str, Any]) -> Payload:
    return {"status": "Rejected"}


ANSWERS: Mapping[str, Answerer] = {
    "CertificateSigned": certificate_signed,
    "DeleteCertificate": delete_certificate,
    "GetInstalledCertificateIds": get_installed_certificate_ids,
    "InstallCertificate": install_certificate,
    "TriggerMessage": trigger_message,
}
