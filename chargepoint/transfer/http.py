"""Files by HTTP and HTTPS. The only client of aiohttp; loaded with the first transfer."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import BinaryIO

import aiohttp

from chargepoint.transfer import CHUNK_BYTES, SILENCE_S, Address, Refused, TransferFailed, Trust, bytes_held

_WAIT = aiohttp.ClientTimeout(total=None, sock_connect=SILENCE_S, sock_read=SILENCE_S)
HOPELESS = frozenset({400, 401, 403, 404, 405, 410, 411, 413, 414, 415})
"""Answers that another try will not change."""


async def fetch(address: Address, into: Path, trust: Trust, limit_bytes: int) -> None:
    """Goes on behind what `into` holds already, where the server knows ranges (RFC 9110 section 14)."""
    have = bytes_held(into)
    headers = _proof(address) | ({"Range": f"bytes={have}-"} if have else {})
    async with (
        _session(trust) as session,
        _told(address),
        session.get(_url(address), headers=headers, allow_redirects=False) as answer,
    ):
        if answer.status == 416 and have:  # there is nothing behind it: it was complete
            return
        _check(answer.status)
        await _store(answer, into, have if answer.status == 206 else 0, limit_bytes)


async def send(file: Path, address: Address, trust: Trust) -> None:
    """PUT where the address names a file, POST of a form where it names a folder (as common back offices want it)."""
    async with _session(trust) as session, _told(address):
        with file.open("rb") as content:
            async with _upload(session, address, file.name, content) as answer:
                _check(answer.status)


def _upload(
    session: aiohttp.ClientSession, address: Address, name: str, content: BinaryIO
) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
    if address.path and not address.path.endswith("/"):
        return session.put(_url(address), data=content, headers=_proof(address), allow_redirects=False)
    form = aiohttp.FormData()
    form.add_field("file", content, filename=name, content_type="application/octet-stream")
    return session.post(_url(address), data=form, headers=_proof(address), allow_redirects=False)


@asynccontextmanager
async def _session(trust: Trust) -> AsyncIterator[aiohttp.ClientSession]:
    context = ssl.create_default_context(cafile=str(trust.ca_file) if trust.ca_file else None)
    connector = aiohttp.TCPConnector(ssl=context, force_close=True)
    async with aiohttp.ClientSession(connector=connector, timeout=_WAIT, trust_env=False) as session:
        yield session


@asynccontextmanager
async def _told(address: Address) -> AsyncIterator[None]:
    """What goes wrong on the way, as a sentence."""
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as error:
        raise Refused(f"{address.host} cannot prove who it is: {error.certificate_error}") from error
    except aiohttp.InvalidURL as error:
        raise Refused(f"this is no address: {error}") from error
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise TransferFailed(f"{address.host}: {error or type(error).__name__}") from error


def _check(status: int) -> None:
    if status in HOPELESS:
        raise Refused(f"the server answers {status}")
    if not 200 <= status < 300:
        raise TransferFailed(f"the server answers {status}")


async def _store(answer: aiohttp.ClientResponse, into: Path, have: int, limit_bytes: int) -> None:
    size = have
    with into.open("ab" if have else "wb") as file:
        async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
            size += len(chunk)
            if size > limit_bytes:
                raise Refused(f"the file is larger than {limit_bytes} bytes")
            await asyncio.to_thread(file.write, chunk)


def _url(address: Address) -> str:
    return f"{address.scheme}://{_host(address.host)}:{address.port}{address.path}"


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _proof(address: Address) -> dict[str, str]:
    """HTTP Basic (RFC 7617), where the address names a user."""
    if not address.user:
        return {}
    return {"Authorization": "Basic " + b64encode(f"{address.user}:{address.password}".encode()).decode()}
