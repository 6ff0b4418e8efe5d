"""The machine's name in its network: the one that can be read from the nameplate."""

from __future__ import annotations

import re

LONGEST = 63  # characters of one label, RFC 1035


def host_name(serial_number: str) -> str:
    """`chargepoint-` and the serial number, as far as names of machines may hold its letters; "" if none is left."""
    letters = re.sub(r"[^a-z0-9]+", "-", serial_number.lower()).strip("-")
    return f"chargepoint-{letters}"[:LONGEST].rstrip("-") if letters else ""
