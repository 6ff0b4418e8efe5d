"""What the guard does with the car for some time by itself: waking it, and giving it fewer phases."""

from typing import Any

import pytest

from chargepoint.core.facts import FaultRaised, Status
from tests.scenarios.conftest import MakeWorld
from tests.world import SIMULATED, World

ONE_OR_THREE = {"phase_contactor": SIMULATED, "phase_switching": True}


def drawn_a(w: World) -> tuple[float, ...]:
    w.register_wh()  # brings the bay to the present moment
    return w.yard.bays[1].reading().current_a


async def test_a_sleeping_car_is_woken_and_charged(world: MakeWorld) -> None:
    async with world(evse={"wake_up": True}) as w:
        await w.plug(sleeps=True)
        await w.card("CARD1")
        await w.wait(25)
        assert not w.closed()

        await w.until(w.closed, within_s=20)
        assert w.status() is Status.CHARGING
        await w.wait(minutes=10)
        await w.unplug()

        [bill] = w.bills()
        assert (bill.token, bill.reason) == ("CARD1", "EVDisconnected")
        assert bill.energy_wh > 1000
        assert w.happened(FaultRaised) == []


async def test_a_sleeping_car_sleeps_on_where_nobody_wants_it_woken(world: MakeWorld) -> None:
    async with world() as w:
        await w.plug(sleeps=True)
        await w.card("CARD1")
        await w.wait(minutes=5)

        assert (w.status(), w.closed()) == (Status.SUSPENDED_EV, False)


async def test_fewer_phases_while_charging_are_switched_without_load_and_the_session_goes_on(world: MakeWorld) -> None:
    async with world(evse=ONE_OR_THREE) as w:
        await w.charge(minutes=5)
        assert drawn_a(w) == pytest.approx((16.0, 16.0, 16.0), abs=0.01)
        moved = watched(w)

        w.yard.guard.phases = 1
        await w.until(lambda: not w.closed(), within_s=8)
        assert w.status() is not Status.FAULTED
        await w.until(w.closed, within_s=20)
        await w.wait(5)
        assert drawn_a(w) == pytest.approx((16.0, 0.0, 0.0), abs=0.01)
        assert w.status() is Status.CHARGING

        w.yard.guard.phases = 3
        await w.wait(40)
        assert drawn_a(w) == pytest.approx((16.0, 16.0, 16.0), abs=0.01)
        assert moved == [(False, (0.0, 0.0, 0.0)), (True, (0.0, 0.0, 0.0))]
        assert w.happened(FaultRaised) == []


def watched(w: World) -> list[tuple[bool, tuple[float, ...]]]:
    """Where the contactor of L2 and L3 is sent from now on, and what flows at that moment."""
    moved: list[tuple[bool, tuple[float, ...]]] = []
    bay = w.yard.bays[1]
    drive = bay.drive

    def seen(out: Any, now_s: float) -> None:
        before = bay._drive.phase_coil
        drive(out, now_s)
        if out.phase_coil is not before:
            moved.append((out.phase_coil, bay.reading().current_a))

    w.yard.pins[1].bay = Watched(bay, seen)  # type: ignore[assignment]
    return moved


class Watched:
    """A bay whose `drive` is somebody else's."""

    def __init__(self, bay: Any, drive: Any) -> None:
        self._bay, self.drive = bay, drive

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bay, name)


async def test_a_self_test_after_a_reset_is_waited_for_as_long_as_any_device_needs(
    world: MakeWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with world() as w:
        if w.version == "1.6":
            return  # 1.6 resets no single EVSE
        asked: list[tuple[str, float]] = []
        command = w.yard.guard.command

        async def noted(evse: int, name: str, argument: str | None = None, timeout_s: float = 3.0) -> Any:
            asked.append((name, timeout_s))
            return await command(evse, name, argument, timeout_s)

        monkeypatch.setattr(w.yard.guard, "command", noted)
        await w.ask("Reset", type="Immediate", evseId=1)
        await w.wait(10)

        assert [timeout_s >= 60.0 + 2.5 for name, timeout_s in asked if name == "self_test"] == [True]
        assert "self-test after a reset" not in caplog.text
