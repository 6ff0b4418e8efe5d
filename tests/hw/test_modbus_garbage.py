"""Whatever the registers hold: a reading of finite numbers, or a lost device; nothing else, and nothing invented."""

from __future__ import annotations

import asyncio
import math
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from hw.errors import DeviceLost
from hw.modbus.words import TYPES, number, text, width
from tests.hw.modbus_slave import Slave, Unit
from tests.hw.test_modbus_meters import meter
from tests.virtual_time import VirtualTimeLoop

WORDS = st.integers(0, 0xFFFF)


@given(st.sampled_from([kind for kind in TYPES if kind != "text"]), st.data())
def test_a_number_is_finite_or_none(kind: str, data: st.DataObject) -> None:
    words = data.draw(st.lists(WORDS, min_size=width(kind), max_size=width(kind)))  # type: ignore[arg-type]
    value = number(kind, words)  # type: ignore[arg-type]
    assert value is None or math.isfinite(value)


@given(st.lists(WORDS, min_size=1, max_size=20))
def test_a_text_can_be_shown(words: list[int]) -> None:
    assert text(words).isprintable()


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["eastron-sdm630", "abb-b23", "iskra-wm3m4c", "sunspec", "gavazzi-em340"]),
    st.integers(0, 10_000),
    st.sampled_from([lambda frame: frame, lambda frame: frame[: len(frame) // 2 + 1], lambda frame: frame + frame]),
)
def test_whatever_comes_is_a_reading_or_a_lost_device(model: str, seed: int, garble: object) -> None:
    chance = random.Random(seed)
    words = {at: chance.randrange(0x10000) for at in (*range(0x180), *range(0x5000, 0x5C00))}
    unit = Unit(input=words, holding=words, garble=garble)  # type: ignore[arg-type]

    async def read() -> None:
        async with meter(Slave({1: unit, 33: unit}), model=model) as (driver, _):
            try:
                reading = await driver.read()
            except DeviceLost:
                return
            assert math.isfinite(reading.energy_wh)
            assert reading.energy_wh >= 0.0

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(read())
