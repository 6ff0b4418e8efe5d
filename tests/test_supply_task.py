"""What the guard is told: every change at once, and often enough when nothing changes."""

import asyncio
import math
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from chargepoint.core.observation import Observation
from chargepoint.desk import Desk
from chargepoint.tasks.supply import keep_supplied
from chargepoint.timing import Clock
from hw.api import Permit
from hw.guard.wire import encode
from tests.core.site import PLUGGED, Site
from tests.test_desk import FakeJournal

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class FakeGuard:
    epoch, alive = 7, True

    def __init__(self) -> None:
        self.told: list[Permit] = []

    def permit(self, permit: Permit) -> None:
        self.told.append(permit)


class Scene:
    def __init__(self) -> None:
        self.site, self.guard = Site(mode="free"), FakeGuard()
        clock = Clock(asyncio.get_running_loop().time, "boot", lambda: NOON)
        self.desk = Desk(self.site.station, FakeJournal(), clock, lambda wish: self._later(wish))
        self.tasks = [
            asyncio.create_task(job) for job in (self.desk.run(), keep_supplied(self.desk, self.guard, asyncio.Event()))
        ]

    def _later(self, wish: object) -> None:
        answer = lambda: self.desk.act(lambda station, now: self.site.grant(wish))  # type: ignore[arg-type]  # noqa: E731
        asyncio.get_running_loop().call_soon(answer)

    def see(self, seen: Observation) -> None:
        self.desk.act(lambda station, now: station.guard_reported(1, seen, now))

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def test_a_permit_is_renewed_several_times_a_second_and_names_the_guard_s_run() -> None:
    scene = Scene()
    await asyncio.sleep(10)
    times = [permit.sent_at_s for permit in scene.guard.told]
    assert all(0.0 < later - earlier <= 0.81 for earlier, later in pairwise(times))
    assert {permit.guard_epoch for permit in scene.guard.told} == {7}
    await scene.end()


async def test_a_change_is_told_at_once() -> None:
    scene = Scene()
    await asyncio.sleep(1.05)
    before_s = asyncio.get_running_loop().time()
    scene.see(PLUGGED)
    await asyncio.sleep(0.01)
    assert (scene.guard.told[-1].limit_a, scene.guard.told[-1].hold_lock) == (16.0, True)
    assert scene.guard.told[-1].sent_at_s == before_s
    await scene.end()


async def test_nothing_is_told_of_an_evse_that_the_guard_has_not_reported() -> None:
    scene = Scene()
    scene.site.evse().known = False
    scene.guard.told.clear()
    await asyncio.sleep(3)
    assert scene.guard.told == []
    await scene.end()


async def test_measured_values_go_along_while_they_are_fresh() -> None:
    scene = Scene()
    scene.site.time_s = asyncio.get_running_loop().time()
    scene.site.read()
    await asyncio.sleep(1)
    assert scene.guard.told[-1].measured_a == (10.0, 10.0, 10.0)
    await asyncio.sleep(6)
    assert scene.guard.told[-1].measured_a == ()
    await scene.end()


@pytest.mark.parametrize("phase", [0, 1, 2])
async def test_a_value_that_is_no_number_is_not_told_and_no_permit_breaks_on_it(phase: int) -> None:
    scene = Scene()
    scene.site.time_s = asyncio.get_running_loop().time()
    values = tuple(math.nan if each == phase else 10.0 for each in range(3))
    scene.site.read()
    evse = scene.site.evse()
    assert evse.reading is not None
    evse.reading = replace(evse.reading, current_a=values, voltage_v=values)
    await asyncio.sleep(1)
    permit = scene.guard.told[-1]
    assert not permit.measured_a
    assert not permit.measured_v
    assert encode(permit)
    await scene.end()


@pytest.mark.parametrize("has_meter", [False, True])
async def test_the_guard_is_told_whether_there_is_a_meter_that_it_may_expect_to_hear_of(has_meter: bool) -> None:
    scene = Scene()
    evse = scene.site.evse()
    evse.spec = replace(evse.spec, has_meter=has_meter)
    await asyncio.sleep(1.0)
    assert scene.guard.told[-1].metered is has_meter
    await scene.end()


async def test_the_lamps_are_told_the_status_as_the_local_api_words_it() -> None:
    scene = Scene()
    await asyncio.sleep(1.0)
    assert scene.guard.told[-1].status == "available"

    scene.see(PLUGGED)
    await asyncio.sleep(0.01)
    assert scene.guard.told[-1].status == "preparing"
    await scene.end()
