"""A hand at the station: plugs, cards and switches through its local API, as the page's buttons do."""

from __future__ import annotations

import asyncio
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 5.0  # the API answers from memory; longer than this means that nobody is there


class Refused(Exception):
    """The API said no, in a sentence."""


class Panel:
    """`api` is the address in the daemon's run.json, for example "http://127.0.0.1:8080"."""

    def __init__(self, api: str) -> None:
        self.address = urlsplit(api)

    @property
    def page(self) -> str:
        return f"http://{self.address.netloc}/"

    async def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = await self.ask("GET", "/api/v1/status")
        return answer

    async def evse(self, number: int = 1) -> dict[str, Any]:
        found: dict[str, Any] = next(e for e in (await self.status())["evses"] if e["id"] == number)
        return found

    async def plug(self, **car: Any) -> None:
        await self.ask("POST", "/api/v1/sim/evse/1/plug", car)

    async def unplug(self) -> None:
        await self.ask("POST", "/api/v1/sim/evse/1/unplug", {"side": "both"})

    async def card(self, uid: str) -> None:
        await self.ask("POST", "/api/v1/sim/card", {"uid": uid})

    async def link(self, up: bool) -> None:
        await self.ask("POST", "/api/v1/sim/link", {"up": up})

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One request of the local API; its answer."""
        return await asyncio.to_thread(self._blocking_ask, method, path, body)

    def _blocking_ask(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        connection = http.client.HTTPConnection(self.address.netloc, timeout=TIMEOUT_S)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status >= http.client.BAD_REQUEST:
            raise Refused(f"{method} {path}: {answer.get('error', answer)}")
        return answer
