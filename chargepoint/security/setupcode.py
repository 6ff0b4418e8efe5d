"""The setup code on a station's label, and how it and the page's password are kept: salted, hashed, never in clear.

A code is twelve characters in three groups, "7K3M-9QXD-P2WC": eleven drawn at random (55 bits, each station its own),
and one that is computed from them. It belongs to the label alone; the station keeps its hash, so that neither the card
nor a backup tells it. Letters easily taken for digits are none of the alphabet, and are understood all the same.

Hashes are scrypt (RFC 7914) in the form `$scrypt$ln=14,r=8,p=5$SALT$HASH`. One takes 16 MiB and a fifth of a second on
a PC, a second or more on a small board: call `hashed` and `matches` in a thread (they let other threads run), and
remember who has shown the right one (`Shown`).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L and O, which are read as 1, 1 and 0; and no U."""

MISREAD = str.maketrans("IiLlOo", "111100")
SEPARATORS = re.compile(r"[\s\-‐‑‒–—._]+")
LENGTH, GROUP = 12, 4

LOG2_N, R, P = 14, 8, 5
"""Cost of a hash: 16 MiB, five times over (OWASP Password Storage Cheat Sheet, scrypt)."""
SALT_BYTES, HASH_BYTES = 16, 32
MOST_LOG2_N, MOST_R, MOST_P = 17, 16, 16
"""A file that asks for more is broken: it must not take the machine's memory."""

MARK = "$scrypt$"
KEPT = re.compile(
    r"\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$((?:[A-Za-z0-9+/]{4}){0,15}[A-Za-z0-9+/]{2,4})\$([A-Za-z0-9+/]{43})"
)


class Mistyped(ValueError):
    """It is no setup code: nothing was tried."""


# --- the code ---------------------------------------------------------------------------------------------------------


def new_code(draw: Callable[[int], int] = secrets.randbelow) -> str:
    """A code as the label shows it. `draw(n)`: a number from 0 to n - 1 that nobody can guess."""
    body = "".join(ALPHABET[draw(len(ALPHABET))] for _ in range(LENGTH - 1))
    return shown(body + _check_character(body))


def shown(code: str) -> str:
    """In groups, as people read it."""
    return "-".join(code[place : place + GROUP] for place in range(0, len(code), GROUP))


def read_code(typed: str) -> str:
    """The twelve characters of a code, however it was typed: small letters, spaces, O for 0.

    Raises:
        Mistyped: with a sentence for whoever typed it.
    """
    plain = SEPARATORS.sub("", typed).translate(MISREAD).upper()
    if len(plain) != LENGTH:
        raise Mistyped(f"a setup code has {LENGTH} characters, and these are {len(plain)}")
    strange = sorted(set(plain) - set(ALPHABET))
    if strange:
        raise Mistyped(f"no setup code has {' or '.join(strange)} in it")
    if _check_character(plain[:-1]) != plain[-1]:
        raise Mistyped("a character is wrong, or two have changed places")
    return plain


def _check_character(body: str) -> str:
    """A Reed-Solomon digit: it finds every wrong character, and every two that have changed places."""
    rest = 0
    for character in body:
        rest = _doubled(rest ^ ALPHABET.index(character))
    return ALPHABET[rest]


def _doubled(value: int) -> int:
    """Times x in the field of 32 elements (x⁵ = x² + 1)."""
    value <<= 1
    return value ^ 0b100101 if value & 0b100000 else value


# --- hashes -----------------------------------------------------------------------------------------------------------


def hashed(secret: str) -> str:
    """What may be kept of a password. A setup code goes through `hashed_code`."""
    salt = secrets.token_bytes(SALT_BYTES)
    made = _scrypt(secret, salt, LOG2_N, R, P, HASH_BYTES)
    return f"{MARK}ln={LOG2_N},r={R},p={P}${_text(salt)}${_text(made)}"


def hashed_code(code: str) -> str:
    """What may be kept of a setup code. Raises Mistyped."""
    return hashed(read_code(code))


def is_hashed(kept: str) -> bool:
    """Or is it a password in clear, as an installer writes it into a file?"""
    return kept.strip().startswith(MARK)


def matches(secret: str, kept: str) -> bool:
    """Is it the password that was kept? A damaged hash, and nothing at all, match nothing."""
    kept = kept.strip()
    if not is_hashed(kept):
        return bool(kept) and hmac.compare_digest(_bytes(secret), _bytes(kept))
    found = KEPT.fullmatch(kept)
    if found is None:
        return False
    log2_n, r, p = (int(found[place]) for place in (1, 2, 3))
    if not (1 <= log2_n <= MOST_LOG2_N and 1 <= r <= MOST_R and 1 <= p <= MOST_P):
        return False
    expected = _decoded(found[5])
    return hmac.compare_digest(_scrypt(secret, _decoded(found[4]), log2_n, r, p, len(expected)), expected)


def matches_code(typed: str, kept: str) -> bool:
    """Is it the code whose hash was kept? A plain text is no hash, and matches nothing.

    Raises:
        Mistyped: it cannot be any station's code; no guess was made.
    """
    code = read_code(typed)
    return is_hashed(kept) and matches(code, kept)


@dataclass(slots=True)
class Shown:
    """The last secret that was right, so that not every request of a browser costs a hash.

    Only a digest under a key of this run is remembered, and only as long as the same hash is kept.
    """

    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _digest: bytes = b""

    def again(self, secret: str, kept: str) -> bool:
        """Is it the one that was right the last time? Takes no time."""
        return hmac.compare_digest(self._digest, self._made(secret, kept))

    def remember(self, secret: str, kept: str) -> None:
        self._digest = self._made(secret, kept)

    def _made(self, secret: str, kept: str) -> bytes:
        return hmac.digest(self._key, _bytes(secret) + b"\0" + _bytes(kept.strip()), "sha256")


def _scrypt(secret: str, salt: bytes, log2_n: int, r: int, p: int, length: int) -> bytes:
    room = 128 * r * ((1 << log2_n) + p + 2) + (1 << 20)  # what OpenSSL needs, and a little more
    return hashlib.scrypt(_bytes(secret), salt=salt, n=1 << log2_n, r=r, p=p, maxmem=room, dklen=length)


def _bytes(secret: str) -> bytes:
    """The same letter may be typed as one character or as two (RFC 7617 section 2.1: NFC)."""
    if not secret.isascii():
        from unicodedata import normalize

        secret = normalize("NFC", secret)
    return secret.encode("utf-8", "surrogatepass")


def _text(content: bytes) -> str:
    return b64encode(content).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return b64decode(text + "=" * (-len(text) % 4))
