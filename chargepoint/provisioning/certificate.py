"""The certificate that comes back from the maker's authority, for the key that was made on the station."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from chargepoint.config.factory import Factory
from chargepoint.core.certificatekind import Kind
from chargepoint.core.certificates import Wanted, objection_to_chain
from chargepoint.security import x509
from chargepoint.store.certificates import CertificateFiles
from hw.errors import Fixable

BUILT = 2026
"""A clock that shows an earlier year has not been set."""


def take(state: Path, chain: str, factory: Factory, at: datetime, root: str = "") -> str:
    """Keep it (PEM, the station's own first) where those that a back office sends are kept too; the file's name.

    `root`: what it must lead to (PEM); "": anything.

    Raises:
        Fixable: it cannot be this station's.
        OSError: the disk does not take it.
    """
    files = CertificateFiles(state / "certificates")
    private = files.pending_key
    if private is None:
        fix = "Make its key first: chargepoint provision MODEL --serial … --csr FILE."
        raise Fixable("no key of this station waits for a certificate", where=str(state), fix=fix)
    try:
        read, roots = x509.read(chain), x509.read(root) if root else None
        name = factory.station.serial_number[: x509.LONGEST_NAME]
        wanted = Wanted(name, factory.operator, [x509.key_of(private)])
    except x509.Unreadable as why:
        raise Fixable(str(why), where="--certificate", fix="It must be PEM, the station's own first.") from None
    objection = objection_to_chain(read, wanted, roots, x509.issued, at, clock_is_right=at.year >= BUILT)
    if objection:
        fix = "Have the latest request of this station signed, as it stands."
        raise Fixable(objection, where="--certificate", fix=fix)
    kept = files.add(Kind.STATION, "".join(each.pem for each in read), private)
    files.keep_pending_key(None)
    return kept.file.name
