"""Screens as a picture of black and white pixels, for displays such as 128 x 64; the only door to Pillow."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from hw.api import Screen
from hw.displays.layout import grouped, joined
from hw.displays.qr import matrix
from hw.displays.words import Words, facts_of

BIG, SMALL = 17, 12
"""Pixels of the two sizes of letters."""
GAP = 2
UNKNOWN = "\U0010fffd"
"""No font has it."""
QR_PIXELS = 2
"""Of one module: what is smaller no phone reads."""

log = logging.getLogger(__name__)

Font = Any
Picture = Image.Image


def draw(screens: Sequence[Screen], words: Words, size: tuple[int, int], letters: Letters | None = None) -> Picture:
    """White on black, mode "1"."""
    letters = letters or Letters()
    picture = Image.new("1", size, 0)
    notice = next((screen.notice for screen in screens if screen.notice), "")
    groups = grouped(screens)
    if notice:
        _Pen(picture, words, letters).notice(notice)
    elif len(groups) == 1:
        _one(picture, groups[0][1], words, letters)
    else:
        _several(picture, groups, words, letters)
    return picture


def _one(picture: Picture, screen: Screen, words: Words, letters: Letters) -> None:
    width, height = picture.size
    code = _code(screen.qr, height) if screen.qr else None
    if code is not None:
        picture.paste(code, (width - height, 0))
        width -= height + GAP
    pen = _Pen(picture, words, letters, width)
    figures = facts_of(screen)
    pen.line(screen.status, BIG)
    for prompt in screen.messages:
        pen.text(prompt, SMALL, leave=len(joined(figures, width, lambda text: letters.width(text, SMALL))))
    pen.figures(figures, (BIG, SMALL))


def _several(picture: Picture, groups: Sequence[tuple[str, Screen]], words: Words, letters: Letters) -> None:
    """One above the other, in one line each where two are too many; the idle ones give way to the others."""
    width, height = picture.size
    lines = height // (SMALL + GAP)
    shown = sorted(sorted(groups, key=lambda group: group[1].status == "available")[:lines], key=groups.index)
    tall = len(shown) * 2 <= lines
    for place, (label, screen) in enumerate(shown):
        top, figures = place * height // len(shown), facts_of(screen)
        pen = _Pen(picture, words, letters, width, top, top + height // len(shown))
        pen.line(screen.status, SMALL, f"{label} ", "" if tall else "".join(figures[:1]))
        if tall and figures:
            pen.figures(figures, (SMALL,))
        elif tall and screen.messages:
            pen.text(screen.messages[0], SMALL)


class _Pen:
    """Writes line below line into a part of the picture, until it is full."""

    def __init__(
        self, picture: Picture, words: Words, letters: Letters, width: int = 0, top: int = 0, bottom: int = 0
    ) -> None:
        self._draw = ImageDraw.Draw(picture)
        self._draw.fontmode = "1"
        self._words, self._letters = words, letters
        self._width, self._top, self._bottom = width or picture.width, top, bottom or picture.height

    def line(self, word: str, size: int, before: str = "", after: str = "") -> None:
        """The word's longest variant that fits, in small letters where none does; `after` at the end of the line."""
        variants = [before + variant for variant in self._words.variants(word)]
        room = self._width - (self._letters.width(f" {after}", SMALL) if after else 0)
        fitting = [
            (text, pixels) for text in variants for pixels in (size, SMALL) if self._letters.width(text, pixels) <= room
        ]
        text, pixels = next(iter(fitting), (variants[-1], SMALL))
        if after:
            self._put(after, SMALL, self._width - self._letters.width(after, SMALL))
        self._write(text, pixels)

    def text(self, message: str, size: int, leave: int = 0) -> None:
        """Wrapped; its longest variant that has room, else the shortest, cut off. `leave`: lines for others."""
        room = max((self._bottom - self._top + GAP) // (size + GAP) - leave, 0)
        variants = [self._letters.wrapped(variant, size, self._width) for variant in self._words.variants(message)]
        told = next((lines for lines in variants if len(lines) <= room), variants[-1][:room])
        for line in told:
            self._write(line, size)

    def figures(self, facts: Sequence[str], sizes: Sequence[int]) -> None:
        """Side by side as far as they fit, in the first size in which all of them have room."""
        told = [(joined(facts, self._width, lambda text: self._letters.width(text, size)), size) for size in sizes]  # noqa: B023
        lines, size = next((each for each in told if self._fit(*each)), told[-1])
        for line in lines:
            self._write(line, size)

    def notice(self, message: str) -> None:
        """In the middle, and as large as fits."""
        full = self._words.full(message)
        told = [(self._letters.wrapped(full, size, self._width), size) for size in (BIG, SMALL)]
        lines, size = next((each for each in told if self._fit(*each)), told[-1])
        self._top = max((self._bottom - len(lines) * (size + GAP)) // 2, 0)
        for line in lines:
            self._write(line, size, left=(self._width - self._letters.width(line, size)) // 2)

    def _fit(self, lines: Sequence[str], size: int) -> bool:
        """Is there room for these lines, in both directions?"""
        across = all(self._letters.width(line, size) <= self._width for line in lines)
        return across and self._top + len(lines) * (size + GAP) <= self._bottom + GAP

    def _write(self, line: str, size: int, left: int = 0) -> None:
        if self._top + size <= self._bottom:
            self._put(line, size, left)
            self._top += size + GAP

    def _put(self, line: str, size: int, left: int) -> None:
        """Its tallest letters begin at our line: no room is lost above them."""
        above = self._letters.font(size).getbbox(self._letters.tallest)[1]
        self._draw.text((left, self._top - above), line, fill=1, font=self._letters.font(size))


@dataclass(frozen=True, slots=True)
class Letters:
    """A font. `file`: its path; "" for Pillow's own, which has the letters of western Europe."""

    file: str = ""

    @property
    def tallest(self) -> str:
        return "Hlf電" if self.has("電") else "Hlf"

    def font(self, size: int) -> Font:
        return font(size, self.file)

    def width(self, text: str, size: int) -> int:
        return int(self.font(size).getlength(text, mode="1") + 0.5)

    def has(self, text: str) -> str | None:
        """The text, if this font has all of its letters."""
        return text if all(_is_drawn(letter, self.file) for letter in set(text)) else None

    def wrapped(self, text: str, size: int, width: int) -> list[str]:
        lines: list[str] = []
        for word, gap in _pieces(text):
            both = f"{lines[-1]}{gap}{word}" if lines else word
            if lines and self.width(both, size) <= width:
                lines[-1] = both
            else:
                lines.append(word)
        return [line.strip() for line in lines if line.strip()]


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """What a line may begin with, and what stands before it otherwise: words, or the letters of a script without
    spaces, save those that no line begins with."""
    for word in text.split(" "):
        gap, piece = " ", ""
        for letter in word:
            if piece and (_stands_alone(letter) or _stands_alone(piece[-1])) and letter not in NEVER_FIRST:
                yield piece, gap
                gap, piece = "", ""
            piece += letter
        yield piece, gap


NEVER_FIRST = "、。，．・：；？！」』）ーぁぃぅぇぉっゃゅょァィゥェォッャュョ"
"""Of those that matter here (JIS X 4051)."""


def _stands_alone(letter: str) -> bool:
    return letter >= "\u3000"


@cache
def font(size: int, file: str = "") -> Font:
    """Pillow's own where none is named, or the one that is named is not there; before 10.1 it has a single size."""
    try:
        return ImageFont.truetype(file, size) if file else ImageFont.load_default(size)
    except OSError as trouble:
        log.warning("the font %s cannot be used (%s): install it, or take it out of [[display]]", file, trouble)
        return font(size)
    except TypeError:
        return ImageFont.load_default()


@cache
def _is_drawn(letter: str, file: str) -> bool:
    """Or is it the box that stands for every letter a font does not have?"""
    if letter.isspace():
        return True
    box, drawn = (bytes(font(BIG, file).getmask(each, mode="L")) for each in (UNKNOWN, letter))
    return bool(drawn) and drawn != box


def _code(content: str, height: int) -> Picture | None:
    """A square, dark on light as readers expect it; None where the code would be too fine to be read."""
    try:
        modules = matrix(content)
    except ValueError:
        return None
    if len(modules) * QR_PIXELS > height:
        return None
    fine = Image.new("1", (len(modules), len(modules)), 1)
    fine.putdata([0 if dark else 1 for row in modules for dark in row])
    code = fine.resize((fine.width * QR_PIXELS, fine.height * QR_PIXELS), Image.Resampling.NEAREST)
    square = Image.new("1", (height, height), 1)
    square.paste(code, ((height - code.width) // 2, (height - code.height) // 2))
    return square
