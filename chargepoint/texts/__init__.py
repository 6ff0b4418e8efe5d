"""What people read, a catalogue for each language: `en.json` and its translations.

`page` holds the page's words by what they are for, `display` those of a display in front (variants, the longest first),
`sentences` what the programs say in English, translated: remedies, the doctor's steps, refusals. Places are written
{name}; a text that depends on a number has forms by the plural rules of its language (CLDR).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

LANGUAGES = ("en", "de", "fr", "ja")
"""The first is what everything was written in, and what stands where a translation is missing."""


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """Everything in one of LANGUAGES."""
    from importlib.resources import files  # who speaks English needs none of it

    content: Mapping[str, Any] = json.loads(files(__name__).joinpath(f"{language}.json").read_text(encoding="utf-8"))
    return content


def display_words(language: str) -> Mapping[str, tuple[str, ...]]:
    """What a display says (`hw.displays.words`), and the first steps of remedies; {} in English: displays know it."""
    if language == LANGUAGES[0]:
        return {}
    told = catalogue(language)
    steps = {first_step(english): (first_step(words),) for english, words in told["sentences"].items()}
    return steps | {word: tuple(variants) for word, variants in told["display"].items()}


def first_step(remedy: str) -> str:
    """What somebody who stands before the station can do: the rest is for whoever mends it."""
    return remedy.replace("\u202f;", ";").partition(";")[0].rstrip(".。")


def negotiated(chosen: str, accepted: str, default: str) -> str:
    """The language for somebody who has `chosen` one, or whose browser sends `accepted` (RFC 9110, Accept-Language)."""
    if chosen in LANGUAGES:
        return chosen
    wanted = sorted(_ranges(accepted), key=lambda each: -each[1])
    return next((language for language, _ in wanted if language in LANGUAGES), default)


def _ranges(accepted: str) -> list[tuple[str, float]]:
    """Languages and their weights, those with weight 0 left out."""
    found = []
    for part in accepted[:1000].split(","):
        tag, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1.0)
        except ValueError:
            weight = 0.0
        if weight > 0:
            found.append((tag.strip().partition("-")[0].lower(), weight))
    return found
