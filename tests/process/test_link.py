"""The real link against real servers on loopback: what connects, what does not, and what the installer is told."""

import asyncio
import base64
import http
import logging
import socket
import ssl
import threading
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Response

from chargepoint.demo.authority import Authority, Signed
from chargepoint.ocpp import link
from chargepoint.ocpp.endpoint import Endpoint, Unchanging
from chargepoint.ocpp.link import WebSocketConnector
from chargepoint.ocpp.transport import LinkLost, LinkRefused

OFFERED = ["ocpp2.0.1", "ocpp1.6"]


async def echo(socket: ServerConnection) -> None:
    async for message in socket:
        await socket.send(message)


@asynccontextmanager
async def server(handler: Callable[[ServerConnection], Awaitable[None]] = echo, **options: Any) -> AsyncIterator[int]:
    given = {"subprotocols": ["ocpp1.6"], "close_timeout": 0.1} | options
    async with serve(handler, "127.0.0.1", 0, **given) as running:
        yield port_of(running)


def port_of(running: Server) -> int:
    port: int = next(iter(running.sockets)).getsockname()[1]
    return port


def server_tls(signed: Signed, **options: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(signed.certificate, signed.key)
    for name, value in options.items():
        setattr(context, name, value)
    return context


def plain(port: int, profile: int = 0, password: bytes = b"", **options: Any) -> WebSocketConnector:
    url, identity = f"ws://127.0.0.1:{port}/ocpp", "CP 1/é"
    return to(Endpoint(url=url, identity=identity, security_profile=profile, password=password), **options)


def secure(port: int, ca: Path, host: str = "localhost", password: bytes = b"", **options: Any) -> WebSocketConnector:
    url = f"wss://{host}:{port}/ocpp"
    return to(Endpoint(url=url, identity="CP1", ca_file=ca, password=password), **options)


def to_localhost(authority: Authority) -> Endpoint:
    return Endpoint(url="wss://localhost/ocpp", identity="CP1", ca_file=authority.file)


def to(endpoint: Endpoint, **options: Any) -> WebSocketConnector:
    return WebSocketConnector(access=Unchanging(endpoint), **options)


async def refusal(connector: WebSocketConnector) -> LinkRefused:
    with pytest.raises(LinkRefused) as refused:
        await connector.connect(OFFERED)
    return refused.value


# --- ordinary ---------------------------------------------------------------------------------------------------------


async def test_frames_go_both_ways_over_the_version_that_the_server_picks() -> None:
    async with server() as port:
        transport = await plain(port).connect(OFFERED)
        assert transport.subprotocol == "ocpp1.6"
        await transport.send("[2]")
        assert await transport.receive() == "[2]"
        await transport.close()


async def test_the_identity_is_the_last_part_of_the_path_whatever_it_contains() -> None:
    seen: list[str] = []

    async def look(socket: ServerConnection) -> None:
        assert socket.request is not None
        seen.append(socket.request.path)

    async with server(look) as port:
        transport = await plain(port).connect(OFFERED)
        with pytest.raises(LinkLost):
            await transport.receive()
    assert seen == ["/ocpp/CP%201%2F%C3%A9"]


async def test_profile_1_sends_identity_and_password_and_profile_0_none() -> None:
    seen: list[str | None] = []

    async def look(socket: ServerConnection) -> None:
        assert socket.request is not None
        seen.append(socket.request.headers.get("Authorization"))

    async with server(look) as port:
        await plain(port, profile=1, password=b"secret\xff").connect(OFFERED)
        await plain(port, profile=0, password=b"secret").connect(OFFERED)
        await asyncio.sleep(0.05)
    assert seen == ["Basic " + base64.b64encode("CP 1/é:".encode() + b"secret\xff").decode(), None]


@pytest.mark.parametrize(("offered", "compressed"), [(["ocpp2.0.1"], True), (["ocpp2.0.1", "ocpp1.6"], False)])
async def test_frames_are_compressed_only_where_no_1_6_is_offered(offered: list[str], compressed: bool) -> None:
    asked: list[str | None] = []

    async def look(socket: ServerConnection) -> None:
        assert socket.request is not None
        asked.append(socket.request.headers.get("Sec-WebSocket-Extensions"))

    async with server(look, subprotocols=["ocpp2.0.1", "ocpp1.6"]) as port:
        await plain(port).connect(offered)
        await asyncio.sleep(0.05)
    assert (asked[0] is not None) is compressed


async def test_neither_password_nor_frames_reach_the_librarys_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "websockets.server")
    logging.getLogger("websockets.server").propagate = False
    try:
        async with server() as port:
            transport = await plain(port, profile=1, password=b"secret").connect(OFFERED)
            await transport.send("04A1B2C3")
            await transport.receive()
            await transport.close()
    finally:
        logging.getLogger("websockets.server").propagate = True
    assert "Basic" not in caplog.text
    assert "04A1B2C3" not in caplog.text


