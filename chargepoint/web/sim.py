"""The routes that drive simulated hardware. They exist only while every pilot and contactor is simulated."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

from chargepoint.core.facts import Record
from chargepoint.web.controls import Controls, Simulator
from chargepoint.web.fields import Field, body, boolean, number, one_of, several, text, whole
from chargepoint.web.http import Answer, Handler, Missing, NotNow, Request, told
from chargepoint.web.places import evse_answer, evse_of
from chargepoint.web.status import document
from hw.errors import DeviceLost, Refused

FAULTS = (
    "earth_leakage",
    "contactor_welded",
    "contactor_stuck_open",
    "overtemperature",
    "emergency_stop",
    "meter_lost",
    "lock_jammed",
    "pilot_shorted",
    "undervoltage",
    "overvoltage",
    "overcurrent",
    "rcd_selftest",
    "earth_missing",
    "pen_fault",
    "enclosure_open",
    "key_locked",
    "limit_contact",
    "phases_welded",
    "phases_stuck_open",
)

SEEN_WITHIN_S = 0.5

DRAW = Field(number(0, 100))  # amperes per phase that the car wants
SWITCH = Field(boolean)

PLUG: Mapping[str, Field] = {
    "cable_a": Field(number(0, 100)),
    "draw_a": DRAW,
    "phases": Field(whole(1, 3)),
    "asks_power": SWITCH,
    "inserted": Field(one_of(("full", "half"))),
}
UNPLUG = {"side": Field(one_of(("both", "ev")))}
CAR: Mapping[str, Field] = {
    "draw_a": DRAW,
    "asks_power": SWITCH,
    "ventilation": SWITCH,
    "reaction_s": Field(number(0, 3600)),
    "ignores_offer": SWITCH,
    "sleeps": SWITCH,
    "diode": SWITCH,
}
FAULT = {"kind": Field(one_of(FAULTS), required=True), "active": SWITCH}
HOUSE: Mapping[str, Field] = {"current_a": Field(several(number(-1000, 1000), 3)), "silent": SWITCH}
CARD = {"uid": Field(text(36, shortest=1), required=True), "reader": Field(whole(0, 63))}
LINK = {"up": Field(boolean, required=True)}


class SimulatorRoutes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.table: Mapping[tuple[str, str], Handler] = {
            ("POST", "/api/v1/sim/evse/{n}/plug"): self._plug,
            ("POST", "/api/v1/sim/evse/{n}/unplug"): self._unplug,
            ("POST", "/api/v1/sim/evse/{n}/car"): self._car,
            ("POST", "/api/v1/sim/evse/{n}/fault"): self._fault,
            ("POST", "/api/v1/sim/house"): self._house,
            ("POST", "/api/v1/sim/card"): self._card,
            ("POST", "/api/v1/sim/link"): self._link,
        }

    def _simulator(self) -> Simulator:
        if self._controls.simulator is None:
            raise Missing("this station's hardware is real: nothing is simulated")
        return self._controls.simulator

    async def _plug(self, request: Request) -> Answer:
        simulator, evse, given = self._asked(request, PLUG)
        return await self._done(evse, simulator.plug(evse, **given))

    async def _unplug(self, request: Request) -> Answer:
        simulator, evse, given = self._asked(request, UNPLUG)
        return await self._done(evse, simulator.unplug(evse, given.get("side", "both")))

    async def _car(self, request: Request) -> Answer:
        simulator, evse, given = self._asked(request, CAR)
        return await self._done(evse, simulator.car(evse, **given))

    async def _fault(self, request: Request) -> Answer:
        simulator, evse, given = self._asked(request, FAULT)
        return await self._done(evse, simulator.fault(evse, given["kind"], given.get("active", True)))

    async def _house(self, request: Request) -> Answer:
        simulator, given = self._simulator(), body(request.body, HOUSE)
        await _unless_refused(simulator.house(**given))
        return told(document(self._controls))

    async def _card(self, request: Request) -> Answer:
        simulator, given = self._simulator(), body(request.body, CARD)
        await _unless_refused(simulator.card(given["uid"], given.get("reader", 0)))
        return told(document(self._controls))

    async def _link(self, request: Request) -> Answer:
        self._simulator()
        given = body(request.body, LINK)
        if self._controls.config.csms is None:
            raise NotNow("this station has no back office, so there is no line to cut")
        self._controls.link(given["up"])
        return told(document(self._controls))

    def _asked(self, request: Request, fields: Mapping[str, Field]) -> tuple[Simulator, int, dict[str, Any]]:
        simulator = self._simulator()
        return simulator, evse_of(self._controls, request).id, body(request.body, fields)

    async def _done(self, evse: int, deed: Awaitable[None]) -> Answer:
        """What it has led to: the guard needs some hundredths of a second to see it."""
        happened = asyncio.Event()

        def heard(record: Record) -> None:
            if record.fact.evse == evse:
                happened.set()

        forget = self._controls.subscribe(heard)
        try:
            await _unless_refused(deed)
            async with asyncio.timeout(SEEN_WITHIN_S):
                await happened.wait()
        except TimeoutError:
            pass  # not everything that is done to a car shows
        finally:
            forget()
        return evse_answer(self._controls, evse)


async def _unless_refused(deed: Awaitable[None]) -> None:
    try:
        await deed
    except (Refused, DeviceLost) as refusal:
        raise NotNow(str(refusal)) from None
