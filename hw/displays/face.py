"""What every display lets the installer choose, and what it adds to the screens it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hw.api import Screen
from hw.discovery import Place
from hw.displays.words import ENGLISH, LANGUAGES, Letters, Words, wholly_plain
from hw.options import option

ANYBODY = ("available", "preparing")
"""While an EVSE shows one of these somebody may want to know what it costs, and where to pay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Options that all displays have in common."""

    language: str = option(
        "",
        choices=("", *LANGUAGES),
        help="the language it speaks; empty: that of [station]. What a display has no letters for it says in English",
    )
    price: str = option("", help="what charging costs, shown before anybody charges: 0.49 EUR/kWh")

    def priced(self, screens: Sequence[Screen]) -> tuple[Screen, ...]:
        """With our price where the station tells none."""
        return tuple(
            replace(screen, price=self.price) if not screen.price and screen.status in ANYBODY else screen
            for screen in screens
        )


def words_at(place: Place, letters: Letters = wholly_plain) -> Words:
    """What the display that stands there says."""
    return Words({**ENGLISH, **place.words}, letters)