# --- loss -------------------------------------------------------------------------------------------------------------


async def test_a_close_by_the_back_office_is_a_loss_with_its_reason() -> None:
    async def leave(socket: ServerConnection) -> None:
        await socket.close(1001, "maintenance")

    async with server(leave) as port:
        transport = await plain(port).connect(OFFERED)
        with pytest.raises(LinkLost, match="maintenance"):
            await transport.receive()
        with pytest.raises(LinkLost):
            await transport.send("x")


async def test_a_frame_beyond_the_limit_ends_the_link_with_1009() -> None:
    codes: list[int | None] = []

    async def flood(socket: ServerConnection) -> None:
        await socket.send("x" * (link.MAX_FRAME + 1))
        await socket.wait_closed()
        codes.append(socket.close_code)

    async with server(flood) as port:
        transport = await plain(port).connect(OFFERED)
        with pytest.raises(LinkLost, match="1009"):
            await transport.receive()
        await asyncio.sleep(0.05)
    assert codes == [1009]


async def test_a_half_open_link_is_found_by_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "CLOSE_PATIENCE_S", 0.1)
    async with server() as port, frozen_proxy(port) as (outside, freeze):
        transport = await plain(outside, ping_interval_s=lambda: 0.1).connect(OFFERED)
        freeze.set()
        async with asyncio.timeout(3):
            with pytest.raises(LinkLost, match="ping timeout"):
                await transport.receive()


async def test_without_a_ping_interval_nothing_is_pinged() -> None:
    async with server() as port:
        transport = await plain(port, ping_interval_s=lambda: 0.0).connect(OFFERED)
        assert transport.socket.ping_interval is None  # type: ignore[attr-defined]
        await transport.close()


async def test_an_abort_sends_no_close_frame() -> None:
    codes: list[int | None] = []

    async def look(socket: ServerConnection) -> None:
        await socket.wait_closed()
        codes.append(socket.close_code)

    async with server(look) as port:
        transport = await plain(port).connect(OFFERED)
        transport.abort()
        with pytest.raises(LinkLost, match="broke"):
            await transport.receive()
        await asyncio.sleep(0.05)
    assert codes == [1006]


@asynccontextmanager
async def frozen_proxy(port: int) -> AsyncIterator[tuple[int, asyncio.Event]]:
    """Passes bytes on until the event is set; from then on it swallows them."""
    freeze = asyncio.Event()
    open_writers: list[asyncio.StreamWriter] = []

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            if not freeze.is_set():
                writer.write(data)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        open_writers.extend([writer, inner_writer])
        await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer))

    running = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield running.sockets[0].getsockname()[1], freeze
    finally:
        running.close()
        for writer in open_writers:
            writer.transport.abort()
        await asyncio.sleep(0.05)


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "password"),
        (403, "activated"),
        (404, "does not know this station"),
        (429, "too many"),
        (500, "out of order"),
        (503, "out of order"),
        (200, "instead of a WebSocket"),
    ],
)
async def test_each_http_refusal_says_what_to_look_at(status: int, sentence: str) -> None:
    def refuse(socket: ServerConnection, request: object) -> Response:
        return socket.respond(http.HTTPStatus(status), "no\n")

    async with server(process_request=refuse) as port:
        refused = await refusal(plain(port))
    assert refused.status == status
    assert sentence in str(refused)


