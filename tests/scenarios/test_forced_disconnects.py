"""Networks and back offices that end every connection after two hours: a day of it, and nobody is troubled."""

import asyncio
import logging

import pytest

from chargepoint.core.facts import Status
from tests.scenarios.conftest import MakeWorld
from tests.world import World

CUTS = 12  # in a day


IN_SESSION = 2  # of them


async def cut_after_two_hours(w: World, *, politely: bool) -> float:
    """Seconds that the station stayed away."""
    loop, peer, tried = asyncio.get_running_loop(), w.link.peer, len(w.link.attempts)
    await w.wait(hours=2)
    assert peer is not None
    cut_s = loop.time()
    if politely:
        await peer.close(1001, "two hours are over")
    else:
        w.link.drop()
    await w.until(lambda: len(w.link.attempts) > tried, within_s=300)
    return w.link.attempts[tried][0] - cut_s


async def test_a_day_with_a_disconnect_every_two_hours_is_quiet(
    world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        boots, events = w.csms.boots(), len(w.said("SecurityEventNotification"))
        caplog.set_level(logging.INFO)
        caplog.clear()
        away_s = [await cut_after_two_hours(w, politely=number % 2 == 0) for number in range(IN_SESSION)]
        assert w.status() is Status.CHARGING
        await w.unplug()
        await w.wait(minutes=1)
        statuses = len(w.said("StatusNotification"))
        away_s += [await cut_after_two_hours(w, politely=number % 2 == 0) for number in range(CUTS - IN_SESSION)]
        await w.wait(minutes=5)

        assert max(away_s) <= 60.0  # the back-off begins anew each time
        assert w.csms.boots() == boots
        assert len(w.said("StatusNotification")) == statuses
        assert len(w.said("SecurityEventNotification")) == events
        told = [record.getMessage() for record in caplog.records]
        assert sum("no link to the back office" in line for line in told) == CUTS
        assert sum("connected to the back office" in line for line in told) == CUTS
        assert len(w.bills()) == w.csms.transactions() == 1
