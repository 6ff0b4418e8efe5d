"""Reads an OCMF record and verifies its signature, as a transparency program does (OCMF 1.0, section 3)."""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

CURVES = {"secp192r1", "secp256k1", "secp256r1", "secp384r1"}


def parts(record: str) -> tuple[str, dict[str, Any]]:
    """What was signed, to the byte, and the signature's part."""
    head, data, signature = record.split("|")
    if head != "OCMF":
        raise ValueError("not OCMF")
    return data, json.loads(signature)


def payload(record: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(parts(record)[0])
    return document


def verify(record: str, public_key: str) -> None:
    """Raises InvalidSignature. Without a word of its own the signature is ECDSA on P-256 with SHA-256, in hex."""
    data, signature = parts(record)
    method = signature.get("SA", "ECDSA-secp256r1-SHA256")
    _, curve, digest = method.split("-")
    key = serialization.load_der_public_key(bytes.fromhex(public_key))
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != curve or curve not in CURVES:
        raise ValueError(f"the key does not fit {method}")
    algorithm = {"SHA256": hashes.SHA256(), "SHA384": hashes.SHA384()}[digest]
    key.verify(bytes.fromhex(signature["SD"]), data.encode(), ec.ECDSA(algorithm))
