"""Certificates for TLS tests, made when needed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@dataclass(frozen=True)
class Signed:
    certificate: Path
    key: Path


class Authority:
    """A root of its own."""

    def __init__(self, folder: Path, name: str = "root") -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._subject = _name(name)
        builder = self._builder(self._subject, self._key.public_key(), datetime.now(UTC) - DAY, 10 * DAY)
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(x509.BasicConstraints(True, None), True).add_extension(usage, True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        root = builder.add_extension(identifier, False).sign(self._key, hashes.SHA256())
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(root.public_bytes(serialization.Encoding.PEM))

    def sign(self, name: str, *, since: timedelta = -DAY, days: int = 5) -> Signed:
        """A certificate for `name`: a host, an address, or a wildcard."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(_name(name), key.public_key(), datetime.now(UTC) + since, days * DAY)
        try:
            alternative: x509.GeneralName = x509.IPAddress(ip_address(name))
        except ValueError:
            alternative = x509.DNSName(name)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(x509.SubjectAlternativeName([alternative]), False)
        certificate = builder.add_extension(issuer, False).sign(self._key, hashes.SHA256())
        stem = self._folder / f"{name.replace('*', 'any')}-{certificate.serial_number}"
        signed = Signed(stem.with_suffix(".pem"), stem.with_suffix(".key"))
        signed.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        signed.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return signed

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, since: datetime, lasts: timedelta
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(since + lasts)
        )
