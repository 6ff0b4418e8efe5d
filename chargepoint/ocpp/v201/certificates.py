"""Certificates in 2.0.1 (A02, A03, M03 to M05)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.core.certificatekind import Kind
from chargepoint.ocpp.dialect import Payload

if TYPE_CHECKING:
    from chargepoint.core.certificates import HashData
    from chargepoint.ocpp.services import Services

ROOTS = (Kind.V2G_ROOT, Kind.MO_ROOT, Kind.CSMS_ROOT, Kind.MANUFACTURER_ROOT)


async def install_certificate(services: Services, payload: Payload) -> Payload:
    if services.certificates is None:
        return {"status": "Failed"}
    return {"status": services.certificates.roots.install(Kind(payload["certificateType"]), payload["certificate"])}


async def get_installed_certificate_ids(services: Services, payload: Payload) -> Payload:
    """Of all kinds where none is named (M03.FR.04). There is no certificate for vehicles here (V2GCertificateChain)."""
    wanted = payload.get("certificateType") or ROOTS
    kinds = [kind for kind in ROOTS if kind in wanted]
    found = services.certificates.roots.installed(kinds) if services.certificates is not None else []
    if not found:
        return {"status": "NotFound"}
    chains = [{"certificateType": str(kind), "certificateHashData": _told(named)} for kind, named in found]
    return {"status": "Accepted", "certificateHashDataChain": chains}


async def delete_certificate(services: Services, payload: Payload) -> Payload:
    if services.certificates is None:
        return {"status": "NotFound"}
    return {"status": services.certificates.roots.delete(_read(payload["certificateHashData"]))}


async def certificate_signed(services: Services, payload: Payload) -> Payload:
    """Left out, the kind is the station's own; vehicles are not spoken to."""
    if services.certificates is None or payload.get("certificateType", Kind.STATION) != Kind.STATION:
        return {"status": "Rejected"}
    return {"status": "Accepted" if services.certificates.own.signed(payload["certificateChain"]) else "Rejected"}


def _told(named: HashData) -> Payload:
    return {
        "hashAlgorithm": named.algorithm,
        "issuerNameHash": named.issuer_name,
        "issuerKeyHash": named.issuer_key,
        "serialNumber": named.serial_number,
    }


def _read(told: Payload) -> HashData:
    from chargepoint.core.certificates import HashData  # what few ask for need not be there from the start

    return HashData(told["hashAlgorithm"], told["issuerNameHash"], told["issuerKeyHash"], told["serialNumber"])
