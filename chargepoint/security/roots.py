"""The roots that were installed: takes, tells and deletes them. The words of the answers are OCPP's.

What may be done is decided in `core.certificates`. Which root the present link was made by is told by whoever connects.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chargepoint.core import catalogue as known
from chargepoint.core.certificatekind import Kind, shelf
from chargepoint.core.certificates import Certificate, HashData, objection_to_root
from chargepoint.core.security import Event, fact
from chargepoint.core.settings import Settings
from chargepoint.desk import Desk
from chargepoint.security import x509
from chargepoint.store.certificates import END, CertificateFiles, Kept

log = logging.getLogger(__name__)


@dataclass(slots=True)
class RootKeeper:
    desk: Desk
    files: CertificateFiles
    ca_file: Path | None = None  # the installer's roots of the back office
    _verified: frozenset[str] = frozenset()  # by whom the present link's server is believed

    def install(self, kind: Kind, pem: str) -> str:
        """Accepted, Rejected (it must not be), or Failed (it cannot be)."""
        try:
            told = x509.read(pem)
        except x509.Unreadable as error:
            return self._rejected(kind, str(error))
        own = [own for _, own in self._roots(kind)]
        if len(told) == 1 and told[0].pem in {each.pem for each in own}:
            return "Accepted"
        counting = [*self._from_file(kind), *own]
        predecessors = (own[-1:] or counting) if self._one_at_a_time(kind) else []
        full, at = self._is_full(kind), self.desk.clock.now().at
        why = objection_to_root(told, counting, x509.issued, at, full=full, predecessors=predecessors)
        return self._rejected(kind, why) if why else self._add_root(kind, told[0], counting)

    def _rejected(self, kind: Kind, why: str) -> str:
        log.warning("a %s is refused: %s", kind, why)
        return "Rejected"

    def _add_root(self, kind: Kind, root: Certificate, counting: Sequence[Certificate]) -> str:
        issuers = [] if x509.issued(root, root) else [each for each in counting if x509.issued(root, each)]
        try:
            self.files.add(kind, root.pem + "".join(each.pem for each in issuers[:1]))
        except OSError as error:
            log.error("a %s cannot be stored: %s", kind, error)
            return "Failed"
        self._tell(f"a {kind} is installed: {root.common_name}")
        if self._one_at_a_time(kind):
            remove(self.files, self.files.all(kind)[:-2])  # the one before stays until the new one has worked
        return "Accepted"

    def installed(self, kinds: Collection[Kind]) -> list[tuple[Kind, HashData]]:
        """How the roots of these kinds are named."""
        return [
            (kind, x509.hash_data(own, self._issuer(kept, own)))
            for kind in kinds
            for kept, own in self._roots(kind)
        ]  # fmt: skip

    def delete(self, wanted: HashData) -> str:
        """Accepted, NotFound, or Failed: what is in use stays (M04.FR.06; the root of the present link likewise)."""
        for kind in Kind:
            for kept, own in self._roots(kind):  # of the station's own: the certificate itself
                if x509.hash_data(own, self._issuer(kept, own), wanted.algorithm).same_as(wanted):
                    return self._delete(kept, own)
        return "NotFound"

    def _delete(self, kept: Kept, own: Certificate) -> str:
        if kept.kind is Kind.STATION or self._in_use(kept.kind, own):
            log.warning("a %s is not deleted: it is in use", kept.kind)
            return "Failed"
        try:
            self.files.remove(kept)
        except OSError as error:
            log.error("a %s cannot be deleted: %s", kept.kind, error)
            return "Failed"
        self._tell(f"a {kept.kind} is deleted: {own.common_name}")
        return "Accepted"

    def _in_use(self, kind: Kind, own: Certificate) -> bool:
        """Would the server of the present link be believed no more?"""
        return own.pem in self._verified and own.pem not in {each.pem for each in self._from_file(kind)}

    # --- what has worked ----------------------------------------------------------------------------------------------

    def worked(self, chain: Sequence[str]) -> None:
        """A link was made to a server that is believed by this chain (PEM).

        Under AdditionalRootCertificateCheck the root before goes once the new one has been of use.
        """
        self._verified = frozenset(chain)
        installed = self.files.texts(Kind.CSMS_ROOT) if self._one_at_a_time(Kind.CSMS_ROOT) else []
        if not installed or installed[-1] not in self._verified:
            return
        remove(self.files, self.files.all(Kind.CSMS_ROOT)[:-1])
        with suppress(OSError):
            self.files.supersede(self.ca_file)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _tell(self, what: str) -> None:
        event = fact(Event.RECONFIGURATION_OF_SECURITY_PARAMETERS, what)
        self.desk.act(lambda station, now: station.around.emit(event))

    @property
    def _settings(self) -> Settings:
        return self.desk.station.settings

    def _is_full(self, kind: Kind) -> bool:
        return self.files.count(shelf(kind)) >= self._settings[known.CERTIFICATE_STORE_MAX_LENGTH]

    def _one_at_a_time(self, kind: Kind) -> bool:
        return kind is Kind.CSMS_ROOT and self._settings[known.ADDITIONAL_ROOT_CERTIFICATE_CHECK]

    def known(self, kind: Kind) -> bool:
        """Has anybody named roots of this kind?"""
        by_installer = kind is Kind.CSMS_ROOT and self.ca_file is not None
        return by_installer or bool(self.files.all(kind))

    def counting(self, kind: Kind) -> list[Certificate]:
        """Installed or by the installer, newest last."""
        return [*self._from_file(kind), *(own for _, own in self._roots(kind))]

    def _roots(self, kind: Kind) -> list[tuple[Kept, Certificate]]:
        """Those installed, oldest first, each with what it says; one that cannot be read counts for nothing."""
        found = []
        for kept in self.files.all(kind):
            try:
                found.append((kept, x509.read(kept.first)[0]))
            except (OSError, x509.Unreadable) as error:
                log.error("%s cannot be used: %s", kept.file, error)
        return found

    def _from_file(self, kind: Kind) -> list[Certificate]:
        """The installer's, as long as they count."""
        if kind is not Kind.CSMS_ROOT or self.ca_file is None or self.files.is_superseded(self.ca_file):
            return []
        try:
            parts = self.ca_file.read_text().split(END.strip())[:-1]
        except (OSError, ValueError) as error:  # the link says the same, louder
            log.debug("%s: %s", self.ca_file, error)
            return []
        return [each for part in parts for each in _readable(part + END)]

    def _issuer(self, kept: Kept, own: Certificate) -> Certificate:
        """Kept beside it, where it has not signed itself."""
        with suppress(OSError, x509.Unreadable):
            return x509.read(kept.pem)[:2][-1]
        return own


def _readable(pem: str) -> list[Certificate]:
    """A large collection may hold some that are too odd for anybody."""
    try:
        return x509.read(pem)
    except x509.Unreadable as error:
        log.debug("a root in ca_file cannot be read: %s", error)
        return []


def remove(files: CertificateFiles, several: Sequence[Kept]) -> None:
    """What the disk keeps stays, and is tried again another time."""
    for kept in several:
        try:
            files.remove(kept)
        except OSError as error:
            log.error("%s cannot be removed: %s", kept.file, error)
