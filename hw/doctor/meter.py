"""An energy meter: it answers, its voltage is that of a mains, its register does not fall, and nothing flows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from hw.api import Meter, Reading
from hw.doctor.findings import Finding, failed, ok, skipped, verdict
from hw.doctor.proving import Findings, own_checks

APART_S = 1.0
MAINS_V = ((207.0, 253.0), (99.0, 132.0))  # 230 V and 110 to 120 V, 10 % up and down
AT_REST_A = 0.5  # more than this with the contactor open is somebody else's current
WORD_ORDER = "Values that cannot be mean the wrong model or the wrong word order: check model and unit of the meter."
DEAD_PHASE = "A phase without voltage: check the breaker and the meter's voltage terminals."
Read = Callable[[], Awaitable[Reading]]


async def meter_steps(meter: Meter, phases: int, *, behind_contactor: bool) -> Findings:
    """Opens the meter. `phases`: that it should see; `behind_contactor`: nothing may flow while that is open."""
    async with meter:
        async for finding in reading_steps(meter.read, phases, behind_contactor=behind_contactor):
            yield finding
        async for finding in own_checks(meter):
            yield finding


async def reading_steps(read: Read, phases: int, *, behind_contactor: bool) -> Findings:
    """Of a meter that is open, wherever it is hosted."""
    first = await read()
    yield ok("answers", "meter answers", f"{first.energy_wh / 1000:.3f} kWh")
    yield _voltage(first.voltage_v, phases)
    if behind_contactor and first.current_a:
        yield _current(first.current_a)
    await asyncio.sleep(APART_S)
    yield _register(first, await read())


def _voltage(volts: tuple[float, ...], phases: int) -> Finding:
    step, proves = "voltage", "voltage is that of a mains"
    if not volts:
        return skipped(step, proves, "this meter tells none")
    seen = ", ".join(f"{value:.1f}" for value in volts) + " V"
    if all(_is_mains(value) for value in volts) and len(volts) >= phases:
        return ok(step, proves, seen)
    if len(volts) < phases:
        remedy = f"Is it a single-phase meter? Write phases = {len(volts)}, or check the meter's model."
        return failed(step, proves, f"{seen} for {phases} phases", remedy)
    dead = any(abs(value) < MAINS_V[1][0] for value in volts) and any(_is_mains(value) for value in volts)
    return failed(step, proves, seen, DEAD_PHASE if dead or not any(volts) else WORD_ORDER)


def _is_mains(volts: float) -> bool:
    return any(low <= volts <= high for low, high in MAINS_V)


def _current(amps: tuple[float, ...]) -> Finding:
    remedy = "Is the contactor welded? Else the meter counts something beside this outlet, or sits in front of it."
    seen = ", ".join(f"{value:.2f}" for value in amps) + " A"
    return verdict(max(map(abs, amps)) < AT_REST_A, "current", "no current while open", seen, remedy)


def _register(first: Reading, second: Reading) -> Finding:
    rise_wh = second.energy_wh - first.energy_wh
    seen = f"{rise_wh:+.1f} Wh in {APART_S:g} s"
    return verdict(0 <= rise_wh < 100, "register", "register counts up, or rests", seen, WORD_ORDER)
