"""What the driver reads on the station's display."""

from __future__ import annotations

import asyncio
import itertools
import logging

import pytest

from hw.api import Screen
from tests.scenarios.conftest import MakeWorld
from tests.world import World


def screen(w: World, evse: int = 1) -> Screen:
    return w.yard.display.screens[evse - 1]


async def test_from_the_first_card_to_the_last_look(world: MakeWorld) -> None:
    async with world(display=True) as w:
        assert (screen(w).status, screen(w).messages) == ("available", ("present_card",))
        await w.plug()
        assert (screen(w).status, screen(w).messages) == ("preparing", ("present_card",))
        w.yard.card("CARD1")
        await w.wait(1)
        assert screen(w).notice == "card_accepted"
        await w.until(w.closed)
        await w.wait(minutes=30)
        charged_wh = w.evse().session_energy_wh
        assert (screen(w).status, screen(w).notice, screen(w).messages) == ("charging", "", ())
        assert screen(w).energy_wh == pytest.approx(charged_wh, abs=15)
        assert screen(w).power_w == pytest.approx(11_000, rel=0.05)
        await w.card("CARD1")
        assert (screen(w).status, screen(w).messages) == ("finishing", ("unplug",))
        assert screen(w).energy_wh == pytest.approx(charged_wh, abs=30)
        await w.unplug()
        assert screen(w) == Screen(1, "available", messages=("present_card",))


async def test_a_refused_card_is_told_for_some_seconds(world: MakeWorld) -> None:
    async with world(display=True) as w:
        w.csms.strangers = "Invalid"
        await w.plug()
        w.yard.card("CARD9")
        await w.wait(1)
        assert screen(w).notice == "card_refused"
        await w.wait(3)
        assert screen(w).notice == "card_refused"
        await w.wait(4)
        assert (screen(w).notice, screen(w).messages) == ("", ("present_card",))


async def test_a_card_with_a_random_number_is_told_to_be_of_no_use(world: MakeWorld) -> None:
    async with world(display=True) as w:
        w.yard.card("08A1B2C3", random=True)
        await w.wait(1)
        assert screen(w).notice == "card_random"


@pytest.mark.parametrize("plugged", [True, False], ids=["plug first", "card first"])
async def test_while_the_back_office_thinks_the_driver_is_asked_to_wait(world: MakeWorld, plugged: bool) -> None:
    async with world(display=True) as w:
        if plugged:
            await w.plug()
        w.csms.mute.add("Authorize")
        w.yard.card("CARD1")
        await w.wait(2)
        assert screen(w).messages == ("one_moment",)


async def test_a_card_before_the_plug_asks_for_the_plug(world: MakeWorld) -> None:
    async with world(display=True) as w:
        await w.card("CARD1")
        await w.wait(2)
        assert (screen(w).status, screen(w).messages) == ("preparing", ("plug_in",))
        await w.wait(minutes=2)
        assert (screen(w).status, screen(w).messages) == ("available", ("present_card",))


async def test_nobody_is_asked_for_a_card_where_everybody_may_charge(world: MakeWorld) -> None:
    async with world(display=True, access="free") as w:
        assert screen(w).messages == ("plug_in",)


async def test_a_fault_tells_the_driver_what_he_can_do(world: MakeWorld) -> None:
    async with world(display=True) as w:
        await w.plug()
        await w.fault("emergency_stop")
        told = screen(w)
        assert told.status == "faulted"
        assert told.messages
        assert ";" not in told.messages[0]


async def test_a_lock_that_does_not_let_go_tells_the_driver_how_to_help(world: MakeWorld) -> None:
    async with world(display=True) as w:
        await w.charge(minutes=5)
        await w.fault("lock_jammed")
        await w.card("CARD1")
        await w.unplug()
        await w.wait(10)
        assert "push the plug in" in screen(w).messages[0]


async def test_each_evse_has_a_screen_of_its_own(world: MakeWorld) -> None:
    async with world(display=True, evses=2) as w:
        await w.charge("CARD1", evse=2, minutes=5)
        assert [(s.evse, s.status) for s in w.yard.display.screens] == [(1, "available"), (2, "charging")]
        assert screen(w, 1).energy_wh is None
        w.yard.card("CARD1")
        await w.wait(1)
        assert [s.status for s in w.yard.display.screens] == ["available", "finishing"]


async def test_a_display_is_written_at_changes_only_and_twice_a_second_at_most(world: MakeWorld) -> None:
    async with world(display=True) as w:
        await w.wait(minutes=10)
        idle = len(w.yard.display.times_s)
        await w.wait(minutes=10)
        assert len(w.yard.display.times_s) == idle
        await w.charge(minutes=5)
        times_s = w.yard.display.times_s[idle:]
        assert len(times_s) > 20
        assert min(b - a for a, b in itertools.pairwise(times_s)) >= 0.5


async def test_a_display_that_is_lost_disturbs_nobody_and_comes_back(
    world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    async with world(display=True) as w:
        w.yard.display.plugged_in = False
        await w.charge(minutes=5)
        assert w.closed()
        assert len([r for r in caplog.records if r.levelno >= logging.WARNING and "display 1" in r.message]) == 1
        w.yard.display.plugged_in = True
        await w.wait(minutes=1)
        assert screen(w).status == "charging"


async def test_a_reader_that_is_out_of_order_is_told_on_the_display(world: MakeWorld) -> None:
    async with world(display=True) as w:
        w.yard.readers[0].unplug()
        await w.wait(2)
        assert screen(w).messages == ("present_card",)  # at the other one
        w.yard.readers[1].unplug()
        await w.wait(2)
        assert screen(w).messages == ("reader_lost",)
        w.yard.readers[1].plug()
        await asyncio.sleep(40)
        assert screen(w).messages == ("present_card",)
