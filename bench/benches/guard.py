"""EV leaves state C: how long until the contactor is told to open, whatever keeps the daemon from looking.

Both instants are stamped on the simulated wires, by the car and by the guard. The bare program beside watches its pilot
on its own event loop: what a charge point of a single process would do.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Protocol

from bench.calls import GET_ONE, begin
from bench.kit import Kit, up
from bench.office import CallRefused
from bench.programs.bare_pins import BarePins
from bench.results import Measured
from bench.stations import Bare, NeverCame, Ours, link
from hw.mock.wires import open_wires, stamps

VERSION = "1.6"
SAMPLES = 20
TAKES = 3  # of a sample that was not clear
LOOK_S = 0.002  # between two looks at the wires; the stamps on them are exact
WAIT_S = 20.0
STOPPED_S = 1.0  # how long a stopped or blocked daemon stays so
FLOOD = 20  # requests at a time
STALLED = ("-m", "bench.programs.stalled")


class Wires(Protocol):
    """What the bench does and sees at one contestant's pilot and contactor."""

    async def draw(self, draws: bool) -> None: ...
    def closed(self) -> bool: ...
    def left_c_ns(self) -> int: ...
    def opened_ns(self) -> int: ...


class OurWires:
    def __init__(self, ours: Ours) -> None:
        self._simulator, self._memory = ours.simulator, open_wires(ours.state)

    async def draw(self, draws: bool) -> None:
        await self._simulator.car(1, asks_power=draws)

    def closed(self) -> bool:
        return stamps(self._memory, 1).coil

    def left_c_ns(self) -> int:
        return stamps(self._memory, 1).levels_ns

    def opened_ns(self) -> int:
        return stamps(self._memory, 1).coil_ns


class BareWires:
    def __init__(self, pins: BarePins) -> None:
        self._pins = pins

    async def draw(self, draws: bool) -> None:
        self._pins.set_car(draws)

    def closed(self) -> bool:
        return self._pins.coil[0]

    def left_c_ns(self) -> int:
        return self._pins.car[1]

    def opened_ns(self) -> int:
        return self._pins.coil[1]


Trouble = Callable[[Bare | Ours], AbstractAsyncContextManager[None]]


async def measure(kit: Kit) -> list[Measured]:
    return await reactions(kit, kit.ours(VERSION), "guard")


async def reactions(kit: Kit, ours: Ours, prefix: str) -> list[Measured]:
    """Of one station, under every trouble; the quantities' names begin with `prefix`."""
    bare = kit.bare(VERSION)
    ours.program = (*STALLED, *ours.program)
    pins = BarePins(bare.folder / "pins")
    bare.options, bare.wrapped = ("--pins", str(bare.folder / "pins")), STALLED
    async with up(ours), up(bare):
        await ours.simulator.plug(1)
        await begin(ours)
        return [
            await _under(kit, f"{prefix}.{name}", trouble, (ours, OurWires(ours)), (bare, BareWires(pins)))
            for name, trouble in TROUBLES.items()
        ]


async def _under(kit: Kit, name: str, trouble: Trouble, ours: tuple[Ours, Wires], bare: tuple[Bare, Wires]) -> Measured:
    reactions_ms: list[float] = []
    beside_ms: list[float] = []
    for _ in range(kit.size(SAMPLES, 2)):
        reactions_ms.append(await _clear_reaction_ms(*ours, trouble))
        beside_ms.append(await _clear_reaction_ms(*bare, trouble))
    return Measured(name, reactions_ms, beside_ms, worst=True)


class Unclear(NeverCame):
    """On a loaded machine the wires may have changed again before the bench looked at them."""


async def _clear_reaction_ms(contestant: Bare | Ours, wires: Wires, trouble: Trouble) -> float:
    for _ in range(TAKES - 1):
        with suppress(Unclear):
            return await _reaction_ms(contestant, wires, trouble)
    return await _reaction_ms(contestant, wires, trouble)


async def _reaction_ms(contestant: Bare | Ours, wires: Wires, trouble: Trouble) -> float:
    """One sample: the car draws, trouble begins, the car ceases to draw."""
    await wires.draw(True)
    await _until(wires.closed, "the contactor did not close")
    async with trouble(contestant):
        drawing_ns = wires.left_c_ns()
        await wires.draw(False)
        await _until(lambda: wires.left_c_ns() != drawing_ns, "the car did not leave state C")
        left_ns = wires.left_c_ns()
    await _until(lambda: not wires.closed(), "the contactor did not open")
    if wires.opened_ns() < left_ns:
        raise Unclear("the contactor was open before the car left state C")
    return (wires.opened_ns() - left_ns) / 1e6


async def _until(holds: Callable[[], bool], failing: str) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not holds():
        if time.monotonic() > deadline_s:
            raise NeverCame(failing)
        await asyncio.sleep(LOOK_S)


# --- what keeps a program from looking --------------------------------------------------------------------------------


@asynccontextmanager
async def _nothing(contestant: Bare | Ours) -> AsyncIterator[None]:
    yield
    await asyncio.sleep(0.1)


@asynccontextmanager
async def _requests(contestant: Bare | Ours) -> AsyncIterator[None]:
    """As many requests as it will take, before, during and after."""
    async with asyncio.TaskGroup() as tasks:
        flood = [tasks.create_task(_ask_for_ever(contestant)) for _ in range(FLOOD)]
        await asyncio.sleep(0.2)
        yield
        await asyncio.sleep(0.2)
        for asking in flood:
            asking.cancel()


async def _ask_for_ever(contestant: Bare | Ours) -> None:
    action, payload = GET_ONE[contestant.version]
    while True:
        try:
            await link(contestant).call(action, payload)
        except CallRefused:
            await asyncio.sleep(0)  # too busy is an answer as well


@asynccontextmanager
async def _stop_signal(contestant: Bare | Ours) -> AsyncIterator[None]:
    os.kill(contestant.pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(0.05)
        yield
        await asyncio.sleep(STOPPED_S)
    finally:
        os.kill(contestant.pid, signal.SIGCONT)


@asynccontextmanager
async def _c_call(contestant: Bare | Ours) -> AsyncIterator[None]:
    os.kill(contestant.pid, signal.SIGUSR1)  # see bench/programs/stalled.py
    await asyncio.sleep(0.05)
    yield
    await asyncio.sleep(STOPPED_S)


TROUBLES: dict[str, Trouble] = {
    "idle": _nothing, "flooded": _requests, "stopped": _stop_signal, "c_call": _c_call
}  # fmt: skip
