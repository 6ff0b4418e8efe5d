"""A maker of charge points who signs firmware: a root, and a certificate that it has issued."""

from __future__ import annotations

from base64 import b64encode, encodebytes
from copy import copy
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Manufacturer:
    """`kind`: EC or RSA. The signing certificate is valid for a day around `at`."""

    def __init__(self, folder: Path, kind: str, at: datetime) -> None:
        self._key: Key = key_of(kind)
        self._at = at
        root_key = key_of(kind)
        root = certificate("root", root_key, "root", root_key, at - 99 * DAY, at + 99 * DAY, authority=True)
        signer = certificate("signer", self._key, "root", root_key, at - DAY, at + DAY, authority=False)
        self.certificate = signer.public_bytes(serialization.Encoding.PEM).decode()
        self.root_file = folder / "manufacturer-root.pem"
        self.root_file.write_bytes(root.public_bytes(serialization.Encoding.PEM))

    def issue(self) -> Manufacturer:
        """Somebody who has got hold of the signing certificate's key, and issues himself another with it."""
        other = copy(self)
        other._key = key_of("EC")
        since, until = self._at - DAY, self._at + DAY
        forged = certificate("forged", other._key, "signer", self._key, since, until, authority=False)
        other.certificate = forged.public_bytes(serialization.Encoding.PEM).decode() + self.certificate
        return other

    def sign(self, content: bytes) -> str:
        """As the security whitepaper wants it: SHA-256, RSA-PSS or ECDSA, Base64."""
        if isinstance(self._key, rsa.RSAPrivateKey):
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
            return b64encode(self._key.sign(content, pss, hashes.SHA256())).decode()
        return b64encode(self._key.sign(content, ec.ECDSA(hashes.SHA256()))).decode()


def key_of(kind: str) -> Key:
    return ec.generate_private_key(ec.SECP256R1()) if kind == "EC" else rsa.generate_private_key(65537, 2048)


def certificate(
    name: str,
    key: Key,
    issuer: str,
    issuer_key: Key,
    since: datetime,
    until: datetime,
    *,
    authority: bool,
    for_signatures: bool | None = None,
) -> x509.Certificate:
    """`for_signatures`: what the certificate says of its key; None: nothing."""
    builder = x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(since).not_valid_after(until)
    if for_signatures is not None:
        builder = builder.add_extension(_usage(for_signatures), True)
    return builder.add_extension(x509.BasicConstraints(authority, None), True).sign(issuer_key, hashes.SHA256())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(for_signatures: bool) -> x509.KeyUsage:
    rest = dict.fromkeys(
        ("content_commitment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
         "decipher_only"), False,
    )  # fmt: skip
    return x509.KeyUsage(digital_signature=for_signatures, key_encipherment=not for_signatures, **rest)


STRANGE = {  # what stands in a certificate, and what to write in its place: nothing that the library knows
    "curve": ("2a8648ce3d030107", "2a8648ce3d030105"),
    "kind of key": ("2a8648ce3d0201", "2a8648ce3d027f"),
    "kind of signature": ("2a8648ce3d040302", "2a8648ce3d04037f"),
    "version": ("a003020102", "a003020105"),
    "extension twice": ("0603551d0f", "0603551d13"),
}


def strange(certificate: x509.Certificate, what: str) -> str:
    """The certificate (PEM; EC, with key usage), spoiled in one place."""
    told, instead = map(bytes.fromhex, STRANGE[what])
    whole = certificate.public_bytes(serialization.Encoding.DER)
    assert told in whole
    lines = encodebytes(whole.replace(told, instead)).decode()
    return f"-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n"
