"""The way to the back office, one step after the other: name, reach, TLS, login. The first that fails ends it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from chargepoint.config import CsmsConfig
from chargepoint.ocpp import refusals
from chargepoint.ocpp.dialects import subprotocol_of
from chargepoint.ocpp.transport import Connector, LinkRefused
from hw.doctor import Finding, Findings, failed, ok, skipped

PATIENCE_S = 10.0
DEFAULT_PORTS = {"ws": 80, "wss": 443}

NAME, REACH, TLS, LOGIN = "csms.name", "csms.reach", "csms.tls", "csms.login"
PROVES = {
    NAME: "its name is found",
    REACH: "it can be reached",
    TLS: "its certificate is in order",
    LOGIN: "it lets this station in",
}

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def addresses(host: str, port: int) -> Sequence[str]:
    """Every address of a name. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    csms: CsmsConfig
    context: Callable[[], ssl.SSLContext]  # raises OSError where ca_file cannot be read
    connector: Connector | None  # None: the daemon is connected already, or should be
    daemon_says: str = ""  # the state of its link
    resolve: Resolve = addresses

    @property
    def host(self) -> str:
        return urlsplit(self.csms.url).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.csms.url)
        return parts.port or DEFAULT_PORTS.get(parts.scheme, 443)

    @property
    def secure(self) -> bool:
        return urlsplit(self.csms.url).scheme == "wss"

    async def steps(self) -> Findings:
        for step, prove in ((NAME, self._name), (REACH, self._reach), (TLS, self._tls), (LOGIN, self._login)):
            try:
                async with asyncio.timeout(PATIENCE_S):
                    finding = await prove()
            except LinkRefused as refusal:
                finding = refused(step, str(refusal))
            except (OSError, UnicodeError) as error:  # TimeoutError and SSLError are OSErrors
                finding = refused(step, refusals.of_network(error, f"{self.host}:{self.port}", secure=self.secure))
            yield finding
            if finding.remedy:
                return

    async def _name(self) -> Finding:
        if _is_address(self.host):
            return ok(NAME, PROVES[NAME], f"{self.host} is an address")
        return ok(NAME, PROVES[NAME], ", ".join(await self.resolve(self.host, self.port)))

    async def _reach(self) -> Finding:
        began_s = time.monotonic()
        _, writer = await asyncio.open_connection(self.host, self.port)
        await _closed(writer)
        took_ms = (time.monotonic() - began_s) * 1000
        return ok(REACH, PROVES[REACH], f"port {self.port} answers in {took_ms:.0f} ms")

    async def _tls(self) -> Finding:
        if not self.secure:
            return skipped(TLS, PROVES[TLS], "url begins with ws://: the line is not encrypted")
        try:
            context = self.context()
        except OSError as error:
            raise LinkRefused(refusals.UNREADABLE_CERTIFICATES.format(error)) from None
        _, writer = await asyncio.open_connection(self.host, self.port, ssl=context)
        shown: dict[str, Any] = writer.get_extra_info("peercert") or {}
        version = writer.get_extra_info("ssl_object").version()
        await _closed(writer)
        return ok(TLS, PROVES[TLS], f"{version}, {_described(shown)}")

    async def _login(self) -> Finding:
        if self.connector is None:
            return _told_by_daemon(self.daemon_says)
        transport = await self.connector.connect([subprotocol_of(version) for version in self.csms.versions])
        await transport.close()
        return ok(LOGIN, PROVES[LOGIN], f"as {self.csms.identity}, {transport.subprotocol}")


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):  # what the other side says to it is no matter
        await writer.wait_closed()


def refused(step: str, sentence: str) -> Finding:
    """What is wrong and what to check stand in one sentence, with a colon between."""
    what, colon, remedy = sentence.rpartition(": ")
    if not colon:
        what, remedy = sentence, "check url in [csms]"
    return failed(step, PROVES[step], what, f"{remedy[:1].upper()}{remedy[1:]}.")


def _told_by_daemon(state: str) -> Finding:
    """The daemon holds the only connection that a back office allows a station."""
    words = {"accepted": "the daemon is connected and accepted", "pending": "the daemon is connected, not accepted yet"}
    if state in words:
        return ok(LOGIN, PROVES[LOGIN], words[state])
    if state == "rejected":
        return refused(LOGIN, "the back office does not accept the station: have it registered there")
    return refused(LOGIN, f"the daemon says: {state}: see its log: journalctl -u chargepoint")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _described(certificate: dict[str, Any]) -> str:
    """Whose, from whom, until when."""
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    days = (until - datetime.now(UTC)).days
    return f"by {_common_name(certificate.get('issuer', ()))}, until {until:%Y-%m-%d} ({days} days)"


def _common_name(name: Sequence[Sequence[tuple[str, str]]]) -> str:
    told = {key: value for part in name for key, value in part}
    return told.get("organizationName") or told.get("commonName") or "?"
