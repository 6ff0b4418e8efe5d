"""A CSMS that does what the test says, and remembers what it was told and when."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chargepoint.ocpp.transport import LinkLost
from tests.ocpp.memory_link import MemoryLink, Peer

NOW = "2026-11-22T12:00:00Z"

MUTE = object()
"""As an answer: none at all."""


PATIENCE_S = 3600.0
"""What has not come by then will not: the test fails instead of hanging, for heartbeats keep virtual time going."""


class CallError(Exception):
    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(code)
        self.code, self.description = code, description


@dataclass
class Told:
    """One request of the station."""

    at_s: float
    id: str
    action: str
    payload: dict[str, Any]


Answer = Callable[[dict[str, Any]], Any]


def accepted(interval: int = 300) -> Answer:
    return lambda payload: {"status": "Accepted", "interval": interval, "currentTime": NOW}


def registered(status: str, interval: int) -> Answer:
    return lambda payload: {"status": status, "interval": interval, "currentTime": NOW}


@dataclass
class ScriptedCsms:
    link: MemoryLink
    answers: dict[str, Answer] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)  # every frame of the station, decoded
    peer: Peer | None = None
    listener: Callable[[str, Any], None] | None = None  # is told who says every JSON frame, and of each new "link"
    _open: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    _heard: asyncio.Event = field(default_factory=asyncio.Event)
    _next_id: int = 0

    def __post_init__(self) -> None:
        self.answers.setdefault("BootNotification", accepted())
        self.answers.setdefault("Heartbeat", lambda payload: {"currentTime": NOW})

    async def run(self) -> None:
        while True:
            self.peer = await self.link.accept()
            self._tell("link", None)
            with contextlib.suppress(LinkLost):
                await self._serve(self.peer)

    async def _serve(self, peer: Peer) -> None:
        while True:
            frame = json.loads(await peer.receive())
            self.frames.append(frame)
            self._tell("station", frame)
            if frame[0] == 2:
                await self._answer(peer, frame)
            elif frame[1] in self._open:
                self._open.pop(frame[1]).set_result(frame)
            self._heard.set()

    async def _answer(self, peer: Peer, frame: list[Any]) -> None:
        _, message_id, action, payload = frame
        self.told.append(Told(asyncio.get_running_loop().time(), message_id, action, payload))
        try:
            answer = self.answers.get(action, lambda payload: {})(payload)
        except CallError as error:
            await self.send([4, message_id, error.code, error.description, {}])
            return
        if answer is not MUTE:
            await self.send([3, message_id, answer])

    async def send(self, frame: Any) -> None:
        assert self.peer is not None
        if not isinstance(frame, str | bytes):
            self._tell("csms", frame)
        await self.peer.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    def _tell(self, sender: str, frame: Any) -> None:
        if self.listener is not None:
            self.listener(sender, frame)

    async def call(self, action: str, payload: dict[str, Any] | None = None) -> Any:
        """A request of the CSMS; returns the station's frame."""
        self._next_id += 1
        return await self.exchange([2, f"csms-{self._next_id}", action, payload or {}], f"csms-{self._next_id}")

    async def exchange(self, frame: Any, answer_id: str) -> Any:
        """Send any frame and wait for what comes under that id."""
        self._open[answer_id] = asyncio.get_running_loop().create_future()
        await self.send(frame)
        async with asyncio.timeout(PATIENCE_S):
            return await self._open[answer_id]

    # --- what was said ------------------------------------------------------------------------------------------------

    def actions(self) -> list[str]:
        return [told.action for told in self.told]

    def all(self, action: str) -> list[Told]:
        return [told for told in self.told if told.action == action]

    async def until(self, action: str, count: int = 1) -> Told:
        """Wait until the station has said `action` that often."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.all(action)) < count:
                self._heard.clear()
                await self._heard.wait()
        return self.all(action)[count - 1]
