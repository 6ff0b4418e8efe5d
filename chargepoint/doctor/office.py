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
from chargepoint.doctor.between import interceptor, portal
from chargepoint.doctor.network import Network
from chargepoint.ocpp import refusals
from chargepoint.ocpp.dialects import subprotocol_of
from chargepoint.ocpp.transport import Connector, LinkRefused
from chargepoint.proxy import FindProxy, Proxy, no_proxy
from chargepoint.transfer.address import is_same_machine
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

UNKNOWN_ISSUERS = (18, 19, 20, 21)
"""OpenSSL's X509_V_ERR_* numbers: a chain that ends in nobody who is trusted."""

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
    network: Network | None = None  # how this machine reaches the world; None: it is not looked at
    proxy: FindProxy = no_proxy
    portal: Callable[[str], Awaitable[str]] = portal  # the sentence about one that answers for a host

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
        if self.network is not None and not is_same_machine(self.host):
            async for finding in self.network.steps():
                yield finding
        for step, prove in ((NAME, self._name), (REACH, self._reach), (TLS, self._tls), (LOGIN, self._login)):
            try:
                async with asyncio.timeout(PATIENCE_S):
                    finding = await prove()
            except LinkRefused as refusal:
                finding = await self._between(step, refusal) or refused(step, str(refusal))
            except (OSError, UnicodeError) as error:  # TimeoutError and SSLError are OSErrors
                plain = refusals.of_network(error, self._nearest, secure=self.secure)
                finding = await self._between(step, error) or refused(step, plain)
            yield finding
            if finding.remedy:
                return

    async def _between(self, step: str, error: Exception) -> Finding | None:
        """Is it somebody on the way who has failed the step? Not where the back office itself has proven to answer."""
        answered = isinstance(error, LinkRefused) and error.status in refusals.NOT_ADMITTED
        proven = step == LOGIN and self.secure
        if answered or proven or step == NAME or self._proxy is not None or is_same_machine(self.host):
            return None
        sentence = await self.portal(self.host)
        if not sentence and isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in UNKNOWN_ISSUERS:
            sentence = await interceptor(self.host, self.port, error)
        return refused(step, sentence) if sentence else None

    @property
    def _proxy(self) -> Proxy | None:
        try:
            return self.proxy()
        except OSError:  # the login says so
            return None

    @property
    def _nearest(self) -> str:
        """Who is spoken to first."""
        return f"the proxy {self._proxy.host}" if self._proxy is not None else f"{self.host}:{self.port}"

    async def _name(self) -> Finding:
        if self._proxy is not None:
            return skipped(NAME, PROVES[NAME], f"the proxy {self._proxy.host} finds it")
        if _is_address(self.host):
            return ok(NAME, PROVES[NAME], f"{self.host} is an address")
        return ok(NAME, PROVES[NAME], ", ".join(await self.resolve(self.host, self.port)))

    async def _reach(self) -> Finding:
        began_s = time.monotonic()
        parts = urlsplit(self._proxy.url) if self._proxy is not None else None
        host, port = (parts.hostname or "", parts.port or 80) if parts is not None else (self.host, self.port)
        _, writer = await asyncio.open_connection(host, port)
        await _closed(writer)
        took_ms = (time.monotonic() - began_s) * 1000
        who = f"the proxy {host}, port {port}," if parts is not None else f"port {port}"
        return ok(REACH, PROVES[REACH], f"{who} answers in {took_ms:.0f} ms")

    async def _tls(self) -> Finding:
        if not self.secure:
            return skipped(TLS, PROVES[TLS], "url begins with ws://: the line is not encrypted")
        if self._proxy is not None:
            return skipped(TLS, PROVES[TLS], "through the proxy: the login proves it")
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
