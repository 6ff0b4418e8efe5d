"""Reservations of OCPP 1.6 through a day: in the dark, without the back office, and with a driver who is slow."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from chargepoint.core.facts import Status
from chargepoint.ocpp.instants import time_text
from tests.scenarios.conftest import MakeWorld
from tests.world import World, a_world


@pytest.fixture
def world(tmp_path: Path) -> MakeWorld:
    return partial(a_world, "1.6", tmp_path)


async def reserve(w: World, token: str = "ANNA", minutes: float = 10) -> None:
    until = time_text(w.true_time() + timedelta(minutes=minutes))
    answer = await w.ask("ReserveNow", connectorId=1, expiryDate=until, idTag=token, reservationId=5)
    assert answer == {"status": "Accepted"}
    await w.wait(2)


@pytest.mark.parametrize(("minutes", "shown"), [(5, "Reserved"), (15, "Available")])
async def test_a_power_cut_does_not_end_one_and_its_time_does(world: MakeWorld, minutes: float, shown: str) -> None:
    async with world() as w:
        await reserve(w)
        assert w.csms.statuses() == ["Available", "Reserved"]
        await w.power_cut()
        await w.wait(minutes=minutes)
        await w.power_back()
        assert w.csms.statuses() == ["Available", "Reserved", shown]
        await w.card("BERT")
        assert w.status() is (Status.RESERVED if shown == "Reserved" else Status.PREPARING)


async def test_a_driver_who_fetches_his_cable_for_too_long_finds_it_still_there(world: MakeWorld) -> None:
    async with world() as w:
        await reserve(w)
        await w.card("ANNA")
        await w.wait(90)
        assert w.csms.statuses() == ["Available", "Reserved", "Preparing", "Reserved"]
        await w.charge("ANNA", seconds=5)
        assert w.said("StartTransaction")[-1]["reservationId"] == 5
        assert w.closed()


async def test_without_the_back_office_it_is_kept_and_used(world: MakeWorld) -> None:
    async with world(evses=2) as w:
        w.given_local_list("ANNA", "BERT")
        await reserve(w, minutes=60)
        w.link.cut()
        await w.plug()
        await w.card("BERT")
        assert not w.closed()
        await w.card("ANNA")
        await w.wait(10)
        assert w.closed()
        w.link.restore()
        await w.wait(minutes=3)
        assert w.said("StartTransaction")[-1]["reservationId"] == 5


async def test_a_fault_ends_one_and_everybody_may_come_when_it_is_gone(world: MakeWorld) -> None:
    async with world() as w:
        await reserve(w)
        await w.fault("overtemperature")
        await w.fault("overtemperature", active=False)
        await w.wait(10)
        assert w.csms.statuses() == ["Available", "Reserved", "Faulted", "Available"]
        await w.charge("BERT")
        await w.until(w.closed)
