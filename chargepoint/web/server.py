"""The HTTP server: the only module that knows aiohttp. Importing it costs 20 MiB and 0.1 s, so it is imported late."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import http_exceptions, web

from chargepoint.web.api import routes
from chargepoint.web.contact import ContactRoutes
from chargepoint.web.controls import Controls
from chargepoint.web.entering import OPEN_ROUTES, EntryRoutes
from chargepoint.web.entrance import Entrance
from chargepoint.web.events import Client, Feed, TooMany
from chargepoint.web.guarding import Gate, is_here
from chargepoint.web.http import Answer, Failed, Request, told
from chargepoint.web.listening import BACKLOG, Door
from chargepoint.web.pages import AT_THE_DOOR, HEADERS, File, page_files
from chargepoint.web.texts import TextRoutes
from chargepoint.web.trace import RecentFrames

log = logging.getLogger(__name__)


def _worth_telling(record: logging.LogRecord) -> bool:
    """What a stranger sends that is not HTTP must not fill the log with tracebacks."""
    return not (record.exc_info and isinstance(record.exc_info[1], http_exceptions.HttpProcessingError))


library_log = log.getChild("http")
library_log.addFilter(_worth_telling)

EVENTS = "/api/v1/events"

MAX_CONNECTIONS = 64
"""Open connections; the oldest that asks for nothing makes room for a new one."""

MAX_BODY = 16 * 1024
"""Bytes of a request's body."""

BODY_S = 10.0
"""A body that takes longer is not waited for."""

WRITE_S = 10.0
"""A reader of events that takes nothing for so long is dropped."""

IDLE_S = 30.0
"""A connection that asks for nothing is closed after this."""

CLOSING_S = 1.0
"""What running requests get when the server stops."""


