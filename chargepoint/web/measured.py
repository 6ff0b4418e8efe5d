"""GET /metrics: for Prometheus. However many ask, the text is made once a second at most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chargepoint.web.devices import devices
from chargepoint.web.exposition import Form, form_for, text
from chargepoint.web.http import Answer, Handler, Request
from chargepoint.web.metrics import all_of
from chargepoint.web.status import document

if TYPE_CHECKING:
    from chargepoint.web.controls import Controls

FRESH_S = 1.0
"""A text that old is still told: nothing that is measured here changes faster in a way that a graph could show."""


class MetricsRoutes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._made: dict[str, tuple[float, bytes]] = {}  # content type -> when, what
        self.table: Mapping[tuple[str, str], Handler] = {("GET", "/metrics"): self._metrics}

    async def _metrics(self, request: Request) -> Answer:
        form = form_for(request.accept)
        return Answer(self._fresh(form), content_type=form.content_type, headers={"Vary": "Accept"})

    def _fresh(self, form: Form) -> bytes:
        now_s = self._controls.tally.clock()
        made_s, body = self._made.get(form.content_type, (-FRESH_S, b""))
        if not body or now_s - made_s >= FRESH_S:
            body = self._body(form, now_s)
            self._made[form.content_type] = now_s, body
        return body

    def _body(self, form: Form, now_s: float) -> bytes:
        controls = self._controls
        told = all_of(document(controls), devices(controls), controls.tally, controls.vitals(), now_s)
        return text(told, form).encode()
