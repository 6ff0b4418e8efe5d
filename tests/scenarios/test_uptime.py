"""Each way in which a station can be of no use, and what the ledger says of it afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chargepoint.core.uptime import CSMS, STATION, Cause, Outage
from tests.scenarios.conftest import MakeWorld
from tests.world import NOON, World, a_world


def outages(w: World, place: str = STATION) -> list[Outage]:
    told = w.journal.outages.all()
    return [each for each in told if each.place == place and each.cause is not Cause.INSTALLED]


def minutes(outage: Outage) -> float:
    assert outage.ended is not None
    return (outage.ended - outage.began) / timedelta(minutes=1)


async def test_the_records_begin_with_the_first_start(world: MakeWorld) -> None:
    async with world() as w:
        (first,) = w.journal.outages.all()
        assert (first.cause, first.clock) == (Cause.INSTALLED, "right")
        assert abs(first.began - NOON) < timedelta(seconds=10)


async def test_a_power_cut_is_known_to_the_minute(world: MakeWorld) -> None:
    async with world() as w:
        await w.wait(hours=3)
        await w.power_cut()
        await w.wait(hours=2)
        await w.power_back()
        (cut,) = outages(w)
        assert (cut.cause, cut.clock) == (Cause.POWER_LOSS, "right")
        assert minutes(cut) == pytest.approx(120, abs=1.5)


async def test_a_power_cut_in_mid_session_is_known_by_the_last_sample(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge("CARD1", hours=1)
        cut_at = w.true_time()
        await w.power_cut()
        await w.wait(minutes=30)
        await w.power_back()
        (cut,) = outages(w)
        assert timedelta() <= cut_at - cut.began < timedelta(seconds=65)


async def test_the_end_of_a_session_counts_as_a_sign_of_life(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge("CARD1", hours=1)
        await w.unplug()
        await w.wait(5)
        cut_at = w.true_time()
        await w.power_cut()
        await w.power_back()
        (cut,) = outages(w)
        assert cut_at - cut.began < timedelta(seconds=65)


async def test_a_crash_is_told_from_a_hang(world: MakeWorld) -> None:
    async with world() as w:
        await w.restart_program()
        w.service_result = "watchdog"
        await w.restart_program()
        assert [(each.cause, each.detail) for each in outages(w)] == [(Cause.CRASH, ""), (Cause.WATCHDOG, "program")]


async def test_a_restart_that_the_back_office_asked_for(world: MakeWorld) -> None:
    async with world() as w:
        await w.ask("Reset", type="Soft" if w.version == "1.6" else "Immediate")
        await w.until(lambda: w.ending is not None)
        await w.start_program()
        (restart,) = outages(w)
        assert (restart.cause, restart.detail) == (Cause.RESTART, "RemoteReset")
        assert minutes(restart) < 0.2


async def test_another_version_is_an_update(world: MakeWorld) -> None:
    async with world() as w:
        w.daemon.memory.put("uptime", "version", "0.9")
        await w.restart_program()
        (update,) = outages(w)
        assert update.cause is Cause.UPDATE
        assert update.detail.startswith("0.9 to ")


async def test_a_restored_backup_is_told_as_such_once(world: MakeWorld) -> None:
    async with world() as w:
        w.daemon.memory.put("uptime", "restored", "2026-11-20T10:00:00+00:00")
        await w.restart_program()
        await w.restart_program()
        told = [(each.cause, each.detail) for each in outages(w)]
        assert told == [(Cause.RESTORED, "2026-11-20T10:00:00+00:00"), (Cause.CRASH, "")]


async def test_a_fault_is_told_by_its_name_and_only_at_its_outlet(world: MakeWorld) -> None:
    async with world(evses=2) as w:
        await w.fault("emergency_stop", evse=2)
        await w.wait(minutes=10)
        await w.fault("emergency_stop", active=False, evse=2)
        await w.wait(minutes=1)
        (fault,) = outages(w, "2")
        assert (fault.cause, fault.detail) == (Cause.FAULT, "MREC8EmergencyStop")
        assert minutes(fault) == pytest.approx(10, abs=1)
        assert outages(w, "1") == []


async def test_a_fault_that_outlives_a_power_cut_is_one(world: MakeWorld) -> None:
    async with world() as w:
        await w.fault("emergency_stop")
        await w.wait(minutes=5)
        await w.restart_program()
        await w.wait(minutes=5)
        (fault,) = outages(w, "1")
        assert fault.ended is None
        assert w.true_time() - fault.began > timedelta(minutes=10)


async def test_a_dead_guard_is_told_as_such(world: MakeWorld) -> None:
    async with world() as w:
        w.yard.guard.die()
        await w.wait(minutes=1)
        assert [each.cause for each in outages(w, "1")][:1] == [Cause.GUARD]


async def test_out_of_service_on_purpose_is_planned(world: MakeWorld) -> None:
    async with world() as w:
        w.daemon.desk.act(lambda station, now: station.change_availability(1, False, now))
        await w.wait(hours=1)
        w.daemon.desk.act(lambda station, now: station.change_availability(1, True, now))
        await w.wait(1)
        (planned,) = outages(w, "1")
        assert (planned.cause, minutes(planned)) == (Cause.PLANNED, pytest.approx(60, abs=0.5))


async def test_a_line_that_is_down_is_told_unless_it_is_back_within_a_minute(world: MakeWorld) -> None:
    async with world() as w:
        w.link.drop()
        await w.wait(minutes=10)
        assert outages(w, CSMS) == []
        w.link.cut()
        cut_at = w.true_time()
        await w.wait(hours=1)
        w.link.restore()
        await w.wait(minutes=15)
        (down,) = outages(w, CSMS)
        assert down.cause is Cause.NETWORK
        assert abs(down.began - cut_at) < timedelta(seconds=5)
        assert minutes(down) > 59


async def test_a_clock_in_1970_is_put_right_later(world: MakeWorld) -> None:
    def no_line(w: World) -> None:
        w.link.up = False

    async with world(ntp=False, starts_in=datetime(1970, 1, 1, tzinfo=UTC), before=no_line) as w:
        await w.fault("emergency_stop")
        await w.wait(minutes=10)
        (fault,) = outages(w, "1")
        assert (fault.clock, fault.began.year) == ("unknown", 1970)
        w.link.restore()
        await w.wait(minutes=15)
        (fault,) = outages(w, "1")
        assert fault.clock == "corrected"
        assert abs(fault.began - NOON) < timedelta(minutes=1)


async def test_a_station_of_its_own_misses_no_line(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path, csms=False) as w:
        await w.wait(hours=1)
        assert outages(w, CSMS) == []
