"""A deliberately thin CSMS: it answers with the smallest valid payload, so that what is measured is the station.

Every call that comes in is stamped with `time.perf_counter()` before anything is done about it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

Payload = dict[str, Any]
Wanted = Callable[[Payload], bool]

SUBPROTOCOLS = [Subprotocol("ocpp1.6"), Subprotocol("ocpp2.0.1")]
CALL_S = 30.0


@dataclass(frozen=True, slots=True)
class Heard:
    """A call from a station."""

    at_s: float  # time.perf_counter()
    action: str
    payload: Payload


class CallRefused(Exception):
    """The station answered with a CALLERROR."""


@dataclass
class Link:
    """One connection of one station."""

    socket: ServerConnection
    version: str
    opened_s: float = field(default_factory=time.perf_counter)
    _pending: dict[str, asyncio.Future[list[Any]]] = field(default_factory=dict)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def call(self, action: str, payload: Payload) -> Payload:
        """Raises CallRefused, TimeoutError, ConnectionClosed."""
        key = str(next(self._ids))
        self._pending[key] = asyncio.get_running_loop().create_future()
        await self.socket.send(json.dumps([2, key, action, payload], separators=(",", ":")))
        async with asyncio.timeout(CALL_S):
            answer = await self._pending[key]
        if answer[0] != 3:
            raise CallRefused(f"{action}: {answer[2:]}")
        result: Payload = answer[2]
        return result

    def answered(self, message: list[Any]) -> None:
        waiting = self._pending.pop(message[1], None)
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    def closed(self) -> None:
        for waiting in self._pending.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the station has gone"))


@dataclass
class _Waiter:
    station: str
    action: str
    wanted: Wanted
    found: asyncio.Future[Heard]


class Office:
    """Stations connect to `url`/IDENTITY and are known by that identity."""

    def __init__(self, heartbeat_s: int = 300) -> None:
        self.links: dict[str, Link] = {}
        self.heard: dict[str, list[Heard]] = {}
        self.keep = True  # every call in `heard`; a long flood is only counted
        self.counts: dict[str, int] = {}
        self.mute: set[tuple[str, str]] = set()  # (station, action or TransactionEvent.KIND): never answered
        self.blocked: set[str] = set()  # stations refused at the handshake
        self._heartbeat_s = heartbeat_s
        self._numbers = itertools.count(1001)
        self._waiters: list[_Waiter] = []
        self._server: Server | None = None
        self.accepted_s: dict[str, float] = {}  # when a BootNotification was last answered

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._converse, "127.0.0.1", 0, subprotocols=SUBPROTOCOLS, process_request=self._admit,
            compression=None, ping_interval=None, max_size=2**22,
        )  # fmt: skip
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("the office is not open")
        return f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}"

    def expect(self, station: str, action: str, wanted: Wanted = lambda payload: True) -> asyncio.Future[Heard]:
        """The next call of that action that is wanted, from now on."""
        found: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        self._waiters.append(_Waiter(station, action, wanted, found))
        return found

    def cut(self, station: str) -> None:
        """Drop the connection without a close frame."""
        if station in self.links:
            self.links[station].socket.transport.abort()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if _identity(request) in self.blocked:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "closed\n")
        return None

    async def _converse(self, socket: ServerConnection) -> None:
        if socket.request is None or socket.subprotocol is None:
            return
        station, version = _identity(socket.request), socket.subprotocol.removeprefix("ocpp")
        link = self.links[station] = Link(socket, version)
        try:
            async for text in socket:
                await self._hear(station, link, json.loads(text), time.perf_counter())
        except ConnectionClosed:
            pass  # killed, as some benches do
        finally:
            link.closed()

    async def _hear(self, station: str, link: Link, message: list[Any], at_s: float) -> None:
        if message[0] != 2:
            link.answered(message)
            return
        _, key, action, payload = message
        if not self._muted(station, action, payload):
            answer = self._answer(link.version, action, payload)
            await link.socket.send(json.dumps([3, key, answer], separators=(",", ":")))
        if action == "BootNotification":
            self.accepted_s[station] = time.perf_counter()
        self._note(station, Heard(at_s, action, payload))

    def _muted(self, station: str, action: str, payload: Payload) -> bool:
        return (station, action) in self.mute or (station, f"{action}.{payload.get('eventType')}") in self.mute

    def _answer(self, version: str, action: str, payload: Payload) -> Payload:
        verdict = {"status": "Accepted"}
        match action:
            case "BootNotification":
                return {"status": "Accepted", "currentTime": _now(), "interval": self._heartbeat_s}
            case "Heartbeat":
                return {"currentTime": _now()}
            case "Authorize":
                return {"idTagInfo" if version == "1.6" else "idTokenInfo": verdict}
            case "StartTransaction":
                payload["number"] = next(self._numbers)  # for whoever reads what was heard
                return {"transactionId": payload["number"], "idTagInfo": verdict}
            case "TransactionEvent" if "idToken" in payload:
                return {"idTokenInfo": verdict}
            case "DataTransfer":
                return {"status": "Accepted"}
            case _:
                return {}

    def _note(self, station: str, heard: Heard) -> None:
        self.counts[heard.action] = self.counts.get(heard.action, 0) + 1
        if self.keep:
            self.heard.setdefault(station, []).append(heard)
        for waiter in [w for w in self._waiters if w.found.done() or self._fits(w, station, heard)]:
            self._waiters.remove(waiter)
            if not waiter.found.done():
                waiter.found.set_result(heard)

    @staticmethod
    def _fits(waiter: _Waiter, station: str, heard: Heard) -> bool:
        return (waiter.station, waiter.action) == (station, heard.action) and waiter.wanted(heard.payload)


def _identity(request: Request) -> str:
    return request.path.rstrip("/").rpartition("/")[2]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
