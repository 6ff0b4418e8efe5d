"""The link to the back office: WebSocket over TCP or TLS. The only module that knows the websockets library.

Every failure becomes one sentence that says what to look at (`refusals`). No redirects are followed, no proxy is used
but the configured one, and nothing switches the check of the server's certificate off. Where the system's clock is
earlier than it can be, the certificates' dates, and only they, are checked here instead of by OpenSSL (`validity`).
"""

from __future__ import annotations

import asyncio
import base64
import logging
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxyStatus,
    InvalidStatus,
    NegotiationError,
    ProxyError,
)
from websockets.typing import Subprotocol

from chargepoint.datause import Spent
from chargepoint.ocpp import refusals, validity
from chargepoint.ocpp.endpoint import Access, Endpoint
from chargepoint.ocpp.spending import Spending
from chargepoint.ocpp.transport import LinkLost, LinkRefused, Transport
from chargepoint.proxy import FindProxy, Proxy, no_proxy

CONNECT_PATIENCE_S = 20.0  # for name, TCP, TLS and handshake together
CLOSE_PATIENCE_S = 2.0  # for the other side's close frame
LONGEST_PING_PATIENCE_S = 20.0  # for a pong; shorter pings wait no longer than their own interval
MAX_FRAME = 2 * 1024 * 1024  # bytes, decompressed: SendLocalListMaxLength cards fit; beyond, it is closed with 1009

SUITES = "@SECLEVEL=2:ECDHE+AESGCM:ECDHE+CHACHA20:AES128-GCM-SHA256:AES256-GCM-SHA384"
"""Cipher suites of TLS 1.2: the security whitepaper's four (A00.FR.312 and .318) and what is as good; all of 1.3's."""

log = logging.getLogger(__name__)

# The library's own debug lines hold passwords and card numbers: the conversation logs frames itself, masked.
_quiet = logging.getLogger("chargepoint.ocpp.websocket")
_quiet.setLevel(logging.WARNING)


Check = Callable[[ssl.SSLObject], str]  # the sentence why the server is refused, or ""


def _system_time() -> datetime:
    return datetime.now(UTC)


def _any_time() -> datetime:
    return datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocketConnector:
    """What may change while the station runs is asked for at each attempt."""

    access: Access
    ping_interval_s: Callable[[], float] = lambda: 30.0  # 0: no pings
    allow_wildcards: Callable[[], bool] = lambda: False
    now: Callable[[], datetime] = _system_time  # the station's best idea of the time
    floor: Callable[[], datetime] = _any_time  # the earliest that it can be
    system: Callable[[], datetime] = _system_time  # what OpenSSL goes by
    proxy: FindProxy = no_proxy
    spent: Spent | None = None  # told what each connection costs; None: nobody counts

    async def connect(self, subprotocols: Sequence[str]) -> Transport:
        endpoint = self.access.endpoint()
        try:
            socket = await self._agreed(endpoint, subprotocols)
        except LinkRefused as refusal:
            self.access.refused(endpoint, refusal)
            raise
        self.access.connected(endpoint, _chain(socket))
        return WebSocket(socket, self._spending(socket))

    def _spending(self, socket: ClientConnection) -> Spending | None:
        return Spending(socket.transport.get_extra_info("socket"), self.spent) if self.spent is not None else None

    async def _agreed(self, endpoint: Endpoint, subprotocols: Sequence[str]) -> ClientConnection:
        """A connection on which both sides speak one of these."""
        proxy = self._proxy()
        try:
            socket = await self._attempt(endpoint, subprotocols, proxy)
        except (OSError, UnicodeError, InvalidHandshake) as mistake:
            raise _refusal(mistake, endpoint, subprotocols, proxy) from None
        if socket.subprotocol is None:
            await socket.close(1002, "no subprotocol")
            raise LinkRefused(refusals.NO_COMMON_VERSION.format(", ".join(subprotocols)))
        return socket

    def _proxy(self) -> Proxy | None:
        try:
            return self.proxy()
        except OSError as mistake:
            raise LinkRefused(refusals.UNREADABLE_PROXY_PASSWORD.format(mistake)) from None

    async def _attempt(self, endpoint: Endpoint, subprotocols: Sequence[str], proxy: Proxy | None) -> ClientConnection:
        ping_s = self.ping_interval_s()
        leave_dates = endpoint.secure and self.system() < self.floor()  # ... to `_checks`
        examined: Any = partial(_Examined, self._checks(leave_dates))  # the library says class, and only calls it
        return await _Connect(
            endpoint.target,
            subprotocols=[Subprotocol(name) for name in subprotocols],
            additional_headers=_credentials(endpoint),
            user_agent_header="chargepoint",
            compression=None if "ocpp1.6" in subprotocols else "deflate",  # 1.6 says nothing about it; it costs 60 KiB
            proxy=proxy.with_credentials if proxy is not None else None,
            open_timeout=CONNECT_PATIENCE_S,
            close_timeout=CLOSE_PATIENCE_S,
            ping_interval=ping_s or None,
            ping_timeout=min(ping_s, LONGEST_PING_PATIENCE_S) or None,
            max_size=MAX_FRAME,
            logger=_quiet,
            create_connection=examined,
            **_tls(endpoint, leave_dates),
        )

    def _checks(self, leave_dates: bool) -> list[Check]:
        """What is asked of the server's certificate beyond OpenSSL's verdict."""
        checks: list[Check] = [] if self.allow_wildcards() else [_wildcard]
        if leave_dates:
            log.info("the clock is wrong: certificates must be valid as of %s", max(self.now(), self.floor()).date())
            checks.append(self._dates)
        return checks

    def _dates(self, secured: ssl.SSLObject) -> str:
        mistake = validity.mistake(validity.chain_of(secured), self.now(), self.floor())
        return refusals.VERIFICATION[mistake] if mistake else ""