@pytest.mark.parametrize("target", ["ws://127.0.0.1:{}/elsewhere", "/elsewhere", "http://example.invalid/"])
async def test_no_redirect_is_followed(target: str) -> None:
    requests: list[str] = []

    async with server() as other:

        def redirect(socket: ServerConnection, request: Any) -> Response:
            requests.append(request.path)
            return Response(302, "Found", Headers({"Location": target.format(other), "Content-Length": "0"}), b"")

        async with server(process_request=redirect) as port:
            refused = await refusal(plain(port))
    assert refused.status == 302
    assert "redirect" in str(refused)
    assert len(requests) == 1


async def test_a_server_that_picks_no_version_is_left() -> None:
    codes: list[int | None] = []

    async def look(socket: ServerConnection) -> None:
        await socket.wait_closed()
        codes.append(socket.close_code)

    async with server(look, subprotocols=None) as port:
        assert "picked none of ocpp2.0.1, ocpp1.6" in str(await refusal(plain(port)))
        await asyncio.sleep(0.05)
    assert codes == [1002]


async def test_a_server_without_a_common_version_is_named_as_such() -> None:
    async with server(subprotocols=["ocpp9"]) as port:
        assert "ocpp2.0.1, ocpp1.6" in str(await refusal(plain(port)))


async def test_nobody_there_no_such_host_no_http() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-babble\r\n")
        writer.close()

    async with server() as port:
        pass
    assert "nothing listens" in str(await refusal(plain(port)))
    nowhere = Endpoint(url="ws://no-such-host.invalid/x", identity="CP1", security_profile=0)
    assert "cannot be found" in str(await refusal(to(nowhere)))
    async with await asyncio.start_server(babble, "127.0.0.1", 0) as running:
        assert "does not answer in HTTP" in str(await refusal(plain(running.sockets[0].getsockname()[1])))


async def test_a_server_that_accepts_and_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "CONNECT_PATIENCE_S", 0.2)
    writers: list[asyncio.StreamWriter] = []

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await reader.read()

    async with await asyncio.start_server(silence, "127.0.0.1", 0) as running:
        assert "in time" in str(await refusal(plain(running.sockets[0].getsockname()[1])))
        for writer in writers:
            writer.close()


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def test_a_verified_server_is_talked_to(authority: Authority) -> None:
    async with server(ssl=server_tls(authority.sign("localhost"))) as port:
        transport = await secure(port, authority.file, password=b"secret").connect(OFFERED)
        await transport.send("[2]")
        assert await transport.receive() == "[2]"
        await transport.close()


async def test_a_server_named_by_its_address_is_talked_to(authority: Authority) -> None:
    async with server(ssl=server_tls(authority.sign("127.0.0.1"))) as port:
        await (await secure(port, authority.file, host="127.0.0.1").connect(OFFERED)).close()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"name": "elsewhere.example"}, "another name"),
        ({"name": "localhost", "days": 0}, "expired"),
        ({"name": "localhost", "since": 3}, "not valid yet"),
    ],
)
async def test_a_wrong_certificate_is_refused_for_its_reason(
    authority: Authority, options: dict[str, Any], sentence: str
) -> None:
    name, days, since = options["name"], options.get("days", 5), options.get("since", -1)
    signed = authority.sign(name, days=days or 1, since=timedelta(days=since - (5 if days == 0 else 0)))
    async with server(ssl=server_tls(signed)) as port:
        assert sentence in str(await refusal(secure(port, authority.file)))


