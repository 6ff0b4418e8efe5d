"""A simulated display: what stands on it is a file, for people, tests and the demo to look into."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Self

from hw.api import Screen
from hw.discovery import Place
from hw.displays.face import Face, words_at
from hw.displays.layout import page

COLUMNS, LINES = 20, 4


def display_file(state_dir: Path, number: int = 0) -> Path:
    """Where the n-th display's latest screens are: JSON with `text` (its lines) and `screens`."""
    return state_dir / f"display-{number + 1}.json"


class MockDisplay:
    """Simulated display of four lines; DIR/display-1.json says what stands on it."""

    Options = Face

    def __init__(self, options: Face, place: Place) -> None:
        self._options, self._words = options, words_at(place)
        self._file = display_file(place.state_dir, place.number)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._file.unlink(missing_ok=True)

    async def show(self, screens: tuple[Screen, ...]) -> None:
        told = self._options.priced(screens)
        text = page(told, self._words, COLUMNS, LINES)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps({"text": text, "screens": [dataclasses.asdict(screen) for screen in told]}))
        fresh.replace(self._file)
