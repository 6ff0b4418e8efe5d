"""Where each thing stands on a label of 90 by 60 mm. Millimetres from the upper left corner; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chargepoint.label.words import Words

WIDTH, HEIGHT, EDGE = 90.0, 60.0, 4.0
QR_SIZE = 29.0
SMALLEST = 1.8  # height of letters that are still read at arm's length, roughly 5 point

WIDEST, WIDE, NARROW, OTHER, MONO = 1.0, 0.72, 0.36, 0.62, 0.62
"""Widths of letters in heights of the font: of a wide one of the common fonts, so that no text grows over its edge."""


@dataclass(frozen=True, slots=True)
class Text:
    """`y` is the line that letters stand on; `size` the font's height."""

    x: float
    y: float
    size: float
    text: str
    bold: bool = False
    mono: bool = False
    end: bool = False  # it ends at x


@dataclass(frozen=True, slots=True)
class Line:
    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Reserved:
    """An empty box for the maker's conformity marks: whoever puts the product on the market puts them there."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code, its quiet zone included."""

    x: float
    y: float
    size: float
    content: str


Thing = Text | Line | Reserved | Code


def layout(words: Words) -> list[Thing]:
    return [*_nameplate(words), *_ratings(words), *_setup(words), *_foot(words)]


def _nameplate(words: Words) -> Iterator[Thing]:
    room = WIDTH - 2 * EDGE - 20
    yield _fitted(Text(EDGE, 8.6, 5.0, words.vendor, bold=True), room)
    yield _fitted(Text(EDGE, 13.4, 3.6, words.model), room)
    number = f"S/N {words.serial_number}"
    yield _fitted(Text(EDGE, 17.8, 3.0, number, mono=True), room)
    yield Reserved(WIDTH - EDGE - 17, EDGE, 17, 11)
    if words.hardware_revision:
        yield _fitted(Text(WIDTH - EDGE, 17.8, 2.6, f"HW {words.hardware_revision}", end=True), 18)


def _ratings(words: Words) -> Iterator[Thing]:
    yield Line(EDGE, 20.0, WIDTH - 2 * EDGE)
    yield _fitted(Text(EDGE, 23.7, 2.9, "   ".join(words.ratings)), WIDTH - 2 * EDGE)
    yield Line(EDGE, 25.6, WIDTH - 2 * EDGE)


def _setup(words: Words) -> Iterator[Thing]:
    x = EDGE + QR_SIZE + 2
    room = WIDTH - EDGE - x
    yield Code(EDGE - 2, 26.2, QR_SIZE + 2, words.qr)
    yield Text(x, 31.0, 2.6, "Setup code")
    yield _fitted(Text(x, 36.8, 5.2, words.setup_code, bold=True, mono=True), room)
    lines = ["Scan it, or open the page and type the code:", words.page] if words.page else [
        "Open the station's page and type this code", "to set its password."]  # fmt: skip
    for number, line in enumerate(lines):
        yield _fitted(Text(x, 41.6 + 3.6 * number, 2.4, line), room)
    yield _fitted(Text(x, 51.0, 2.1, "Whoever has this code can set the page's first"), room)
    yield _fitted(Text(x, 53.8, 2.1, "password: keep it where only the owner sees it."), room)


def _foot(words: Words) -> Iterator[Thing]:
    yield _fitted(Text(EDGE, 58.4, 2.0, words.address), WIDTH - 2 * EDGE)


def _fitted(text: Text, room: float) -> Text:
    """As large as it is meant to be, or as fits; then with its end left out."""
    width = width_of(text)
    if width <= room:
        return text
    size = max(SMALLEST, text.size * room / width)
    shown = Text(text.x, text.y, size, text.text, text.bold, text.mono, text.end)
    while width_of(shown) > room + 0.01 and len(shown.text) > 1:
        shown = Text(text.x, text.y, size, shown.text.rstrip("…")[:-1] + "…", text.bold, text.mono, text.end)
    return shown


def width_of(text: Text) -> float:
    """At most so wide, in millimetres."""
    if text.mono:
        return sum(MONO if ord(letter) < 0x1100 else 1.0 for letter in text.text) * text.size
    return sum(_letter(letter) for letter in text.text) * text.size * (1.1 if text.bold else 1.0)


def _letter(letter: str) -> float:
    if ord(letter) >= 0x1100:  # Chinese, Japanese, Korean
        return 1.0
    if letter in " .,:;!|'ijlI()/-°":
        return NARROW
    if letter in "mwMW@%":
        return WIDEST
    return WIDE if letter.isupper() or letter == "~" else OTHER
