"""A meter's signature as OCPP carries it, in every version ("Signed Meter Values in OCPP" 1.0, section 3.2)."""

from __future__ import annotations

import json
from base64 import b64encode

from chargepoint.core.facts import Sample
from chargepoint.ocpp.dialect import Payload

DEFAULT_METHOD = "ECDSA-secp256r1-SHA256"
"""Of an OCMF record whose signature names no other (OCMF 1.0, table 20)."""


def signed_meter_value(sample: Sample) -> Payload:
    """SignedMeterValueType of a sample that is signed."""
    return {
        "signedMeterData": b64encode(sample.signed.encode()).decode(),
        "signingMethod": _method_beside(sample.signed),
        "encodingMethod": "OCMF",
        "publicKey": public_key(sample.public_key),
    }


def public_key(text: str) -> str:
    """The key as it stands on the meter, with what tells how to read it; "" stays empty. `text`: hex of its ASN.1."""
    if not text:
        return ""
    try:
        bytes.fromhex(text)
    except ValueError:
        return b64encode(text.encode()).decode()  # nothing that we know how to describe: as it came
    return b64encode(f"oca:base16:asn1:{text}".encode()).decode()


def _method_beside(record: str) -> str:
    """What the record itself says is not said again."""
    try:
        proof = json.loads(record.split("|")[2])
    except (ValueError, IndexError):
        return ""
    return "" if not isinstance(proof, dict) or "SA" in proof else DEFAULT_METHOD
