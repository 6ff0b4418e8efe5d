"""Files by HTTP and HTTPS. The only client of aiohttp; loaded with the first transfer."""

from __future__ import annotations

import asyncio
import io
import re
import socket
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from chargepoint.transfer import CHUNK_BYTES, SILENCE_S, Address, Incoming, NotAllowed, Refused, TransferFailed, Trust
from chargepoint.transfer.address import check_found, read_address
from chargepoint.transfer.tls import context

_WAIT = aiohttp.ClientTimeout(total=None, sock_connect=SILENCE_S, sock_read=SILENCE_S)
HOPELESS = frozenset({400, 404, 405, 410, 411, 413, 414, 415})
"""Answers that another try will not change."""

NOT_ALLOWED = frozenset({401, 403})
MOVED = frozenset({301, 302, 303, 307, 308})
MOST_MOVES = 5

_RANGE = re.compile(r"bytes (\d+|\*)(?:-\d+)?/(\d+|\*)")
"""Content-Range: "bytes 1000-1999/2000", or "bytes */2000" where there is nothing at that place."""


async def fetch(address: Address, incoming: Incoming, trust: Trust) -> None:
    """Goes on behind what is there already, where the server knows ranges (RFC 9110 section 14)."""
    async with _session(trust) as session:
        for _ in range(MOST_MOVES + 1):
            moved = await _fetch_from(session, address, incoming)
            if moved is None:
                return
            address = _followed(address, moved, trust)
    raise Refused(f"the server sends us from place to place, more than {MOST_MOVES} times")


async def send(file: Path, address: Address, trust: Trust) -> None:
    """PUT where the address names a file, POST of a form where it names a folder (as common back offices want it)."""
    loop = asyncio.get_running_loop()
    async with _session(trust) as session, _told(address), asyncio.timeout(SILENCE_S) as patience:

        def renew() -> None:
            if not patience.expired():
                patience.reschedule(loop.time() + SILENCE_S)

        with _Watched(file, lambda: loop.call_soon_threadsafe(renew)) as content:
            async with _upload(session, address, file.name, content) as answer:
                _check(answer.status)


class _Watched(io.BufferedReader):
    """Tells of every block that is read: of every one that the server has room for."""

    def __init__(self, file: Path, told: Callable[[], object]) -> None:
        super().__init__(io.FileIO(file))
        self._told = told

    def read(self, size: int | None = -1, /) -> bytes:
        self._told()
        return super().read(size)


async def _fetch_from(session: aiohttp.ClientSession, address: Address, incoming: Incoming) -> str | None:
    """None: it is here. Otherwise where to look for it."""
    async with (
        _told(address),
        session.get(_url(address), headers=_proof(address) | _rest(incoming), allow_redirects=False) as answer,
    ):
        if answer.status in MOVED:
            return answer.headers.get("Location", "")
        at, total = _place(answer)
        if answer.status == 416 and incoming.have and total == incoming.have:
            return None  # there is nothing behind it: it was complete
        if _is_other(answer, incoming, at, total):
            incoming.forget()
            return _url(address)  # from its beginning
        _check(answer.status)
        incoming.begin(at, total, _mark(answer))
        async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
            await asyncio.to_thread(incoming.take, chunk)
        return None


def _is_other(answer: aiohttp.ClientResponse, incoming: Incoming, at: int, total: int | None) -> bool:
    """Does what comes not belong behind what is here? Not every server heeds If-Range."""
    if answer.status == 206:
        return at != incoming.have or not incoming.goes_on(_mark(answer), total)
    return answer.status == 416 and incoming.have > 0


def _rest(incoming: Incoming) -> dict[str, str]:
    """Only the rest, and only of the same file (RFC 9110 section 13.1.5); not compressed, because bytes are counted."""
    headers = {"Accept-Encoding": "identity"}
    if incoming.have:
        headers["Range"] = f"bytes={incoming.have}-"
        if incoming.mark and not incoming.mark.startswith("W/"):
            headers["If-Range"] = incoming.mark
    return headers


