"""Reads one EVSE's meter every second, and takes its begin and end values when the station asks for them."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from chargepoint.core.facts import Moment, Token
from chargepoint.core.register import Reading
from chargepoint.core.station import Station
from chargepoint.desk import Desk
from chargepoint.heartbeats import Heart
from chargepoint.tasks.waiting import within
from hw.api import Meter, SigningMeter
from hw.api import Reading as Measured
from hw.errors import DeviceLost

PERIOD_S = 1.0
LOST_AFTER_S = 3.0
"""Silence after which the meter counts as lost: the standard's users want to know within 5 s."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A value that the station waits for: the begin or end of a transaction, or a signed one in between."""

    kind: Literal["begin", "end", "sign"]
    transaction: str = ""
    token: Token | None = None


@dataclass(slots=True)
class MeterKeeper:
    """The only user of one meter: requests and regular reads never overlap on the bus."""

    evse: int
    meter: Meter
    desk: Desk
    heart: Heart = field(default_factory=Heart)
    _gates: deque[Gate] = field(default_factory=deque)
    _asked: asyncio.Event = field(default_factory=asyncio.Event)
    _last_s: float = 0.0

    def ask(self, gate: Gate) -> None:
        self._gates.append(gate)
        self._asked.set()

    async def run(self) -> None:
        """Until the meter is lost for good (DeviceLost from opening it)."""
        self.heart.beat()
        async with self.meter:
            self._last_s = self._now_s()
            while True:
                self.heart.beat()
                await self._once()
                await self._pause()

    async def _once(self) -> None:
        try:
            if self._gates:
                await self._pass_gate()
            else:
                self._told(await self.meter.read())
        except DeviceLost as lost:
            if self._now_s() - self._last_s >= LOST_AFTER_S:
                self.lose(str(lost))

    async def _pass_gate(self) -> None:
        gate = self._gates[0]
        measured = await self._measured(gate)
        self._gates.popleft()
        self._last_s = self._now_s()
        self._answer(gate, measured)

    async def _measured(self, gate: Gate) -> Measured:
        match gate.kind:
            case "begin":
                return await self.meter.begin(token_value(gate.token))
            case "end":
                return await self.meter.end()
            case "sign":
                return await (self.meter.sign() if isinstance(self.meter, SigningMeter) else self.meter.read())

    def _answer(self, gate: Gate, measured: Measured | None) -> None:
        reading = as_reading(measured) if measured else None
        self.desk.act(lambda station, now: answer(station, self.evse, gate, reading, now))

    def lose(self, why: str) -> None:
        """The meter does not answer: who waits for it is told that no value will come."""
        self.desk.act(lambda station, now: station.meter_lost(self.evse, why, now))
        while self._gates:
            self._answer(self._gates.popleft(), None)

    def _told(self, measured: Measured) -> None:
        self._last_s = self._now_s()
        reading = as_reading(measured)
        self.desk.act(lambda station, now: station.meter_read(self.evse, reading, now))

    async def _pause(self) -> None:
        if self._gates and self._now_s() == self._last_s:
            return
        self._asked.clear()
        await within(self._asked, PERIOD_S)

    def _now_s(self) -> float:
        return self.desk.clock.now().mono_s


def answer(station: Station, evse: int, gate: Gate, reading: Reading | None, now: Moment) -> None:
    """Tell the station what it waits for; None: no value will come."""
    match gate.kind:
        case "begin":
            station.metering_began(evse, gate.transaction, reading, now)
        case "end":
            station.metering_ended(evse, gate.transaction, reading, now)
        case "sign":
            station.evses[evse].reading_signed(reading, now)


def token_value(token: Token | None) -> str | None:
    return token.value if token else None


def as_reading(measured: Measured) -> Reading:
    measured = measured.finite()
    return Reading(
        energy_wh=measured.energy_wh, power_w=measured.power_w, current_a=measured.current_a,
        voltage_v=measured.voltage_v, taken_s=measured.taken_s, export_wh=measured.export_wh,
        phase_energy_wh=measured.phase_energy_wh, phase_power_w=measured.phase_power_w,
        reactive_power_var=measured.reactive_power_var, power_factor=measured.power_factor,
        frequency_hz=measured.frequency_hz, meter=measured.meter, signed=measured.signed or "",
        public_key=measured.public_key or "",
    )  # fmt: skip
