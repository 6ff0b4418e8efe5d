"""The analogue-to-digital converters of a GPIO pilot, as far as the configuration has to know them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Converter:
    bits: int
    inputs: int

    @property
    def top(self) -> int:
        """The highest code."""
        return (1 << self.bits) - 1


CONVERTERS: Mapping[str, Converter] = {
    "mcp3004": Converter(10, 4),
    "mcp3008": Converter(10, 8),
    "mcp3204": Converter(12, 4),
    "mcp3208": Converter(12, 8),
}
