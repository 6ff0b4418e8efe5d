"""QR codes; the only door to segno."""

from __future__ import annotations

import segno

QUIET = 1
"""Modules of margin. The standard wants four; phones do with less, and every pixel counts here."""


def matrix(content: str) -> list[list[bool]]:
    """Rows of modules, True = dark, with a margin. Raises ValueError where the content is too long for any code."""
    code = segno.make_qr(content, error="l")  # it takes a better one by itself where that needs no more room
    return [[bool(module) for module in row] for row in code.matrix_iter(border=QUIET)]
