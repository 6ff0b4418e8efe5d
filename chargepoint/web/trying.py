"""Passwords and codes that are tried: how often, how many at a time, and never at the cost of what charges.

A hash takes up to a second of one processor. One is made at a time, in a thread, and only so many a minute: those who
have been let in before share one allowance, everybody else another, so that a crowd of guessers keeps the owner out for
no longer than it lasts, and not at all where he has come from before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from chargepoint.security.attempts import Attempts
from chargepoint.web.http import Answer, Failed, sentence, told

AT_ONCE, EVERY_S = 10, 6.0
"""Tries by all strangers together: so many at once, and one more in so many seconds."""

WAITING = 4
"""Who would be the fifth in the queue for a hash is sent away."""


class Wait(Failed):
    """Not looked at: too many wrong ones before it."""

    status = 429

    def __init__(self, wait_s: float) -> None:
        self.wait_s = int(wait_s) + 1
        super().__init__(f"too many wrong tries; wait {self.wait_s} second{'s' if self.wait_s > 1 else ''}")

    def answer(self) -> Answer:
        plain = told({"error": sentence(str(self)), "wait_s": self.wait_s}, self.status)
        return Answer(plain.body, plain.status, headers={"Retry-After": str(self.wait_s)})


@dataclass(slots=True)
class Allowance:
    """So many at once, and one more every so often. Times are monotonic seconds."""

    _left: float = AT_ONCE
    _at_s: float = 0.0

    def take(self, now_s: float) -> float:
        """0: taken; else the wait until there is one."""
        self._left = min(AT_ONCE, self._left + max(now_s - self._at_s, 0.0) / EVERY_S)
        self._at_s = now_s
        if self._left < 1:
            return (1 - self._left) * EVERY_S
        self._left -= 1
        return 0.0


@dataclass(slots=True)
class Trials:
    """`told` hears of every wrong one that was looked at, from where."""

    told: Callable[[str], None] = lambda where: None
    _attempts: Attempts = field(default_factory=Attempts)
    _known: Allowance = field(default_factory=Allowance)
    _strange: Allowance = field(default_factory=Allowance)
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)
    _queue: int = 0

    def look(self, where: str, now_s: float) -> None:
        """Raises Wait: nothing from there is looked at yet."""
        if wait_s := self._attempts.wait_s(where, now_s):
            raise Wait(wait_s)

    async def tried(
        self, where: str, now_s: float, is_right: Callable[[], Awaitable[bool]], *, known: bool = False
    ) -> bool:
        """Try one secret. `known`: somebody from there has been let in before.

        Raises:
            Wait: it was not looked at.
        """
        self.look(where, now_s)
        if self._queue >= WAITING:
            raise Wait(EVERY_S)
        if wait_s := (self._known if known else self._strange).take(now_s):
            raise Wait(wait_s)
        self._queue += 1
        try:
            async with self._one:
                right = await is_right()
        finally:
            self._queue -= 1
        if right:
            self._attempts.right(where)
        else:
            self._attempts.wrong(where, now_s)
            self.told(where)
        return right
