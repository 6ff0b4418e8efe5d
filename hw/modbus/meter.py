"""The driver of every Modbus meter: what differs between them is data."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Self

from hw.api import Reading
from hw.discovery import Place
from hw.errors import DeviceLost, OptionsWrong
from hw.modbus import plan
from hw.modbus.bus import Absent, Bus
from hw.modbus.line import Line
from hw.modbus.maps import MeterMap
from hw.modbus.options import ModbusOptions
from hw.modbus.plausible import oddity, tidied, unusual
from hw.modbus.signer import NotSigned, SignedRecord, Signer
from hw.modbus.sunspec import discover
from hw.modbus.wire import PymodbusWire, Wire

log = logging.getLogger(__name__)

SERIAL = "serial"
REFUSED_S = 60.0
"""A meter that does not sign counts as lost for so long, and is then tried again: not back and lost every second."""


class ModbusMeter:
    """Energy meter over Modbus: RS-485, Modbus TCP, or RTU over TCP.

    The device is met anew after every loss: it may be another one by then. Then SunSpec is looked through, the serial
    number read, and what this meter does not answer is left out of the reads that follow.
    """

    Options = ModbusOptions

    def __init__(self, options: ModbusOptions, place: Place, make: Callable[[Line], Wire] = PymodbusWire) -> None:
        self._where = f"[{place.where}]"
        self._options = options
        try:
            self._maps = options.maps()
        except ValueError as error:
            raise OptionsWrong(str(error), where=self._where, fix="Correct the map file.") from error
        self._unit = options.unit_of(self._maps[0])
        line = options.line(self._maps[0])
        self._bus = Bus(line, where=self._where, pause_s=options.pause_of(self._maps[0]), make=make)
        self._signer = _signer(options, place, self._maps[0], self._bus, self._unit)
        self._meter: MeterMap | None = None  # once met
        self._blocks: tuple[plan.Block, ...] = ()
        self._serial = ""
        self._public_key: str | None = None
        self._remarked = ""
        self._refusal: tuple[NotSigned, float] | None = None  # and until when it holds

    async def __aenter__(self) -> Self:
        await self._bus.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._meter = None
        await self._bus.__aexit__(*exc)

    async def read(self) -> Reading:
        self._recall_refusal()
        try:
            meter = self._meter or await self._meet()
            memory = await self._gather()
            return self._judged(meter, memory, asyncio.get_running_loop().time())  # monotonic
        except DeviceLost:
            self._meter = None
            raise

    async def begin(self, token: str | None) -> Reading:
        reading = await self.read()
        return await self._signed(reading, lambda signer: signer.begin(token))

    async def end(self) -> Reading:
        reading = await self.read()
        return await self._signed(reading, lambda signer: signer.end())

    @property
    def signs(self) -> str:
        return "ends" if self._signer is not None else ""

    async def sign(self) -> Reading:
        """Its one record is open between begin and end: what it shows meanwhile it does not sign."""
        return await self.read()

    async def _signed(self, reading: Reading, ask: Callable[[Signer], Awaitable[SignedRecord | None]]) -> Reading:
        if self._signer is None:
            return reading
        try:
            record = await ask(self._signer)
        except NotSigned as refusal:
            self._refusal = refusal, asyncio.get_running_loop().time() + REFUSED_S
            raise
        if record is None:
            return reading
        return replace(reading, signed=record.text, public_key=record.public_key)

    def _recall_refusal(self) -> None:
        if self._refusal is None:
            return
        refusal, until_s = self._refusal
        if asyncio.get_running_loop().time() < until_s:
            raise NotSigned(refusal.what, where=refusal.where, fix=refusal.fix)
        self._refusal = None

    # --- meeting ------------------------------------------------------------------------------------------------------

    async def _meet(self) -> MeterMap:
        meter = self._maps[0]
        if meter.sunspec:
            found = await discover(self._bus, self._unit, self._maps)
            meter, self._serial = found.meter, found.serial
        else:
            self._serial = await self._read_serial(meter)
        self._public_key = await self._read_public_key()
        names = [name for name, _ in meter.quantities.told() if name != SERIAL]
        self._blocks = plan.blocks(meter, names)
        self._meter = meter
        return meter

    async def _read_serial(self, meter: MeterMap) -> str:
        memory: plan.Memory = {}
        try:
            for block in plan.blocks(meter, [SERIAL]):
                memory.update(await self._read(block))
        except Absent:
            return ""
        return plan.serial_number(meter, memory)

    async def _read_public_key(self) -> str | None:
        """Before anything is signed: the back office may ask for it at any time."""
        try:
            return await self._signer.public_key() if self._signer is not None else None
        except Absent:
            return None

    # --- reading ------------------------------------------------------------------------------------------------------

    async def _gather(self) -> plan.Memory:
        """Every block; one that the meter does not answer is taken apart until only what it lacks is left out."""
        memory: plan.Memory = {}
        waiting, kept = deque(self._blocks), []
        while waiting:
            block = waiting.popleft()
            try:
                memory.update(await self._read(block))
            except Absent:
                waiting.extendleft(reversed(block.halves()))
            else:
                kept.append(block)
        self._blocks = tuple(kept)
        return memory

    async def _read(self, block: plan.Block) -> plan.Memory:
        words = await self._bus.read(self._unit, block.registers, block.at, block.count)
        return {(block.registers, address): word for address, word in enumerate(words, block.at)}

    def _judged(self, meter: MeterMap, memory: plan.Memory, taken_s: float) -> Reading:
        reading = plan.reading(meter, memory, taken_s, serial=self._serial)
        if odd := oddity(reading):
            raise self._impossible(meter, memory, odd)
        if math.isnan(reading.energy_wh):
            fix = "Check the model: another one counts elsewhere."
            raise DeviceLost(f"unit {self._unit} on {self._bus.line} tells no energy", where=self._where, fix=fix)
        self._remark(reading)
        return replace(tidied(reading), public_key=self._public_key)

    def _impossible(self, meter: MeterMap, memory: plan.Memory, odd: str) -> DeviceLost:
        other = plan.reading(meter, memory, 0.0, swapped=True)
        if not oddity(other) and not unusual(other) and not math.isnan(other.energy_wh):
            order = "high-first" if meter.words == "low-first" else "low-first"
            what = f"the numbers make sense only with their words the other way round ({odd})"
            return DeviceLost(what, where=self._where, fix=f'Set words = "{order}" in this table.')
        what = f"unit {self._unit} on {self._bus.line} tells what cannot be: {odd}"
        return DeviceLost(what, where=self._where, fix="Check the model, and that each unit is on the bus only once.")

    def _remark(self, reading: Reading) -> None:
        remark = unusual(reading)
        kind = remark.partition(" V")[2]
        if remark and not self._remarked:
            log.warning("%s: %s. Check how the meter is wired, and its model.", self._where, remark)
        self._remarked = kind


def _signer(options: ModbusOptions, place: Place, meter: MeterMap, bus: Bus, unit: int) -> Signer | None:
    if meter.signs != "iskra":
        return None
    from hw.modbus.iskra import IskraSigner

    return IskraSigner(bus, unit, evse_id=options.evse_id or str(place.evse))
