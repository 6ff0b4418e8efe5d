"""What every display lets the installer choose, and what it adds to the screens it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hw.api import Screen
from hw.displays.words import LANGUAGES, Words
from hw.options import option

ANYBODY = ("available", "preparing")
"""While an EVSE shows one of these somebody may want to know what it costs, and where to pay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Options that all displays have in common."""

    language: str = option("en", choices=tuple(LANGUAGES), help="the language it speaks")
    price: str = option("", help="what charging costs, shown before anybody charges: 0.49 EUR/kWh")

    @property
    def words(self) -> Words:
        return Words(LANGUAGES[self.language])

    def priced(self, screens: Sequence[Screen]) -> tuple[Screen, ...]:
        """With our price where the station tells none."""
        return tuple(
            replace(screen, price=self.price) if not screen.price and screen.status in ANYBODY else screen
            for screen in screens
        )
