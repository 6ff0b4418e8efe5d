"""Meters, card readers and displays on the doctor's bench."""

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Self

import pytest

from hw.api import CardSeen, Reading, Screen
from hw.doctor.meter import meter_steps
from hw.doctor.proving import at
from hw.doctor.readers import display_steps, reader_steps
from hw.errors import DeviceLost
from tests.hw.doctor.bench import LOST, FakeMeter, failures, found, skips

GOOD = Reading(12_345.0, 0.0, (0.0, 0.0, 0.0), (230.1, 229.8, 231.0))


def steps(*readings: Reading | None, phases: int = 3, behind_contactor: bool = True) -> Any:
    return at("m", meter_steps(FakeMeter(*readings), phases, behind_contactor=behind_contactor))


async def test_a_good_meter_is_read_twice_and_closed() -> None:
    meter = FakeMeter(GOOD, replace(GOOD, energy_wh=12_346.0))
    told = await found(at("m", meter_steps(meter, 3, behind_contactor=True)))
    assert failures(told) == {}
    assert {step: finding.seen for step, finding in told.items()} == {
        "m.answers": "12.345 kWh",
        "m.voltage": "230.1, 229.8, 231.0 V",
        "m.current": "0.00, 0.00, 0.00 A",
        "m.register": "+1.0 Wh in 1 s",
    }
    assert not meter.open


@pytest.mark.parametrize(
    ("reading", "step", "remedy"),
    [
        (replace(GOOD, voltage_v=(0.0, 0.0, 0.0)), "voltage", "A phase without voltage"),
        (replace(GOOD, voltage_v=(230.0, 0.3, 230.0)), "voltage", "A phase without voltage"),
        (replace(GOOD, voltage_v=(2300.0, 2300.0, 2300.0)), "voltage", "Values that cannot be"),
        (replace(GOOD, voltage_v=(5e-41, 5e-41, 5e-41)), "voltage", "Values that cannot be"),
        (replace(GOOD, voltage_v=(230.0,)), "voltage", "Is it a single-phase meter? Write phases = 1"),
        (replace(GOOD, voltage_v=(math.nan,) * 3), "voltage", "Values that cannot be"),
        (replace(GOOD, current_a=(0.0, 6.1, 0.0)), "current", "Is the contactor welded?"),
    ],
)
async def test_what_a_meter_cannot_rightly_say_is_found(reading: Reading, step: str, remedy: str) -> None:
    told = await found(steps(reading))
    assert list(failures(told)) == [f"m.{step}"]
    assert told[f"m.{step}"].remedy.startswith(remedy)


@pytest.mark.parametrize("then_wh", [12_344.0, 5_000_000.0, math.nan])
async def test_a_register_that_falls_or_jumps_is_found(then_wh: float) -> None:
    told = await found(steps(GOOD, replace(GOOD, energy_wh=then_wh)))
    assert list(failures(told)) == ["m.register"]


async def test_a_meter_of_the_building_may_see_current() -> None:
    assert failures(await found(steps(replace(GOOD, current_a=(9.0, 8.0, 7.0)), behind_contactor=False))) == {}


async def test_a_meter_on_115_volts_is_fine_and_one_that_tells_no_voltage_proves_nothing() -> None:
    assert failures(await found(steps(replace(GOOD, voltage_v=(116.0,)), phases=1))) == {}
    assert skips(await found(steps(Reading(1.0)))) == {"m.voltage": "this meter tells none"}


async def test_a_meter_that_dies_between_two_reads_is_told_once() -> None:
    told = await found(steps(GOOD, None))
    assert failures(told) == {"m.stays": "no answer"}


# --- card readers and displays ----------------------------------------------------------------------------------------


class Reader:
    def __init__(self, *, card: str = "", lost_after_s: float | None = None) -> None:
        self._card, self._lost_after_s = card, lost_after_s

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None: ...

    async def cards(self) -> AsyncIterator[CardSeen]:
        if self._card:
            yield CardSeen(self._card)
        await asyncio.sleep(3600 if self._lost_after_s is None else self._lost_after_s)
        raise DeviceLost(LOST.what, where=LOST.where, fix=LOST.fix)


async def test_a_reader_that_listens_is_in_order() -> None:
    assert (await found(reader_steps(Reader())))["answers"].seen == "no card is held to it"


async def test_a_card_that_is_held_to_it_is_shown_without_its_end() -> None:
    assert (await found(reader_steps(Reader(card="04A1B2C3D4E5F6"))))["answers"].seen == "a card of 7 bytes: 04A1…"


async def test_a_reader_that_goes_away_is_found() -> None:
    told = await found(at("card_reader.1", reader_steps(Reader(lost_after_s=0.5))))
    assert failures(told) == {"card_reader.1.answers": "no answer"}


async def test_a_display_is_shown_one_screen_an_outlet() -> None:
    class Glass:
        shown: tuple[Screen, ...] = ()

        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *exc: object) -> None: ...

        async def show(self, screens: tuple[Screen, ...]) -> None:
            self.shown = screens

    glass = Glass()
    assert failures(await found(display_steps(glass, 2))) == {}
    assert [screen.evse for screen in glass.shown] == [1, 2]