def _place(answer: aiohttp.ClientResponse) -> tuple[int, int | None]:
    """(first byte of what comes, size of the whole file)."""
    found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if answer.status in (206, 416) and found is not None:
        first, whole = found.groups()
        return int(first) if first != "*" else 0, int(whole) if whole != "*" else None
    return 0, answer.content_length


def _mark(answer: aiohttp.ClientResponse) -> str:
    return answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""


def _followed(address: Address, location: str, trust: Trust) -> Address:
    """The next place; a password goes to none but the server it is meant for."""
    there = read_address(urljoin(_url(address), location), trust)
    if there.scheme not in ("http", "https"):
        raise Refused(f"{address.host} sends us to {there.scheme}://{there.host}")
    if address.encrypted and not there.encrypted:
        raise Refused(f"{address.host} sends us to {there.host}, without encryption")
    same = (there.scheme, there.host, there.port) == (address.scheme, address.host, address.port)
    user, password = (address.user, address.password) if same and not there.user else (there.user, there.password)
    return Address(there.scheme, there.host, there.port, there.path, there.url, user, password)


def _upload(
    session: aiohttp.ClientSession, address: Address, name: str, content: BinaryIO
) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
    if address.path and not address.path.endswith("/"):
        return session.put(_url(address), data=content, headers=_proof(address), allow_redirects=False)
    form = aiohttp.FormData()
    form.add_field("file", content, filename=name, content_type="application/octet-stream")
    return session.post(_url(address), data=form, headers=_proof(address), allow_redirects=False)


class _Resolver(AbstractResolver):
    """The operating system's, without what may not be meant."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._system = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._system.resolve(host, port, family)
        for each in found:
            check_found(host, each["host"], self._trust)
        return found

    async def close(self) -> None:
        await self._system.close()


@asynccontextmanager
async def _session(trust: Trust) -> AsyncIterator[aiohttp.ClientSession]:
    """Through the proxy, where one is configured: then it alone knows where a name leads to."""
    proxy = _proxy(trust)
    resolver = aiohttp.ThreadedResolver() if proxy else _Resolver(trust)
    connector = aiohttp.TCPConnector(ssl=context(trust), force_close=True, resolver=resolver)
    async with aiohttp.ClientSession(
        connector=connector, timeout=_WAIT, trust_env=False, auto_decompress=False, proxy=proxy
    ) as session:
        yield session


def _proxy(trust: Trust) -> str | None:
    try:
        proxy = trust.proxy()
    except OSError as error:
        raise TransferFailed(f"the proxy's password cannot be read: {error}") from error
    return proxy.with_credentials if proxy is not None else None


@asynccontextmanager
async def _told(address: Address) -> AsyncIterator[None]:
    """What goes wrong on the way, as a sentence."""
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as error:
        raise Refused(f"{address.host} cannot prove who it is: {error.certificate_error}") from error
    except aiohttp.ClientHttpProxyError as error:
        raise TransferFailed(f"{address.host}: the proxy answers {error.status}") from error
    except aiohttp.InvalidURL as error:
        raise Refused(f"this is no address that {address.host} could be asked for") from error
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise TransferFailed(f"{address.host}: {str(error) or type(error).__name__}") from error


def _check(status: int) -> None:
    if status in NOT_ALLOWED:
        raise NotAllowed(f"the server answers {status}")
    if status in HOPELESS or status in MOVED:
        raise Refused(f"the server answers {status}")
    if not 200 <= status < 300:
        raise TransferFailed(f"the server answers {status}")


def _url(address: Address) -> str:
    return f"{address.scheme}://{_host(address.host)}:{address.port}{address.path}"


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _proof(address: Address) -> dict[str, str]:
    """HTTP Basic (RFC 7617), where the address names a user."""
    if not address.user:
        return {}
    return {"Authorization": "Basic " + b64encode(f"{address.user}:{address.password}".encode()).decode()}
