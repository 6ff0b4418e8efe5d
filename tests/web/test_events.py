"""The event stream: who looks is told, nobody else costs anything, and nobody is waited for."""

import asyncio
import json
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from chargepoint.web.events import BACKLOG, MAX_CLIENTS, REPEAT_S, TRACE_S, Client, Feed, TooMany
from chargepoint.web.trace import POINTS, PowerTrace
from tests.core.site import NOON
from tests.web.fake_station import FakeControls

Event = tuple[str, Any]


def station() -> FakeControls:
    return FakeControls(monotonic=asyncio.get_running_loop().time)


def read(raw: bytes) -> Event:
    name, data = raw.decode().strip().split("\n")
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


async def heard(client: Client, for_s: float) -> list[Event]:
    """Everything a client is told within some time."""
    events = []
    try:
        async with asyncio.timeout(for_s):
            while (raw := await client.next()) is not None:
                events.append(read(raw))
    except TimeoutError:
        pass
    return events


def kinds(events: list[Event]) -> list[str]:
    return [name for name, _ in events]


async def test_the_whole_status_comes_first() -> None:
    with Feed(station()).join(recent=False) as client:
        name, data = (await heard(client, 0.01))[0]
    assert name == "status"
    assert [evse["id"] for evse in data["evses"]] == [1, 2]


async def test_nothing_is_said_twice_while_nothing_happens() -> None:
    with Feed(station()).join(recent=False) as client:
        events = await heard(client, REPEAT_S - 2)
    assert kinds(events) == ["status", "reading", "reading"]  # each EVSE's reading once


async def test_an_unchanged_status_is_repeated_so_that_a_dead_line_shows() -> None:
    with Feed(station()).join(recent=False) as client:
        events = await heard(client, 3 * REPEAT_S + 5)
    assert kinds(events).count("status") == 1 + 3


async def test_a_fact_is_told_at_once_and_the_status_follows() -> None:
    controls = station()
    with Feed(controls).join(recent=False) as client:
        await heard(client, 0.5)
        await controls.simulator.plug(1)
        events = await heard(client, 0.2)
    assert kinds(events)[:2] == ["fact", "fact"]
    assert [data["kind"] for name, data in events if name == "fact"][:2] == ["CablePlugged", "SessionStarted"]
    assert [data["evses"][0]["status"] for name, data in events if name == "status"] == ["preparing"]


async def test_a_reading_is_told_when_it_is_new() -> None:
    controls = station()
    with Feed(controls).join(recent=False) as client:
        await heard(client, 3.0)
        controls.flow()
        events = await heard(client, 1.5)
    assert [(name, data["evse"]) for name, data in events] == [("reading", 1), ("reading", 2)]
    assert set(events[0][1]) == {"evse", "at", "energy_wh", "power_w", "current_a", "voltage_v"}


async def test_a_frame_is_told_with_its_direction_and_its_card_masked() -> None:
    controls = station()
    with Feed(controls).join(recent=False) as client:
        await heard(client, 0.5)
        controls.frame("out", [2, "7", "Authorize", {"idTag": "04A1B2C3D4E5F6"}])
        ((name, data),) = await heard(client, 0.2)
    assert (name, data["direction"], data["message"]) == ("frame", "out", [2, "7", "Authorize", {"idTag": "…E5F6"}])
    assert data["at"].endswith("Z")


async def test_a_page_opened_in_mid_session_gets_what_has_been() -> None:
    controls = station()
    feed = Feed(controls)
    await controls.simulator.plug(1)
    await controls.simulator.card("04A1B2C3D4E5F6")
    for _ in range(10):
        await asyncio.sleep(TRACE_S)
        controls.flow()
    with feed.join(recent=True) as client:
        events = await heard(client, 0.01)
    assert kinds(events)[:2] == ["status", "recent"]
    recent = events[1][1]
    assert recent["simulated"] is True
    assert len(recent["evses"]["1"]["power"]) in (9, 10, 11)
    assert recent["evses"]["2"]["power"] == []
    assert "TransactionEvent" in [frame["message"][2] for frame in recent["frames"] if frame["direction"] == "out"]
    assert "04A1B2C3D4E5F6" not in str(recent)


async def test_nothing_is_noted_while_no_session_lasts() -> None:
    controls = station()
    feed = Feed(controls)
    await controls.simulator.plug(1)
    await asyncio.sleep(2 * TRACE_S + 1)
    await controls.simulator.unplug(1)
    lengths = []
    for _ in range(2):
        await asyncio.sleep(10 * TRACE_S)
        with feed.join(recent=True) as client:
            await client.next()
            lengths.append(len(read(await client.next() or b"")[1]["evses"]["1"]["power"]))
    assert lengths == [3, 3]


async def test_who_does_not_keep_up_is_dropped_and_the_others_are_not() -> None:
    controls = station()
    feed = Feed(controls)
    with feed.join(recent=False) as slow, feed.join(recent=False) as quick:
        for n in range(BACKLOG + 10):
            controls.frame("in", [3, str(n), {}])
            while not quick._waiting.empty():
                await quick.next()
        assert slow.dropped
        assert await slow.next() is None
        assert not quick.dropped


async def test_only_so_many_may_look_and_a_place_becomes_free_again() -> None:
    feed = Feed(station())
    with ExitStack() as clients:
        for _ in range(MAX_CLIENTS):
            clients.enter_context(feed.join(recent=False))
        with pytest.raises(TooMany), feed.join(recent=False):
            pass
    with feed.join(recent=False) as client:
        assert not client.dropped


async def test_closing_lets_everybody_go() -> None:
    feed = Feed(station())
    with feed.join(recent=False) as client:
        feed.close()
        assert await client.next() is None


async def test_a_long_session_is_thinned_evenly() -> None:
    trace, began = PowerTrace(), NOON
    for n in range(20_000):
        trace.add(began + timedelta(seconds=5 * n), 1000.0 + n)
    times = [ms for ms, _ in trace.document()]
    assert POINTS / 3 < len(times) <= POINTS
    gaps = {after - before for before, after in pairwise(times)}
    assert len(gaps) <= 2
    assert times[0] == began.timestamp() * 1000
