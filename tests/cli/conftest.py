"""A stand-in for the daemon's local API, and `chargepoint` run against it in this process."""

import gc
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from typing import Any

import pytest

from chargepoint.cli import main

EVSE: dict[str, Any] = {
    "id": 1,
    "status": "charging",
    "ocpp_status": "Charging",
    "pilot": "C2",
    "cable_present": True,
    "cable_a": 32.0,
    "permit_a": 16.0,
    "limits": [
        {"source": "cable", "amps": 32.0, "until": None},
        {"source": "supply", "amps": 16.0, "until": None},
    ],
    "contactor": "closed",
    "locked": True,
    "faults": [],
    "session": {
        "id": "7f3a",
        "token": "…E5F6",
        "started_at": "2026-11-22T12:00:00Z",
        "energy_wh": 3421.0,
        "transaction": {"id": "0d0f", "state": "Charging"},
        "stop_reason": None,
    },
    "reading": {
        "at": "2026-11-22T12:30:00Z",
        "energy_wh": 103421.0,
        "power_w": 11040.0,
        "current_a": [16.0, 16.0, 16.0],
        "voltage_v": [230.0, 230.0, 230.0],
    },
}

IDLE: dict[str, Any] = {
    **EVSE,
    "id": 2,
    "status": "available",
    "pilot": "A",
    "cable_present": False,
    "cable_a": None,
    "permit_a": 0.0,
    "limits": [{"source": "no_session", "amps": 0.0, "until": None}],
    "contactor": "open",
    "locked": False,
    "session": None,
    "reading": None,
}

STATUS: dict[str, Any] = {
    "station": {
        "identity": "CP001",
        "vendor": "Acme",
        "model": "Wall 22",
        "serial_number": "A-000123",
        "firmware": "0.1.0",
    },
    "csms": {
        "url": "wss://csms.example.com/ocpp",
        "state": "accepted",
        "ocpp": "2.0.1",
        "undelivered": 0,
        "dead_letters": 0,
    },
    "supply": {"max_current_a": 40, "measured_a": [16.0, 15.9, 16.1]},
    "evses": [EVSE, IDLE],
    "clock": {"trusted": True, "source": "ntp", "offset_s": 0.0},
}


@dataclass
class FakeDaemon:
    """Answers what it was told to, and remembers what it was asked."""

    answers: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    password: str | None = None

    def will(self, request: str, data: Any, status: int = 200) -> None:
        """`request` is "GET /status": the path below /api/v1."""
        method, path = request.split(" ", 1)
        self.answers[method, f"/api/v1{path}"] = (status, data)


def handler_for(daemon: FakeDaemon) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            daemon.asked.append((self.command, self.path.removeprefix("/api/v1"), body))
            status, data = daemon.answers.get((self.command, self.path), (404, {"error": "there is nothing here"}))
            if daemon.password and daemon.password not in self.headers.get("Authorization", ""):
                status, data = 401, {"error": "a password is needed"}
            text = data if isinstance(data, bytes) else json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - the library's names

        def address_string(self) -> str:
            return "somebody"  # a Unix socket's peer has no address

        def log_message(self, *args: object) -> None:
            """Silent."""

    return Handler


class _UnixServer(ThreadingUnixStreamServer):
    daemon_threads = True


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def serve(server: Any, state: Path, address: str) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    (state / "run.json").write_text(json.dumps({"pid": 1, "api": address, "guard_socket": ""}))
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["tcp", "unix"])
def daemon(request: pytest.FixtureRequest, state: Path) -> Iterator[FakeDaemon]:
    """A daemon on either kind of socket."""
    state.mkdir(exist_ok=True)
    fake = FakeDaemon()
    server: Any
    if request.param == "tcp":
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(fake))
        address = f"http://127.0.0.1:{server.server_address[1]}"
    else:
        server = _UnixServer(str(state / "api.sock"), handler_for(fake))
        address = f"unix:{state}/api.sock"
    running = serve(server, state, address)
    next(running)
    yield fake
    next(running, None)


@dataclass
class Said:
    status: int
    out: str
    err: str


@pytest.fixture
def chargepoint(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Said]]:
    """`chargepoint WORD ...` of this station, and what it said."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()

    def run(*words: str) -> Said:
        capsys.readouterr()
        status = main(["--state", str(state), "--config", str(tmp_path / "chargepoint.toml"), *words])
        told = capsys.readouterr()
        return Said(status, told.out, told.err)

    yield run
    logging.disable(logging.NOTSET)  # `doctor` has no use for it
    gc.enable()  # `run` switches it off while it starts
    monkeypatch.undo()
    time.tzset()
