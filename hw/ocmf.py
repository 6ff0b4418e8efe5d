"""The part of an OCMF data set that the charge point gives (OCMF 1.0, section 4.2). Pure."""

from __future__ import annotations

import re

CARD_ID = re.compile(r"(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{14}|[0-9A-Fa-f]{20})\Z")


def identification(token: str | None, evse_id: str) -> dict[str, object]:
    """Whom and where; what the meter says of itself is empty, and there is no reading yet."""
    card = token is not None and CARD_ID.match(token) is not None
    return {
        "FV": "1.0",
        "GI": "", "GS": "", "GV": "", "PG": "",
        "MV": "", "MM": "", "MS": "", "MF": "",
        "IS": token is not None,
        "IF": ["RFID_PLAIN"] if card else [],
        "IT": "ISO14443" if card else "CENTRAL" if token else "NONE",
        "ID": token or "",
        "CT": "EVSEID", "CI": evse_id,
        "RD": [],
    }  # fmt: skip
