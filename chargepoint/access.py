"""What an attempt to reach the back office uses: configuration, settings and installed certificates, put together.

New ways in and the one that has worked before are both kept until one of them works (`core.turns`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chargepoint.config import CsmsConfig
from chargepoint.core import catalogue as known
from chargepoint.core.certificates import Kind
from chargepoint.core.settings import Settings
from chargepoint.core.turns import Turns
from chargepoint.ocpp.endpoint import Endpoint
from chargepoint.ocpp.transport import LinkRefused
from chargepoint.store.certificates import CertificateFiles

NO_CERTIFICATE = "security profile 3 needs a certificate of this station: check certificate_file and key_file"


@dataclass(slots=True)
class StationAccess:
    """`Access` of a station with a `[csms]` table."""

    csms: CsmsConfig
    settings: Settings
    certificates: CertificateFiles
    worked: Callable[[Endpoint, Sequence[str]], None] = lambda endpoint, chain: None
    turns: Turns = field(default_factory=Turns)  # of the station's certificates

    def endpoint(self) -> Endpoint:
        profile = self.settings[known.SECURITY_PROFILE]
        certificate, key = self._certificate() if profile == 3 else (None, None)
        return Endpoint(
            url=self.csms.url,
            identity=self.csms.identity,
            security_profile=profile,
            password=self.settings[known.AUTHORIZATION_KEY] or _password(self.csms.password_file),
            ca_file=self.csms.ca_file,
            roots=tuple(kept.pem for kept in self.certificates.all(Kind.CSMS_ROOT)),
            system_roots=self.csms.ca_file is None,
            certificate_file=certificate,
            key_file=key,
        )

    def connected(self, endpoint: Endpoint, chain: Sequence[str], /) -> None:
        self.turns.start_anew()
        self.worked(endpoint, chain)

    def refused(self, endpoint: Endpoint, refusal: LinkRefused, /) -> None:
        if refusal.reached:  # a dead network is no certificate's fault
            self.turns.failed()

    def _certificate(self) -> tuple[Path, Path]:
        """Certificate and key; the newest first."""
        ways = [(kept.file, kept.key_file) for kept in reversed(self.certificates.all(Kind.STATION))]
        if not ways:
            raise LinkRefused(NO_CERTIFICATE)
        return self.turns.pick(ways)


def _password(file: Path | None) -> bytes:
    """The installer's password, for as long as the back office has not set another."""
    return file.read_bytes().strip() if file is not None else b""
