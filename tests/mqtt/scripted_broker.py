"""A broker in memory that obeys the bridge's `Line`, with a hand to slow it, cut it, and say things through it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from chargepoint.mqtt.line import BrokerLost, Message


def gone(why: str = "the line is cut") -> BrokerLost:
    return BrokerLost(why, where="[mqtt] test", fix="Mend it.")


class ScriptedBroker:
    def __init__(self) -> None:
        self.retained: dict[str, bytes] = {}
        self.heard: list[tuple[float, str, bytes]] = []  # when, topic, payload
        self.subscribed: list[str] = []
        self.connections = 0
        self.attempts: list[float] = []
        self.refuses = ""
        self.ack_s = 0.0  # how long an acknowledgement takes
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(64)
        self._cut = asyncio.Event()
        self._connected = False

    # --- the hand -----------------------------------------------------------------------------------------------------

    def say(self, topic: str, payload: bytes | str, *, retained: bool = False) -> None:
        content = payload.encode() if isinstance(payload, str) else payload
        try:
            self._waiting.put_nowait(Message(topic, content, retained))
        except asyncio.QueueFull:
            return  # as the library does

    def cut(self, why: str = "the line is cut") -> None:
        self.refuses = why
        self._cut.set()

    def mend(self) -> None:
        self.refuses = ""

    def state(self, topic: str) -> Any:
        return json.loads(self.retained[topic])

    def times(self, topic: str) -> list[float]:
        return [at_s for at_s, heard, _ in self.heard if heard == topic]

    # --- the line -----------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[ScriptedBroker]:
        self.attempts.append(asyncio.get_running_loop().time())
        if self.refuses:
            raise gone(self.refuses)
        self.connections += 1
        self._cut.clear()
        self._connected = True
        try:
            yield self
        finally:
            self._connected = False

    async def publish(self, topic: str, payload: bytes, *, retain: bool = True) -> None:
        if self._cut.is_set():
            raise gone(self.refuses)
        if self.ack_s:
            await asyncio.sleep(self.ack_s)
        self.heard.append((asyncio.get_running_loop().time(), topic, payload))
        if retain:
            self.retained[topic] = payload

    async def subscribe(self, topics: Sequence[str]) -> None:
        self.subscribed = list(topics)

    async def messages(self) -> AsyncIterator[Message]:
        while True:
            next_one = asyncio.ensure_future(self._waiting.get())
            cut = asyncio.ensure_future(self._cut.wait())
            done, waiting = await asyncio.wait((next_one, cut), return_when=asyncio.FIRST_COMPLETED)
            for each in waiting:
                each.cancel()
            if cut in done:
                raise gone(self.refuses)
            yield next_one.result()
