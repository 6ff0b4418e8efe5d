"""How the id of a card becomes the token that the back office knows. Pure.

Most want upper-case hex in the order read; some store the bytes the other way round, and some the decimal number that
is printed on the card.
"""

from __future__ import annotations

from dataclasses import dataclass

from hw.options import option

ISO14443 = "ISO14443"
ISO15693 = "ISO15693"
EM4100 = "EM4100"

RANDOM_ID_BYTES = 4
RANDOM_ID_FIRST = 0x08
"""A four-byte id beginning so is made up anew whenever the card is held to a reader (ISO/IEC 14443-3, 6.5.4)."""

PRINTED_DIGITS = 10
PRINTED_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class IdForm:
    """What every card reader lets the installer choose."""

    id_format: str = option(
        "upper_hex",
        choices=("upper_hex", "lower_hex", "decimal"),
        help="how the back office writes a card's id: 04A1B2C3, 04a1b2c3, or the decimal number printed on the card",
    )
    byte_order: str = option(
        "as_read",
        choices=("as_read", "reversed"),
        help="some back offices and readers have the bytes of an id the other way round",
    )

    def write(self, uid: bytes, kind: str = ISO14443) -> str:
        """The id as it is told: DE AD BE EF is DEADBEEF, deadbeef or 3735928559, reversed EFBEADDE."""
        ordered = uid[::-1] if self.byte_order == "reversed" else uid
        match self.id_format:
            case "decimal":
                return _decimal(ordered, kind)
            case "lower_hex":
                return ordered.hex()
            case _:
                return ordered.hex().upper()


def _decimal(uid: bytes, kind: str) -> str:
    """Ten digits at least. The number printed on a 125 kHz card leaves its first byte out."""
    counted = uid[-PRINTED_BYTES:] if kind == EM4100 else uid
    return f"{int.from_bytes(counted):0{PRINTED_DIGITS}d}"


def is_random(uid: bytes) -> bool:
    """Is it another number each time? Then it tells nobody apart, and is no token."""
    return len(uid) == RANDOM_ID_BYTES and uid[0] == RANDOM_ID_FIRST
