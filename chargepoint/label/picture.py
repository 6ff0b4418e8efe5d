"""A label as PNG or PDF, for printers that take no SVG; the only module here that knows Pillow."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

from chargepoint.label.layout import HEIGHT, WIDTH, Code, Line, Reserved, Text, Thing, layout
from chargepoint.label.qr import matrix
from chargepoint.label.words import Words
from hw.errors import Fixable

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

DOTS_PER_MM = 24  # 610 dpi: a multiple of the 203 and 305 dpi that label printers have, or nearly
FONTS = {
    (False, False): "DejaVuSans.ttf",
    (True, False): "DejaVuSans-Bold.ttf",
    (False, True): "DejaVuSansMono.ttf",
    (True, True): "DejaVuSansMono-Bold.ttf",
}
BLACK, GREY, WHITE = 0, 150, 255


def picture(words: Words, form: str) -> bytes:
    """`form`: "PNG" or "PDF".

    Raises:
        Fixable: the library is not there.
    """
    try:
        from PIL import Image, ImageDraw
    except ImportError:
        fix = "Install it: sudo apt install python3-pil fonts-dejavu-core; or take .svg."
        raise Fixable("the library that draws pictures is missing", where="Pillow", fix=fix) from None
    image = Image.new("L", (_dots(WIDTH), _dots(HEIGHT)), WHITE)
    draw = ImageDraw.Draw(image)
    for thing in layout(words):
        _draw(draw, thing)
    sink = BytesIO()
    dots_per_inch = DOTS_PER_MM * 25.4
    if form == "PDF":
        image.save(sink, form, resolution=dots_per_inch)
    else:
        image.save(sink, form, dpi=(dots_per_inch, dots_per_inch), optimize=True)
    return sink.getvalue()


def _draw(draw: ImageDraw, thing: Thing) -> None:
    match thing:
        case Text():
            anchor = "rs" if thing.end else "ls"
            font = _font(_dots(thing.size), thing.bold, thing.mono)
            draw.text((_dots(thing.x), _dots(thing.y)), thing.text, fill=BLACK, font=font, anchor=anchor)
        case Line(x, y, width):
            draw.rectangle((_dots(x), _dots(y), _dots(x + width), _dots(y + 0.2)), fill=BLACK)
        case Reserved(x, y, width, height):
            draw.rectangle((_dots(x), _dots(y), _dots(x + width), _dots(y + height)), outline=GREY, width=2)
        case Code():
            _draw_code(draw, thing)


def _draw_code(draw: ImageDraw, code: Code) -> None:
    """Modules of whole dots, in the middle of their place: what is smeared by half a dot is read badly."""
    rows = matrix(code.content)
    module = _dots(code.size) // len(rows)
    margin = (_dots(code.size) - module * len(rows)) // 2
    left, top = _dots(code.x) + margin, _dots(code.y) + margin
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                at = left + x * module, top + y * module
                draw.rectangle((*at, at[0] + module - 1, at[1] + module - 1), fill=BLACK)


def _font(size: int, bold: bool, mono: bool) -> Any:
    """DejaVu, where Debian puts it; else the font that Pillow brings along."""
    from PIL import ImageFont

    with suppress(OSError):
        return ImageFont.truetype(FONTS[bold, mono], size)
    return ImageFont.load_default(size)


def _dots(mm: float) -> int:
    return round(mm * DOTS_PER_MM)
