"""Asynchronous drivers in a process that must not wait: one thread with an event loop for each serial port.

The same drivers run here as in the daemon. What they find is handed out as a value that is replaced as a whole.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from hw.api import Meter, Reading
from hw.errors import DeviceLost, Fixable

log = logging.getLogger(__name__)

METER_EVERY_S = 1.0
REOPEN_S = 2.0
CLOSING_S = 3.0

_BACKGROUNDS: dict[str, Background] = {}


class Background:
    """A thread with a loop of its own, which ends with the process or with its last job."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    @classmethod
    def of(cls, port: str) -> Background:
        """The one of a port: whoever shares it shares the loop, and so the bus."""
        if port not in _BACKGROUNDS:
            _BACKGROUNDS[port] = cls(port)
        return _BACKGROUNDS[port]

    def start(self, job: Callable[[], Coroutine[Any, Any, None]]) -> Job:
        return Job(job, self._loop)

    def call(self, tell: Callable[[], object]) -> None:
        """Have the loop call `tell`, at its next turn."""
        self._loop.call_soon_threadsafe(tell)


class Job:
    """Something that runs in the background until it is ended."""

    def __init__(self, job: Callable[[], Coroutine[Any, Any, None]], loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ended = threading.Event()
        loop.call_soon_threadsafe(self._begin, job)

    def end(self) -> None:
        """Returns when it has closed what it had open."""
        self._loop.call_soon_threadsafe(lambda: self._task.cancel())
        self._ended.wait(CLOSING_S)

    def _begin(self, job: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._task = self._loop.create_task(job())
        self._task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._ended.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a job in the background has ended by a mistake of this program", exc_info=error)


class Starter(Protocol):
    """The part of `Background` that drivers need."""

    def start(self, job: Callable[[], Coroutine[Any, Any, None]], /) -> Ending: ...
    def call(self, tell: Callable[[], object], /) -> None: ...


class Ending(Protocol):
    def end(self) -> None: ...


class HostedMeter:
    """A meter of the daemon's kind in the guard's process: read every second, its latest reading there at once.

    A meter that signs its readings is read like any other: `begin` and `end` are not passed on.
    """

    def __init__(self, meter: Meter, background: Starter) -> None:
        self._meter = meter
        self._latest: Reading | None = None
        self._lost = ""
        self._job = background.start(self._keep_reading)

    def reading(self) -> Reading | None:
        return self._latest

    def close(self) -> None:
        self._job.end()

    async def _keep_reading(self) -> None:
        while True:
            try:
                async with self._meter:
                    await self._read_for_ever()
            except Fixable as lost:  # also: another device on this bus has another speed
                self._lose(lost)
            await asyncio.sleep(REOPEN_S)

    async def _read_for_ever(self) -> None:
        """The age of the latest reading tells of those that failed."""
        clock = asyncio.get_running_loop().time
        while True:
            due_s = clock() + METER_EVERY_S
            try:
                self._latest = await self._meter.read()
                self._find()
            except DeviceLost as lost:
                self._lose(lost)
            await asyncio.sleep(max(due_s - clock(), 0.0))

    def _lose(self, lost: Fixable) -> None:
        if not self._lost:
            log.warning("%s", lost)
        self._lost = lost.where

    def _find(self) -> None:
        if self._lost:
            log.warning("%s: it answers again", self._lost)
            self._lost = ""
