"""A captive portal and a filter that decrypts, played on loopback: each is named, and nobody else is."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chargepoint.demo.authority import Authority
from chargepoint.doctor.between import interceptor, portal
from tests.process.test_link import server, server_tls


@asynccontextmanager
async def answering(head: str) -> AsyncIterator[int]:
    """Says `head` to whoever connects, after the request."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head.encode())
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


@pytest.mark.parametrize(
    ("head", "named"),
    [
        (
            "HTTP/1.1 302 Found\r\nLocation: http://login.hotel.example/?mac=1\r\n\r\n",
            "login page (login.hotel.example)",
        ),
        ("HTTP/1.1 511 Network Authentication Required\r\n\r\n", "login page:"),
        ("HTTP/1.1 301 Moved Permanently\r\nLocation: https://localhost/\r\n\r\n", ""),
        ("HTTP/1.1 301 Moved Permanently\r\nLocation: /login\r\n\r\n", ""),
        ("HTTP/1.1 200 OK\r\n\r\n", ""),
        ("SSH-2.0-nonsense\r\n\r\n", ""),
        ("HTTP/1.1 " + "x" * 100_000, ""),
    ],
)
async def test_only_a_portal_is_called_one(head: str, named: str) -> None:
    async with answering(head) as port:
        said = await portal("localhost", port)
    assert (named in said) if named else said == ""


async def test_a_port_that_is_closed_is_no_portal() -> None:
    async with answering("") as port:
        pass
    assert await portal("localhost", port) == ""


async def test_who_has_issued_a_foreign_certificate_is_named(tmp_path: Path) -> None:
    filtering = Authority(tmp_path)
    context = ssl.create_default_context()
    async with server(ssl=server_tls(filtering.sign("localhost"))) as port:
        with pytest.raises(ssl.SSLCertVerificationError) as refused:
            await asyncio.open_connection("localhost", port, ssl=context)
        said = await interceptor("localhost", port, refused.value)
    assert "is not trusted here" in said
    assert "either ca_file lacks that issuer, or a filter of this network decrypts the connection" in said
    assert " from ?" not in said
