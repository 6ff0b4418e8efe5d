"""The routes by which somebody at the station installs a new system, and sees how that goes."""

from __future__ import annotations

from collections.abc import Mapping

from chargepoint.web.controls import Controls
from chargepoint.web.fields import Field, body, boolean
from chargepoint.web.http import Answer, Handler, NotNow, Request, told

UPDATE = {"now": Field(boolean)}


class UpdateRoutes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.table: Mapping[tuple[str, str], Handler] = {
            ("GET", "/api/v1/update"): self._told,
            ("POST", "/api/v1/update"): self._begin,
            ("DELETE", "/api/v1/update"): self._cancel,
        }

    async def _told(self, request: Request) -> Answer:
        return told(await self._controls.update())

    async def _begin(self, request: Request) -> Answer:
        """Install what lies in the state directory; `now`: without waiting for whoever charges."""
        given = body(request.body, UPDATE)
        refusal = await self._controls.begin_update(at_once=bool(given.get("now")))
        if refusal is not None:
            raise NotNow(refusal)
        return told(await self._controls.update())

    async def _cancel(self, request: Request) -> Answer:
        """Leave off what waits; the answer is how updates stand then."""
        refusal = await self._controls.cancel_update()
        if refusal is not None:
            raise NotNow(refusal)
        return told(await self._controls.update())
