"""A station in Great Britain: a car plugged in in the evening charges at night, unless somebody wants it now."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from chargepoint.core.facts import Status
from chargepoint.core.offpeak import SOURCE
from tests.scenarios.conftest import MakeWorld
from tests.world import VERSIONS, World, a_world

EVENING = datetime(2026, 11, 23, 21, 55, tzinfo=UTC)  # a Monday, in the last minutes of the peak


@pytest.fixture(params=VERSIONS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> MakeWorld:
    return partial(a_world, request.param, tmp_path, supply={"off_peak": "uk"}, starts_in=EVENING)


def limits(w: World) -> dict[str, float]:
    return {limit.source: limit.amps for limit in w.evse().limits()}


async def test_a_car_in_the_evening_waits_for_the_night(world: MakeWorld) -> None:
    async with world() as w:
        w.evse().delay.draw = lambda span_s: span_s * 0.5
        await w.charge("CARD1", minutes=4)
        assert (w.closed(), w.status(), limits(w)[SOURCE]) == (False, Status.SUSPENDED_EVSE, 0.0)
        await w.wait(minutes=2)  # 22:01: not all start at once
        assert (w.closed(), limits(w).get("random delay")) == (False, 0.0)
        assert SOURCE not in limits(w)
        await w.wait(minutes=5)
        assert w.closed()


async def test_who_does_not_want_to_wait_charges_now_and_only_this_time(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge("CARD1", minutes=1)
        assert w.daemon.desk.act(lambda station, now: station.steering.hurry(station, 1, now))
        await w.wait(10)
        assert w.closed()
        await w.restart_program()
        await w.wait(10)
        assert w.closed()  # also after a restart
        await w.unplug()
        await w.wait(10)
        await w.charge("CARD1", minutes=1)
        assert (w.closed(), limits(w)[SOURCE]) == (False, 0.0)


async def test_a_back_office_that_says_when_has_the_word(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path, supply={"off_peak": "uk"}, starts_in=EVENING) as w:
        w.evse().delay.draw = lambda span_s: 10.0
        await w.charge("CARD1", minutes=1)
        assert not w.closed()
        schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}]}
        profile = {
            "chargingProfileId": 1, "stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Relative", "chargingSchedule": schedule,
        }  # fmt: skip
        await w.ask("SetChargingProfile", connectorId=1, csChargingProfiles=profile)
        await w.wait(20)
        assert (w.closed(), w.evse().seen.offered_a) == (True, 10.0)


async def test_the_owners_choice_survives_and_wins(world: MakeWorld) -> None:
    async with world() as w:
        off_peak = w.daemon.built.station.steering.off_peak
        assert off_peak.asks
        off_peak.choose(())
        await w.restart_program()
        assert not w.daemon.built.station.steering.off_peak.asks
        w.evse().delay.hurry()
        await w.charge("CARD1", minutes=0.5)
        assert SOURCE not in limits(w)


async def test_who_does_not_know_the_time_charges(world: MakeWorld) -> None:
    def no_line(w: World) -> None:
        w.link.up = False

    async with world(ntp=False, before=no_line) as w:
        w.given("AllowOfflineTxForUnknownId", "true")
        w.evse().delay.draw = lambda span_s: 10.0
        await w.charge("CARD1", minutes=0.5)
        assert w.closed()


async def test_elsewhere_nothing_waits(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path, starts_in=EVENING) as w:
        await w.charge("CARD1", minutes=1)
        assert w.closed()
