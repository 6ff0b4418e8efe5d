"""The certificates of this station, put together from the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chargepoint.config import Config
from chargepoint.core import catalogue as known
from chargepoint.desk import Desk
from chargepoint.roots import RootKeeper
from chargepoint.store.certificates import CertificateFiles
from chargepoint.tasks.certificates import CertificateKeeper


@dataclass(frozen=True, slots=True)
class Certificates:
    roots: RootKeeper
    own: CertificateKeeper

    def worked(self, certificate: Path | None, chain: Sequence[str]) -> None:
        """A link was made: with this certificate of the station, to a server that is believed by this chain (PEM)."""
        self.roots.worked(chain)
        if certificate is not None:
            self.own.worked(certificate)


def keep_certificates(config: Config, desk: Desk, files: CertificateFiles) -> Certificates | None:
    """None: a station that needs no back office needs none of them."""
    csms = config.csms
    if csms is None:
        return None
    desk.station.settings.compute(known.CERTIFICATE_ENTRIES, files.count)
    roots = RootKeeper(desk, files, csms.ca_file)
    name = config.station.serial_number or csms.identity
    own = CertificateKeeper(desk, files, roots, name, csms.certificate_file)
    return Certificates(roots, own)
