"""Is a firmware file the manufacturer's? The only module that checks signatures; `cryptography` loads with the first.

Security whitepaper edition 3, L01: SHA-256, RSA-PSS or ECDSA; a certificate that leads to the manufacturer's root.
"""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

BLOCK_BYTES = 1_048_576
LEAST_RSA_BITS, LEAST_EC_BITS = 2048, 224
WEAK_HASHES = frozenset({"md5", "sha1"})


class SignatureWrong(Exception):
    """The file is not what the manufacturer has signed."""


class CertificateWrong(Exception):
    """The signing certificate does not lead to the manufacturer."""


class Trusted(NamedTuple):
    """Certificates of the manufacturer (PEM)."""

    roots: str = ""  # believed
    others: str = ""  # known: believed only if they lead to one of the roots


def check_certificate(pem: str, trusted: Trusted, at: datetime) -> None:
    """Does the signing certificate lead to one of the manufacturer's roots, and are all on the way valid at that time?

    Args:
        pem: the signing certificate, and behind it those between it and the root, if there are any.

    Raises:
        CertificateWrong: in a sentence.
    """
    from chargepoint.security.x509 import flaws

    if not trusted.roots.strip():
        raise CertificateWrong("no root certificate of the manufacturer is installed")
    try:
        _check(pem, trusted, at)
    except flaws() as error:  # some are found only when something is looked at
        raise CertificateWrong(f"it cannot be read: {error}") from error


def _check(pem: str, trusted: Trusted, at: datetime) -> None:
    from cryptography import x509

    chain = x509.load_pem_x509_certificates(pem.encode())
    roots = x509.load_pem_x509_certificates(trusted.roots.encode())
    others = x509.load_pem_x509_certificates(trusted.others.encode()) if trusted.others.strip() else []
    if not _is_current(chain[0], at):
        raise CertificateWrong("it is not valid now")
    if not _may_sign(chain[0]):
        raise CertificateWrong("it is for something else than signing, or its key is too weak")
    if not _leads(chain[0], [*chain[1:], *others], roots, at):
        raise CertificateWrong("it does not lead to the manufacturer's root certificate")


def _leads(certificate: Certificate, between: list[Certificate], roots: list[Certificate], at: datetime) -> bool:
    """To a root, by certificates that are valid, each issued by the next. A name may have several certificates."""
    if certificate in roots:
        return True
    if any(_issued(certificate, root) and _is_current(root, at) for root in roots):
        return True
    return any(
        _leads(issuer, [each for each in between if each != issuer], roots, at)
        for issuer in between
        if _may_issue(issuer) and _is_current(issuer, at) and _issued(certificate, issuer)
    )


def _issued(certificate: Certificate, issuer: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature

    hashed = certificate.signature_hash_algorithm
    if certificate.issuer != issuer.subject or (hashed is not None and hashed.name in WEAK_HASHES):
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _is_current(certificate: Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _may_issue(certificate: Certificate) -> bool:
    """Is it an authority's (RFC 5280 section 4.2.1.9)?"""
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _may_sign(certificate: Certificate) -> bool:
    """Is its key meant for signatures (RFC 5280 section 4.2.1.3), and long enough (whitepaper, section 2.2)?"""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    try:
        key = certificate.public_key()
        if not certificate.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature:
            return False
    except x509.ExtensionNotFound:
        pass  # then it is for anything
    except ValueError:
        return False
    least = LEAST_RSA_BITS if isinstance(key, rsa.RSAPublicKey) else LEAST_EC_BITS
    return isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) and key.key_size >= least


def check_signature(file: Path, pem: str, signature: str) -> None:
    """Is the file signed with the certificate's key (RSA-PSS or ECDSA, SHA-256, Base64)?

    Raises:
        SignatureWrong: it is not, or there is no telling.
    """
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

    from chargepoint.security.x509 import flaws

    digest = utils.Prehashed(hashes.SHA256())
    try:
        key = x509.load_pem_x509_certificates(pem.encode())[0].public_key()
        told = b64decode("".join(signature.split()), validate=True)  # some wrap its lines
        if isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
            key.verify(told, _sha256(file), pss, digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(told, _sha256(file), ec.ECDSA(digest))
        else:
            raise SignatureWrong("the certificate's key is of a kind that signs no firmware")
    except InvalidSignature:
        raise SignatureWrong("the signature is not that of this file") from None
    except flaws() as error:
        raise SignatureWrong(f"the signature cannot be read: {error}") from error


def _sha256(file: Path) -> bytes:
    from cryptography.hazmat.primitives import hashes

    digest = hashes.Hash(hashes.SHA256())
    with file.open("rb") as content:
        while block := content.read(BLOCK_BYTES):
            digest.update(block)
    return digest.finalize()
