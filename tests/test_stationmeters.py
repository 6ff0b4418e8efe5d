"""The main meter: its latest amperes, and one line when it goes and when it is back."""

from __future__ import annotations

import asyncio
import logging
from typing import Self

import pytest

from chargepoint.tasks.stationmeters import StationMeterKeeper
from hw.api import Reading
from hw.errors import DeviceLost


class FakeMeter:
    def __init__(self) -> None:
        self.works, self.serial = True, "A-1"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        pass

    async def read(self) -> Reading:
        if not self.works:
            raise DeviceLost("no answer", where="[meter.1]", fix="Check its power.")
        now_s = asyncio.get_running_loop().time()
        return Reading(1000.0, current_a=(11.0, 12.0, 13.0), taken_s=now_s, meter=self.serial)

    begin = end = read  # type: ignore[assignment]


async def test_amperes_of_which_one_is_no_number_are_not_told() -> None:
    keeper = StationMeterKeeper("main meter", "main", FakeMeter())  # type: ignore[arg-type]
    keeper._read(Reading(1000.0, current_a=(11.0, float("nan"), 13.0), taken_s=asyncio.get_running_loop().time()))
    assert keeper.current_a() is None


async def test_the_main_meter_s_amperes_are_told_while_they_are_fresh(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    meter = FakeMeter()
    keeper = StationMeterKeeper("main meter", "main", meter)  # type: ignore[arg-type]
    assert keeper.current_a() is None
    running = asyncio.get_running_loop().create_task(keeper.run())
    await asyncio.sleep(2.5)
    assert keeper.current_a() == (11.0, 12.0, 13.0)
    meter.works = False
    await asyncio.sleep(5.0)
    assert keeper.lost, "known within 5 s"
    await asyncio.sleep(60.0)
    assert keeper.current_a() is None
    meter.works, meter.serial = True, "B-2"
    await asyncio.sleep(2.0)
    assert keeper.current_a() == (11.0, 12.0, 13.0)
    running.cancel()
    assert [record.getMessage() for record in caplog.records] == [
        "main meter lost: [meter.1]: no answer. Check its power.",
        "main meter is back",
        "main meter: another meter is in place, B-2 instead of A-1",
    ]
