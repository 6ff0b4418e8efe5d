"""The daemon's end of the line to the guard."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol, Self

from hw.api import SELFTEST_AT_MOST_S, Command, Permit, Report, Result
from hw.guard.keeper import keep_guard
from hw.guard.socket import Post
from hw.guard.wire import Garbage, Hello, decode, encode
from hw.processes import ensure_guard, ensure_simulator

__all__ = ["SELFTEST_WITHIN_S", "GuardClient", "GuardLink", "ensure_guard", "ensure_simulator", "keep_guard"]

SELFTEST_WITHIN_S = SELFTEST_AT_MOST_S + 5.0  # by then it has answered, however long its device takes
ALIVE_S = 1.0  # the guard reports every EVSE twice a second
HELLO_EVERY_S = 0.2  # while it does not
MISSING_S = 20.0  # from our own start: a guard that has not said anything by then counts as lost
_BURST = 64  # datagrams taken at one go
_OURS = "guard-client-"  # and a process number: the names of our own sockets


def _ignore(*_: object) -> None:
    return None


class GuardLink(Protocol):
    """What the daemon needs of a guard; `GuardClient` has it, and the guard that tests run in their own process."""

    on_report: Callable[[Report], None]
    on_lost: Callable[[], None]
    on_back: Callable[[], None]

    @property
    def alive(self) -> bool: ...
    @property
    def epoch(self) -> int: ...
    def permit(self, permit: Permit) -> None: ...
    async def command(self, evse: int, name: str, argument: str | None = None, timeout_s: float = 3.0) -> Result: ...


class GuardClient:
    """Permits and commands go out, reports come in. Finds the guard again by itself when it has been restarted."""

    def __init__(self, socket_path: Path) -> None:
        self._path = socket_path
        self.on_report: Callable[[Report], None] = _ignore
        self.on_lost: Callable[[], None] = _ignore
        self.on_back: Callable[[], None] = _ignore
        self.epoch = 0  # of the guard run that reported last; 0 = never heard of one
        self.garbage = 0  # datagrams that made no sense
        self.heard_s = -ALIVE_S  # loop time of the last report
        self.attended_s = 0.0  # loop time at which this end did its work last: heard the guard, or looked for it
        self.alive = False
        self._missed_s = math.inf  # loop time at which a guard that was never heard of is missed
        self._post: Post | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._numbers = 0
        self._awaited: dict[int, asyncio.Future[Result]] = {}

    async def __aenter__(self) -> Self:
        _sweep(self._path.parent)
        self._post = Post(self._path.parent, f"{_OURS}{os.getpid()}-{id(self):x}.sock")
        asyncio.get_running_loop().add_reader(self._post.fileno(), self._hear)
        self._missed_s = asyncio.get_running_loop().time() + MISSING_S
        self._look_after()
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self._post is not None:
            asyncio.get_running_loop().remove_reader(self._post.fileno())
            self._post.close()
            self._post = None

    def permit(self, permit: Permit) -> None:
        """Send the desired state of an EVSE; never waits. Without a guard it goes nowhere, as a lease may."""
        self._send(encode(permit))

    async def command(self, evse: int, name: str, argument: str | None = None, timeout_s: float = 3.0) -> Result:
        """Have the guard do something now; its answer, or a Result that says why there is none."""
        self._numbers += 1
        number = self._numbers
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._awaited[number] = answer
        try:
            if not self._send(encode(Command(number, evse, name, argument))):
                return Result(number, False, "the guard is not there")
            async with asyncio.timeout(timeout_s):
                return await answer
        except TimeoutError:
            return Result(number, False, f"the guard did not answer within {timeout_s:g} s")
        finally:
            del self._awaited[number]

    def _send(self, content: bytes) -> bool:
        if self._post is None:
            return False
        delivered = self._post.send(content, self._path.name)
        if not delivered and self.alive:
            self._lost()
        return delivered

    def _hear(self) -> None:
        for _ in range(_BURST):
            datagram = self._post.receive() if self._post is not None else None
            if datagram is None:
                return
            try:
                message = decode(datagram.content)
            except Garbage:
                self.garbage += 1
                continue
            self._take(message)

    def _take(self, message: object) -> None:
        match message:
            case Report():
                self.heard_s = self.attended_s = asyncio.get_running_loop().time()
                self.epoch = message.epoch
                if not self.alive:
                    self.alive, self._missed_s = True, math.inf
                    self.on_back()
                self._look_in(ALIVE_S)  # no wake-up while reports come
                self.on_report(message)
            case Result(number=number) if number in self._awaited and not self._awaited[number].done():
                self._awaited[number].set_result(message)
            case _:
                self.garbage += 1

    def _lost(self) -> None:
        self.alive, self._missed_s = False, math.inf
        self.on_lost()

    def _look_after(self) -> None:
        """One timer: notices silence, and says hello until somebody answers."""
        loop = asyncio.get_running_loop()
        self.attended_s = loop.time()
        silent_s = loop.time() - self.heard_s
        if (self.alive and silent_s >= ALIVE_S) or loop.time() >= self._missed_s:
            self._lost()
        if not self.alive:
            self._send(encode(Hello(os.getpid())))
        self._look_in(ALIVE_S - silent_s if self.alive else HELLO_EVERY_S)

    def _look_in(self, wait_s: float) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._watch = asyncio.get_running_loop().call_later(max(wait_s, 0.01), self._look_after)


def _sweep(folder: Path) -> None:
    """Take away the sockets of clients that were killed."""
    for path in folder.glob(f"{_OURS}*.sock"):
        pid = path.name.removeprefix(_OURS).partition("-")[0]
        if pid.isdigit() and not _lives(int(pid)):
            with suppress(PermissionError):  # another user's, in a folder that lets each take away his own
                path.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    """Asked of the kernel: /proc may show a service its own user's processes only."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
