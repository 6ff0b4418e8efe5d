"""A Modbus bus that several devices share: one request at a time, and no patience with a device that is dead.

Each device makes its own `Bus` on the same line; within one event loop they find together by the port's real path or
by host and port. What a dead device may cost the others: one wait for an answer (half a second and what the bytes need
on the wire) at growing distances of up to `SPARED_S`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self
from weakref import WeakKeyDictionary

from hw.errors import DeviceLost, OptionsWrong
from hw.modbus.line import Line, SerialLine, TcpLine
from hw.modbus.wire import Broken, Denied, Garbled, Kind, PymodbusWire, Request, Wire, Words

__all__ = ["Absent", "Bus", "Kind", "Line", "SerialLine", "TcpLine"]

ANSWER_S = 0.5
"""A device that has not answered then, beside the time the bytes need, does not. Meters take 20 to 200 ms."""
SPARED_S = 4.0
"""The longest distance between two tries to reach a device that stays silent."""
DEAD_AFTER = 3
"""Failures in a row, of whichever devices, after which the line itself is in doubt: it is opened afresh, for an adapter
or gateway may hang, and a device that has failed already waits `SILENT_S` instead of trying in turn with the others."""
SILENT_S = 1.0

_REFUSALS = {
    1: ("illegal function", "Check the model: this device does not know that kind of register."),
    4: ("device failure", "Switch the device off and on; see what its display says."),
    6: ("busy", "If this persists, see that no other master asks this device."),
    10: ("gateway has no path", "Check the unit number, and the serial side in the gateway's settings."),
    11: ("gateway hears nothing", "Check the device behind the gateway: power, A and B, unit number, speed, parity."),
}
"""Modbus application protocol 1.1b3, section 7; 2 and 3 are `Absent`."""
GATEWAY_HEARS_NOTHING = (10, 11)


class Absent(DeviceLost):
    """The device does not answer these registers (Modbus exception 2), or not so many at once (3).

    A DeviceLost for who cannot do without them.
    """


@dataclass(slots=True)
class _Standing:
    """What is remembered of one unit on a line."""

    failures: int = 0
    rested_s: float = 0.0  # the unit may be asked again from then on
    spared_until_s: float = 0.0
    verdict: DeviceLost | None = None  # of the latest failure

    def answered(self, now_s: float, pause_s: float) -> None:
        self.failures, self.verdict, self.spared_until_s = 0, None, 0.0
        self.rested_s = now_s + pause_s

    def failed(self, verdict: DeviceLost, now_s: float) -> None:
        self.failures += 1
        self.verdict = verdict
        if self.failures > 2:
            self.spared_until_s = now_s + min(2.0 ** (self.failures - 3), SPARED_S)


@dataclass(slots=True)
class _Trunk:
    """The line itself, shared by all its devices; closed with the last one."""

    line: Line
    wire: Wire
    claimed_by: str
    users: int = 0
    silences: int = 0  # in a row
    spared_until_s: float = 0.0
    free_s: float = 0.0  # the gap after the latest frame is over
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    units: dict[int, _Standing] = field(default_factory=dict)

    def standing(self, unit: int) -> _Standing:
        return self.units.setdefault(unit, _Standing())

    async def exchange(self, request: Request, *, again: bool = False) -> Words:
        """One request and its answer. Raises Broken, Garbled, Denied, TimeoutError."""
        async with self.lock:
            if again and self.silences > 1:
                raise TimeoutError  # others have failed meanwhile: it is not noise
            await _until(self.free_s)
            try:
                return await self._ask(request)
            except (Garbled, TimeoutError):
                self._worry()
                raise
            finally:
                self.free_s = _now_s() + self.line.gap_s

    async def _ask(self, request: Request) -> Words:
        if not self.wire.up:
            await self.wire.open()
        async with asyncio.timeout(ANSWER_S + self.line.sending_s(request.size)):
            try:
                words = await self.wire.ask(request)
            except Denied:
                self.silences = 0
                raise
        self.silences = 0
        return words

    def _worry(self) -> None:
        self.silences += 1
        if self.silences >= DEAD_AFTER:
            self.spared_until_s = _now_s() + SILENT_S
        if self.silences % DEAD_AFTER == 0:
            self.wire.close()

    def leave(self) -> None:
        self.users -= 1
        if self.users == 0:
            self.wire.close()


_TRUNKS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, _Trunk]] = WeakKeyDictionary()
"""The lines in use, by loop: drivers are built one by one from their own tables and know nothing of each other."""


class Bus:
    """One device's place on a line. `async with Bus(line, where="[evse.1.meter]") as bus: await bus.read(...)`.

    `pause_s` is the least time between an answer of this device and the next request to it.
    """

    def __init__(
        self, line: Line, *, where: str, pause_s: float = 0.0, make: Callable[[Line], Wire] = PymodbusWire
    ) -> None:
        self.line, self.where = line, where
        self._pause_s, self._make = pause_s, make
        self._trunk: _Trunk | None = None

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first request.

        Raises:
            OptionsWrong: another device uses the same port with another speed or framing.
        """
        trunks = _TRUNKS.setdefault(asyncio.get_running_loop(), {})
        trunk = trunks.get(self.line.key)
        if trunk is None or trunk.users == 0:
            trunk = trunks[self.line.key] = _Trunk(self.line, self._make(self.line), self.where)
        if trunk.line.settings != self.line.settings:
            what = f"{self.line} is {self.line.settings} here and {trunk.line.settings} in {trunk.claimed_by}"
            raise OptionsWrong(what, where=self.where, fix="Give all devices on one bus the same speed and parity.")
        trunk.users += 1
        self._trunk = trunk
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._trunk is not None:
            self._trunk.leave()
            self._trunk = None

    async def read(self, unit: int, kind: Kind, address: int, count: int) -> list[int]:
        """`count` registers (0 to 65535 each) from `address` on, as it goes on the wire (the first register is 0).

        Raises:
            Absent: the device has no such register.
            DeviceLost: no answer, nonsense, a refusal, or no line.
        """
        return await self._ask(Request(unit, address, kind, count))

    async def write(self, unit: int, address: int, values: list[int]) -> None:
        """Function 16. Raises as `read` does."""
        await self._ask(Request(unit, address, values=tuple(values)))

    async def _ask(self, request: Request) -> Words:
        if self._trunk is None:
            raise RuntimeError("the bus is not open")
        trunk, standing = self._trunk, self._trunk.standing(request.unit)
        if standing.verdict is not None and _now_s() < max(standing.spared_until_s, trunk.spared_until_s):
            raise self._again(standing.verdict)
        try:
            words = await self._try(trunk, standing, request)
        except Denied as denied:
            verdict = self._refusal(request, denied.code)
            if denied.code in GATEWAY_HEARS_NOTHING:
                standing.failed(verdict, _now_s())
            else:
                standing.answered(_now_s(), self._pause_s)
            raise verdict from None
        except (Broken, Garbled, TimeoutError) as trouble:
            verdict = self._verdict(trunk, request, trouble)
            standing.failed(verdict, _now_s())
            raise verdict from None
        standing.answered(max(_now_s(), standing.rested_s), self._pause_s)
        return words

    async def _try(self, trunk: _Trunk, standing: _Standing, request: Request) -> Words:
        """Twice, where the device answered last time and the line is alive: noise takes a frame now and then."""
        await _until(standing.rested_s)
        try:
            return await trunk.exchange(request)
        except (Garbled, TimeoutError):
            standing.rested_s = _now_s() + self._pause_s
            if standing.failures or trunk.silences > 1:
                raise
        await _until(standing.rested_s)
        try:
            return await trunk.exchange(request, again=True)
        finally:
            if not self.line.tagged:  # the first answer may just be late: the second must not pass for the next one
                standing.rested_s = _now_s() + ANSWER_S

    # --- what an installer is told ------------------------------------------------------------------------------------

    def _verdict(self, trunk: _Trunk, request: Request, trouble: Exception) -> DeviceLost:
        line, unit = self.line, request.unit
        if isinstance(trouble, Broken):
            return DeviceLost(trouble.what, where=self.where, fix=trouble.fix)
        if trunk.wire.heard or isinstance(trouble, Garbled):
            what = f"what comes over {line} is no answer of Modbus unit {unit}"
            fix = f"Check speed and parity (here {line.settings}), the termination, and that no other device with this unit and no other master is on the bus."  # noqa: E501 - one sentence
            return DeviceLost(what, where=self.where, fix=fix)
        serial = "that A and B are not swapped, " if isinstance(line, SerialLine) else ""
        fix = f"Check its power, {serial}the unit number on its display, and that it speaks {line.settings}."
        return DeviceLost(f"no answer from Modbus unit {unit} on {line}", where=self.where, fix=fix)

    def _refusal(self, request: Request, code: int) -> DeviceLost:
        asked = f"Modbus unit {request.unit} on {self.line}"
        if code in (2, 3):
            many = f" ({request.count} of them)" if request.count > 1 else ""
            fix = "Check the model: another one has its values elsewhere."
            return Absent(f"{asked} does not answer register {request.address}{many}", where=self.where, fix=fix)
        name, fix = _REFUSALS.get(code, ("unknown", "See the device's manual."))
        what = f"{asked} refuses register {request.address}: exception {code}, {name}"
        return DeviceLost(what, where=self.where, fix=fix)

    def _again(self, verdict: DeviceLost) -> DeviceLost:
        return DeviceLost(verdict.what, where=self.where, fix=verdict.fix)


def _now_s() -> float:
    return asyncio.get_running_loop().time()


async def _until(when_s: float) -> None:
    wait_s = when_s - _now_s()
    if wait_s > 0.0:
        await asyncio.sleep(wait_s)