def _credentials(endpoint: Endpoint) -> dict[str, str]:
    if endpoint.security_profile not in (1, 2):
        return {}
    pair = endpoint.identity.encode() + b":" + endpoint.password
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}


def _tls(endpoint: Endpoint, leave_dates: bool) -> dict[str, Any]:
    if not endpoint.secure:
        return {}
    try:
        return {"ssl": tls_context(endpoint, leave_dates=leave_dates)}
    except (OSError, ssl.SSLError) as mistake:
        raise LinkRefused(refusals.UNREADABLE_CERTIFICATES.format(mistake), ours=True) from None


def tls_context(endpoint: Endpoint, *, leave_dates: bool = False) -> ssl.SSLContext:
    """TLS 1.2 or newer, server verified by chain and name, and by the system's clock unless dates are left to us.

    A root that was installed counts as one even where another has signed it (AdditionalRootCertificateCheck).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies chain and name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(SUITES)
    if endpoint.ca_file is not None:
        context.load_verify_locations(endpoint.ca_file)
    for root in endpoint.roots:
        _believe(context, root)
    if endpoint.system_roots or not (endpoint.ca_file or endpoint.roots):
        context.load_default_certs()
    if endpoint.certificate_file is not None:
        context.load_cert_chain(endpoint.certificate_file, endpoint.key_file)
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags.VERIFY_X509_TRUSTED_FIRST
    if leave_dates:
        context.verify_flags |= validity.NO_CHECK_TIME
    return context


def _believe(context: ssl.SSLContext, root: str) -> None:
    """A file that has gone bad must not cost the roots beside it."""
    try:
        context.load_verify_locations(cadata=root)
    except (ssl.SSLError, ValueError) as mistake:
        log.error("an installed root certificate cannot be read and counts for nothing: %s", mistake)


def _refusal(mistake: Exception, endpoint: Endpoint, subprotocols: Sequence[str], proxy: Proxy | None) -> LinkRefused:
    """What went wrong, for the installer; and for security, where it is its business."""
    match mistake:
        case InvalidProxyStatus():
            return LinkRefused(refusals.of_proxy(mistake.response.status_code, endpoint.host))
        case ProxyError() if proxy is not None:
            return LinkRefused(refusals.NO_PROXY.format(proxy.host))
        case Objection():
            return LinkRefused(str(mistake), event=refusals.BAD_SERVER)
        case InvalidStatus():
            status = mistake.response.status_code
            event = refusals.STATUS_EVENTS.get(status, "")
            ours = status in refusals.NOT_ADMITTED
            return LinkRefused(refusals.of_status(status, subprotocols), status=status, event=event, ours=ours)
        case InvalidMessage():
            sentence = refusals.CLOSED_AFTER_TLS if endpoint.secure else refusals.NO_HTTP.format(endpoint.host)
            event = refusals.UNWELCOME if endpoint.certificate_file is not None else ""  # TLS 1.3 judges it only now
            return LinkRefused(sentence, event=event, ours=endpoint.secure)
        case NegotiationError():
            return LinkRefused(refusals.BAD_NEGOTIATION.format(mistake))
        case OSError() | UnicodeError():
            nearest = endpoint.host if proxy is None or isinstance(mistake, ssl.SSLError) else f"the proxy {proxy.host}"
            sentence = refusals.of_network(mistake, nearest, secure=endpoint.secure)
            ours = endpoint.secure and refusals.may_be_ours(mistake)
            return LinkRefused(sentence, event=refusals.event_of(mistake), ours=ours)
        case _:
            return LinkRefused(refusals.NO_WEBSOCKET.format(endpoint.host, mistake))


def _chain(socket: ClientConnection) -> list[str]:
    secured = socket.transport.get_extra_info("ssl_object")
    return validity.chain_in_pem(secured) if secured is not None else []


class _Connect(connect):
    """Follows no redirect: the configured server is the one whose certificate and password count."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class Objection(InvalidHandshake):
    """What the server shows is refused by us, though OpenSSL took it: the sentence says why."""


