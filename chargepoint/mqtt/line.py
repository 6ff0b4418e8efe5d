"""One connection to a broker, as the bridge uses it; made by `broker`, and by tests in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from hw.errors import Fixable


class BrokerLost(Fixable):
    """There is no broker, or none any more."""


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    payload: bytes
    retained: bool = False


class Line(Protocol):
    """Every method raises BrokerLost."""

    async def publish(self, topic: str, payload: bytes, *, retain: bool = True) -> None:
        """Returns once the broker has it."""
        ...

    async def subscribe(self, topics: Sequence[str]) -> None: ...

    def messages(self) -> AsyncIterator[Message]:
        """For ever; those that nobody takes in time are dropped."""
        ...


Connect = Callable[[], AbstractAsyncContextManager[Line]]
