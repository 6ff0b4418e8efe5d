"""Starts and works the strict CSMS of `tests/strict_csms`: another language's idea of OCPP, on loopback."""

import asyncio
import http.client
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chargepoint.demo.authority import Signed
from tests.process.npm import installed

SOURCE = Path(__file__).parent.parent / "strict_csms"

CALL_S = 40  # the server itself gives a call 30 s


class CallError(Exception):
    """The station answered with a CALLERROR, or not at all."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class StrictCsms:
    """One running server. Its lists are shared by all stations: give every test's station its own identity."""

    def __init__(self, ws_port: int, http_port: int, *, secure: bool = False) -> None:
        # for [csms] url: the station appends its identity
        self.url = f"wss://localhost:{ws_port}" if secure else f"ws://127.0.0.1:{ws_port}"
        self._http_port = http_port

    async def call(self, station: str, action: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
        """The payload of the station's answer. Raises CallError."""
        status, body = await self._request("POST", f"/call/{station}/{action}", payload or {})
        if status != http.client.OK:
            raise CallError(body["error"]["code"], body["error"]["message"])
        result: dict[str, Any] = body["result"]
        return result

    async def log(self, station: str) -> list[dict[str, Any]]:
        """Every message both ways: {t, to: "csms"|"cp", frame}."""
        frames: list[dict[str, Any]] = (await self._request("GET", f"/log/{station}"))[1]
        return frames

    async def calls(self, station: str, to: str = "csms") -> list[tuple[str, dict[str, Any]]]:
        """(action, payload) of every call to that side so far, in order."""
        return [(e["frame"][2], e["frame"][3]) for e in await self.log(station) if e["to"] == to and e["frame"][0] == 2]

    async def violations(self, station: str) -> list[dict[str, Any]]:
        return [v for v in (await self._request("GET", "/violations"))[1] if v["id"] == station]

    async def stations(self) -> dict[str, str]:
        """Identity -> subprotocol of those connected."""
        return {s["id"]: s["protocol"] for s in (await self._request("GET", "/stations"))[1]}

    async def behaviour(self, **wanted: Any) -> dict[str, Any]:
        behaviour: dict[str, Any] = (await self._request("PUT", "/behaviour", wanted))[1]
        return behaviour

    async def drop(self, station: str, *, code: int = 1000, force: bool = False) -> None:
        await self._request("POST", f"/drop/{station}", {"code": code, "force": force})

    async def until_called(
        self, station: str, action: str, *, nth: int = 1, timeout_s: float = 20.0, **wanted: Any
    ) -> dict[str, Any]:
        """The payload of the n-th call from the station with that action and those fields."""
        async with asyncio.timeout(timeout_s):
            while True:
                calls = [p for said, p in await self.calls(station) if said == action and wanted.items() <= p.items()]
                if len(calls) >= nth:
                    return calls[nth - 1]
                await asyncio.sleep(0.05)

    async def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        return await asyncio.to_thread(self._blocking_request, method, path, body)

    def _blocking_request(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self._http_port, timeout=CALL_S)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()


@contextmanager
def strict_csms(signed: Signed | None = None) -> Iterator[StrictCsms]:
    """A server of its own, ended with the block. `signed`: its certificate, at localhost."""
    files = [signed.certificate, signed.key] if signed is not None else []
    process = subprocess.Popen(
        ["node", SOURCE / "server.mjs", *files],
        cwd=installed(SOURCE, "the strict CSMS"),
        stdin=subprocess.PIPE,  # it ends when this does
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        ports = json.loads(process.stdout.readline())
        yield StrictCsms(ports["ws"], ports["http"], secure=signed is not None)
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()
