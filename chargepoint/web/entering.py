"""Routes of the entrance: what it asks for, the first password, coming in and going out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chargepoint.web.entrance import Entrance
from chargepoint.web.fields import body
from chargepoint.web.http import Answer, Handler, NotNow, Request, told

OPEN_ROUTES = frozenset(
    {
        ("GET", "/api/v1/entry"),
        ("POST", "/api/v1/entry/first"),
        ("POST", "/api/v1/entry/login"),
        ("GET", "/texts"),
        ("GET", "/.well-known/security.txt"),
    }
)
"""What somebody may ask who has not shown the password yet."""


class EntryRoutes:
    """`entrance`: None where only this machine can ask; `now_s`: the monotonic clock."""

    def __init__(self, entrance: Entrance | None, now_s: Callable[[], float]) -> None:
        self._entrance, self._now_s = entrance, now_s
        self.table: Mapping[tuple[str, str], Handler] = {
            ("GET", "/api/v1/entry"): self._state,
            ("POST", "/api/v1/entry/first"): self._first,
            ("POST", "/api/v1/entry/login"): self._log_in,
            ("POST", "/api/v1/entry/logout"): self._log_out,
            ("POST", "/api/v1/entry/password"): self._change,
        }

    async def _state(self, request: Request) -> Answer:
        if self._entrance is None:
            return told({"state": "open", "inside": True})
        inside = self._entrance.knows(request.headers, self._now_s())
        return told({"state": self._entrance.state, "inside": inside})

    async def _first(self, request: Request) -> Answer:
        return await self._there().first_use(request.body, request.peer, self._now_s())

    async def _log_in(self, request: Request) -> Answer:
        return await self._there().log_in(request.body, request.peer, self._now_s())

    async def _log_out(self, request: Request) -> Answer:
        body(request.body, {})
        return self._there().log_out(request.headers)

    async def _change(self, request: Request) -> Answer:
        return await self._there().change(request.body, request.peer, self._now_s())

    def _there(self) -> Entrance:
        if self._entrance is None:
            raise NotNow("this page is for this machine only, and needs no password")
        return self._entrance
