"""One connection from its first frame to its last: reads, writes, and the tasks that live as long as it does."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from chargepoint.core.security import Event
from chargepoint.masking import masked
from chargepoint.ocpp import rpc
from chargepoint.ocpp.line import Line
from chargepoint.ocpp.requests import Requests
from chargepoint.ocpp.services import Services
from chargepoint.ocpp.transport import LinkLost, Transport

log = logging.getLogger(__name__)
frames_log = logging.getLogger("chargepoint.ocpp.frames")

MOST_UNSENT = 100
"""Frames that may wait to be written. A CSMS that talks and does not read is not read either until it does."""

GOODBYE_S = 2.0
"""Patience for the other side's close frame."""

FrameListener = Callable[[str, Any], None]
"""Told "in" or "out", and the frame with secrets and tokens masked."""

RawListener = Callable[[str, str | bytes], None]
"""Told the same, with the frame as it is on the wire."""


@dataclass(slots=True, eq=False)
class Frames:
    """Lets others look at what is said: the log, the page."""

    listeners: list[FrameListener] = field(default_factory=list)
    raw: list[RawListener] = field(default_factory=list)

    def seen(self, direction: str, frame: str | bytes) -> None:
        for told in self.raw:
            told(direction, frame)
        logged = frames_log.isEnabledFor(logging.DEBUG)
        if not (logged or self.listeners):
            return
        shown = _shown(frame)
        if logged:
            frames_log.debug("%s %s", direction, shown)
        for listener in self.listeners:
            listener(direction, shown)


def _shown(frame: str | bytes) -> Any:
    """What cannot be read cannot be masked either: only its size is shown."""
    if isinstance(rpc.parse(frame), rpc.Unusable):
        return f"(unusable, {len(frame)} long)"
    return masked(json.loads(frame))


@dataclass(slots=True, eq=False)
class Writer:
    """Frames leave in the order in which they were put."""

    transport: Transport
    frames: Frames
    _queue: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    def put(self, text: str) -> None:
        self._queue.put_nowait(text)

    async def run(self) -> None:
        while True:
            text = await self._queue.get()
            await self.transport.send(text)
            self.frames.seen("out", text)
            self._queue.task_done()

    async def room(self) -> None:
        if self._queue.qsize() > MOST_UNSENT:
            await self.emptied()

    async def emptied(self) -> None:
        await self._queue.join()


@dataclass(slots=True, eq=False)
class Connection:
    """Reads, writes, and hands every frame to whom it concerns."""

    transport: Transport
    writer: Writer
    line: Line
    services: Services
    frames: Frames
    late_answer: Callable[[rpc.Result, Line], Awaitable[None]]
    had_unusable: bool = False
    _leaving: asyncio.Event = field(default_factory=asyncio.Event)

    def leave(self) -> None:
        """End it, once what is under way is finished."""
        self._leaving.set()

    async def run(self, *jobs: Callable[[], Awaitable[None]]) -> str:
        """Talk until the link is lost; returns why. `jobs` run meanwhile."""
        why = "the program ends"
        try:
            async with asyncio.TaskGroup() as tasks:
                for job in (self.writer.run, self.line.calls.run, *jobs):
                    tasks.create_task(_run(job))
                await self._read(tasks)
        except* LinkLost as lost:
            why = str(lost.exceptions[0])
        finally:
            self.line.accepted.clear()
            self.line.calls.end(why)
        return why

    async def _leave(self, requests: Requests) -> None:
        await self._leaving.wait()
        await self.line.calls.rest()
        await requests.answered()
        await self.writer.emptied()
        raise LinkLost("the link is made anew")

    async def _read(self, tasks: asyncio.TaskGroup) -> None:
        requests = Requests(self.writer.put, self.services, self.line.dialect, self.line.schemas, tasks)
        tasks.create_task(self._leave(requests))
        while True:
            frame = await self.transport.receive()
            self.frames.seen("in", frame)
            self._take(rpc.parse(frame), requests, tasks)
            await self.writer.room()

    def _take(self, message: rpc.Message, requests: Requests, tasks: asyncio.TaskGroup) -> None:
        match message:
            case rpc.Call():
                requests.receive(message)
            case rpc.Result():
                if not self.line.calls.answered(message):
                    tasks.create_task(_run(lambda: self.late_answer(message, self.line)))
            case rpc.Error():
                if not self.line.calls.answered(message):
                    log.debug("an error for nothing of ours: %s", message.code)
            case rpc.Unusable():
                self._refuse(message, requests)

    def _refuse(self, message: rpc.Unusable, requests: Requests) -> None:
        level = logging.DEBUG if self.had_unusable else logging.INFO  # one line a connection, however many there are
        self.had_unusable = True
        log.log(level, "the back office sent a frame that cannot be used: %s", message.why)
        self.services.notice(Event.INVALID_MESSAGES, message.why)
        message_id = message.answer_to(self.line.dialect.framing)
        if message_id is not None:
            requests.refuse(message_id, message.reason, message.why)


async def _run(job: Callable[[], Awaitable[None]]) -> None:
    await job()


async def hang_up(transport: Transport) -> None:
    """With a close frame if the other side still listens."""
    try:
        async with asyncio.timeout(GOODBYE_S):
            await transport.close()
    except TimeoutError:
        transport.abort()
