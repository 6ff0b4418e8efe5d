"""What a meter that signs its readings can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hw.errors import DeviceLost


class NotSigned(DeviceLost):
    """The meter can be read and does not sign."""


@dataclass(frozen=True, slots=True)
class SignedRecord:
    """A record as the meter signed it, and the key that proves it."""

    text: str  # OCMF: "OCMF|{...}|{...}"
    public_key: str  # hex, a SubjectPublicKeyInfo (RFC 5280)


class Signer(Protocol):
    async def public_key(self) -> str | None:
        """As in `SignedRecord`; None where the meter does not tell. Raises DeviceLost."""
        ...

    async def begin(self, token: str | None) -> SignedRecord | None:
        """Open a record for `token`. None: the meter signs nothing at the begin. Raises DeviceLost."""
        ...

    async def end(self) -> SignedRecord | None:
        """Close the record. None: there was none to close. Raises DeviceLost."""
        ...
