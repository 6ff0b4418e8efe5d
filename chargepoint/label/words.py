"""What a label says."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from chargepoint.config.factory import Factory, Ratings
from chargepoint.security.setupcode import Mistyped, read_code, shown

FRAGMENT = "#code="
"""What follows it never leaves the browser: it is in no server's log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One label, ready for any printer."""

    vendor: str
    model: str
    serial_number: str
    setup_code: str
    hardware_revision: str = ""
    ratings: tuple[str, ...] = ()  # each to stand by itself: "400 V 3~", "50 Hz"
    page: str = ""
    address: str = ""
    identity: str = ""

    @property
    def qr(self) -> str:
        """What a phone reads: the page with the code, or where nobody knows its address the code alone."""
        return f"{self.page}{FRAGMENT}{self.setup_code}" if self.page else self.setup_code


def words_of(factory: Factory, setup_code: str) -> Words:
    station = factory.station
    return Words(
        vendor=station.vendor,
        model=station.model,
        serial_number=station.serial_number,
        setup_code=shown(read_code(setup_code)),
        hardware_revision=station.hardware_revision,
        ratings=tuple(_ratings(factory.ratings)) if factory.ratings else (),
        page=factory.page,
        address=factory.maker.address,
        identity=factory.identity,
    )


def _ratings(rated: Ratings) -> list[str]:
    told = [
        f"{rated.voltage_v} V {'3N~' if rated.phases == 3 else '1N~'}",
        f"{rated.frequency_hz} Hz",
        f"{rated.current_a:g} A",
        rated.ip_code,
        rated.ambient,
    ]
    return [each for each in told if each]


def as_json(words: Words) -> str:
    """For a label printer with a template of its own, and for printing again on another computer."""
    return json.dumps(dataclasses.asdict(words) | {"qr": words.qr}, ensure_ascii=False, indent=1) + "\n"


def from_json(text: str) -> Words:
    """Raises ValueError with what is wrong."""
    told: Any = json.loads(text)
    if not isinstance(told, dict):
        raise ValueError("it is no label's data")
    known = {field.name for field in dataclasses.fields(Words)}
    given = {key: value for key, value in told.items() if key in known}
    try:
        words = Words(**given | {"ratings": tuple(map(str, given.get("ratings", ())))})
        return dataclasses.replace(words, setup_code=shown(read_code(words.setup_code)))
    except (TypeError, AttributeError):
        raise ValueError("it is no label's data") from None
    except Mistyped as why:
        raise ValueError(f"its setup code is none: {why}") from None
