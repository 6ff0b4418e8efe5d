"""The guard, the cars and the meters of a test, all in one process and in virtual time.

The guard is the real one; its pins are wired to simulated bays. Like real pins they keep their level when it dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, Self

from chargepoint.config import EvseConfig
from hw.api import CardSeen, Command, Permit, PilotLevels, Reading, Report, Result, Screen, Sensors
from hw.errors import DeviceLost
from hw.guard.hardware import Hardware
from hw.guard.rules import Spec
from hw.guard.station import Guard
from hw.mock.bay import Bay, Drive
from hw.mock.signer import MockSigner

TICK_S = 0.01
REST_S = 0.5  # between two looks of the guard while nothing moves
ALIVE_S = 1.0


def _now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class Pins:
    """Between the guard and one bay: pilot, contactor and lock driver in one."""

    bay: Bay
    now: Callable[[], float]
    out: Drive = field(default_factory=Drive)
    opened_at_s: float = 0.0  # when the coil was last switched off

    def levels(self) -> PilotLevels:
        self.bay.advance(self.now())
        return self.bay.levels()

    def sensors(self) -> Sensors:
        return self.bay.sensors()

    def offer(self, duty: float) -> None:
        self._drive(replace(self.out, duty=duty))

    def cut(self, cut: bool) -> None:
        self._drive(replace(self.out, cut=cut))

    def test_residual_current(self) -> None:
        self._drive(replace(self.out, selftests=self.out.selftests + 1))

    def switch(self, closed: bool) -> None:
        if self.out.coil and not closed:
            self.opened_at_s = self.now()
        self._drive(replace(self.out, coil=closed))

    def feedback(self) -> bool | None:
        return self.bay.feedback()

    def drive(self, locked: bool) -> None:
        self._drive(replace(self.out, lock=locked))

    def sense(self) -> bool | None:
        return self.bay.locked()

    def close(self) -> None: ...

    def _drive(self, out: Drive) -> None:
        self.out = out
        self.bay.drive(out, self.now())


@dataclass
class PhasePins:
    """The contactor of L2 and L3."""

    pins: Pins

    def switch(self, closed: bool) -> None:
        self.pins._drive(replace(self.pins.out, phase_coil=closed))

    def feedback(self) -> bool | None:
        return self.pins.bay.phase_feedback()

    def close(self) -> None: ...


class YardMeter:
    def __init__(self, bay: Bay, signer: MockSigner | None = None) -> None:
        self._bay, self._signer = bay, signer
        self.ability = "any"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None: ...

    async def read(self) -> Reading:
        self._bay.advance(_now())
        if "meter_lost" in self._bay.faults:
            raise DeviceLost("no answer", where="simulated meter", fix="Mend the fault meter_lost.")
        reading = self._bay.reading()
        return reading if self._signer is None else replace(reading, public_key=self._signer.public_key)

    async def begin(self, token: str | None) -> Reading:
        return self._signer.begin(token, await self.read()) if self._signer else await self.read()

    async def end(self) -> Reading:
        return self._signer.end(await self.read()) if self._signer else await self.read()

    def forget(self) -> None:
        """As a meter whose open record was lost with its supply."""
        assert self._signer is not None
        self._signer.forget()

    @property
    def signs(self) -> str:
        return self.ability if self._signer else ""

    async def sign(self) -> Reading:
        return self._signer.meanwhile(await self.read()) if self._signer else await self.read()


class YardReader:
    def __init__(self, number: int) -> None:
        self.number = number
        self.plugged_in = True
        self._seen: asyncio.Queue[CardSeen | None] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._check()
        return self

    async def __aexit__(self, *exc: object) -> None: ...

    async def cards(self) -> AsyncIterator[CardSeen]:
        while True:
            seen = await self._seen.get()
            self._check()
            if seen is not None:
                yield seen

    def hold(self, uid: str, **more: Any) -> None:
        """`more`: what else the reader tells of the card."""
        self._seen.put_nowait(CardSeen(uid, self.number, **more))

    def unplug(self) -> None:
        self.plugged_in = False
        self._seen.put_nowait(None)

    def plug(self) -> None:
        self.plugged_in = True

    def _check(self) -> None:
        if not self.plugged_in:
            raise DeviceLost("the port has gone", where=f"[card_reader.{self.number + 1}]", fix="Plug it in.")


class YardDisplay:
    """What stands on it, and how often it was written."""

    def __init__(self) -> None:
        self.screens: tuple[Screen, ...] = ()
        self.times_s: list[float] = []
        self.plugged_in = True

    async def __aenter__(self) -> Self:
        self._check()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.screens = ()

    async def show(self, screens: tuple[Screen, ...]) -> None:
        self._check()
        self.screens = screens
        self.times_s.append(_now())

    def _check(self) -> None:
        if not self.plugged_in:
            raise DeviceLost("nothing answers at address 0x3C", where="[display.1]", fix="Check its wires.")


class YardGuard:
    """`hw.guard.client.GuardLink` to a guard in this process. It can die, hang, and be started again."""

    def __init__(self, pins: Mapping[int, Pins], specs: Sequence[Spec]) -> None:
        self.unheard()
        self.epoch = 0
        self.alive = False
        self.hangs = False
        self.phases: int | None = None  # of every permit, instead of those that the daemon asks for
        self.latched: dict[int, list[str]] = {}
        self._pins, self._specs = pins, specs
        self._guard: Guard | None = None
        self._epochs = count(1)
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[Result]] = {}
        self._stirred = asyncio.Event()
        self._wanted: dict[int, tuple[float, int, bool, bool]] = {}
        self._heard_s = -ALIVE_S

    def unheard(self) -> None:
        """Nobody is connected: the daemon has gone."""
        self.on_report: Callable[[Report], None] = lambda report: None
        self.on_lost: Callable[[], None] = lambda: None
        self.on_back: Callable[[], None] = lambda: None

    def start(self) -> None:
        hardware = [self._hardware(spec, self._pins[spec.evse]) for spec in self._specs]
        self._guard = Guard(hardware, next(self._epochs), _now(), self.latched)
        self.hangs = False

    @staticmethod
    def _hardware(spec: Spec, pins: Pins) -> Hardware:
        phases = PhasePins(pins) if spec.phase_contactor else None
        return Hardware(spec, pins, pins, pins if spec.lock else None, phase_contactor=phases)

    def die(self) -> None:
        """kill -9: outputs stay as they are."""
        self._remember()
        self._guard = None

    def release(self) -> None:
        """What `python -m hw.guard release` does after a death."""
        for pins in self._pins.values():
            pins.switch(False)
            pins.offer(1.0)

    def stir(self) -> None:
        self._stirred.set()

    # --- what the daemon uses -----------------------------------------------------------------------------------------

    def permit(self, permit: Permit) -> None:
        if self._guard is not None and not self.hangs:
            permit = permit if self.phases is None else replace(permit, phases=self.phases)
            self._guard.permit(permit, _now())
            wanted = (permit.limit_a, permit.phases, permit.hold_lock, permit.out_of_service)
            if self._wanted.get(permit.evse) != wanted:  # a mere renewal moves nothing
                self._wanted[permit.evse] = wanted
                self.stir()

    async def command(self, evse: int, name: str, argument: str | None = None, timeout_s: float = 3.0) -> Result:
        number = next(self._numbers)
        if self._guard is None or self.hangs:
            return Result(number, False, "the guard is not there")
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._guard.command(Command(number, evse, name, argument), "daemon", _now())
        self.stir()
        try:
            async with asyncio.timeout(timeout_s):
                return await answer
        except TimeoutError:
            return Result(number, False, "no answer")
        finally:
            self._answers.pop(number, None)

    # --- time ---------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        while True:
            busy = self._look()
            self._stirred.clear()
            try:
                async with asyncio.timeout(TICK_S if busy else REST_S):
                    await self._stirred.wait()
                await asyncio.sleep(TICK_S)  # a real guard looks at its next tick
            except TimeoutError:
                pass

    def _look(self) -> bool:
        now_s, guard = _now(), self._guard
        if guard is None or self.hangs:
            self._watch(now_s)
            return self._moving(now_s)
        guard.tick(now_s)
        for number, result in [(result.number, result) for _, result in guard.take_results()]:
            if number in self._answers and not self._answers[number].done():
                self._answers[number].set_result(result)
        for report in guard.reports(now_s):
            self._hear(report, now_s)
        return guard.busy or self._moving(now_s)

    def _moving(self, now_s: float) -> bool:
        return any(pins.bay.due_s() - now_s < REST_S for pins in self._pins.values())

    def _hear(self, report: Report, now_s: float) -> None:
        self._heard_s, self.epoch = now_s, report.epoch
        if not self.alive:
            self.alive = True
            self.on_back()
        self.on_report(report)

    def _watch(self, now_s: float) -> None:
        if self.alive and now_s - self._heard_s >= ALIVE_S:
            self.alive = False
            self.on_lost()

    def _remember(self) -> None:
        if self._guard is not None:
            self.latched = self._guard.latched()


def a_signer(evse: int, clock: Callable[[], datetime]) -> MockSigner:
    return MockSigner(f"YARD-{evse}", str(evse), clock)


def _unknown() -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC)


class Yard:
    def __init__(self, evses: Sequence[EvseConfig], clock: Callable[[], datetime] = _unknown) -> None:
        started_s = _now()
        self.bays = {e.id: Bay(e.outlet, e.phases, started_s, 1000.7, e.phase_contactor is not None) for e in evses}
        self.pins = {number: Pins(bay, _now) for number, bay in self.bays.items()}
        specs = [
            Spec(
                e.id,
                e.max_current_a,
                e.phases,
                socket=e.outlet == "socket",
                lock=e.lock is not None,
                cuttable=True,
                wake_up=e.wake_up,
                phase_contactor=e.phase_contactor is not None,
                phase_switching=e.phase_switching,
                phase_pause_s=e.phase_pause_s,
            )
            for e in evses
        ]
        self.guard = YardGuard(self.pins, specs)
        self.meters = {
            e.id: YardMeter(self.bays[e.id], a_signer(e.id, clock) if e.meter and e.meter.get("signs") else None)
            for e in evses
        }
        self.readers = [YardReader(number) for number in range(2)]
        self.display = YardDisplay()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.guard.start()
        if self._task is None:
            self._task = asyncio.create_task(self.guard.run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def power_cut(self) -> None:
        """Everything drops: coil, pilot, motor. The car stays where it is."""
        self.guard.die()
        self.guard.alive = False
        for pins in self.pins.values():
            pins._drive(Drive(duty=1.0, coil=False, lock=None))

    # --- hands --------------------------------------------------------------------------------------------------------

    def plug(self, evse: int, options: dict[str, Any]) -> None:
        self.bays[evse].plug(options, _now())
        self.guard.stir()

    def unplug(self, evse: int, side: str) -> None:
        self.bays[evse].unplug(side, _now())
        self.guard.stir()

    def change_car(self, evse: int, **options: Any) -> None:
        self.bays[evse].change_car(options, _now())
        self.guard.stir()

    def fault(self, evse: int, kind: str, active: bool = True) -> None:
        self.bays[evse].fault(kind, active, _now())
        self.guard.stir()

    def card(self, uid: str, reader: int = 0, **more: Any) -> None:
        self.readers[reader].hold(uid, **more)

    # --- eyes ---------------------------------------------------------------------------------------------------------

    def closed(self, evse: int) -> bool:
        self.bays[evse].advance(_now())
        return self.bays[evse].feedback()

    def locked(self, evse: int) -> bool | None:
        self.bays[evse].advance(_now())
        return self.bays[evse].locked()

    def register_wh(self, evse: int) -> float:
        self.bays[evse].advance(_now())
        return self.bays[evse].energy_wh
