"""A back office small enough to carry about: WebSocket server on loopback, answers by PyPI's `ocpp` classes.

The package is good at payloads and careless about the wire: its receive loop dies on odd frames, and validating in a
thread pool reorders calls. So every frame passes a tape first, which drops what the loop could not stand, and
validation happens in the caller's task.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Protocol, Self
from urllib.parse import unquote

import ocpp.messages
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from chargepoint.demo.bills import Bill, bills
from chargepoint.demo.csms_v16 import Station16
from chargepoint.demo.csms_v201 import Station201
from chargepoint.demo.ledger import Ledger
from chargepoint.demo.tape import CALL, RESULT, Frame, Tape, read

ocpp.messages.ASYNC_VALIDATION = False

SPEAKERS: Mapping[str, type[Station16] | type[Station201]] = {"1.6": Station16, "2.0.1": Station201}


class Speaker(Protocol):
    """A connected station, in whatever version it speaks."""

    async def remote_start(self, token: str, evse: int) -> str:
        """The station's word for it: Accepted or Rejected."""
        ...

    async def remote_stop(self, transaction: str) -> str: ...


class Taped:
    """The connection as the library sees it: sound messages only, and each one recorded."""

    def __init__(self, socket: ServerConnection, tape: Tape, station: str, version: str) -> None:
        self._socket, self._tape, self._station, self._version = socket, tape, station, version

    async def recv(self) -> str | bytes:
        while True:
            text = await self._socket.recv()
            message = read(text)
            if message is not None:
                self._tape.record(self._station, self._version, "in", message)
                return text

    async def send(self, text: str) -> None:
        message = read(text)
        if message is not None:
            self._tape.record(self._station, self._version, "out", message)
        try:
            await self._socket.send(text)
        except ConnectionClosed as closed:
            raise ConnectionError("the station has gone") from closed


class BackOffice:
    """`async with BackOffice({"04A1B2C3": "Ada"}) as office:` listens on a free port of 127.0.0.1 until the end."""

    def __init__(
        self,
        customers: Mapping[str, str],
        *,
        versions: tuple[str, ...] = ("2.0.1", "1.6"),
        password: str | None = None,
        tls: ssl.SSLContext | None = None,
        interval_s: int = 60,
    ) -> None:
        """`tls`: links are encrypted. One that asks for a certificate of the station lets in whom it names."""
        self.ledger = Ledger(customers, interval_s)
        self.tape = Tape()
        self.tape.listener = self._hear
        self.stations: dict[str, Speaker] = {}
        self._versions, self._password, self._tls = versions, password, tls
        self.secured = ""  # how the last link is encrypted, in words; "" where it is not
        self._listeners: list[Callable[[Frame], None]] = []
        self._news = asyncio.Event()
        self._server: Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._converse,
            "127.0.0.1",
            0,
            subprotocols=[Subprotocol(f"ocpp{version}") for version in self._versions],
            process_request=self._admit,
            compression=None,
            ssl=self._tls,
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        """What goes into `[csms] url`; the station appends its identity."""
        if self._server is None:
            raise RuntimeError("the back office is not open")
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"wss://localhost:{port}/ocpp" if self._tls else f"ws://127.0.0.1:{port}/ocpp"

    @property
    def frames(self) -> list[Frame]:
        return self.tape.frames

    def bills(self) -> list[Bill]:
        return bills(self.frames)

    def listen(self, listener: Callable[[Frame], None]) -> None:
        """`listener` hears every frame from now on, as it goes by."""
        self._listeners.append(listener)

    async def until(self, holds: Callable[[], Any], what: str, timeout_s: float) -> None:
        """Wait until `holds()`, looking again after every frame.

        Raises:
            TimeoutError: with `what`, a sentence saying what was waited for in vain.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not holds():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise TimeoutError(f"{what} within {timeout_s:.0f} s") from None

    def accepted(self, station: str) -> bool:
        """Has this station been told that it is welcome?"""
        boots = {
            f.id for f in self.frames if f.station == station and f.kind == CALL and f.action == "BootNotification"
        }
        return any(f.kind == RESULT and f.id in boots and f.payload["status"] == "Accepted" for f in self.frames)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _hear(self, frame: Frame) -> None:
        for listener in self._listeners:
            listener(frame)
        self._news.set()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if self._password is not None and password_in(request.headers.get("Authorization", "")) != self._password:
            return connection.respond(HTTPStatus.UNAUTHORIZED, "wrong or missing password\n")
        secured: ssl.SSLObject | None = connection.transport.get_extra_info("ssl_object")
        if demands_certificate(secured) and common_name(secured) != identity_in(request):
            return connection.respond(HTTPStatus.FORBIDDEN, "the certificate is another station's\n")
        self.secured = described(secured)
        return None

    async def _converse(self, socket: ServerConnection) -> None:
        if socket.request is None or socket.subprotocol is None:
            return  # none of the offered versions is ours (OCPP-J 3.2: the link is closed)
        identity = identity_in(socket.request)
        version = socket.subprotocol.removeprefix("ocpp")
        station = SPEAKERS[version](identity, Taped(socket, self.tape, identity, version), self.ledger)
        self.stations[identity] = station
        with suppress(ConnectionClosed, ConnectionError):
            await station.start()
        if self.stations.get(identity) is station:
            del self.stations[identity]


def identity_in(request: Request) -> str:
    return unquote(request.path.rstrip("/").rpartition("/")[2])


def demands_certificate(secured: ssl.SSLObject | None) -> bool:
    return secured is not None and secured.context.verify_mode is ssl.CERT_REQUIRED


def common_name(secured: ssl.SSLObject | None) -> str | None:
    """Whom the certificate that the station has shown names."""
    certificate: Any = (secured.getpeercert() if secured is not None else None) or {}
    named = {key: value for part in certificate.get("subject", ()) for key, value in part}
    return named.get("commonName")


def described(secured: ssl.SSLObject | None) -> str:
    cipher = secured.cipher() if secured is not None else None
    return f"{secured.version()}, {cipher[0]}" if secured is not None and cipher else ""


def password_in(header: str) -> str | None:
    """The password of an HTTP Basic header; None where there is none."""
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(credentials, validate=True).partition(b":")[2].decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
