"""What the service manager hears of a whole station: up, how it is, and that every part of it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chargepoint.service import MISSING_S, Service, service_of
from hw.notify import Mailbox
from tests.world import World, a_world

WATCHED_S = 30.0
STATUS = "STATUS="


class Manager(Mailbox):
    """Hears, and kills what has been silent for too long."""

    def __init__(self) -> None:
        super().__init__({})
        self.words: list[str] = []
        self.fed_s = 0.0

    def say(self, *words: str) -> None:
        self.words += words
        if "WATCHDOG=1" in words:
            self.fed_s = asyncio.get_running_loop().time()

    @property
    def status(self) -> str:
        return [word for word in self.words if word.startswith(STATUS)][-1].removeprefix(STATUS)

    @property
    def would_kill(self) -> bool:
        return asyncio.get_running_loop().time() - self.fed_s > WATCHED_S

    def told(self, word: str) -> int:
        return self.words.count(word)


@asynccontextmanager
async def under_a_manager(world: World) -> AsyncIterator[tuple[Manager, Service]]:
    manager = Manager()
    service = service_of(world.daemon, manager, WATCHED_S)
    task = asyncio.create_task(service.run())
    yield manager, service
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_day_of_sessions_keeps_the_watchdog_fed(tmp_path: Path) -> None:
    async with a_world("2.0.1", tmp_path) as world, under_a_manager(world) as (manager, _):
        for _ in range(4):
            await world.charge(hours=5)
            await world.unplug()
            assert not manager.would_kill
            await world.wait(hours=1)
        assert manager.told("READY=1") == 1
        assert not any("hangs" in word for word in manager.words)


async def test_the_status_follows_the_car_and_the_back_office(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path) as world, under_a_manager(world) as (manager, _):
        await world.wait(2)
        assert manager.status == "free on outlet 1, back office accepted"
        await world.charge(seconds=10)
        assert manager.status == "charging on outlet 1, back office accepted"
        world.link.cut()
        await world.unplug()
        await world.wait(5)
        assert manager.status.startswith("free on outlet 1, back office not reached, ")
        assert manager.status.endswith(" waiting")


async def test_a_status_that_says_nothing_new_is_not_said_again(tmp_path: Path) -> None:
    async with a_world("2.0.1", tmp_path) as world, under_a_manager(world) as (manager, _):
        await world.charge(hours=3)
        said = len(manager.words) - manager.told("WATCHDOG=1")
        await world.wait(hours=1)
        assert len(manager.words) - manager.told("WATCHDOG=1") == said


async def test_a_writer_thread_that_hangs_is_named_and_the_watchdog_left_hungry(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_world("2.0.1", tmp_path) as world:
        world.daemon.beats._probes[0] = (world.daemon.beats._probes[0][0], lambda work: None)  # it never gets to it
        async with under_a_manager(world) as (manager, _):
            await world.wait(minutes=5)
            assert manager.would_kill
            assert "store has been silent for " in manager.status
    named = [record.message for record in caplog.records if "store has been silent" in record.message]
    assert len(named) == 1


@pytest.mark.parametrize("name", ["desk", "supply", "upkeep", "meter of EVSE 1", "back office"])
async def test_a_task_that_is_gone_is_named_and_the_watchdog_left_hungry(name: str, tmp_path: Path) -> None:
    async with a_world("2.0.1", tmp_path) as world, under_a_manager(world) as (manager, _):
        await world.wait(60)
        tasks = dict(world.daemon.beats._tasks)
        tasks[name].cancel()  # type: ignore[attr-defined]
        await world.wait(60)
        assert manager.would_kill
        assert f"{name} has ended" in manager.status


async def test_a_supply_task_that_waits_for_ever_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_world("2.0.1", tmp_path) as world, under_a_manager(world) as (manager, _):
        await world.wait(60)

        async def for_ever(*_: object) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr("chargepoint.tasks.supply.within", for_ever)
        await world.wait(60)
        assert manager.would_kill
        assert "supply has been silent" in manager.status


async def test_a_lost_meter_is_no_reason_to_start_anew(tmp_path: Path) -> None:
    async with a_world("2.0.1", tmp_path) as world, under_a_manager(world) as (manager, _):
        await world.charge(minutes=1)
        await world.fault("meter_lost")
        for _ in range(12):
            await world.wait(minutes=10)
            assert not manager.would_kill


async def test_a_disk_that_takes_nothing_is_no_reason_to_start_anew(tmp_path: Path) -> None:
    async with a_world("2.0.1", tmp_path, csms=False, access="free") as world, under_a_manager(world) as (manager, _):
        await world.plug()
        await world.wait(60)
        world.daemon.journal.database._limit_pages = 1
        world.daemon.journal.database._keep_room(True)
        await world.unplug()
        await world.wait(minutes=10)
        assert not manager.would_kill


async def test_a_station_is_up_when_its_guard_has_looked_at_every_outlet_or_is_given_up(tmp_path: Path) -> None:
    async with a_world("2.0.1", tmp_path) as world:
        world.evse().known = False
        async with under_a_manager(world) as (manager, _):
            world.yard.guard.on_report = lambda report: None
            await world.wait(MISSING_S - 1)
            assert manager.words == ["STATUS=outlet 1 not looked at yet, back office accepted"]
            await world.wait(2)
            assert manager.told("READY=1") == 1


async def test_the_end_is_told_and_so_is_a_restart_in_place(tmp_path: Path) -> None:
    async with a_world("2.0.1", tmp_path) as world, under_a_manager(world) as (manager, service):
        service.stopping()
        assert manager.words[-2] == "STOPPING=1"
        service.restarting()
        assert manager.words[-4] == "RELOADING=1"
        assert manager.words[-3].startswith("MONOTONIC_USEC=")
        assert manager.words[-2] == "WATCHDOG_USEC=180000000"  # it may wait for the machine's end


async def test_the_next_run_is_watched_as_closely_as_the_first(tmp_path: Path) -> None:
    async with a_world("2.0.1", tmp_path) as world, under_a_manager(world) as (manager, _):
        await world.wait(1)
        assert f"WATCHDOG_USEC={WATCHED_S * 1e6:.0f}" in manager.words
