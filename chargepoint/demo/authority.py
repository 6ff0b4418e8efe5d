"""A certificate authority made on the spot: for the demo's own encrypted back office, and for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)

PublicKey = ec.EllipticCurvePublicKey
Builder = x509.CertificateBuilder


@dataclass(frozen=True, slots=True)
class Signed:
    """Two files in PEM."""

    certificate: Path
    key: Path


def _now() -> datetime:
    return datetime.now(UTC)


class Authority:
    """A root of its own, or, with `above`, one that another authority has signed. Its certificate is in `file`."""

    def __init__(
        self,
        folder: Path,
        name: str = "root",
        *,
        above: Authority | None = None,
        days: int = 10,
        now: Callable[[], datetime] = _now,
    ) -> None:
        """`days`: for how long it is valid, from yesterday."""
        self._folder, self._key, self._now = folder, ec.generate_private_key(ec.SECP256R1()), now
        self._subject, self._above = _name(name), above
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        builder = (above or self)._builder(self._subject, self._key.public_key(), -DAY, days * DAY)
        builder = builder.add_extension(x509.BasicConstraints(True, None), True).add_extension(usage, True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        builder = builder.add_extension(identifier, False)
        self.certificate = builder.sign((above or self)._key, hashes.SHA256())
        self.pem = _pem(self.certificate)
        self.file = folder / f"{name}.pem"
        self.file.write_text(self.pem)

    def sign(self, name: str, *, organization: str = "", since: timedelta = -DAY, days: int = 5) -> Signed:
        """Certificate and key for `name`: a host, an address, a wildcard, or a station."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(_name(name, organization), key.public_key(), since, days * DAY)
        builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(name)]), False)
        certificate = self._issued(builder)
        stem = self._folder / f"{name.replace('*', 'any')}-{certificate.serial_number}"
        signed = Signed(stem.with_suffix(".pem"), stem.with_suffix(".key"))
        signed.certificate.write_text(_pem(certificate))
        signed.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        signed.key.chmod(0o600)
        return signed

    def answer(self, request: str, *, since: timedelta = -DAY, days: int = 5, name: str = "") -> str:
        """The certificate that a PKCS #10 request asks for, and those between it and the root (PEM).

        `name`: stands in it instead of what was asked for.
        """
        asked = x509.load_pem_x509_csr(request.encode())
        key = asked.public_key()
        if not asked.is_signature_valid or not isinstance(key, PublicKey):
            raise ValueError("the request is not signed with the key that it names")
        subject = _name(name) if name else asked.subject
        return _pem(self._issued(self._builder(subject, key, since, days * DAY))) + self._between()

    def _between(self) -> str:
        """Itself and what is above it, without the root."""
        return "" if self._above is None else self.pem + self._above._between()

    def _issued(self, builder: Builder) -> x509.Certificate:
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return builder.add_extension(issuer, False).sign(self._key, hashes.SHA256())

    def _builder(self, subject: x509.Name, key: PublicKey, since: timedelta, lasts: timedelta) -> Builder:
        begins = self._now() + since
        return (
            Builder()
            .subject_name(subject)
            .issuer_name(self._subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + lasts)
        )


def _name(common: str, organization: str = "") -> x509.Name:
    parts = [(NameOID.COMMON_NAME, common), (NameOID.ORGANIZATION_NAME, organization)]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts if text])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
