"""Is a firmware file the manufacturer's? The only module that checks signatures; `cryptography` loads with the first.

Security whitepaper edition 3, L01: SHA-256, RSA-PSS or ECDSA; a certificate that leads to the manufacturer's root.
"""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

BLOCK_BYTES = 1_048_576


class SignatureWrong(Exception):
    """The file is not what the manufacturer has signed."""


class CertificateWrong(Exception):
    """The signing certificate does not lead to the manufacturer."""


def check_certificate(pem: str, root_file: Path | None, at: datetime) -> None:
    """Does the signing certificate lead to the manufacturer's root, and is it valid at that time?

    Raises:
        CertificateWrong: in a sentence.
    """
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    if root_file is None:
        raise CertificateWrong("no root certificate of the manufacturer is installed")
    try:
        chain = x509.load_pem_x509_certificates(pem.encode())
        roots = x509.load_pem_x509_certificates(root_file.read_bytes())
    except (ValueError, OSError) as error:
        raise CertificateWrong(f"it cannot be read: {error}") from error
    for certificate in chain:
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise CertificateWrong("it is not valid now")
    if not all(_may_issue(each) for each in chain[1:]):
        raise CertificateWrong("it was issued by somebody who may not issue any")  # a device's certificate, say
    issued = [*chain[1:], *roots]
    current = chain[0]
    for _ in range(len(issued) + 1):
        issuer = next((each for each in issued if each.subject == current.issuer), None)
        if issuer is None:
            break
        try:
            current.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise CertificateWrong("it was not issued by whom it names") from error
        if issuer in roots:
            return
        current = issuer
    raise CertificateWrong("it does not lead to the manufacturer's root certificate")


def _may_issue(certificate: Certificate) -> bool:
    """Is it an authority's (RFC 5280 section 4.2.1.9)?"""
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def check_signature(file: Path, pem: str, signature: str) -> None:
    """Is the file signed with the certificate's key (RSA-PSS or ECDSA, SHA-256, Base64)?

    Raises:
        SignatureWrong: it is not, or there is no telling.
    """
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

    digest = utils.Prehashed(hashes.SHA256())
    try:
        key = x509.load_pem_x509_certificates(pem.encode())[0].public_key()
        told = b64decode(signature, validate=True)
        if isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
            key.verify(told, _sha256(file), pss, digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(told, _sha256(file), ec.ECDSA(digest))
        else:
            raise SignatureWrong("the certificate's key is of a kind that signs no firmware")
    except InvalidSignature:
        raise SignatureWrong("the signature is not that of this file") from None
    except ValueError as error:
        raise SignatureWrong(f"the signature cannot be read: {error}") from error


def _sha256(file: Path) -> bytes:
    from cryptography.hazmat.primitives import hashes

    digest = hashes.Hash(hashes.SHA256())
    with file.open("rb") as content:
        while block := content.read(BLOCK_BYTES):
            digest.update(block)
    return digest.finalize()
