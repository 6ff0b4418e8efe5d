"""The analogue-to-digital converters of a GPIO pilot: which there are, and what one must be able to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


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


class Batch(Protocol):
    """Conversions in a fixed order."""

    @property
    def spacing_s(self) -> float:
        """From one conversion to the next, as lately measured."""
        ...

    def run(self, lead_us: int = 0) -> list[int]:
        """Their codes. After the first one there is a pause of `lead_us`. Raises DeviceLost."""
        ...


class Adc(Protocol):
    """An analogue-to-digital converter with several channels."""

    @property
    def bits(self) -> int: ...

    def batch(self, channels: Sequence[int]) -> Batch: ...
    def close(self) -> None: ...
