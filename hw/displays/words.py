"""What a display says. Pure.

Every entry has variants, the longest first: a line takes the first that fits. What stands in no table (a message of the
back office) is shown as it came. English is at home here; whoever opens the display brings the other languages
(`Place.words`). What a display has no letters for it says in English.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from unicodedata import combining, normalize

from hw.api import Screen

Table = Mapping[str, tuple[str, ...]]

ENGLISH: Table = {
    # statuses, as in the local API
    "available": ("Available",),
    "preparing": ("Preparing",),
    "charging": ("Charging",),
    "suspended_ev": ("Paused by the car", "Car pauses"),
    "suspended_evse": ("Waiting for power", "Power waits"),
    "finishing": ("Finished",),
    "reserved": ("Reserved",),
    "unavailable": ("Out of service",),
    "faulted": ("Out of order",),
    # what a driver can do now
    "present_card": ("Hold your card to the reader", "Hold your card"),
    "plug_in": ("Plug in your cable", "Plug in"),
    "unplug": ("Take your cable with you", "Take your cable"),
    "one_moment": ("One moment, please", "One moment"),
    "not_ready": ("Not ready yet",),
    "reader_lost": ("The card reader is out of order", "No card reader"),
    # what has just happened
    "card_accepted": ("Card accepted",),
    "card_refused": ("Card not accepted", "Card refused"),
    "card_random": ("This card has another number each time: use another one", "Use another card"),
    "no_vehicle": ("No car was plugged in", "No car came"),
}

LANGUAGES = ("en", "de", "fr", "ja")
"""Those a display may be told to speak."""

Letters = Callable[[str], str | None]
"""A text in the letters that a display has; None where it has not all of them."""


_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "€": "EUR",
                          "–": "-", "±": "+-", "’": "'", "\xa0": " ", "\u202f": " ", "œ": "oe", "Œ": "Oe"})  # fmt: skip


def plain(text: str) -> str:
    """With the letters that every display has: ASCII, accents left out, and whatever else it cannot say."""
    return normalize("NFKD", text.translate(_LETTERS)).encode("ascii", "ignore").decode()


def wholly_plain(text: str) -> str | None:
    """Likewise, but None where more than accents would be left out."""
    letters = normalize("NFKD", text.translate(_LETTERS))
    return plain(text) if all(letter.isascii() or combining(letter) for letter in letters) else None


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language, as far as a display has the letters for them."""

    table: Table
    letters: Letters = wholly_plain

    def variants(self, word: str) -> tuple[str, ...]:
        """The longest first, in letters that the display has."""
        told = [self.letters(variant) or wholly_plain(variant) for variant in self.table.get(word, (word,))]
        return tuple(filter(None, told)) or tuple(plain(variant) for variant in ENGLISH.get(word, (word,)))

    def fitting(self, word: str, columns: int) -> str:
        """The longest variant of no more than `columns` letters; the shortest where none fits."""
        variants = self.variants(word)
        return next((variant for variant in variants if len(variant) <= columns), variants[-1])

    def full(self, word: str) -> str:
        return self.variants(word)[0]


def facts_of(screen: Screen) -> list[str]:
    """Power, energy and price, as far as there are any; the same in every language."""
    told = []
    if screen.power_w is not None and screen.power_w > 0:
        told.append(f"{screen.power_w / 1000:.1f} kW")
    if screen.energy_wh is not None:
        told.append(f"{screen.energy_wh / 1000:.2f} kWh")
    return [*told, plain(screen.price)] if screen.price else told
