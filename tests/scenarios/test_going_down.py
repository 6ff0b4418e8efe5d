"""How a transaction ends that the machine did not outlive: by a reboot that somebody wanted, or in the dark."""

from __future__ import annotations

from pathlib import Path

import pytest

from chargepoint.daemon import Ending
from chargepoint.startcause import StartCause
from tests.ocpp.fakes import FakeMemory
from tests.world import World, a_world


async def shut_down(world: World) -> None:
    """systemctl reboot: the program is told, and its session stays open in the journal."""
    world.daemon.end(Ending())
    await world.wait(1)
    await world.power_cut()


@pytest.mark.parametrize(("orderly", "reason"), [(True, "Reboot"), (False, "PowerLoss")])
async def test_what_ended_the_machine_ends_the_transaction(tmp_path: Path, orderly: bool, reason: str) -> None:
    """1.6 section 7.36."""
    async with a_world("1.6", tmp_path) as world:
        await world.charge(minutes=5)
        await (shut_down(world) if orderly else world.power_cut())
        await world.wait(60)
        await world.power_back()
        await world.wait(5)
        (stop,) = world.said("StopTransaction")
        assert stop["reason"] == reason
        order = [told.action for told in world.csms.csms.told if told.action in ("BootNotification", "StopTransaction")]
        assert order == ["BootNotification", "BootNotification", "StopTransaction"]


@pytest.mark.parametrize(
    ("ended", "boot", "cause"),
    [
        (None, "boot-1", "ApplicationReset"),
        (None, "boot-2", "PowerUp"),
        ((False, False), "boot-1", "ApplicationReset"),
        ((False, False), "boot-2", "LocalReset"),
        ((True, False), "boot-1", "RemoteReset"),
        ((True, True), "boot-2", "ScheduledReset"),
    ],
)
def test_why_a_program_starts_is_told_from_how_the_last_one_ended(
    ended: tuple[bool, bool] | None, boot: str, cause: str
) -> None:
    memory = FakeMemory()
    first = StartCause(memory, "boot-1")
    assert (first.cause, first.rebooted_by_somebody) == ("PowerUp", False)
    first.noted()
    if ended is not None:
        first.ended(*ended)
    second = StartCause(memory, boot)
    assert second.cause == cause
    assert second.rebooted_by_somebody is (ended is not None and boot == "boot-2")


async def test_a_reservation_that_ends_in_the_dark_is_over_afterwards(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path, evses=2) as world:
        for connector, until in ((1, "2026-11-22T12:10:00Z"), (2, "2026-11-22T14:00:00Z")):
            wanted = {"connectorId": connector, "reservationId": connector, "idTag": "FRIEND", "expiryDate": until}
            assert await world.ask("ReserveNow", **wanted) == {"status": "Accepted"}
        await world.power_cut()
        await world.wait(hours=1)
        before = len(world.said("StatusNotification"))
        await world.power_back()
        shown = {told["connectorId"]: told["status"] for told in world.said("StatusNotification")[before:]}
        assert shown == {0: "Available", 1: "Available", 2: "Reserved"}
        assert await world.ask("CancelReservation", reservationId=1) == {"status": "Rejected"}
