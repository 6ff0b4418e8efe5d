"""A label as SVG: sharp on any printer, text as text."""

from __future__ import annotations

from xml.sax.saxutils import escape

from chargepoint.label.layout import HEIGHT, WIDTH, Code, Line, Reserved, Text, Thing, layout
from chargepoint.label.qr import matrix
from chargepoint.label.words import Words

SANS = "'DejaVu Sans', 'Noto Sans', Arial, sans-serif"
MONO = "'DejaVu Sans Mono', 'Noto Sans Mono', monospace"


def svg(words: Words) -> str:
    inside = "\n".join(_drawn(thing) for thing in layout(words))
    title = escape(_printable(f"{words.vendor} {words.model} {words.serial_number}"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}mm" height="{HEIGHT:g}mm" '
        f'viewBox="0 0 {WIDTH:g} {HEIGHT:g}">\n<title>{title}</title>\n'
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" rx="2" fill="#fff"/>\n{inside}\n</svg>\n'
    )


def _drawn(thing: Thing) -> str:
    match thing:
        case Text():
            return _text(thing)
        case Line(x, y, width):
            return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="0.2" fill="#000"/>'
        case Reserved(x, y, width, height):
            return (
                f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="none" stroke="#999" '
                'stroke-width="0.15" stroke-dasharray="1 1"><title>space for conformity marks</title></rect>'
            )
        case Code():
            return _code(thing)


def _text(text: Text) -> str:
    look = f'font-family="{MONO if text.mono else SANS}" font-size="{text.size:.2f}"'
    look += ' font-weight="bold"' if text.bold else ""
    look += ' text-anchor="end"' if text.end else ""
    return f'<text x="{text.x:g}" y="{text.y:g}" {look} xml:space="preserve">{escape(_printable(text.text))}</text>'


def _printable(text: str) -> str:
    """XML has no room for control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _code(code: Code) -> str:
    """One path: modules of a row that touch are one bar."""
    rows = matrix(code.content)
    module = code.size / len(rows)
    bars = "".join(f"M{start} {y}h{length}v1h-{length}z" for y, row in enumerate(rows) for start, length in _bars(row))
    place = f"translate({code.x:g} {code.y:g}) scale({module:.5f})"
    return f'<path transform="{place}" d="{bars}" fill="#000" shape-rendering="crispEdges"/>'


def _bars(row: list[bool]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if dark and found and sum(found[-1]) == x:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((x, 1))
    return found
