"""Certificates, keys and requests to have them signed. `cryptography` loads with the first that is looked into.

The decisions are `core.certificates`'; here is what they need to know. Keys of our own are ECDSA P-256, which all of
OCPP allows, and with which a small board signs in no time.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chargepoint.core.certificates import Certificate, HashData

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes, PublicKeyTypes

LONGEST_NAME = 64  # characters of a name's part (X.520: ub-common-name, ub-organization-name)
LEAST_RSA_BITS, LEAST_EC_BITS = 2048, 224  # security whitepaper edition 3, section 4 "Keys"
BROKEN_HASHES = ("md5", "sha1")


class Unreadable(ValueError):
    """It is no certificate, or no key."""


def flaws() -> tuple[type[Exception], ...]:
    """What the library raises over a certificate that is broken, or of a kind that it does not know."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    named = x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType
    return ValueError, TypeError, UnsupportedAlgorithm, *named


def read(pem: str) -> list[Certificate]:
    """All the certificates in a text, in their order.

    Raises:
        Unreadable: there is none, or one of them is broken.
    """
    return [_told(each) for each in _load(pem)]


def issuer_of(pem: str) -> str:
    """Whose word the first certificate is, as a person would say it. Raises Unreadable."""
    from cryptography.x509.oid import NameOID

    names = _load(pem)[0].issuer
    return _part(names, NameOID.ORGANIZATION_NAME) or _part(names, NameOID.COMMON_NAME) or "?"


def issued(child: Certificate, issuer: Certificate) -> bool:
    """Has `issuer` signed `child`, and is it what `child` names as its issuer?"""
    from cryptography.exceptions import InvalidSignature

    try:
        _load(child.pem)[0].verify_directly_issued_by(_load(issuer.pem)[0])
    except InvalidSignature:
        return False
    except flaws():
        return False
    return True


def hash_data(certificate: Certificate, issuer: Certificate, algorithm: str = "SHA256") -> HashData:
    """What OCPP calls it; `issuer` is the certificate itself for a root that has signed itself."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509 import ocsp

    known = {"SHA256": hashes.SHA256(), "SHA384": hashes.SHA384(), "SHA512": hashes.SHA512()}
    pair = _load(certificate.pem)[0], _load(issuer.pem)[0]
    told = ocsp.OCSPRequestBuilder().add_certificate(*pair, known[algorithm]).build()
    return HashData(algorithm, told.issuer_name_hash.hex(), told.issuer_key_hash.hex(), f"{told.serial_number:x}")


# --- a key of our own, and a request to have it signed ----------------------------------------------------------------


def new_key() -> bytes:
    """A private key (PEM, PKCS #8)."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def key_of(private: bytes) -> str:
    """What `Certificate.key` is in a certificate for this private key. Raises Unreadable."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        return _key(serialization.load_pem_private_key(private, None).public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Unreadable(f"it is no private key: {error}") from error


def signing_request(private: bytes, common_name: str, organization: str) -> str:
    """A PKCS #10 request (PEM) for this key and this name. Raises Unreadable."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    try:
        key = serialization.load_pem_private_key(private, None)
        name = x509.Name([
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[:LONGEST_NAME]),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization[:LONGEST_NAME]),
        ])  # fmt: skip
    except (ValueError, TypeError) as error:
        raise Unreadable(f"nothing can be asked for with this key and name: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Unreadable("it is no key of ours")
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def validity(file: Path) -> tuple[datetime, datetime]:
    """Begin and end of the first certificate in a file, told by the `ssl` module: at every start, for a few bytes.

    Raises:
        Unreadable: it is none.
    """
    decode: Any = ssl._ssl._test_decode_cert  # type: ignore[attr-defined]
    try:
        told = decode(str(file))
    except (OSError, ssl.SSLError) as error:
        raise Unreadable(f"{file} is no certificate: {error}") from error
    return _date(told["notBefore"]), _date(told["notAfter"])


def _date(text: str) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)


# --- inside -----------------------------------------------------------------------------------------------------------


def _load(pem: str) -> list[x509.Certificate]:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except flaws() as error:
        raise Unreadable(f"it is no certificate: {error}") from error


def _told(certificate: x509.Certificate) -> Certificate:
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    try:
        return Certificate(
            pem=certificate.public_bytes(Encoding.PEM).decode(),
            common_name=_part(certificate.subject, NameOID.COMMON_NAME),
            organization=_part(certificate.subject, NameOID.ORGANIZATION_NAME),
            begins=certificate.not_valid_before_utc,
            ends=certificate.not_valid_after_utc,
            is_authority=_is_authority(certificate),
            is_client=_is_client(certificate),
            key=_key(certificate.public_key()),
            weak=_weakness(certificate),
        )
    except flaws() as error:  # what is wrong inside is found when it is looked at
        raise Unreadable(f"it is no certificate: {error}") from error


def _part(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    return next((str(part.value) for part in name.get_attributes_for_oid(oid)), "")


def _is_authority(certificate: x509.Certificate) -> bool:
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _is_client(certificate: x509.Certificate) -> bool:
    """Where nothing is said about its use, every use is allowed (RFC 5280 section 4.2.1.12)."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.CLIENT_AUTH in uses or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in uses


def _weakness(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        least = LEAST_RSA_BITS if isinstance(key, rsa.RSAPublicKey) else LEAST_EC_BITS
        if key.key_size < least:
            return f"its key has {key.key_size} bits, and {least} is the least"
    used = certificate.signature_hash_algorithm
    return f"it is signed with {used.name}" if used is not None and used.name in BROKEN_HASHES else ""


def _key(public: CertificatePublicKeyTypes | PublicKeyTypes) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
