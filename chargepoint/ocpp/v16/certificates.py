"""Certificates in 1.6's security extension (security whitepaper edition 3, A02, A03, M03 to M05)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.core.certificatekind import Kind
from chargepoint.ocpp.dialect import Payload

if TYPE_CHECKING:
    from chargepoint.core.certificates import HashData
    from chargepoint.ocpp.services import Services

KINDS = {
    "CentralSystemRootCertificate": Kind.CSMS_ROOT,
    "ManufacturerRootCertificate": Kind.MANUFACTURER_ROOT,
}


async def install_certificate(services: Services, payload: Payload) -> Payload:
    if services.certificates is None:
        return {"status": "Failed"}
    kind = KINDS[payload["certificateType"]]
    return {"status": services.certificates.roots.install(kind, payload["certificate"])}


async def get_installed_certificate_ids(services: Services, payload: Payload) -> Payload:
    if services.certificates is None:
        return {"status": "NotFound"}
    found = services.certificates.roots.installed([KINDS[payload["certificateType"]]])
    if not found:
        return {"status": "NotFound"}
    return {"status": "Accepted", "certificateHashData": [told(named) for _, named in found]}


async def delete_certificate(services: Services, payload: Payload) -> Payload:
    if services.certificates is None:
        return {"status": "NotFound"}
    return {"status": services.certificates.roots.delete(read(payload["certificateHashData"]))}


async def certificate_signed(services: Services, payload: Payload) -> Payload:
    taken = services.certificates is not None and services.certificates.own.signed(payload["certificateChain"])
    return {"status": "Accepted" if taken else "Rejected"}


def told(named: HashData) -> Payload:
    return {
        "hashAlgorithm": named.algorithm,
        "issuerNameHash": named.issuer_name,
        "issuerKeyHash": named.issuer_key,
        "serialNumber": named.serial_number,
    }


def read(said: Payload) -> HashData:
    from chargepoint.core.certificates import HashData  # what few ask for need not be there from the start

    return HashData(said["hashAlgorithm"], said["issuerNameHash"], said["issuerKeyHash"], said["serialNumber"])
