"""The API on a real socket, in front of people who do not mean well."""

from __future__ import annotations

import asyncio
import json
import logging
import resource
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chargepoint.web import events, server
from chargepoint.web.listening import Door, open_file, open_port
from chargepoint.web.server import Server, serving
from chargepoint.web.task import serve
from tests.web.fake_station import FakeControls

PATIENCE_S = 10.0


class Heard:
    """One answer as it came over the wire."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split(" ")[1]) if first else 0
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Caller:
    """Somebody with a socket."""

    def __init__(self, door: Door, answering: Server | None = None) -> None:
        self.door, self.answering = door, answering

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.door.is_local_file:
            return await asyncio.open_unix_connection(self.door.address.removeprefix("unix:"))
        return await asyncio.open_connection(*self.door.socket.getsockname()[:2])

    async def say(self, raw: bytes) -> Heard:
        """Send bytes, hear everything until the other side closes."""
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await self.connect()
            try:
                writer.write(raw)
                with suppress(ConnectionError):
                    await writer.drain()
                return Heard(await reader.read())
            finally:
                writer.close()

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Heard:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        given = {"Host": "127.0.0.1", "Connection": "close", "Content-Length": str(len(raw))}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
        return await self.say(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + raw)


@asynccontextmanager
async def station(door: Door | None = None, controls: FakeControls | None = None) -> AsyncIterator[Caller]:
    opened = door or open_port("127.0.0.1:0")
    async with serving(controls or FakeControls(), opened) as answering:
        yield Caller(opened, answering)


async def test_the_status_is_answered_as_json_that_nobody_keeps() -> None:
    async with station() as caller:
        heard = await caller.ask("GET", "/api/v1/status")
    assert heard.status == 200
    assert heard.headers["content-type"] == "application/json; charset=utf-8"
    assert heard.headers["cache-control"] == "no-store"
    assert heard.json["station"]["model"] == "Wall 22"


async def test_the_page_and_its_files_have_their_types_and_a_strict_policy() -> None:
    async with station() as caller:
        page = await caller.ask("GET", "/")
        script = await caller.ask("GET", "/page.js")
        style = await caller.ask("GET", "/page.css")
        icon = await caller.ask("GET", "/icon.svg")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert icon.headers["content-type"] == "image/svg+xml"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_a_file_that_the_browser_has_is_not_sent_again() -> None:
    async with station() as caller:
        first = await caller.ask("GET", "/page.css")
        again = await caller.ask("GET", "/page.css", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")


async def test_nothing_beside_the_page_can_be_fetched() -> None:
    async with station() as caller:
        for path in ("/../server.py", "/%2e%2e/server.py", "/page/../../server.py", "/index.html", "//etc/passwd"):
            assert (await caller.ask("GET", path)).status == 404


async def test_the_head_of_an_answer_is_enough_for_head() -> None:
    async with station() as caller:
        heard = await caller.ask("HEAD", "/api/v1/status")
    assert (heard.status, heard.body) == (200, b"")


async def test_metrics_are_prometheus_text() -> None:
    async with station() as caller:
        heard = await caller.ask("GET", "/metrics")
    assert heard.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert b"\nchargepoint_evse_permit_amperes" in heard.body


async def test_the_same_api_answers_on_a_socket_file(tmp_path: Path) -> None:
    async with station(open_file(tmp_path / "api.sock")) as caller:
        assert (await caller.ask("GET", "/api/v1/status", Host="anything")).status == 200


async def test_the_first_caller_of_a_socket_file_is_answered_although_nothing_ran(tmp_path: Path) -> None:
    door = open_file(tmp_path / "api.sock")
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(serve(FakeControls(), door))
        assert (await Caller(door).ask("GET", "/api/v1/status")).status == 200
        running.cancel()


# --- events -----------------------------------------------------------------------------------------------------------


async def test_events_flow_until_the_station_stops() -> None:
    controls = FakeControls()
    async with AsyncExitStack() as stack:
        caller = await stack.enter_async_context(station(controls=controls))
        reader, writer = await caller.connect()
        writer.write(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(PATIENCE_S):
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"text/event-stream" in head
            assert b"event: status\n" in await reader.readuntil(b"\n\n")
            await controls.simulator.plug(1)
            assert b"CablePlugged" in await reader.readuntil(b"CablePlugged")
            await stack.aclose()
            await reader.read()
        writer.close()


async def test_a_page_too_many_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_CLIENTS", 0)
    async with station() as caller:
        heard = await caller.ask("GET", "/api/v1/events")
    assert (heard.status, heard.json) == (503, {"error": "Too many pages are open."})


async def test_a_reader_that_takes_nothing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "WRITE_S", 0.2)
    controls = FakeControls()
    async with station(controls=controls) as caller:
        reader, writer = await caller.connect()
        writer.write(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(PATIENCE_S):
            await reader.readuntil(b"event: status")
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            while not writer.transport.is_closing():
                for n in range(50):
                    controls.frame("in", [3, str(n), {"data": "x" * 5000}])
                await asyncio.sleep(0.05)
                writer.write(b" ")  # a write shows that the other side is gone
        assert (await caller.ask("GET", "/api/v1/status")).status == 200


# --- strangers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example.com", "evil.example.com:8080", ""])
async def test_a_rebound_name_gets_nothing(host: str) -> None:
    async with station() as caller:
        for path in ("/", "/api/v1/status", "/api/v1/events", "/metrics"):
            assert (await caller.ask("GET", path, Host=host)).status in (400, 403)


async def test_another_page_can_start_nothing() -> None:
    controls = FakeControls()
    async with station(controls=controls) as caller:
        heard = await caller.ask("POST", "/api/v1/sim/evse/1/plug", {}, Origin="http://evil.example.com")
    assert heard.status == 403
    assert controls.bays[1].car is None


async def test_off_this_machine_a_password_is_needed_and_guessing_is_slow(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("open sesame")
    door = open_port("0.0.0.0:0", tmp_path / "password")
    right, wrong = ("Basic " + b64encode(f"me:{word}".encode()).decode() for word in ("open sesame", "guess"))
    async with station(replace(door, address=f"http://127.0.0.1:{door.socket.getsockname()[1]}")) as caller:
        assert (await caller.ask("GET", "/api/v1/status")).status == 401
        assert (await caller.ask("GET", "/", Authorization=right)).status == 200
        assert b"entry.js" in (await caller.ask("GET", "/")).body
        assert (await caller.ask("GET", "/page.js")).status == 401
        guesses = [(await caller.ask("GET", "/api/v1/status", Authorization=wrong)).status for _ in range(30)]
        assert guesses[:5] == [401] * 5
        assert guesses.count(429) >= 20
        assert (await caller.ask("GET", "/api/v1/status", Authorization=right)).headers["retry-after"]


async def test_a_weld_is_cleared_on_this_machine_and_not_by_way_of_a_proxy(tmp_path: Path) -> None:
    controls = FakeControls()
    weld = {"fault": "MREC17EVSEContactorFault"}
    for door in (open_port("127.0.0.1:0"), open_file(tmp_path / "api.sock")):
        async with station(door, controls) as caller:
            await caller.ask("POST", "/api/v1/sim/evse/1/fault", {"kind": "contactor_welded"})
            if not door.is_local_file:
                heard = await caller.ask("POST", "/api/v1/evse/1/clear", weld, X_Forwarded_For="203.0.113.7")
                assert (heard.status, "on site only" in heard.json["error"]) == (409, True)
            assert (await caller.ask("POST", "/api/v1/evse/1/clear", weld)).status == 200


@pytest.mark.parametrize("length", [None, 20_000, 10**12])
async def test_a_body_that_is_too_long_is_not_read(length: int | None) -> None:
    async with station() as caller:
        headers = {"Content_Length": str(length or 100_000)}
        heard = await caller.ask("POST", "/api/v1/evse/1/start", b"x" * 20_000, **headers)
    assert heard.status == 413


async def test_a_body_in_endless_chunks_is_not_read() -> None:
    async with station() as caller:
        chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
        heard = await caller.ask(
            "POST", "/api/v1/evse/1/start", chunk * 8, Transfer_Encoding="chunked", Content_Length=""
        )
    assert heard.status == 413


async def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "BODY_S", 0.2)
    async with station() as caller:
        heard = await caller.ask("POST", "/api/v1/evse/1/start", b'{"tok', Content_Length="500")
    assert heard.status == 408


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\n\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: " + b"x" * 20_000,
    ],
)
async def test_what_is_not_http_is_refused_and_the_next_caller_is_answered(
    raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with station() as caller:
        reader, writer = await caller.connect()
        writer.write(raw)
        writer.write_eof()
        async with asyncio.timeout(PATIENCE_S):
            await reader.read(10)
        writer.close()
        assert (await caller.ask("GET", "/api/v1/status")).status == 200
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.fixture
def many_files() -> Iterator[None]:
    """Both ends of every connection are in this process, and a login gets 1,024 files where 4,096 are allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4096, hard)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
async def test_a_thousand_half_open_connections_do_not_keep_others_out() -> None:
    async with station() as caller, AsyncExitStack() as stack:
        for n in range(1000):
            _, writer = await caller.connect()
            stack.callback(writer.close)
            writer.write(b"GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " if n % 2 else b"")
        for _ in range(3):
            assert (await caller.ask("GET", "/api/v1/status")).status == 200
        assert caller.answering is not None
        assert caller.answering.connections <= server.MAX_CONNECTIONS
