"""Routes of the charging hours outside the peak: shown at first use; accepted, changed, taken away then and later."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from chargepoint.core import catalogue as known
from chargepoint.core.offpeak import read_all
from chargepoint.core.offpeak import told as window_told
from chargepoint.web.controls import Controls
from chargepoint.web.fields import Field, body, boolean, whole
from chargepoint.web.http import Answer, Handler, Malformed, Request, told
from chargepoint.web.status import rfc3339

log = logging.getLogger(__name__)

LONGEST_DELAY_S = 1800

CHOICE = {
    "accept": Field(boolean),
    "peak_hours": Field(read_all),
    "random_delay_s": Field(whole(0, LONGEST_DELAY_S)),
}


class OffPeakRoutes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.table: Mapping[tuple[str, str], Handler] = {
            ("GET", "/api/v1/off-peak"): self._show,
            ("PUT", "/api/v1/off-peak"): self._choose,
        }

    async def _show(self, request: Request) -> Answer:
        return told(self._document())

    async def _choose(self, request: Request) -> Answer:
        given = body(request.body, CHOICE)
        if not given or given.get("accept") is False:
            raise Malformed('say "accept": true, or which "peak_hours" are to be kept free, or "random_delay_s"')
        off_peak = self._controls.station.steering.off_peak
        if "random_delay_s" in given:
            self._controls.settings.change(known.RANDOM_DELAY, str(given["random_delay_s"]), "local")
        if "peak_hours" in given or given.get("accept"):
            windows = given.get("peak_hours", off_peak.windows)
            off_peak.choose(windows)
            self._controls.act(lambda station, now: station.tick(now))
            log.info("charging hours chosen: not in %s", json.dumps([window_told(each) for each in windows]))
        return told(self._document())

    def _document(self) -> dict[str, Any]:
        off_peak, now = self._controls.station.steering.off_peak, self._controls.clock.now().at
        until = off_peak.until(now) if self._controls.clock.trusted else None
        return {
            "region": None if (region := self._controls.config.supply.off_peak) == "none" else region,
            "asks": off_peak.asks,
            "peak_hours": [window_told(each) for each in off_peak.windows],
            "default_peak_hours": [window_told(each) for each in off_peak.default],
            "peak_until": until and rfc3339(until),
            "random_delay_s": self._controls.settings[known.RANDOM_DELAY],
        }
