"""Tokens that are longer than a version can say."""

from __future__ import annotations

from hashlib import sha256

DIGITS = 6  # of the digest: a chance of one in 16 million that two tokens look alike


def shortened(value: str, longest: int) -> str:
    """`value`, or something no card carries where it has more than `longest` characters.

    The first characters alone could be the token of another customer, who would then be billed. This the CSMS does not
    know, and it is the same at start and stop.
    """
    if len(value) <= longest:
        return value
    digest = sha256(value.casefold().encode()).hexdigest()[:DIGITS]
    return f"{value[: longest - DIGITS - 1]}#{digest}"
