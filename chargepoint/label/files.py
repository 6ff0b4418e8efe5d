"""A label's file, by what its name ends with."""

from __future__ import annotations

from pathlib import Path

from chargepoint.label.words import Words, as_json
from hw.errors import Fixable

FORMS = (".svg", ".png", ".pdf", ".json")


def drawn(words: Words, file: Path) -> bytes:
    """What is to stand in `file`.

    Raises:
        Fixable: nobody knows that form, or a library is missing.
    """
    form = file.suffix.lower()
    if form == ".json":
        return as_json(words).encode()
    if form == ".svg":
        from chargepoint.label.svg import svg

        return svg(words).encode()
    if form in (".png", ".pdf"):
        from chargepoint.label.picture import picture

        return picture(words, form[1:].upper())
    raise Fixable(f'"{file.suffix}" is no form of a label', where=str(file), fix=f"Let it end with {', '.join(FORMS)}.")
