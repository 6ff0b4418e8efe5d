"""Lamps and buzzer: shown one after the other, for whoever stands in front of them."""

from __future__ import annotations

import asyncio

from hw.api import Colour, Indicator
from hw.doctor.findings import ok
from hw.doctor.proving import Findings, own_checks

SHOWN = (Colour.GREEN, Colour.BLUE, Colour.RED)
SHOWN_S, SOUNDED_S = 0.7, 0.1


async def indicator_steps(indicator: Indicator) -> Findings:
    try:
        for colour in SHOWN:
            indicator.show(colour)
            await asyncio.sleep(SHOWN_S)
        indicator.sound(True)
        await asyncio.sleep(SOUNDED_S)
    finally:
        indicator.sound(False)
        indicator.show(Colour.OFF)
    yield ok("answers", "lamps take what they are told", "showed green, blue, red, a beep: did you see them?")
    async for finding in own_checks(indicator):
        yield finding
