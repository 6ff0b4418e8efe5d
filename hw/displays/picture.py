"""Screens as a picture of black and white pixels, for displays such as 128 x 64; the only door to Pillow."""

from __future__ import annotations

from collections.abc import Sequence
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
QR_PIXELS = 2
"""Of one module: what is smaller no phone reads."""

Font = Any
Picture = Image.Image


def draw(screens: Sequence[Screen], words: Words, size: tuple[int, int]) -> Picture:
    """White on black, mode "1"."""
    picture = Image.new("1", size, 0)
    notice = next((screen.notice for screen in screens if screen.notice), "")
    groups = grouped(screens)
    if notice:
        _Pen(picture, words).notice(notice)
    elif len(groups) == 1:
        _one(picture, groups[0][1], words)
    else:
        _several(picture, groups, words)
    return picture


def _one(picture: Picture, screen: Screen, words: Words) -> None:
    width, height = picture.size
    code = _code(screen.qr, height) if screen.qr else None
    if code is not None:
        picture.paste(code, (width - height, 0))
        width -= height + GAP
    pen = _Pen(picture, words, width)
    figures = facts_of(screen)
    pen.line(screen.status, BIG)
    for prompt in screen.messages:
        pen.text(prompt, SMALL, leave=len(joined(figures, width, lambda text: _width(text, SMALL))))
    pen.figures(figures, (BIG, SMALL))


def _several(picture: Picture, groups: Sequence[tuple[str, Screen]], words: Words) -> None:
    """One above the other, in one line each where two are too many; the idle ones give way to the others."""
    width, height = picture.size
    lines = height // (SMALL + GAP)
    shown = sorted(sorted(groups, key=lambda group: group[1].status == "available")[:lines], key=groups.index)
    tall = len(shown) * 2 <= lines
    for place, (label, screen) in enumerate(shown):
        top, figures = place * height // len(shown), facts_of(screen)
        pen = _Pen(picture, words, width, top, top + height // len(shown))
        pen.line(screen.status, SMALL, f"{label} ", "" if tall else "".join(figures[:1]))
        if tall and figures:
            pen.figures(figures, (SMALL,))
        elif tall and screen.messages:
            pen.text(screen.messages[0], SMALL)


class _Pen:
    """Writes line below line into a part of the picture, until it is full."""

    def __init__(self, picture: Picture, words: Words, width: int = 0, top: int = 0, bottom: int = 0) -> None:
        self._draw = ImageDraw.Draw(picture)
        self._draw.fontmode = "1"
        self._words = words
        self._width, self._top, self._bottom = width or picture.width, top, bottom or picture.height

    def line(self, word: str, size: int, before: str = "", after: str = "") -> None:
        """The word's longest variant that fits, in small letters where none does; `after` at the end of the line."""
        variants = [before + variant for variant in self._words.variants(word)]
        room = self._width - (_width(f" {after}", SMALL) if after else 0)
        fitting = [(text, pixels) for text in variants for pixels in (size, SMALL) if _width(text, pixels) <= room]
        text, pixels = next(iter(fitting), (variants[-1], SMALL))
        if after:
            self._put(after, SMALL, self._width - _width(after, SMALL))
        self._write(text, pixels)

    def text(self, message: str, size: int, leave: int = 0) -> None:
        """Wrapped; its longest variant that has room, else the shortest, cut off. `leave`: lines for others."""
        room = max((self._bottom - self._top + GAP) // (size + GAP) - leave, 0)
        variants = [_wrapped(variant, size, self._width) for variant in self._words.variants(message)]
        told = next((lines for lines in variants if len(lines) <= room), variants[-1][:room])
        for line in told:
            self._write(line, size)

    def figures(self, facts: Sequence[str], sizes: Sequence[int]) -> None:
        """Side by side as far as they fit, in the first size in which all of them have room."""
        told = [(joined(facts, self._width, lambda text: _width(text, size)), size) for size in sizes]  # noqa: B023
        lines, size = next((each for each in told if self._fit(*each)), told[-1])
        for line in lines:
            self._write(line, size)

    def notice(self, message: str) -> None:
        """In the middle, and as large as fits."""
        full = self._words.full(message)
        told = [(_wrapped(full, size, self._width), size) for size in (BIG, SMALL)]
        lines, size = next((each for each in told if self._fit(*each)), told[-1])
        self._top = max((self._bottom - len(lines) * (size + GAP)) // 2, 0)
        for line in lines:
            self._write(line, size, left=(self._width - _width(line, size)) // 2)

    def _fit(self, lines: Sequence[str], size: int) -> bool:
        """Is there room for these lines, in both directions?"""
        across = all(_width(line, size) <= self._width for line in lines)
        return across and self._top + len(lines) * (size + GAP) <= self._bottom + GAP

    def _write(self, line: str, size: int, left: int = 0) -> None:
        if self._top + size <= self._bottom:
            self._put(line, size, left)
            self._top += size + GAP

    def _put(self, line: str, size: int, left: int) -> None:
        """Its tallest letters begin at our line: no room is lost above them."""
        above = font(size).getbbox("Hlf")[1]
        self._draw.text((left, self._top - above), line, fill=1, font=font(size))


@cache
def font(size: int) -> Font:
    """Pillow's own; before 10.1 it has a single size."""
    try:
        return ImageFont.load_default(size)
    except TypeError:
        return ImageFont.load_default()


def _width(text: str, size: int) -> int:
    return int(font(size).getlength(text, mode="1") + 0.5)


def _wrapped(text: str, size: int, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        both = f"{lines[-1]} {word}" if lines else word
        if lines and _width(both, size) <= width:
            lines[-1] = both
        else:
            lines.append(word)
    return [line.strip() for line in lines if line.strip()]


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
