"""A small HTTP proxy: CONNECT, and plain requests by their whole address, with a password if it is to have one."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class SmallProxy:
    def __init__(self, credentials: str = "", *, forbids: bool = False) -> None:
        """`credentials`: user:password that it asks for. `forbids`: it lets nobody through."""
        self.asked: list[str] = []  # request lines
        self._wanted = base64.b64encode(credentials.encode()).decode() if credentials else ""
        self._forbids = forbids
        self._connections: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._serve(reader, writer)
        writer.close()
        self._connections.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *headers = head.split("\r\n")
        method, target, _ = line.split(" ")
        self.asked.append(line)
        if refusal := self._refusal(headers):
            writer.write(f"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            return await writer.drain()
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            far_reader, far_writer = await asyncio.open_connection(host.strip("[]"), int(port))
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            parts = urlsplit(target)
            far_reader, far_writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
            kept = [header for header in headers if not header.lower().startswith("proxy-")]
            far_writer.write("\r\n".join([f"{method} {parts.path or '/'} HTTP/1.1", *kept]).encode())
        await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
        return None

    def _refusal(self, headers: list[str]) -> str:
        if self._wanted and f"proxy-authorization: basic {self._wanted}".lower() not in map(str.lower, headers):
            return "407 Proxy Authentication Required"
        return "403 Forbidden" if self._forbids else ""

    def end(self) -> None:
        for task in self._connections:
            task.cancel()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    finally:
        writer.close()


@asynccontextmanager
async def small_proxy(credentials: str = "", *, forbids: bool = False) -> AsyncIterator[tuple[str, SmallProxy]]:
    """Its address, and what it was asked."""
    proxy = SmallProxy(credentials, forbids=forbids)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", proxy
    finally:
        proxy.end()
        server.close()