class Server:
    def __init__(self, controls: Controls, door: Door, frames: RecentFrames | None = None) -> None:
        self._files: dict[str, File] = page_files()
        self._feed = Feed(controls, frames)
        self._gate = Gate(socket.gethostname())
        port = 0 if door.is_local_file else door.socket.getsockname()[1]
        self._entrance = Entrance(door.keys, controls.visited, port) if door.keys is not None else None
        if self._entrance is not None:
            self._entrance.ended = self._feed.drop_all
        entering = EntryRoutes(self._entrance, lambda: asyncio.get_running_loop().time())
        words, contact = TextRoutes(controls.config.station.language), ContactRoutes(controls)
        self._routes = routes(controls, entering.table, words.table, contact.table)
        self._busy: set[Any] = set()  # connections with a request in hand
        self._leaving: set[Any] = set()  # connections told to go
        self._http = web.Server(
            self._serve,
            logger=library_log,
            access_log=None,
            keepalive_timeout=IDLE_S,
            auto_decompress=False,
            lingering_time=CLOSING_S,
        )

    # --- connections --------------------------------------------------------------------------------------------------

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._http.connections)

    def admit(self) -> asyncio.Protocol:
        """A protocol for one more connection; the longest idle one goes when there are too many."""
        counted = [connection for connection in self._http.connections if not _is_own(connection.transport)]
        open_now = [connection for connection in counted if connection not in self._leaving]
        if len(open_now) >= MAX_CONNECTIONS:
            self._turn_out(next((each for each in open_now if each not in self._busy), open_now[0]))
        self._leaving.intersection_update(self._http.connections)
        return self._http()

    def _turn_out(self, connection: Any) -> None:
        self._leaving.add(connection)
        if connection.transport is not None:
            connection.transport.abort()

    async def close(self) -> None:
        self._feed.close()
        self._http.pre_shutdown()
        await self._http.shutdown(CLOSING_S)

    # --- requests -----------------------------------------------------------------------------------------------------

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        self._busy.add(request.protocol)
        try:
            return await self._answer(request)
        finally:
            self._busy.discard(request.protocol)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            refusal = None if _is_local(request) else await self._refuse(request)
            if refusal is not None:
                return _response(refusal, close=True)
            if request.path == EVENTS and request.method == "GET":
                return await self._events(request)
            answer = await self._dispatch(request)
            return _response(answer) if answer.parts is None else await _in_parts(request, answer, answer.parts)
        except Failed as failure:
            return _response(failure.answer())

    async def _refuse(self, request: web.BaseRequest) -> Answer | None:
        """What a stranger gets: the way in, and nothing else. None: it is no stranger."""
        refusal = self._gate.refuse(request.headers)
        if refusal is not None or self._entrance is None:
            return refusal
        now_s, peer = asyncio.get_running_loop().time(), request.remote or ""
        refusal = await self._entrance.refuse(request.headers, peer, now_s)
        if refusal is None or (request.method, request.path) in OPEN_ROUTES:
            return None
        if request.method in ("GET", "HEAD") and (path := AT_THE_DOOR.get(request.path)):
            return self._files[path].answer(request.headers.get("If-None-Match"))
        return refusal

    async def _dispatch(self, request: web.BaseRequest) -> Answer:
        method = "GET" if request.method == "HEAD" else request.method
        if method == "GET" and request.path in self._files:
            return self._files[request.path].answer(request.headers.get("If-None-Match"))
        handler, parts = self._routes.find(method, request.rel_url.raw_path)
        body = await _body(request)
        if isinstance(body, Answer):
            return body
        here = _is_local(request) or _is_here(request)
        given, peer = request.headers, request.remote or ""
        accept = given.get("Accept", "")
        return await handler(Request(dict(request.query), body, parts, here, accept, given, peer))

    # --- events -------------------------------------------------------------------------------------------------------

    async def _events(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            with self._feed.join(recent="recent" in request.query) as client:
                return await _stream(request, client)
        except TooMany:
            return _response(told({"error": "Too many pages are open."}, 503), close=True)


async def _stream(request: web.BaseRequest, client: Client) -> web.StreamResponse:
    """Write what the client gets until it goes, is too slow, or the station stops."""
    response = web.StreamResponse(headers={**HEADERS, "Cache-Control": "no-store"})
    response.content_type = "text/event-stream"
    await response.prepare(request)
    while (event := await client.next()) is not None:
        try:
            async with asyncio.timeout(WRITE_S):
                await response.write(event)
        except (TimeoutError, ConnectionError):
            break
    if request.transport is not None:
        request.transport.abort()
    return response


async def _in_parts(request: web.BaseRequest, answer: Answer, parts: AsyncIterator[bytes]) -> web.StreamResponse:
    """Write each part as it comes, until the last one, or until nobody takes them."""
    headers = {**HEADERS, "Cache-Control": "no-store", "Content-Type": answer.content_type, **answer.headers}
    response = web.StreamResponse(status=answer.status, headers=headers)
    await response.prepare(request)
    try:
        async for part in parts:
            async with asyncio.timeout(WRITE_S):
                await response.write(part)
    except (TimeoutError, ConnectionError):
        if request.transport is not None:
            request.transport.abort()
    finally:
        if isinstance(parts, AsyncGenerator):
            await parts.aclose()  # what it holds is let go at once
    return response


def _is_local(request: web.BaseRequest) -> bool:
    """Has it come through the socket file, which only this machine's own users have?"""
    return _is_own(request.transport)


def _is_own(transport: asyncio.BaseTransport | None) -> bool:
    """Our own commands' connections make room for nobody."""
    own = transport.get_extra_info("socket") if transport is not None else None
    return own is not None and own.family == socket.AF_UNIX


def _is_here(request: web.BaseRequest) -> bool:
    own = request.transport.get_extra_info("sockname") if request.transport is not None else None
    return is_here(request.remote or "", own[0] if own else "", request.headers)


async def _body(request: web.BaseRequest) -> bytes | Answer:
    """The whole body, or why it is not read."""
    parts = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for part in request.content.iter_any():
                parts += part
                if len(parts) > MAX_BODY:
                    return told({"error": f"The body is longer than {MAX_BODY} bytes."}, 413)
    except TimeoutError:
        return told({"error": "The body did not arrive."}, 408)
    return bytes(parts)


def _response(answer: Answer, *, close: bool = False) -> web.Response:
    headers = {**HEADERS, "Cache-Control": "no-store", "Content-Type": answer.content_type, **answer.headers}
    response = web.Response(body=answer.body, status=answer.status, headers=headers)
    if close or answer.status in (408, 413):
        response.force_close()
    return response


@asynccontextmanager
async def serving(
    controls: Controls, door: Door, frames: RecentFrames | None = None, beside: Door | None = None
) -> AsyncIterator[Server]:
    """Answer on `door` until the block ends, and on the socket file `beside`, for this machine's own commands.

    `frames`: what was said to the back office so far.
    """
    server, loop = Server(controls, door, frames), asyncio.get_running_loop()
    listeners = []
    for each in (door, beside):
        if each is not None:
            start = loop.create_unix_server if each.is_local_file else loop.create_server
            listeners.append(await start(server.admit, sock=each.socket, backlog=BACKLOG))
    log.info("page and API at %s", door.address)
    try:
        yield server
    finally:
        for listener in listeners:
            listener.close()
        await server.close()
