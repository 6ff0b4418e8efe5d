"""The local API: status, control, settings, cards, sessions. Handlers translate, ask the station, translate back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chargepoint.core.facts import Token
from chargepoint.core.mains import mains_failed, mains_returned
from chargepoint.web.cards import CardRoutes
from chargepoint.web.commissioning import CommissioningRoutes
from chargepoint.web.controls import Controls
from chargepoint.web.fields import Field, body, boolean, number, text
from chargepoint.web.gridlimits import GridLimitRoutes
from chargepoint.web.http import Answer, Handler, NotNow, Request, Routes, told
from chargepoint.web.measured import MetricsRoutes
from chargepoint.web.offpeak import OffPeakRoutes
from chargepoint.web.places import evse_answer, evse_of
from chargepoint.web.resetting import ResetRoutes
from chargepoint.web.sessions import SessionRoutes
from chargepoint.web.settings import SettingRoutes
from chargepoint.web.sim import SimulatorRoutes
from chargepoint.web.status import document
from chargepoint.web.update import UpdateRoutes
from chargepoint.web.uptime import UptimeRoutes
from chargepoint.web.vendor import VendorRoutes

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse

START = {"token": Field(text(36, shortest=1), required=True)}
LIMIT = {"amps": Field(number(0, 1000), required=True, nullable=True)}
AVAILABILITY = {"available": Field(boolean, required=True)}
MAINS = {"present": Field(boolean, required=True)}
CLEAR = {"fault": Field(text(100, shortest=1), required=True)}

ON_SITE = (
    "MREC2GroundFailure",
    "MREC2GroundFailure/EarthMissing",
    "MREC2GroundFailure/PenFault",
    "MREC17EVSEContactorFault",
    "PermanentFault",
)
"""Faults that may kill: cleared only by somebody who stands at the station and has looked. Those the guard latches."""

WHY_LOCKED = {
    "UnlockFailed": "the lock did not open; take the strain off the plug and try again",
    "NotSupported": "this EVSE has no lock",
    "OngoingAuthorizedTransaction": "a session is running here; stop it first",
}


def routes(controls: Controls, *more: Mapping[tuple[str, str], Handler]) -> Routes:
    """Everything but the event stream and the page's own files. `more`: of whoever serves it."""
    return Routes(
        StationRoutes(controls).table,
        MetricsRoutes(controls).table,
        SettingRoutes(controls).table,
        CardRoutes(controls).table,
        CommissioningRoutes(controls).table,
        SessionRoutes(controls).table,
        VendorRoutes(controls).table,
        GridLimitRoutes(controls).table,
        UpdateRoutes(controls).table,
        UptimeRoutes(controls).table,
        ResetRoutes(controls).table,
        OffPeakRoutes(controls).table,
        SimulatorRoutes(controls).table if controls.simulator is not None else {},
        *more,
    )


class StationRoutes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.table: Mapping[tuple[str, str], Handler] = {
            ("GET", "/api/v1/status"): self._status,
            ("POST", "/api/v1/mains"): self._mains,
            ("POST", "/api/v1/evse/{n}/start"): self._start,
            ("POST", "/api/v1/evse/{n}/stop"): self._stop,
            ("POST", "/api/v1/evse/{n}/limit"): self._limit,
            ("POST", "/api/v1/evse/{n}/skip-delay"): self._skip_delay,
            ("POST", "/api/v1/evse/{n}/availability"): self._availability,
            ("POST", "/api/v1/evse/{n}/unlock"): self._unlock,
            ("POST", "/api/v1/evse/{n}/clear"): self._clear,
        }

    async def _status(self, request: Request) -> Answer:
        return told(document(self._controls))

    async def _mains(self, request: Request) -> Answer:
        """A program that watches the battery in front of the station says so."""
        present = body(request.body, MAINS)["present"]
        self._controls.act(mains_returned if present else mains_failed)
        return told({"present": present})

    async def _start(self, request: Request) -> Answer:
        evse, given = self._evse(request), body(request.body, START)
        token = Token(given["token"])
        return self._unless(self._controls.act(lambda station, now: station.start(evse.id, token, now)), evse)

    async def _stop(self, request: Request) -> Answer:
        evse = self._evse(request)
        body(request.body, {})
        return self._unless(self._controls.act(lambda station, now: station.stop(evse.id, now)), evse)

    async def _limit(self, request: Request) -> Answer:
        evse, given = self._evse(request), body(request.body, LIMIT)
        self._controls.act(lambda station, now: station.limit(evse.id, given["amps"], now))
        return evse_answer(self._controls, evse.id)

    async def _skip_delay(self, request: Request) -> Answer:
        evse = self._evse(request)
        body(request.body, {})
        skipped = self._controls.act(lambda station, now: station.steering.hurry(station, evse.id, now))
        return self._unless(None if skipped else f"nothing is being delayed at EVSE {evse.id}", evse)

    async def _availability(self, request: Request) -> Answer:
        evse, given = self._evse(request), body(request.body, AVAILABILITY)
        answer = self._controls.act(lambda station, now: station.change_availability(evse.id, given["available"], now))
        return self._unless("the station does not allow it now" if answer == "Rejected" else None, evse)

    async def _unlock(self, request: Request) -> Answer:
        evse = self._evse(request)
        body(request.body, {})
        outcome = await self._controls.unlock(evse.id)
        return self._unless(None if outcome == "Unlocked" else WHY_LOCKED.get(outcome, outcome), evse)

    async def _clear(self, request: Request) -> Answer:
        evse, given = self._evse(request), body(request.body, CLEAR)
        fault = given["fault"]
        if fault in ON_SITE and not request.on_site:
            raise NotNow(
                f"{fault} is cleared on site only: have its cause found and mended there, then say "
                f"`chargepoint clear {evse.id} {fault}` on the station itself"
            )
        return self._unless(await self._controls.clear(evse.id, fault), evse)

    def _evse(self, request: Request) -> Evse:
        return evse_of(self._controls, request)

    def _unless(self, why_not: str | None, evse: Evse) -> Answer:
        """The EVSE as it is now, unless there is a reason why it was not done."""
        if why_not is not None:
            raise NotNow(why_not)
        return evse_answer(self._controls, evse.id)
