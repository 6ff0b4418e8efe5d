"""Charging profiles outlive the program, and power cuts; what was for a transaction outlives it only while it runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chargepoint.ocpp.instants import time_text
from tests.world import NOON, World, a_world

HOUR = 3600


def profile(number: int, *periods: tuple[int, float], purpose: str = "TxDefaultProfile", **more: Any) -> dict[str, Any]:
    schedule: dict[str, Any] = {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": start, "limit": limit} for start, limit in periods],
    }
    if more.get("chargingProfileKind") != "Relative":
        schedule["startSchedule"] = time_text(NOON)
    return {
        "chargingProfileId": number, "stackLevel": 0, "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute", "chargingSchedule": schedule, **more,
    }  # fmt: skip


async def install(w: World, connector: int, told: dict[str, Any]) -> None:
    answer = await w.ask("SetChargingProfile", connectorId=connector, csChargingProfiles=told)
    assert answer == {"status": "Accepted"}


async def schedule(w: World, connector: int = 1) -> list[tuple[int, float]]:
    answer = await w.ask("GetCompositeSchedule", connectorId=connector, duration=4 * HOUR)
    return [(each["startPeriod"], each["limit"]) for each in answer["chargingSchedule"]["chargingSchedulePeriod"]]


@pytest.mark.parametrize("how", ["restart", "power cut"])
async def test_what_was_set_holds_after(tmp_path: Path, how: str) -> None:
    async with a_world("1.6", tmp_path, evses=2) as w:
        await install(w, 0, profile(1, (0, 20), purpose="ChargePointMaxProfile"))
        await install(w, 1, profile(2, (0, 10), (2 * HOUR, 8)))
        await install(w, 2, profile(3, (0, 7), validTo=time_text(NOON + timedelta(hours=1))))
        await w.wait(hours=1)
        if how == "restart":
            await w.restart_program()
        else:
            await w.power_cut()
            await w.power_back()
        gone_s = round((w.true_time() - NOON).total_seconds())
        [(first, amps), (later, then)] = await schedule(w)
        assert (first, amps, then) == (0, 10, 8)
        assert later == pytest.approx(2 * HOUR - gone_s, abs=2)
        assert await schedule(w, 2) == [(0, 16)], "its validity has ended meanwhile"
        assert [each.id for each in w.daemon.built.station.steering.shelf] == [1, 2]
        await w.charge()
        await w.wait(10)
        assert w.evse().seen.offered_a == 10.0


async def test_a_profile_for_the_transaction_goes_on_with_it_over_a_restart_and_ends_with_it(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path) as w:
        await w.charge(minutes=5)
        own = profile(1, (0, 9), (HOUR, 12), purpose="TxProfile", chargingProfileKind="Relative")
        await install(w, 1, own)
        await w.wait(minutes=20)
        began: datetime | None = w.evse().transaction.started_at if w.evse().transaction else None
        assert began is not None
        await w.restart_program()
        assert w.permit_a() == 9.0
        await w.wait(minutes=36)
        assert w.permit_a() == 12.0, "relative to the start of charging, not of the program"
        await w.unplug()
        assert list(w.daemon.built.station.steering.shelf) == []


async def test_a_transaction_that_a_power_cut_ended_takes_its_profile_along(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path) as w:
        await w.charge(minutes=5)
        await install(w, 1, profile(1, (0, 9), purpose="TxProfile"))
        await w.power_cut()
        await w.power_back()
        await w.wait(30)
        assert list(w.daemon.built.station.steering.shelf) == []


async def test_profiles_count_while_the_back_office_is_away(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path) as w:
        await install(w, 1, profile(1, (0, 10), (HOUR, 8)))
        await w.charge(minutes=5)
        w.link.cut()
        await w.wait(hours=1)
        assert w.evse().seen.offered_a == 8.0
