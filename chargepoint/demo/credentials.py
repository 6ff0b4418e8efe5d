"""What charge point and back office of the demo show each other, made on the spot for one security profile."""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

IDENTITY = "DEMO"


@dataclass(frozen=True, slots=True)
class Credentials:
    """`files`: options of [csms]; the rest is the back office's."""

    files: Mapping[str, Path]
    password: str | None = None
    tls: ssl.SSLContext | None = None


def credentials(folder: Path, profile: int) -> Credentials:
    """Everything is written into `folder`, where only this user can look."""
    files: dict[str, Path] = {}
    password = secrets.token_hex(10) if profile in (1, 2) else None
    if password is not None:
        files["password_file"] = folder / "csms-password"
        files["password_file"].write_text(password)
        files["password_file"].chmod(0o600)
    tls = _certified(folder, files, both=profile == 3) if profile >= 2 else None
    return Credentials(files, password, tls)


def _certified(folder: Path, files: dict[str, Path], *, both: bool) -> ssl.SSLContext:
    """Certificates of the server and, for `both`, of the station; the server's side of TLS."""
    from chargepoint.demo.authority import Authority  # 60 ms that an unencrypted demo need not wait for

    authority = Authority(folder)
    files["ca_file"] = authority.file
    server = authority.sign("localhost")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.load_cert_chain(server.certificate, server.key)
    if both:
        own = authority.sign(IDENTITY)
        files["certificate_file"], files["key_file"] = own.certificate, own.key
        tls.load_verify_locations(authority.file)
        tls.verify_mode = ssl.CERT_REQUIRED
    return tls
