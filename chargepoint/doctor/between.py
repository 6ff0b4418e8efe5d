"""Who else answers on the way to the back office: a portal that wants a login, a filter that decrypts.

Asked only when a step has failed, and only of the back office's own name: no third party is needed to find out, and
none hears of it. Nothing secret is sent.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from urllib.parse import urlsplit

from chargepoint.security import x509

PATIENCE_S = 5.0
MOVED = (301, 302, 303, 307, 308)
LOGIN_REQUIRED = 511  # RFC 6585
LONGEST_HEAD = 16_384


async def portal(host: str, port: int = 80) -> str:
    """The sentence about a captive portal that answers in the back office's place; "" where there is none."""
    with suppress(OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        async with asyncio.timeout(PATIENCE_S):
            status, place = await _asked(host, port)
        elsewhere = urlsplit(place).hostname or ""
        if status == LOGIN_REQUIRED or (status in MOVED and elsewhere and not _same(elsewhere, host)):
            shown = f" ({elsewhere})" if elsewhere else ""
            return (
                f"this network sends whoever asks for {host} to a login page{shown}: log in there with a browser on "
                "this network, or have the station let through by its address (MAC)"
            )
    return ""


async def interceptor(host: str, port: int, problem: ssl.SSLCertVerificationError) -> str:
    """Who has issued the certificate that is not trusted; "" where it cannot be seen.

    The connection is closed before anything is said on it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with suppress(OSError, x509.Unreadable):
        async with asyncio.timeout(PATIENCE_S):
            _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
            shown = ssl.DER_cert_to_PEM_cert(writer.get_extra_info("ssl_object").getpeercert(True))
            writer.transport.abort()
        issuer = x509.issuer_of(shown)
        return (
            f"the certificate that arrives is from {issuer}, which is not trusted here ({problem.verify_message}): "
            "either ca_file lacks that issuer, or a filter of this network decrypts the connection and has to let it "
            "through untouched"
        )
    return ""


async def _asked(host: str, port: int) -> tuple[int, str]:
    """(status, Location) of a plain request."""
    reader, writer = await asyncio.open_connection(host, port, limit=LONGEST_HEAD)
    try:
        writer.write(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    finally:
        writer.transport.abort()
    fields = (line.partition(":") for line in head[1:])
    place = next((value.strip() for name, _, value in fields if name.lower() == "location"), "")
    return int(head[0].partition(" ")[2][:3]), place


def _same(one: str, other: str) -> bool:
    """www.example.com and example.com are one office."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
