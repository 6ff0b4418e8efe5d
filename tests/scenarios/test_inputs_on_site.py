"""Keys and contacts that the guard reads and the station obeys: the key switch, the grid operator's contact."""

import pytest

from chargepoint.core.facts import GridLimitSet, Status
from tests.scenarios.conftest import MakeWorld


async def test_a_station_locked_by_its_key_takes_nobody_new(world: MakeWorld) -> None:
    async with world() as w:
        await w.fault("key_locked")
        assert w.status() is Status.UNAVAILABLE

        await w.plug()
        await w.card("CARD1")
        await w.wait(20)
        assert (w.closed(), w.csms.transactions()) == (False, 0)
        assert w.status() is Status.UNAVAILABLE

        await w.fault("key_locked", active=False)
        await w.card("CARD1")
        await w.until(w.closed)


async def test_who_charges_goes_on_when_the_key_is_turned(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        await w.fault("key_locked")
        await w.wait(minutes=1)
        assert (w.closed(), w.status()) == (True, Status.CHARGING)

        await w.unplug()
        assert (w.status(), len(w.bills())) == (Status.UNAVAILABLE, 1)


async def test_the_grid_operators_contact_lowers_the_current_and_says_so_once(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        assert w.evse().seen.offered_a == 16.0

        await w.fault("limit_contact")
        await w.wait(minutes=1)
        assert (w.evse().seen.offered_a, w.closed()) == (6.0, True)
        assert ("grid operator", 6.0) in [(limit.source, limit.amps) for limit in w.evse().limits()]

        await w.fault("limit_contact", active=False)
        await w.wait(10)
        assert w.evse().seen.offered_a == 16.0
        assert w.happened(GridLimitSet) == [GridLimitSet(1, 4200.0), GridLimitSet(1, None)]


async def test_a_broken_pen_conductor_ends_the_charging_and_stands(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        await w.fault("pen_fault")
        assert (w.closed(), w.status()) == (False, Status.FAULTED)

        await w.fault("pen_fault", active=False)
        await w.unplug()
        await w.wait(minutes=5)
        assert w.status() is Status.FAULTED
        assert [fault.name for fault in w.evse().faults] == ["MREC2GroundFailure/PenFault"]


@pytest.mark.parametrize("kind", ["enclosure_open", "emergency_stop"])
async def test_an_open_door_and_a_pressed_button_open_the_contactor(world: MakeWorld, kind: str) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        await w.fault(kind)
        assert (w.closed(), w.status()) == (False, Status.FAULTED)
