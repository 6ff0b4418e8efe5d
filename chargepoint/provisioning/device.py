"""One station of a model: what is made for it alone, where it is kept, and what the maker is told of it."""

from __future__ import annotations

import dataclasses
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from chargepoint.config.factory import NAME, Board, Factory, as_toml
from chargepoint.core.certificatekind import Kind
from chargepoint.provisioning.commit import commit
from chargepoint.security.setupcode import hashed_code, new_code
from chargepoint.security.x509 import key_of, new_key, signing_request
from chargepoint.store.certificates import CertificateFiles

SETUP_CODE, PAGE_PASSWORD, CSMS_PASSWORD = "secrets/setup-code", "secrets/web-password", "secrets/csms-password"
PENDING_KEY = "certificates/pending.key"

KINDS = {
    NAME: "factory file",
    SETUP_CODE: "setup code",
    PAGE_PASSWORD: "page's password",
    CSMS_PASSWORD: "password for the back office",
    PENDING_KEY: "private key that waits for its certificate",
}

PASSWORD_BYTES = 16
"""32 characters of hexadecimal: within OCPP's 16 to 40, and 128 bits."""


@dataclass(frozen=True, slots=True, repr=False)
class Device:
    """Everything that is this station's alone, secrets in clear: as long-lived as the command, and never printed."""

    factory: Factory
    setup_code: str
    private_key: bytes = b""  # where it is to have a certificate
    request: str = ""  # to have that key certified (PKCS #10, PEM)
    password: str = ""  # for the back office

    def record(self) -> dict[str, Any]:
        """For the maker's database. The setup code belongs to the label alone."""
        told: dict[str, Any] = dataclasses.asdict(self.factory.station)
        told |= {"identity": self.factory.identity, "made_at": self.factory.made_at}
        told |= {"board": dataclasses.asdict(self.factory.board)}
        told |= {"csms_password": self.password} if self.password else {}
        if self.private_key:
            told |= {"public_key_sha256": key_of(self.private_key), "csr": self.request}
        return told


def make(
    factory: Factory, board: Board, at: datetime, *, with_key: bool, with_password: bool, setup_code: str = ""
) -> Device:
    """`setup_code`: of a label that was printed before; without one, it is made.

    A key is made only for who will have it certified: a station that has one, and no certificate, asks its back office.
    The request is for the station's serial number, in the name of its operator.
    """
    made_at = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    key, station = new_key() if with_key else b"", factory.station
    return Device(
        factory=dataclasses.replace(factory, board=board, made_at=made_at),
        setup_code=setup_code or new_code(),
        private_key=key,
        request=signing_request(key, station.serial_number, factory.operator) if key else "",
        password=secrets.token_hex(PASSWORD_BYTES) if with_password else "",
    )


def existing(state: Path) -> list[str]:
    """What there is of an earlier time, in words."""
    there = [f"{what} ({name})" for name, what in KINDS.items() if (state / name).exists()]
    kept = CertificateFiles(state / "certificates").all(Kind.STATION)
    return there + [f"certificate of the station (certificates/{each.file.name})" for each in kept]


def keep(state: Path, device: Device) -> None:
    """Put it in place of all there was, as one. Raises OSError, and has changed nothing then."""
    files = {
        NAME: as_toml(device.factory).encode(),
        SETUP_CODE: hashed_code(device.setup_code).encode(),
    }
    files |= {PENDING_KEY: device.private_key} if device.private_key else {}
    files |= {CSMS_PASSWORD: device.password.encode()} if device.password else {}
    commit(state, files, removed=_outdated(state) - files.keys(), public=(NAME,))


def _outdated(state: Path) -> set[str]:
    old = CertificateFiles(state / "certificates").all(Kind.STATION)
    names = {f"certificates/{file.name}" for kept in old for file in (kept.file, kept.key_file)}
    return names | {PAGE_PASSWORD, CSMS_PASSWORD, PENDING_KEY}
