"""How one card of ISO/IEC 14443-3 type A is found among those in the field, and its whole id read.

An id has 4, 7 or 10 bytes and comes in one to three cascade levels of four bytes, each with a check byte. Where two
cards answer at once their first different bit collides: we go on with the card whose bit is 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Protocol

WAKE_UP = b"\x52"  # WUPA: also cards that have been sent to sleep; 7 bits
HALT = b"\x50\x00"  # HLTA
LEVELS = (0x93, 0x95, 0x97)
ALL_KNOWN = 0x70  # NVB of a SELECT: seven whole bytes
CASCADE_TAG = 0x88  # first byte of a level that is not the last
MORE_TO_COME = 0x04  # in SAK: the id is not complete
LEVEL_BITS = 32


@dataclass(frozen=True, slots=True)
class Heard:
    """What cards answered; `collision`: number of the first bit that differed, from 1; None: they agreed."""

    data: bytes
    collision: int | None = None


class Field(Protocol):
    """The antenna: sends, and hears what the cards answer."""

    async def transceive(self, data: bytes, *, bits: int = 0, align: int = 0) -> Heard | None:
        """Send all but the last byte whole, and `bits` of that (0: all); the answer begins at bit `align`.

        None: silence, or nothing readable.
        """
        ...


def crc_a(data: bytes) -> bytes:
    """CRC_A, low byte first (ISO/IEC 14443-3 annex B)."""
    crc = 0x6363
    for byte in data:
        byte ^= crc & 0xFF
        byte = (byte ^ byte << 4) & 0xFF
        crc = crc >> 8 ^ byte << 8 ^ byte << 3 ^ byte >> 4
    return (crc & 0xFFFF).to_bytes(2, "little")


async def find_card(field: Field) -> bytes | None:
    """The id of a card in the field, in the order sent; None where there is none, or it could not be read well."""
    if await field.transceive(WAKE_UP, bits=7) is None:
        return None
    uid = b""
    for level in LEVELS:
        part = await _resolve(field, level)
        answer = await _select(field, level, part) if part is not None else None
        if part is None or answer is None:
            return None
        if not answer & MORE_TO_COME:
            await field.transceive(HALT + crc_a(HALT))  # no answer is meant to come: the card sleeps until woken again
            return uid + part
        if part[0] != CASCADE_TAG:
            return None
        uid += part[1:]
    return None


async def _resolve(field: Field, level: int) -> bytes | None:
    """The four bytes that one card sends in this level."""
    heard = await field.transceive(bytes([level, 0x20]))
    if heard is None:
        return None
    if heard.collision is None:
        return _checked(heard.data)
    known = _known_up_to(heard.data, heard.collision)
    whole, rest = divmod(heard.collision, 8)
    heard = await field.transceive(bytes([level, 0x20 + (whole << 4) + rest]) + known, bits=rest, align=rest)
    if heard is None or heard.collision is not None:
        return None  # three cards: until somebody takes one away
    return _checked(_joined(known, heard.data, rest))


def _known_up_to(data: bytes, collision: int) -> bytes:
    """The bits before the collision, and a 1 where it was; in whole bytes."""
    count = (collision + 7) // 8
    number = int.from_bytes(data[:count].ljust(count, b"\0"), "little")
    kept = number & ((1 << (collision - 1)) - 1) | 1 << (collision - 1)
    return kept.to_bytes(count, "little")


def _joined(known: bytes, rest: bytes, bits: int) -> bytes:
    """The answer's first byte holds the bits that are missing in the last known one."""
    if not bits or not rest:
        return known + rest
    return known[:-1] + bytes([known[-1] | rest[0]]) + rest[1:]


def _checked(said: bytes) -> bytes | None:
    """Four bytes whose check byte (BCC, their exclusive or) is right."""
    return said[:4] if len(said) == 5 and reduce(xor, said) == 0 else None


async def _select(field: Field, level: int, part: bytes) -> int | None:
    """SAK, with which the chosen card confirms."""
    ask = bytes([level, ALL_KNOWN]) + part + bytes([reduce(xor, part)])
    heard = await field.transceive(ask + crc_a(ask))
    if heard is None or len(heard.data) != 3 or crc_a(heard.data[:1]) != heard.data[1:]:
        return None
    return heard.data[0]