class _Examined(ClientConnection):
    """Refuses a certificate after the TLS handshake, and before the password is sent."""

    def __init__(self, checks: Sequence[Check], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._checks = checks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        secured = transport.get_extra_info("ssl_object")
        self._objections = [] if secured is None else [why for check in self._checks if (why := check(secured))]

    async def handshake(self, *args: Any, **options: Any) -> None:
        if self._objections:
            raise Objection(self._objections[0])
        await super().handshake(*args, **options)


def _wildcard(secured: ssl.SSLObject) -> str:
    """The server's name is only covered by a wildcard (2.0.1 A00, AllowCSMSTLSWildcards)."""
    return "" if _named_exactly(secured) else refusals.WILDCARD


def _named_exactly(secured: ssl.SSLObject) -> bool:
    wanted = (secured.server_hostname or "").casefold().rstrip(".")
    certificate: Any = secured.getpeercert() or {}
    names = certificate.get("subjectAltName", ())
    return any(kind == "IP Address" or name.casefold() == wanted for kind, name in names if "*" not in name)


@dataclass(frozen=True, slots=True)
class WebSocket:
    """One connection as `Transport`."""

    socket: ClientConnection
    spending: Spending | None = None

    @property
    def subprotocol(self) -> str:
        return str(self.socket.subprotocol)

    async def send(self, text: str) -> None:
        try:
            await self.socket.send(text)
        except ConnectionClosed as closed:
            raise LinkLost(_why(closed)) from None
        finally:
            self._look()

    async def receive(self) -> str | bytes:
        try:
            return await self.socket.recv()
        except ConnectionClosed as closed:
            raise LinkLost(_why(closed)) from None
        finally:
            self._look()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self._look()
        await self.socket.close(code, reason)

    def abort(self) -> None:
        self._look()
        self.socket.transport.abort()

    def _look(self) -> None:
        if self.spending is not None:
            self.spending.look()


def _why(closed: ConnectionClosed) -> str:
    if closed.rcvd is not None and closed.rcvd_then_sent is not False:
        return f"the back office closed the link ({closed.rcvd})"
    if closed.sent is not None:
        return f"the link was given up ({closed.sent})"  # no pong in time, a frame too large
    return "the connection broke"
