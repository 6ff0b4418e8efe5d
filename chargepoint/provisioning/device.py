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


@dataclass(frozen=True, slots=True)
class Device:
    """Everything that is this station's alone, secrets in clear: it lives as long as the command."""

    factory: Factory
    setup_code: str
    private_key: bytes
    password: str = ""  # for the back office

    def request(self) -> str:
        """To have its certificate signed (PEM): for its serial number, in the name of its operator."""
        return signing_request(self.private_key, self.factory.station.serial_number, self.factory.operator)

    def record(self, csr: str = "") -> dict[str, Any]:
        """For the maker's database. The setup code belongs to the label alone."""
        told: dict[str, Any] = dataclasses.asdict(self.factory.station)
        told |= {"identity": self.factory.identity, "made_at": self.factory.made_at}
        told |= {"board": dataclasses.asdict(self.factory.board), "public_key_sha256": key_of(self.private_key)}
        told |= {"csms_password": self.password} if self.password else {}
        return told | ({"csr": csr} if csr else {})


def make(factory: Factory, board: Board, at: datetime, *, with_password: bool, setup_code: str = "") -> Device:
    """`setup_code`: of a label that was printed before; without one, it is made."""
    made_at = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Device(
        factory=dataclasses.replace(factory, board=board, made_at=made_at),
        setup_code=setup_code or new_code(),
        private_key=new_key(),
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
        PENDING_KEY: device.private_key,
    }
    files |= {CSMS_PASSWORD: device.password.encode()} if device.password else {}
    commit(state, files, removed=_outdated(state) - files.keys(), public=(NAME,))


def _outdated(state: Path) -> set[str]:
    old = CertificateFiles(state / "certificates").all(Kind.STATION)
    names = {f"certificates/{file.name}" for kept in old for file in (kept.file, kept.key_file)}
    return names | {PAGE_PASSWORD, CSMS_PASSWORD}
