"""A simulated meter's signature: OCMF records that any transparency program verifies.

The key is made of the serial number, so that it is the same after every start: it is no secret, and proves nothing
but that the way of a signature through the station works.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import count

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hw.api import Reading
from hw.ocmf import identification

BEGIN, MEANWHILE, END = "B", "C", "E"
"""Transaction codes of OCMF (table 7)."""
IMPORT = "01-00:01.08.00*FF"  # OBIS: active energy, import, total
METHOD = "ECDSA-secp256r1-SHA256"


class MockSigner:
    """`at` tells the time that is signed."""

    def __init__(self, serial: str, evse_id: str, at: Callable[[], datetime]) -> None:
        self._serial, self._evse_id, self._at = serial, evse_id, at
        self._key = _key_of(serial)
        self._token: str | None = None
        self._begun: dict[str, object] | None = None
        self._pages = count(1)
        self.public_key = (
            self._key.public_key()
            .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
            .hex()
            .upper()
        )

    def begin(self, token: str | None, reading: Reading) -> Reading:
        self._token, self._begun = token, self._line(BEGIN, reading)
        return self._sign(reading, [self._begun])

    def meanwhile(self, reading: Reading) -> Reading:
        return self._sign(reading, [self._line(MEANWHILE, reading)])

    def end(self, reading: Reading) -> Reading:
        """Begin and end in one record, as real meters have it; the end alone where the begin is not known any more."""
        lines = [self._begun] if self._begun is not None else []
        self._begun = None
        return self._sign(reading, [*lines, self._line(END, reading)])

    def forget(self) -> None:
        """The open record is lost, as with the meter's supply."""
        self._begun = None

    def _line(self, code: str, reading: Reading) -> dict[str, object]:
        time = self._at().strftime("%Y-%m-%dT%H:%M:%S,000+0000 S")
        value = round(reading.energy_wh / 1000, 4)
        return {"TM": time, "TX": code, "RV": value, "RI": IMPORT, "RU": "kWh", "EF": "", "ST": "G"}

    def _sign(self, reading: Reading, lines: list[dict[str, object]]) -> Reading:
        said = {"GI": "simulated", "GS": self._serial, "PG": f"T{next(self._pages)}", "MV": "simulated",
                "MM": "simulated", "MS": self._serial, "MF": "1.0", "RD": lines}  # fmt: skip
        data = json.dumps(identification(self._token, self._evse_id) | said, separators=(",", ":")).replace("|", " ")
        signature = self._key.sign(data.encode(), ec.ECDSA(hashes.SHA256())).hex().upper()
        proof = json.dumps({"SA": METHOD, "SD": signature}, separators=(",", ":"))
        return replace(reading, signed=f"OCMF|{data}|{proof}", public_key=self.public_key)


def _key_of(serial: str) -> ec.EllipticCurvePrivateKey:
    secret = hashlib.sha256(f"simulated meter {serial}".encode()).digest()[:31]  # one byte less than the curve's order
    return ec.derive_private_key(int.from_bytes(secret, "big") + 1, ec.SECP256R1())
