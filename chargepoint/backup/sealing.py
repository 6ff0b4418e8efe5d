"""Secrets in a backup are sealed with a passphrase: scrypt makes the key, AES-GCM hides the content and proves it."""

from __future__ import annotations

import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

SHORTEST = 12
"""Characters of a passphrase: whoever has the file may try for years."""

LOG2_N, R, P = 16, 8, 1
"""64 MiB and a third of a second on a PC (RFC 7914)."""
MOST_LOG2_N = 20
KEY_BYTES, SALT_BYTES, NONCE_BYTES = 32, 16, 12


class WrongPassphrase(ValueError):
    """It is not the one, or the content has been changed."""


def seal(content: bytes, passphrase: str, about: bytes) -> tuple[bytes, dict[str, Any]]:
    """Sealed content, and what else `unseal` must know. `about`: proven too, not hidden."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    how = {"kdf": "scrypt", "log2_n": LOG2_N, "r": R, "p": P, "cipher": "AES-256-GCM",
           "salt": b64encode(salt).decode(), "nonce": b64encode(nonce).decode()}  # fmt: skip
    return AESGCM(_key(passphrase, salt, LOG2_N, R, P)).encrypt(nonce, content, about), how


def unseal(sealed: bytes, passphrase: str, about: bytes, how: Mapping[str, Any]) -> bytes:
    """Raises WrongPassphrase; ValueError where this version does not know how."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        log2_n, r, p = int(how["log2_n"]), int(how["r"]), int(how["p"])
        salt, nonce = b64decode(how["salt"]), b64decode(how["nonce"])
        if (how["kdf"], how["cipher"]) != ("scrypt", "AES-256-GCM") or not (0 < log2_n <= MOST_LOG2_N and r * p <= 64):
            raise ValueError("sealed in another way")
    except (KeyError, TypeError) as error:
        raise ValueError("sealed in another way") from error
    try:
        return AESGCM(_key(passphrase, salt, log2_n, r, p)).decrypt(nonce, sealed, about)
    except InvalidTag:
        raise WrongPassphrase from None


def _key(passphrase: str, salt: bytes, log2_n: int, r: int, p: int) -> bytes:
    room = 256 * r * (1 << log2_n)
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=1 << log2_n, r=r, p=p, maxmem=room, dklen=KEY_BYTES)
