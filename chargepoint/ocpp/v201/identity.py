"""How a driver's token is named in 2.x: an id of at most 36 characters, and a type (IdTokenEnumType)."""

from __future__ import annotations

import re

from chargepoint.core.facts import Token
from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.tokens import shortened

LONGEST = 36  # identifierString[36], OCPP 2.0.1 part 2, IdTokenType

KINDS = {
    kind.casefold(): kind
    for kind in ("Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "NoAuthorization")
}

CARD_ID = re.compile(r"(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{14}|[0-9A-Fa-f]{20})")  # 4, 7 or 10 bytes: ISO 14443-3 UIDs


def id_token(token: Token) -> Payload:
    return {"idToken": shortened(token.value, LONGEST), "type": kind_of(token)}


def kind_of(token: Token) -> str:
    """A token typed in by hand, or learned over 1.6, has no type: what looks like a card is one."""
    if not token.value:
        return "NoAuthorization"
    known = KINDS.get(token.kind.casefold())
    return known or ("ISO14443" if CARD_ID.fullmatch(token.value) else "Local")


def read_token(said: Payload) -> Token:
    """additionalInfo does not count when tokens are compared (C01.FR.25, errata 2025-01)."""
    return Token(said["idToken"], said["type"])
