"""Route of the factory reset: everything of the owner's is erased at the next start, which follows at once."""

from __future__ import annotations

from collections.abc import Mapping

from chargepoint.web.controls import Controls
from chargepoint.web.fields import Field, body, boolean
from chargepoint.web.http import Answer, Handler, Malformed, NotNow, Request, told

ERASE = {"erase": Field(boolean, required=True)}


class ResetRoutes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.table: Mapping[tuple[str, str], Handler] = {("POST", "/api/v1/factory-reset"): self._reset}

    async def _reset(self, request: Request) -> Answer:
        if not body(request.body, ERASE)["erase"]:
            raise Malformed('"erase" must be true: cards, history, settings and passwords go for good')
        why_not = self._controls.factory_reset()
        if why_not is not None:
            raise NotNow(why_not)
        return told({"erased": True})
