"""What a certificate says, and by that, what may be installed as a root and what may become the station's own.

Each rule answers with the sentence that forbids, or "". Sources: security whitepaper edition 3 and OCPP 2.0.1 part 2
edition 3, blocks A and M.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Certificate:
    """What one says, as far as anything is decided by it."""

    pem: str
    common_name: str
    organization: str
    begins: datetime
    ends: datetime
    is_authority: bool  # may issue others (RFC 5280 section 4.2.1.9)
    is_client: bool  # may stand for a client of TLS
    key: str  # stands for the public key
    weak: str = ""  # why it protects nothing any more


@dataclass(frozen=True, slots=True)
class HashData:
    """How OCPP names a certificate (CertificateHashDataType): hashes in hexadecimal, as in OCSP (RFC 6960)."""

    algorithm: str  # SHA256, SHA384, SHA512
    issuer_name: str
    issuer_key: str
    serial_number: str  # hexadecimal, without leading zeros

    def same_as(self, other: HashData) -> bool:
        """Numbers compare as numbers: some write leading zeros, some capitals."""
        return self._plain() == other._plain()

    def _plain(self) -> tuple[str, ...]:
        serial = self.serial_number.casefold().lstrip("0")
        return (self.algorithm, self.issuer_name.casefold(), self.issuer_key.casefold(), serial)


Issued = Callable[[Certificate, Certificate], bool]
"""Has the second one issued the first, by name and signature?"""


# --- roots ------------------------------------------------------------------------------------------------------------


def objection_to_root(
    told: Sequence[Certificate],
    installed: Sequence[Certificate],
    issued: Issued,
    at: datetime,
    *,
    full: bool,
    predecessors: Sequence[Certificate] = (),
) -> str:
    """Why this cannot be installed as a root (InstallCertificate is then Rejected).

    Args:
        told: what was sent. installed: the roots of that kind that count now. full: the store is.
        predecessors: one of these must have signed it (AdditionalRootCertificateCheck); none: no such rule.
    """
    if len(told) != 1:
        return "it is not one certificate"
    (root,) = told
    if not root.is_authority:
        return "it may not issue certificates: it is no root"
    if root.ends <= at:
        return "it has expired"
    if root.weak:
        return root.weak
    if not issued(root, root) and not any(issued(root, each) for each in installed):
        return "it is no root, and who has issued it is not installed"
    if predecessors and not any(issued(root, each) for each in predecessors):
        return "it is not signed by the root that it is to replace"
    return "the store is full" if full else ""


# --- the station's own ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the back office was asked to sign."""

    common_name: str
    organization: str
    keys: Collection[str]  # `Certificate.key` of those that this station has


def objection_to_chain(
    chain: Sequence[Certificate],
    wanted: Wanted,
    roots: Sequence[Certificate] | None,
    issued: Issued,
    at: datetime,
    *,
    clock_is_right: bool,
) -> str:
    """Why this cannot become the station's own certificate (CertificateSigned is then Rejected, A02.FR.06, .07).

    Args:
        chain: the station's first, then who has issued it, and so on.
        roots: to one of these it has to lead; None: nobody has named any, and every whole chain is as good as another.
        clock_is_right: otherwise it may be later than `at`, and what begins later may have begun.
    """
    if not chain:
        return "there is no certificate in it"
    return (
        _objection_to_own(chain[0], wanted)
        or _objection_to_dates(chain, at, clock_is_right=clock_is_right)
        or next((each.weak for each in chain if each.weak), "")
        or _objection_to_links(chain, roots, issued)
    )


def _objection_to_own(own: Certificate, wanted: Wanted) -> str:
    if own.key not in wanted.keys:
        return "it is not for the key of this station"
    if own.is_authority or not own.is_client:
        return "it is not for a client"
    if own.common_name != wanted.common_name:
        return f'it is for "{own.common_name}", not for "{wanted.common_name}"'
    if own.organization != wanted.organization:
        return f'it is of "{own.organization}", not of "{wanted.organization}"'
    return ""


def _objection_to_dates(chain: Sequence[Certificate], at: datetime, *, clock_is_right: bool) -> str:
    """A start in the future is refused (errata 2025-01), where it is known what the future is."""
    if any(each.ends <= at for each in chain):
        return "it has expired"
    return "it is not valid yet" if clock_is_right and any(each.begins > at for each in chain) else ""


def _objection_to_links(chain: Sequence[Certificate], roots: Sequence[Certificate] | None, issued: Issued) -> str:
    for child, issuer in pairwise(chain):
        if not issuer.is_authority or not issued(child, issuer):
            return "its certificates do not follow from each other"
    last = chain[-1]
    if roots is None or any(last.pem == root.pem or issued(last, root) for root in roots):
        return ""
    return "it does not lead to an installed root"
