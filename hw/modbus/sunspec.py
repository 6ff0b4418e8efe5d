"""SunSpec: a device says itself what it is. Finds the meter's model among those that it lists."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from hw.errors import DeviceLost
from hw.modbus.bus import Absent, Bus
from hw.modbus.maps import MeterMap
from hw.modbus.words import text

BASES = (40000, 0, 50000)
"""Where a device may begin, in the order in which that is usual."""
MARK = [0x5375, 0x6E53]
"""SunS"""
END = 0xFFFF
COMMON = 1
SERIAL = (50, 16)
"""Offset from the id register of the common model, and length, of the serial number."""
MOST_MODELS = 60


@dataclass(frozen=True, slots=True)
class Found:
    """A meter's map at its place, and the device's serial number."""

    meter: MeterMap
    serial: str


async def discover(bus: Bus, unit: int, maps: Sequence[MeterMap]) -> Found:
    """The first meter that one of `maps` knows.

    Raises:
        DeviceLost: no answer, no SunSpec, or no meter.
    """
    base = await _base(bus, unit)
    serial, seen = "", []
    async for number, at in _models(bus, unit, base + len(MARK)):
        seen.append(number)
        if number == COMMON:
            serial = text(await bus.read(unit, "holding", at + SERIAL[0], SERIAL[1]))
        for meter in maps:
            if number in meter.sunspec:
                return Found(meter.moved(at), serial)
    listed = ", ".join(map(str, seen)) or "none"
    fix = "A meter has a model from 201 to 204 or 211 to 214; check the unit number: behind an inverter it is another."
    raise DeviceLost(f"the SunSpec models of unit {unit} ({listed}) are not those of a meter", where=bus.where, fix=fix)


async def _base(bus: Bus, unit: int) -> int:
    for base in BASES:
        try:
            if await bus.read(unit, "holding", base, len(MARK)) == MARK:
                return base
        except Absent:
            continue
    fix = "Switch SunSpec Modbus on in the device, or choose its own model."
    raise DeviceLost(f"unit {unit} on {bus.line} does not speak SunSpec", where=bus.where, fix=fix)


async def _models(bus: Bus, unit: int, at: int) -> AsyncIterator[tuple[int, int]]:
    """Number and address of the id register of each model."""
    for _ in range(MOST_MODELS):
        number, length = await bus.read(unit, "holding", at, 2)
        if number == END:
            return
        yield number, at
        at += 2 + length
        if at > 65533:
            return
