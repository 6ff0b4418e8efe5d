"""Server-sent events: everybody who looks gets the status first, then what changes. No HTTP in here.

Nothing is built while nobody looks. A client that does not keep up is dropped rather than waited for: it connects again
and starts from a whole status, so nothing is lost that matters.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from chargepoint.core.facts import Record, SessionStarted
from chargepoint.masking import masked_frame
from chargepoint.web.controls import Controls, Direction
from chargepoint.web.facts_json import fact_document
from chargepoint.web.status import Document, document, reading_document, rfc3339
from chargepoint.web.trace import PowerTrace, RecentFrames

MAX_CLIENTS = 32
"""Pages open at the same time; more is a fault or an attack."""

BACKLOG = 256
"""Events a client may lag behind before it is dropped."""

LOOK_S = 1.0
"""How often permits and readings are compared with what was sent, while somebody looks."""

TOGETHER_S = 0.05
"""Facts come in bursts: the status that follows them is sent once."""

REPEAT_S = 15.0
"""An unchanged status is sent again after this: silence for longer means that the link is dead."""

TRACE_S = 5.0
"""Pace of the power kept for pages opened later, while a session lasts."""


class TooMany(Exception):
    """No more clients are taken now."""


def encoded(event: str, data: Any) -> bytes:
    """One event as the wire wants it."""
    return f"event: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


class Client:
    """The events one reader has still to get."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue(BACKLOG)
        self.dropped = False

    def put(self, event: bytes) -> None:
        if not self._waiting.full():
            self._waiting.put_nowait(event)
            return
        self.drop()

    def drop(self) -> None:
        """No more: what waits is thrown away."""
        self.dropped = True
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(None)

    async def next(self) -> bytes | None:
        """The next event; None when this client was too slow or the station stops."""
        return None if self.dropped else await self._waiting.get()


class Feed:
    """Turns what happens into events for all clients."""

    def __init__(self, controls: Controls, frames: RecentFrames | None = None) -> None:
        """`frames`: those already heard, by somebody who listens since the start."""
        self._controls = controls
        self._clients: set[Client] = set()
        self._frames = frames if frames is not None else RecentFrames(controls.subscribe_frames)
        self._traces = {evse: PowerTrace() for evse in controls.station.evses}
        self._shown: Document = {}  # what the clients were last told, without what flows
        self._shown_s = 0.0
        self._read: dict[int, float] = {}  # when the reading last sent was taken, by EVSE
        self._look: asyncio.TimerHandle | None = None
        self._tracing: asyncio.TimerHandle | None = None
        controls.subscribe(self._happened)
        controls.subscribe_frames(self._spoken)
        self._keep_trace()

    @contextmanager
    def join(self, *, recent: bool) -> Iterator[Client]:
        """A new client, its whole status waiting; with `recent`, then what a page needs besides.

        Raises:
            TooMany: as many as may look at a time are looking.
        """
        if len(self._clients) >= MAX_CLIENTS:
            raise TooMany
        client, status = Client(), document(self._controls)
        client.put(encoded("status", status))
        if recent:
            client.put(encoded("recent", self._recent()))
        if not self._clients:
            self._shown, self._shown_s = _steady(status), asyncio.get_running_loop().time()
        self._clients.add(client)
        self._look_in(TOGETHER_S)
        try:
            yield client
        finally:
            self._clients.discard(client)

    def close(self) -> None:
        """Let every client go; nothing is sent any more."""
        for timer in (self._look, self._tracing):
            if timer is not None:
                timer.cancel()
        self.drop_all()

    def drop_all(self) -> None:
        """Whoever looks has to come in anew."""
        for client in self._clients:
            client.drop()

    # --- what comes in ------------------------------------------------------------------------------------------------

    def _happened(self, record: Record) -> None:
        if isinstance(record.fact, SessionStarted):
            self._traces[record.fact.evse].clear()
            self._keep_trace()
        if self._clients:
            self._tell("fact", fact_document(record))
            self._look_in(TOGETHER_S)

    def _spoken(self, at: datetime, direction: Direction, text: str) -> None:
        if self._clients:
            self._tell("frame", _frame_document(at, direction, text))

    # --- what goes out ------------------------------------------------------------------------------------------------

    def _tell(self, event: str, data: Any) -> None:
        text = encoded(event, data)
        for client in list(self._clients):
            client.put(text)
            if client.dropped:
                self._clients.discard(client)

    def _look_in(self, delay_s: float) -> None:
        """Compare the station with what was sent, after `delay_s` at the latest."""
        loop = asyncio.get_running_loop()
        if self._look is not None and self._look.when() <= loop.time() + delay_s:
            return
        if self._look is not None:
            self._look.cancel()
        self._look = loop.call_later(delay_s, self._compare)

    def _compare(self) -> None:
        self._look = None
        if not self._clients:
            return
        self._tell_status()
        self._tell_readings()
        self._look_in(LOOK_S)

    def _tell_status(self) -> None:
        now_s = asyncio.get_running_loop().time()
        status = document(self._controls)
        steady = _steady(status)
        if steady != self._shown or now_s - self._shown_s >= REPEAT_S:
            self._shown, self._shown_s = steady, now_s
            self._tell("status", status)

    def _tell_readings(self) -> None:
        now = self._controls.clock.now()
        for evse in self._controls.station.evses.values():
            if evse.reading is not None and evse.reading.taken_s != self._read.get(evse.id):
                self._read[evse.id] = evse.reading.taken_s
                cost = evse.account.figure(now)
                costs = {"cost": cost} if cost else {}
                self._tell("reading", {"evse": evse.id, **reading_document(evse.reading, now), **costs})

    # --- for pages opened later ---------------------------------------------------------------------------------------

    def _keep_trace(self) -> None:
        """Note the power of every EVSE in use, again and again until no session is left."""
        if self._tracing is not None:
            self._tracing.cancel()
        self._tracing = None
        busy = [evse for evse in self._controls.station.evses.values() if evse.session is not None]
        for evse in busy:
            if evse.reading is not None and evse.reading.power_w is not None:
                self._traces[evse.id].add(self._controls.clock.now().at, evse.reading.power_w)
        if busy:
            self._tracing = asyncio.get_running_loop().call_later(TRACE_S, self._keep_trace)

    def _recent(self) -> Document:
        config, simulator = self._controls.config, self._controls.simulator
        return {
            "now": rfc3339(self._controls.clock.now().at),
            "access": config.access.mode,
            "simulated": simulator is not None,
            "evses": {
                spec.id: {
                    "max_current_a": spec.max_current_a,
                    "phases": spec.phases,
                    "outlet": spec.outlet,
                    "power": self._traces[spec.id].document(),
                }
                for spec in config.evses
            },
            "frames": [_frame_document(*frame) for frame in self._frames],
        }


def _frame_document(at: datetime, direction: Direction, text: str) -> Document:
    return {"at": rfc3339(at), "direction": direction, "message": masked_frame(text)}


def _steady(status: Document) -> Document:
    """The status without the values that flow: these have events of their own, or do not matter by the second."""
    evses = [
        {
            **evse,
            "reading": None,
            "session": evse["session"] and {**evse["session"], "energy_wh": None},
            "price": evse["price"] and {**evse["price"], "cost": None},
        }
        for evse in status["evses"]
    ]
    return {"station": status["station"], "csms": status["csms"], "evses": evses, "trusted": status["clock"]["trusted"]}
