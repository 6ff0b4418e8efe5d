"""What an attempt to reach the back office uses: configuration, settings and installed certificates, put together.

New ways in and the one that has worked before are both kept until one of them works (`core.turns`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from chargepoint.config import CsmsConfig
from chargepoint.config.csms import server
from chargepoint.core.certificatekind import Kind
from chargepoint.core.network import BY_CERTIFICATE, Means, Networks
from chargepoint.core.turns import Turns
from chargepoint.ocpp.endpoint import Endpoint
from chargepoint.ocpp.transport import LinkRefused
from chargepoint.store.certificates import CertificateFiles

log = logging.getLogger(__name__)

NO_ADDRESS = "security profile {} needs an encrypted address: add secure_url to [csms]"
NO_CERTIFICATE = "security profile 3 needs a certificate of this station: check certificate_file and key_file"


@dataclass(slots=True)
class StationAccess:
    """`Access` of a station with a `[csms]` table."""

    csms: CsmsConfig
    networks: Networks
    certificates: CertificateFiles
    worked: Callable[[Path | None, Sequence[str]], None] = lambda certificate, chain: None
    turns: Turns = field(default_factory=Turns)  # of the station's certificates
    _newest: Path | None = None

    def endpoint(self) -> Endpoint:
        way, superseded = self.networks.profile, self.certificates.is_superseded(self.csms.ca_file)
        if not way.url:  # the file's address is another one than when the back office has raised the profile
            self.networks.failed()
            raise LinkRefused(NO_ADDRESS.format(way.security_profile))
        certificate, key = self._certificate() if way.security_profile in BY_CERTIFICATE else (None, None)
        return Endpoint(
            url=way.url,
            identity=self.csms.identity,
            security_profile=way.security_profile,
            password=way.password,
            ca_file=None if superseded else self.csms.ca_file,
            roots=tuple(self.certificates.texts(Kind.CSMS_ROOT)),
            system_roots=self.csms.ca_file is None and not superseded,
            certificate_file=certificate,
            key_file=key,
        )

    def connected(self, endpoint: Endpoint, chain: Sequence[str], /) -> None:
        self.turns.start_anew()
        if not self.networks.connected():
            log.warning("the new password or security profile did not lead in: what was before holds again")
        self.worked(endpoint.certificate_file, chain)

    def refused(self, endpoint: Endpoint, refusal: LinkRefused, /) -> None:
        self.networks.failed()
        if refusal.ours:  # a dead network, or a server that is out of order, is no fault of a certificate
            self.turns.failed()

    def _certificate(self) -> tuple[Path, Path]:
        """Certificate and key; the newest first, the installer's last."""
        ways = [(kept.file, kept.key_file) for kept in reversed(self.certificates.all(Kind.STATION))]
        if self.csms.certificate_file is not None and self.csms.key_file is not None:
            ways.append((self.csms.certificate_file, self.csms.key_file))
        if not ways:
            self.networks.failed()
            raise LinkRefused(NO_CERTIFICATE)
        if ways[0][0] != self._newest:
            self._newest = ways[0][0]
            self.turns.start_anew()
        return self.turns.pick(ways)


class Installed(Protocol):
    """The part of `store.certificates.CertificateFiles` that is needed here."""

    def all(self, kind: Kind, /) -> Sequence[object]: ...


def means(csms: CsmsConfig, certificates: Installed | None) -> Means:
    """What a station has to get in by. `certificates`: those that were installed."""

    def installed(kind: Kind) -> bool:
        return certificates is not None and bool(certificates.all(kind))

    return Means(
        address=lambda security_profile: server(csms, security_profile),
        password=lambda: password_in(csms.password_file),
        root=lambda: csms.ca_file is not None or installed(Kind.CSMS_ROOT),
        certificate=lambda: csms.certificate_file is not None or installed(Kind.STATION),
    )


def password_in(file: Path | None) -> bytes:
    """The installer's password, as it stands there now; empty where there is none."""
    if file is None:
        return b""
    with suppress(OSError):
        return file.read_bytes().strip()
    return b""
