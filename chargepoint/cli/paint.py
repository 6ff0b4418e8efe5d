"""Text for a terminal: aligned columns, quantities with their units, colours where a person looks."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

NOTHING = "-"

COLOURS = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


def coloured(text: str, colour: str) -> str:
    """`text`, in colour on a terminal that has not been asked to do without (no-color.org)."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\033[{COLOURS[colour]}m{text}\033[0m"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest entry, the last one as it is; no blanks at the end of a line."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [heads, *rows]
    plain = ["  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([coloured(plain[0], "bold"), *plain[1:]])


def as_json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)


def amps(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.4g} A"


def power(watts: float | None) -> str:
    if watts is None:
        return NOTHING
    return f"{watts:.0f} W" if abs(watts) < 1000 else f"{watts / 1000:.2f} kW"


def energy(wh: float | None) -> str:
    if wh is None:
        return NOTHING
    return f"{wh:.0f} Wh" if abs(wh) < 1000 else f"{wh / 1000:.2f} kWh"


def local_time(text: str | None, now: datetime | None = None) -> str:
    """RFC 3339 as a clock on the wall would show it: the time alone for today, else with the date."""
    if not text:
        return NOTHING
    at = datetime.fromisoformat(text).astimezone()
    today = (now or datetime.now().astimezone()).date() == at.date()
    return at.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M")
