"""The writer's thread: one piece of work after the other, results back on the event loop.

Our own and not `concurrent.futures`, whose hand-over costs twice as much: a session makes fifteen of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")
Told = Callable[[Any, BaseException | None], None]
"""Called in the thread with the result, or with the error."""


class Writer:
    def __init__(self) -> None:
        self._jobs: SimpleQueue[tuple[Callable[[], Any], Told] | None] = SimpleQueue()
        # A daemon: a program that fails must end, and a commit that is cut short is none.
        self._thread = Thread(target=self._work, name="store", daemon=True)
        self._thread.start()

    async def run(self, job: Callable[[], T]) -> T:
        """Do it in turn and wait. Cancelling gives up the waiting, not the work."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.put((job, lambda result, error: _hand_over(loop, done, result, error)))
        return await done

    def post(self, job: Callable[[], object], told: Told) -> None:
        """Do it in turn."""
        self._jobs.put((job, told))

    def close(self) -> None:
        """Wait until all is done. Twice does no harm."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (turn := self._jobs.get()) is not None:
            job, told = turn
            try:
                result, error = job(), None
            except BaseException as failure:  # whoever asked gets it, whatever it is
                result, error = None, failure
            told(result, error)


def _hand_over(
    loop: asyncio.AbstractEventLoop, done: asyncio.Future[T], result: T, error: BaseException | None
) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(_settle, done, result, error)


def _settle(done: asyncio.Future[T], result: T, error: BaseException | None) -> None:
    if done.cancelled():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)