# --- TLS with a clock that is wrong -----------------------------------------------------------------------------------

DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_1970(port: int, ca: Path, *, floor: datetime, now: datetime = EPOCH, **options: Any) -> WebSocketConnector:
    """A station whose system clock began in 1970 with this boot. OpenSSL has the real time in these tests, so that
    what it refuses shows that its check of dates is on."""
    return secure(port, ca, now=lambda: now, floor=lambda: floor, system=lambda: EPOCH, **options)


async def test_a_clock_in_1970_keeps_nobody_from_the_back_office(authority: Authority) -> None:
    today = datetime.now(UTC)
    async with server(ssl=server_tls(authority.sign("localhost", since=2 * DAY))) as port:  # OpenSSL: not valid yet
        await (await from_1970(port, authority.file, floor=today).connect(OFFERED)).close()
    async with server(ssl=server_tls(authority.sign("localhost", since=-3 * DAY, days=2))) as port:  # expired
        await (await from_1970(port, authority.file, floor=today - 2 * DAY).connect(OFFERED)).close()


@pytest.mark.parametrize(
    ("since", "days", "floor", "now", "sentence"),
    [
        pytest.param(-3, 2, 0, None, "expired", id="before the floor"),
        pytest.param(-3, 2, -2, 0, "expired", id="before the time that the back office has told"),
        pytest.param(2, 5, -2, 0, "not valid yet", id="after the time that the back office has told"),
    ],
)
async def test_the_dates_that_openssl_cannot_check_are_checked_here(
    authority: Authority, since: int, days: int, floor: int, now: int | None, sentence: str
) -> None:
    asked: list[object] = []
    today = datetime.now(UTC)
    told = EPOCH if now is None else today + now * DAY
    tls = server_tls(authority.sign("localhost", since=since * DAY, days=days))
    async with server(ssl=tls, process_request=lambda socket, request: asked.append(request)) as port:
        connector = from_1970(port, authority.file, floor=today + floor * DAY, now=told, password=b"secret")
        assert sentence in str(await refusal(connector))
    assert asked == []


async def test_a_root_that_had_expired_before_the_floor_is_refused(authority: Authority) -> None:
    async with server(ssl=server_tls(authority.sign("localhost", days=90))) as port:
        late = datetime.now(UTC) + 30 * DAY  # the root is valid for nine more days
        assert "expired" in str(await refusal(from_1970(port, authority.file, floor=late)))


