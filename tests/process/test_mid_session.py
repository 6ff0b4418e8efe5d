"""Real processes killed, stalled and restarted while a car charges: contactor, permit and bill as promised.

The contactor is looked at where the guard's outputs end: in the simulated wires, which outlive every process.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from chargepoint.demo.stage import Stage
from hw.mock.wires import open_wires, stamps
from hw.processes import living

CARD = "04A1B2C3D4E5F6"
ENOUGH_S = 30.0


@dataclass
class Scene:
    """A station that charges a car, seen from the street, the wires and the back office."""

    stage: Stage

    async def status(self) -> dict[str, Any]:
        return await self.stage.plant.panel.evse()

    def coil(self) -> bool:
        with open_wires(self.stage.plant.state) as wires:
            return stamps(wires, 1).coil

    def opened_ns(self) -> int:
        """When the coil was last switched."""
        with open_wires(self.stage.plant.state) as wires:
            return stamps(wires, 1).coil_ns

    def guard_pid(self) -> int:
        pid = living("guard", self.stage.plant.state)
        assert pid is not None
        return pid

    async def until(self, holds: Callable[[], bool], within_s: float = ENOUGH_S) -> None:
        async with asyncio.timeout(within_s):
            while not holds():  # noqa: ASYNC110 - the wires tell nobody
                await asyncio.sleep(0.02)

    async def until_status(self, **wanted: Any) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            seen = await self.status()
            return seen if all(seen[key] == value for key, value in wanted.items()) else None

        return await self.stage.plant.until(look, f"the EVSE did not become {wanted}", ENOUGH_S)

    async def restart_daemon(self) -> None:
        await self.stage.plant.start()
        await self.stage.plant.open_panel(20)

    async def unplug_and_settle(self) -> float:
        """The car leaves; returns by how much the bill and the meter differ, and checks that there is one bill."""
        await self.stage.plant.panel.unplug()
        await self.stage.office.until(lambda: self.stage.office.bills(), "no bill arrived", ENOUGH_S)
        [bill] = self.stage.office.bills()
        shown = (await self.status())["reading"]["energy_wh"]
        assert bill.start_wh == 0
        return float(abs(shown - bill.stop_wh))

    def said(self, action: str) -> int:
        return sum(frame.action == action for frame in self.stage.office.frames)


@asynccontextmanager
async def a_car_charges() -> AsyncIterator[Scene]:
    async with Stage("2.0.1", {CARD: "Ada"}) as stage:
        scene = Scene(stage)
        await stage.plant.start()
        await stage.office.until(lambda: stage.office.accepted("DEMO"), "the station was not accepted", ENOUGH_S)
        await stage.plant.open_panel(20)
        await stage.plant.panel.plug()
        await stage.plant.panel.card(CARD)
        await scene.until_status(status="charging")
        yield scene


async def test_a_daemon_killed_and_restarted_never_stops_the_car_and_bills_it_once() -> None:
    async with a_car_charges() as scene:
        switched_ns = scene.opened_ns()
        await scene.stage.plant.kill()
        await asyncio.sleep(2)
        assert scene.coil()
        await scene.restart_daemon()
        seen = await scene.until_status(status="charging")
        assert (seen["permit_a"], seen["contactor"]) == (16.0, "closed")
        assert scene.opened_ns() == switched_ns
        assert await scene.unplug_and_settle() < 0.1
        assert scene.said("BootNotification") == 1  # a link loss, as far as the back office is concerned
        assert len({frame.payload["transactionInfo"]["transactionId"] for frame in events(scene)}) == 1


async def test_a_daemon_that_is_stopped_for_a_while_goes_on_where_it_was() -> None:
    async with a_car_charges() as scene:
        switched_ns = scene.opened_ns()
        os.kill(scene.stage.plant.pid, signal.SIGSTOP)
        await asyncio.sleep(5)
        assert scene.coil()
        os.kill(scene.stage.plant.pid, signal.SIGCONT)
        await scene.until_status(status="charging", permit_a=16.0)
        assert scene.opened_ns() == switched_ns
        assert await scene.unplug_and_settle() < 0.1


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_guard_that_dies_or_hangs_is_replaced_and_the_session_resumes(sign: signal.Signals) -> None:
    async with a_car_charges() as scene:
        before = scene.guard_pid()
        os.kill(before, sign)
        await scene.until(lambda: not scene.coil(), within_s=8.0)  # 4 s until a hung one is noticed
        await scene.until(lambda: living("guard", scene.stage.plant.state) not in (None, before))
        await scene.until_status(status="charging", contactor="closed", permit_a=16.0)
        assert await scene.unplug_and_settle() < 0.1
        assert len({frame.payload["transactionInfo"]["transactionId"] for frame in events(scene)}) == 1


async def test_a_stop_decided_just_before_a_kill_is_carried_out_by_the_next_daemon() -> None:
    async with a_car_charges() as scene:
        await scene.stage.plant.panel.card(CARD)
        await scene.until_status(status="finishing")
        await scene.stage.plant.kill()
        await scene.restart_daemon()
        await scene.until(lambda: not scene.coil())
        await scene.stage.office.until(lambda: scene.stage.office.bills(), "no bill arrived", ENOUGH_S)
        assert len(scene.stage.office.bills()) == 1


def events(scene: Scene) -> list[Any]:
    return [frame for frame in scene.stage.office.frames if frame.action == "TransactionEvent"]
