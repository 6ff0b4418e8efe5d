"""The label's QR code; the only module here that knows segno."""

from __future__ import annotations

from hw.errors import Fixable

QUIET = 4
"""Light modules around the code, as ISO/IEC 18004 wants them."""


def matrix(content: str) -> list[list[bool]]:
    """Rows of modules, True = dark, with the quiet zone.

    Raises:
        Fixable: the library is not there.
    """
    try:
        import segno
    except ImportError:
        fix = "Install it: sudo apt install python3-segno. A label's data (.json) needs none."
        raise Fixable("the library that draws QR codes is missing", where="segno", fix=fix) from None
    code = segno.make_qr(content, error="m")  # a label is scratched and stained
    return [[bool(module) for module in row] for row in code.matrix_iter(border=QUIET)]