async def test_chain_and_name_count_whatever_the_clock_says(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other", "other")
    today = datetime.now(UTC)
    async with server(ssl=server_tls(stranger.sign("localhost"))) as port:
        assert "not trusted" in str(await refusal(from_1970(port, authority.file, floor=today)))
    async with server(ssl=server_tls(authority.sign("elsewhere.example"))) as port:
        assert "another name" in str(await refusal(from_1970(port, authority.file, floor=today)))


@pytest.mark.parametrize(("since", "days", "sentence"), [(-3, 2, "expired"), (2, 5, "not valid yet")])
async def test_a_plausible_clock_leaves_the_dates_to_openssl(
    authority: Authority, since: int, days: int, sentence: str
) -> None:
    floor = datetime.now(UTC) - 2 * DAY
    async with server(ssl=server_tls(authority.sign("localhost", since=since * DAY, days=days))) as port:
        assert sentence in str(await refusal(secure(port, authority.file, floor=lambda: floor)))
        misled = secure(port, authority.file, floor=lambda: floor, now=lambda: EPOCH)
        assert sentence in str(await refusal(misled))


async def test_a_stranger_is_refused_and_never_sees_the_password(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other", "other")
    asked: list[object] = []

    async with server(
        ssl=server_tls(stranger.sign("localhost")), process_request=lambda socket, request: asked.append(request)
    ) as port:
        assert "not trusted" in str(await refusal(secure(port, authority.file, password=b"secret")))
        system = Endpoint(url=f"wss://localhost:{port}", identity="CP1")
        assert "trusted" in str(await refusal(to(system)))
    assert asked == []


async def test_a_wildcard_is_refused_before_the_password_is_sent_unless_allowed(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_everything_here(monkeypatch)
    asked: list[object] = []
    tls = server_tls(authority.sign("*.example.com"))
    async with server(ssl=tls, process_request=lambda socket, request: asked.append(request)) as port:
        connector = secure(port, authority.file, host="csms.example.com", password=b"secret")
        assert "wildcard" in str(await refusal(connector))
        assert asked == []
        allowed = secure(port, authority.file, host="csms.example.com", allow_wildcards=lambda: True)
        await (await allowed.connect(OFFERED)).close()


def resolve_everything_here(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def here(host: Any, port: Any, **options: Any) -> Any:
        return await real("127.0.0.1", port, **options)

    monkeypatch.setattr(loop, "getaddrinfo", here)


async def test_a_server_that_wants_a_client_certificate_is_explained(authority: Authority, tmp_path: Path) -> None:
    tls = server_tls(authority.sign("localhost"), verify_mode=ssl.CERT_REQUIRED)
    async with server(ssl=tls) as port:
        assert "check the client certificate" in str(await refusal(secure(port, authority.file)))
    tls = server_tls(authority.sign("localhost"), verify_mode=ssl.CERT_REQUIRED, maximum_version=ssl.TLSVersion.TLSv1_2)
    async with server(ssl=tls) as port:
        assert "client certificate" in str(await refusal(secure(port, authority.file)))


async def test_a_client_certificate_is_shown(authority: Authority) -> None:
    tls = server_tls(authority.sign("localhost"), verify_mode=ssl.CERT_REQUIRED)
    tls.load_verify_locations(authority.file)
    own = authority.sign("CP1")
    async with server(ssl=tls) as port:
        endpoint = Endpoint(
            url=f"wss://localhost:{port}",
            identity="CP1",
            security_profile=3,
            ca_file=authority.file,
            certificate_file=own.certificate,
            key_file=own.key,
        )
        await (await to(endpoint).connect(OFFERED)).close()


@pytest.mark.parametrize(
    ("name", "days", "options", "event"),
    [
        ("elsewhere.example", 5, {}, "InvalidCsmsCertificate"),
        ("localhost", 0, {}, "InvalidCsmsCertificate"),
        ("localhost", 5, {"maximum_version": "TLSv1_1"}, "InvalidTLSVersion"),
        ("localhost", 5, {"ciphers": "ECDHE-ECDSA-AES128-SHA"}, "InvalidTLSCipherSuite"),
    ],
)
async def test_a_server_that_is_not_secure_is_a_security_event(
    authority: Authority, name: str, days: int, options: dict[str, str], event: str
) -> None:
    signed = authority.sign(name, days=days or 1, since=timedelta(days=-1 if days else -6))
    with one_handshake(insecure_tls(signed, **options)) as port:
        refused = await refusal(secure(port, authority.file))
    assert refused.event == event
    assert refused.ours is (event != "InvalidCsmsCertificate")  # for the rest, there is one alert for many reasons


@pytest.mark.parametrize(("status", "ours"), [(401, True), (403, True), (404, True), (429, False), (503, False)])
async def test_a_server_that_is_out_of_order_says_nothing_against_what_was_shown(status: int, ours: bool) -> None:
    def refuse(socket: ServerConnection, request: object) -> Response:
        return socket.respond(http.HTTPStatus(status), "no\n")

    async with server(process_request=refuse) as port:
        assert (await refusal(plain(port))).ours is ours


@contextmanager
def one_handshake(tls: ssl.SSLContext) -> Iterator[int]:
    """A server in a thread: asyncio's resets the connection where a handshake fails, and never sends its alert."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=shake_hands, args=(listening, tls))
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def shake_hands(listening: socket.socket, tls: ssl.SSLContext) -> None:
    with suppress(OSError), tls.wrap_socket(listening.accept()[0], server_side=True) as connection:
        connection.recv(1)


def insecure_tls(signed: Signed, maximum_version: str = "", ciphers: str = "") -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        tls = server_tls(signed, **({"minimum_version": ssl.TLSVersion.TLSv1} if maximum_version else {}))
        if maximum_version:
            tls.maximum_version = ssl.TLSVersion[maximum_version]
            tls.set_ciphers("ALL:@SECLEVEL=0")
    if ciphers:
        tls.maximum_version = ssl.TLSVersion.TLSv1_2
        tls.set_ciphers(ciphers)
    return tls


@pytest.mark.parametrize(("newest", "event"), [("TLSv1_2", "InvalidTLSCipherSuite"), ("TLSv1_3", "")])
async def test_a_missing_client_certificate_is_explained_whatever_the_server_calls_it(
    authority: Authority, newest: str, event: str
) -> None:
    tls = server_tls(authority.sign("localhost"), verify_mode=ssl.CERT_REQUIRED)
    tls.maximum_version = ssl.TLSVersion[newest]
    with one_handshake(tls) as port:
        refused = await refusal(secure(port, authority.file))
    assert "client certificate" in str(refused)
    assert (refused.event, refused.ours) == (event, True)  # TLS 1.2 has one alert for both


def test_the_suites_that_a_server_may_be_restricted_to_are_offered_and_no_old_ones(authority: Authority) -> None:
    """Edition 3 names these four; what needs no forward secrecy is only for servers that have nothing better."""
    offered = [suite["name"] for suite in link.tls_context(to_localhost(authority)).get_ciphers()]
    named = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "AES128-GCM-SHA256", "AES256-GCM-SHA384",
    ]  # fmt: skip
    assert set(named) <= set(offered)
    assert set(offered[-2:]) == set(named[2:])
    assert [suite for suite in offered if "GCM" not in suite and "CHACHA20" not in suite] == []


@pytest.mark.parametrize("newest", ["TLSv1_2", "TLSv1_3"])
async def test_a_client_certificate_that_is_refused_is_a_security_event(
    authority: Authority, tmp_path: Path, newest: str
) -> None:
    (tmp_path / "other").mkdir()
    own = Authority(tmp_path / "other", "other").sign("CP1")
    tls = server_tls(authority.sign("localhost"), verify_mode=ssl.CERT_REQUIRED)
    tls.load_verify_locations(authority.file)
    tls.maximum_version = ssl.TLSVersion[newest]
    with one_handshake(tls) as port:
        endpoint = Endpoint(
            url=f"wss://localhost:{port}", identity="CP1", security_profile=3, ca_file=authority.file,
            certificate_file=own.certificate, key_file=own.key,
        )  # fmt: skip
        refused = await refusal(to(endpoint))
    assert "client certificate" in str(refused)
    assert (refused.event, refused.ours) == ("FailedToAuthenticateAtCsms", True)


async def test_a_wrong_password_is_a_security_event() -> None:
    def refuse(socket: ServerConnection, request: object) -> Response:
        return socket.respond(http.HTTPStatus.UNAUTHORIZED, "no\n")

    async with server(process_request=refuse) as port:
        assert (await refusal(plain(port))).event == "FailedToAuthenticateAtCsms"


async def test_a_dead_network_says_nothing_about_what_was_to_be_shown() -> None:
    async with server() as port:
        pass
    refused = await refusal(plain(port))
    assert (refused.event, refused.ours) == ("", False)


async def test_installed_roots_count_beside_the_file(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other", "other")
    for signer in (authority, stranger):
        async with server(ssl=server_tls(signer.sign("localhost"))) as port:
            url, roots = f"wss://localhost:{port}", (stranger.file.read_text(),)
            both = Endpoint(url=url, identity="CP1", ca_file=authority.file, roots=roots)
            await (await to(both).connect(OFFERED)).close()


async def test_an_installed_root_that_has_gone_bad_costs_nothing_but_itself(authority: Authority) -> None:
    bad = "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n"
    async with server(ssl=server_tls(authority.sign("localhost"))) as port:
        endpoint = Endpoint(url=f"wss://localhost:{port}", identity="CP1", roots=(bad, "", authority.pem))
        await (await to(endpoint).connect(OFFERED)).close()


async def test_a_key_of_another_certificate_is_the_fault_of_what_was_to_be_shown(authority: Authority) -> None:
    own, other = authority.sign("CP1"), authority.sign("CP1")
    endpoint = Endpoint(
        url="wss://localhost:1", identity="CP1", security_profile=3, ca_file=authority.file,
        certificate_file=own.certificate, key_file=other.key,
    )  # fmt: skip
    refused = await refusal(to(endpoint))
    assert "check ca_file, certificate_file and key_file" in str(refused)
    assert refused.ours


class Witness(Unchanging):
    """Hears what became of each attempt."""

    heard: ClassVar[list[object]] = []

    def connected(self, endpoint: Endpoint, chain: Sequence[str], /) -> None:
        self.heard.append([len(chain), chain[-1].split() if chain else None])

    def refused(self, endpoint: Endpoint, refusal: LinkRefused, /) -> None:
        self.heard.append(refusal)


async def test_whoever_chose_the_way_hears_how_it_went_and_who_vouched_for_the_server(authority: Authority) -> None:
    Witness.heard.clear()
    async with server(ssl=server_tls(authority.sign("localhost"))) as port:
        endpoint = Endpoint(url=f"wss://localhost:{port}", identity="CP1", ca_file=authority.file)
        await (await WebSocketConnector(access=Witness(endpoint)).connect(OFFERED)).close()
    refused = await refusal(WebSocketConnector(access=Witness(endpoint)))
    assert Witness.heard == [[2, authority.file.read_text().split()], refused]


async def test_tls_meets_a_plain_server_and_the_other_way_round(authority: Authority) -> None:
    async with server() as port:
        assert "check the port" in str(await refusal(secure(port, authority.file)))
    async with server(ssl=server_tls(authority.sign("localhost"))) as port:
        assert "wss://" in str(await refusal(plain(port)))


async def test_unreadable_certificates_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("nonsense")
    assert "ca_file" in str(await refusal(secure(1, broken)))
    assert "ca_file" in str(await refusal(secure(1, tmp_path / "missing.pem")))


@pytest.mark.parametrize(
    ("profile", "url"), [(0, "wss://x"), (1, "wss://x"), (2, "ws://x"), (3, "ws://x"), (2, "http://x")]
)
def test_profile_and_url_must_agree(profile: int, url: str) -> None:
    with pytest.raises(ValueError, match="security profile"):
        Endpoint(url=url, identity="CP1", security_profile=profile)


def test_an_identity_cannot_hold_a_colon() -> None:
    with pytest.raises(ValueError, match="colon"):
        Endpoint(url="ws://x", identity="CP:1", security_profile=1)


# --- what it costs ----------------------------------------------------------------------------------------------------


async def test_what_a_connection_costs_is_asked_of_the_kernel() -> None:
    told: list[tuple[int, int]] = []
    async with server() as port:
        transport = await plain(port, spent=lambda sent, received: told.append((sent, received))).connect(OFFERED)
        letter = "x" * 100_000
        await transport.send(letter)
        assert await transport.receive() == letter
        await transport.send("[2]")
        assert await transport.receive() == "[2]"
        await transport.close()
    sent, received = (sum(column) for column in zip(*told, strict=True))
    assert 100_000 < sent < 120_000
    assert 100_000 < received < 120_000
    assert all(each >= 0 for pair in told for each in pair)
