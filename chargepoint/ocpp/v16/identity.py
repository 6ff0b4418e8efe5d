"""How a driver's token is named in 1.6, where an idTag has at most 20 characters and no type."""

from __future__ import annotations

from chargepoint.core.facts import Token
from chargepoint.ocpp.tokens import shortened

LONGEST = 20  # CiString20Type, OCPP 1.6 section 7.5

NOBODY = "NoAuthorization"
"""Who charges where nobody has to show a card: 1.6 wants an idTag in every StartTransaction. The word is 2.x's."""


def id_tag(token: Token | None) -> str:
    return shortened(token.value, LONGEST) if token is not None and token.value else NOBODY


def read_tag(id_tag: str) -> Token:
    """A 1.6 idTag has no type: such a token matches every type."""
    return Token(id_tag)
