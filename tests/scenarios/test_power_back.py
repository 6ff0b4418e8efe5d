"""The power comes back: a session ends with what the meter shows, or with what was on the disk."""

from __future__ import annotations

from math import floor  # 1.6 tells begin and end in whole watt-hours
from pathlib import Path
from typing import Any

import pytest

from chargepoint.core.transaction import METER_STARTS_WITHIN_S
from tests.scenarios.conftest import MakeWorld
from tests.scenarios.storage_card import StorageCard
from tests.world import World

ENERGY = "Energy.Active.Import.Register"
A_MINUTE_WH = 200.0  # and a little more, of what the simulated car draws at 11 kW


def every_two_seconds(w: World) -> None:
    w.given("MeterValueSampleInterval", "2")


def acknowledged(w: World) -> float:
    """The highest register told while the car charged, in Wh."""
    action = "MeterValues" if w.version == "1.6" else "TransactionEvent"
    return max(value for said in w.said(action) for value in registers(said))


def end(w: World) -> float:
    """The register told with the end."""
    if w.version == "1.6":
        [stop] = w.said("StopTransaction")
        return float(stop["meterStop"])
    [last] = [said for said in w.said("TransactionEvent") if said["eventType"] == "Ended"]
    return max(registers(last))


def registers(said: dict[str, Any]) -> list[float]:
    return [
        float(sample["value"])
        for entry in said.get("meterValue", ())
        for sample in entry["sampledValue"]
        if sample.get("measurand", ENERGY) == ENERGY
    ]


async def cut_while_it_charges(w: World, tmp_path: Path, *, seconds: int = 45) -> float:
    """The power fails; of the samples only those are kept that were on the disk. What had been acknowledged."""
    card = StorageCard(w, tmp_path / "card")
    every_two_seconds(w)
    await w.charge(seconds=seconds)
    told_wh = acknowledged(w)
    assert told_wh > 1100.0
    await card.power_cut()
    await w.wait(30)
    return told_wh


@pytest.mark.parametrize("after", ["end", "resume"])
async def test_the_end_is_what_the_meter_shows(world: MakeWorld, tmp_path: Path, after: str) -> None:
    async with world(after_power_loss=after) as w:
        told_wh = await cut_while_it_charges(w, tmp_path)
        await w.power_back()
        await w.unplug()
        await w.wait(10)
        assert end(w) >= floor(told_wh)
        assert end(w) == pytest.approx(w.register_wh(), abs=1)


@pytest.mark.parametrize("after", ["end", "resume"])
async def test_a_meter_that_stays_silent_costs_the_samples_of_a_minute_at_most(
    world: MakeWorld, tmp_path: Path, after: str
) -> None:
    async with world(after_power_loss=after) as w:
        told_wh = await cut_while_it_charges(w, tmp_path, seconds=200)
        w.yard.fault(1, "meter_lost")
        await w.power_back()
        await w.unplug()
        await w.wait(METER_STARTS_WITHIN_S + 10)
        assert told_wh - A_MINUTE_WH <= end(w) <= told_wh
        assert len(w.bills()) == 1


async def test_a_meter_that_starts_slowly_is_waited_for(world: MakeWorld, tmp_path: Path) -> None:
    async with world() as w:
        await cut_while_it_charges(w, tmp_path)
        w.yard.fault(1, "meter_lost")
        await w.power_back()
        await w.wait(45)
        assert w.bills() == []
        w.yard.fault(1, "meter_lost", active=False)
        await w.wait(15)
        assert end(w) == pytest.approx(w.register_wh(), abs=1)
