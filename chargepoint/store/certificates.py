"""Certificates and private keys on disk, below the state directory.

A certificate is a file of its own, `KIND-NUMBER.pem`, with the highest number the newest; the station's own has its key
beside it, `.key`. Each file appears whole or not at all, and after a power cut: the content is on the disk before the
name is. A key whose certificate is missing belonged to one that never came to be. Nothing here looks into a
certificate: what may be kept is decided before (`core.certificates`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from chargepoint.core.certificatekind import Kind
from chargepoint.security.wholefile import sync_folder, write_whole

log = logging.getLogger(__name__)

END = "-----END CERTIFICATE-----\n"
"""How each certificate ends in a file."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A certificate on disk: itself first, then what leads to its root, or who issued it (PEM)."""

    kind: Kind
    number: int
    file: Path

    @property
    def pem(self) -> str:
        return self.file.read_text()

    @property
    def first(self) -> str:
        """The certificate itself."""
        return self.pem.partition(END)[0] + END

    @property
    def key_file(self) -> Path:
        """The private key's, where the kind has one."""
        return self.file.with_suffix(".key")


class CertificateFiles:
    """Every change raises OSError where the disk does not take it, and has then changed nothing."""

    def __init__(self, folder: Path = Path("/nonexistent")) -> None:
        self._folder = folder
        self._kept: dict[Kind, list[Kept]] = {}

    def tidy(self) -> None:
        """Remove what a power cut left behind in the middle of a change. For the one who writes here, at the start."""
        strays = [*self._folder.glob("*.new")]
        strays += [key for key in self._folder.glob(f"{Kind.STATION}-*.key") if not key.with_suffix(".pem").exists()]
        if self._has_come():
            strays.append(self._pending)
        for stray in strays:
            with suppress(OSError):
                stray.unlink()

    def _has_come(self) -> bool:
        """Is there a certificate for the key that waits for one?"""
        pending, kept = self.pending_key, self._folder.glob(f"{Kind.STATION}-*.pem")
        with suppress(OSError):
            return pending is not None and any(file.with_suffix(".key").read_bytes() == pending for file in kept)
        return False

    def all(self, kind: Kind) -> list[Kept]:
        """Those of a kind, oldest first."""
        if kind not in self._kept:
            numbered = ((self._number(file), file) for file in self._folder.glob(f"{kind}-*.pem"))
            self._kept[kind] = [Kept(kind, number, file) for number, file in sorted(numbered) if number]
        return list(self._kept[kind])

    def texts(self, kind: Kind) -> list[str]:
        """Each certificate of a kind by itself (PEM), oldest first. One that cannot be read counts no more."""
        found = []
        for kept in self.all(kind):
            try:
                found.append(kept.first)
            except (OSError, ValueError) as error:
                log.error("%s cannot be read: %s", kept.file, error)
                self._kept[kind].remove(kept)
        return found

    def count(self, kinds: Iterable[Kind] = Kind) -> int:
        return sum(len(self.all(kind)) for kind in kinds)

    def add(self, kind: Kind, pem: str, key: bytes | None = None) -> Kept:
        """From now on the newest of its kind. `key`: the private one (PEM)."""
        numbers = [kept.number for kept in self.all(kind)]
        number = max(numbers, default=0) + 1
        kept = Kept(kind, number, self._folder / f"{kind}-{number:04d}.pem")
        if key is not None:
            write_whole(kept.key_file, key)
        write_whole(kept.file, pem.encode())
        self._kept[kind].append(kept)
        return kept

    def remove(self, kept: Kept) -> None:
        kept.file.unlink(missing_ok=True)
        self._kept[kept.kind] = [each for each in self.all(kept.kind) if each != kept]
        kept.key_file.unlink(missing_ok=True)
        sync_folder(self._folder)

    # --- the installer's roots ----------------------------------------------------------------------------------------

    def supersede(self, file: Path | None) -> None:
        """What stands in that file (None: the system's roots) counts no more, as long as there is an installed root.

        Changed, the file counts again.
        """
        write_whole(self._superseded, _digest(file))

    def is_superseded(self, file: Path | None) -> bool:
        if not self._superseded.exists() or not self.all(Kind.CSMS_ROOT):
            return False
        with suppress(OSError):
            return self._superseded.read_bytes() == _digest(file)
        return False

    # --- the key of a request that has not been answered yet ----------------------------------------------------------

    @property
    def pending_key(self) -> bytes | None:
        with suppress(OSError):  # it is not there, or as good as not
            return self._pending.read_bytes()
        return None

    def keep_pending_key(self, key: bytes | None) -> None:
        """None: it is needed no more."""
        if key is None:
            self._pending.unlink(missing_ok=True)
        else:
            write_whole(self._pending, key)

    # --- the disk -----------------------------------------------------------------------------------------------------

    @property
    def _pending(self) -> Path:
        return self._folder / "pending.key"

    @property
    def _superseded(self) -> Path:
        return self._folder / "superseded"

    def _number(self, file: Path) -> int:
        """0 where it is no file of ours."""
        digits = file.stem.rpartition("-")[2]
        return int(digits) if digits.isdecimal() else 0


def _digest(file: Path | None) -> bytes:
    return sha256(file.read_bytes()).hexdigest().encode() if file is not None else b"system"
