"""Which registers are read together, and what is made of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hw.api import Reading
from hw.modbus.maps import BY_PHASE, MeterMap, Registers, Spot
from hw.modbus.words import number, text

Memory = dict[tuple[Registers, int], int]
"""Registers as they were read."""


@dataclass(frozen=True, slots=True, order=True)
class Block:
    """Registers read at once; `needs` are the addresses and widths of the values in it."""

    registers: Registers
    at: int
    count: int
    needs: tuple[tuple[int, int], ...]

    def halves(self) -> tuple[Block, ...]:
        """Without the gaps; where there are none, value by value; nothing where it is one value already."""
        tight = tuple(_blocks(self.registers, self.needs, most=self.count, gap=0))
        if len(tight) > 1 or (len(self.needs) > 1 and tight[0].count < self.count):
            return tight
        return () if len(self.needs) == 1 else tuple(_block(self.registers, [need]) for need in self.needs)


def blocks(meter: MeterMap, names: Iterable[str]) -> tuple[Block, ...]:
    """The fewest reads that bring these quantities, as far as the meter answers so many registers at once."""
    needs: dict[Registers, set[tuple[int, int]]] = {"input": set(), "holding": set()}
    for _, spot in _wanted(meter, names):
        kind = spot.registers or meter.registers
        needs[kind].update((address, spot.width) for address in spot.addresses)
        if spot.exponent_at is not None:
            needs[kind].add((spot.exponent_at, 1))
    return tuple(
        block
        for kind, wanted in needs.items()
        for block in _blocks(kind, tuple(sorted(wanted)), most=meter.most, gap=meter.gap)
    )


def _wanted(meter: MeterMap, names: Iterable[str]) -> Iterator[tuple[str, Spot]]:
    chosen = frozenset(names)
    return ((name, spot) for name, spot in meter.quantities.told() if name in chosen)


def _blocks(kind: Registers, needs: Sequence[tuple[int, int]], *, most: int, gap: int) -> Iterator[Block]:
    together: list[tuple[int, int]] = []
    for at, size in needs:
        if together:
            end = max(start + length for start, length in together)
            if at - end > gap or max(at + size, end) - together[0][0] > most:
                yield _block(kind, together)
                together = []
        together.append((at, size))
    if together:
        yield _block(kind, together)


def _block(kind: Registers, needs: Sequence[tuple[int, int]]) -> Block:
    start = needs[0][0]
    return Block(kind, start, max(at + size for at, size in needs) - start, tuple(needs))


# --- what the registers say -------------------------------------------------------------------------------------------


def reading(meter: MeterMap, memory: Memory, taken_s: float, *, serial: str = "", swapped: bool = False) -> Reading:
    """The reading in `memory`; a quantity whose registers are not there is left out; no energy is NaN, and nothing
    else ever is.

    `swapped` reads longer numbers the other way round, to see whether that is what is wrong.
    """
    told = {name: _values(meter, spot, memory, swapped) for name, spot in meter.quantities.told() if name != "serial"}
    single = {name: values[0] for name, values in told.items() if name not in BY_PHASE}
    phases = {name: _phases(values) for name, values in told.items() if name in BY_PHASE}
    energy = single.pop("energy_wh", None)
    return Reading(
        energy_wh=math.nan if energy is None else energy, taken_s=taken_s, meter=serial,
        **{**single, **phases},  # type: ignore[arg-type]
    )  # fmt: skip


def serial_number(meter: MeterMap, memory: Memory) -> str:
    """As it stands in the meter; "" where it does not tell."""
    spot = meter.quantities.serial
    if spot is None:
        return ""
    words = _words(meter, spot, spot.addresses[0], memory, swapped=False)
    if words is None:
        return ""
    if spot.type == "text":
        return text(words)
    value = number(spot.type, words)
    return "" if value is None else f"{value:.0f}"


def _values(meter: MeterMap, spot: Spot, memory: Memory, swapped: bool) -> tuple[float | None, ...]:
    exponent = _exponent(meter, spot, memory)
    if exponent is None:
        return (None,) * len(spot.addresses)
    factor = spot.scale * 10.0**exponent
    return tuple(_value(meter, spot, address, memory, swapped, factor) for address in spot.addresses)


def _exponent(meter: MeterMap, spot: Spot, memory: Memory) -> float | None:
    if spot.exponent_at is None:
        return 0.0
    word = memory.get((spot.registers or meter.registers, spot.exponent_at))
    exponent = None if word is None else number("i16", [word])
    return exponent if exponent is not None and abs(exponent) <= 10 else None


def _value(meter: MeterMap, spot: Spot, address: int, memory: Memory, swapped: bool, factor: float) -> float | None:
    words = _words(meter, spot, address, memory, swapped)
    value = None if words is None else number(spot.type, words)
    return None if value is None else value * factor


def _words(
    meter: MeterMap, spot: Spot, address: int, memory: Mapping[tuple[Registers, int], int], swapped: bool
) -> list[int] | None:
    kind = spot.registers or meter.registers
    words = [memory.get((kind, address + step)) for step in range(spot.width)]
    known = [word for word in words if word is not None]
    if len(known) < len(words):
        return None
    low_first = spot.type != "text" and ((spot.words or meter.words) == "low-first") != swapped
    return known[::-1] if low_first else known


def _phases(values: Sequence[float | None]) -> tuple[float, ...]:
    """L1 first; what is missing at the end is left out. Where one before a told one is missing, nothing is told at all:
    values would change their phase, and whoever watches the greatest would take the missing one for harmless.
    """
    known = tuple(value for value in values if value is not None)
    return known if known == tuple(values[: len(known)]) else ()
