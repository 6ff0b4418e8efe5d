"""Control pilot and proximity contact of one outlet, with nothing plugged in (IEC 61851-1 annex A)."""

from __future__ import annotations

from hw.api import Pilot, PilotLevels, SelfSwitching
from hw.doctor.findings import Finding, failed, ok, skipped, verdict
from hw.doctor.proving import Findings, answering, own_checks, until
from hw.guard.pilot import OUTSIDE, SHORT_OHM, cable_rating_a, letter_of, plug_present

WINDOW_V = (11.0, 13.0)  # of steady +12 V, and negated of -12 V: annex A table A.2
FOLLOWS_WITHIN_S = 1.0  # a level its generator: filters, and the driver's own averaging
STEADY, HALF, STATE_F = 1.0, 0.5, 0.0

UNPLUG = "Unplug the car or the tester, then run this again."
CALIBRATE = "Calibrate the pilot input: the board's documentation says at which values."
WIRED_WRONG = {
    "E": "Is CP connected to PE somewhere? Else the pilot's generator has no supply, or its output is not connected.",
    "F": "The generator does not leave -12 V: check the line that drives it, and its supply of +12 V.",
    OUTSIDE: "Check the wiring of the pilot input, its divider, and that board and EVSE have one common ground.",
}


async def pilot_steps(pilot: Pilot, *, socket: bool, phases: int) -> Findings:
    """Everything that can be proven of a pilot in state A; with a car plugged in, little."""
    pilot.offer(STEADY)
    levels = await answering(pilot.levels)
    yield ok("answers", "pilot answers")
    levels = await until(pilot.levels, lambda seen: _positive(seen.high_v), FOLLOWS_WITHIN_S)
    resting = _resting(levels)
    yield resting
    if _positive(levels.high_v):
        async for finding in _generator_steps(pilot):
            yield finding
    if socket:
        yield _proximity(levels, phases)
    if letter_of(levels.high_v) in ("A", OUTSIDE):  # no car: it may be measured, and out of its window it has to be
        async for finding in own_checks(pilot):
            yield finding


def _positive(volts: float) -> bool:
    return WINDOW_V[0] <= volts <= WINDOW_V[1]


def _negative(volts: float | None) -> bool:
    return volts is not None and _positive(-volts)


def _resting(levels: PilotLevels) -> Finding:
    step, proves, seen = "level", "pilot reads 12 V, nothing plugged in", f"{levels.high_v:.1f} V"
    letter = letter_of(levels.high_v)
    if _positive(levels.high_v):
        return ok(step, proves, seen)
    if letter in "BCD":
        return skipped(step, proves, f"{seen}, state {letter}: a car is plugged in. {UNPLUG}")
    return failed(step, proves, f"{seen}; wanted 11 to 13 V", WIRED_WRONG.get(letter, CALIBRATE))


async def _generator_steps(pilot: Pilot) -> Findings:
    """Each level is driven once; no car is there to see it."""
    proves = "pilot follows: PWM, then -12 V"
    if isinstance(pilot, SelfSwitching) and pilot.switches_itself:
        yield skipped("pwm", proves, "the controller makes the signal by itself")
        return
    try:
        yield await _pwm(pilot)
        yield await _state_f(pilot)
    finally:
        pilot.offer(STEADY)


async def _pwm(pilot: Pilot) -> Finding:
    def both(seen: PilotLevels) -> bool:
        return _positive(seen.high_v) and _negative(seen.low_v)

    pilot.offer(HALF)
    seen = await until(pilot.levels, both, FOLLOWS_WITHIN_S)
    low = "no low level" if seen.low_v is None else f"{seen.low_v:.1f} V"
    remedy = (
        "Check the generator's supply of -12 V, and that the PWM output reaches it (config.txt: dtoverlay=pwm-2chan)."
    )
    return verdict(both(seen), "pwm", "pilot follows to PWM", f"{seen.high_v:.1f} V and {low} at 50 %", remedy)


async def _state_f(pilot: Pilot) -> Finding:
    pilot.offer(STATE_F)
    seen = await until(pilot.levels, lambda levels: _negative(levels.high_v), FOLLOWS_WITHIN_S)
    remedy = "Check the generator's supply of -12 V, and its negative side."
    return verdict(_negative(seen.high_v), "state_f", "pilot follows to -12 V", f"{seen.high_v:.1f} V", remedy)


def _proximity(levels: PilotLevels, phases: int) -> Finding:
    step, proves, ohm = "proximity", "proximity contact is open, no plug", levels.proximity_ohm
    if not plug_present(ohm) or ohm is None:
        return ok(step, proves, "open")
    if ohm < SHORT_OHM:
        remedy = "Is PP connected to PE, or to CP? Check the socket's wiring and the resistor to the supply."
        return failed(step, proves, f"{ohm:.0f} ohm", remedy)
    rating_a = cable_rating_a(ohm, phases)
    return skipped(step, proves, f"{ohm:.0f} ohm: a cable for {rating_a or 0:.0f} A is in the socket")
