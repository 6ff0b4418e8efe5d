"""The other inputs: residual current with its self-test, emergency stop, earth, temperature, door."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from hw.api import Sensors, SlowTesting
from hw.doctor.findings import Finding, failed, ok, verdict
from hw.doctor.proving import Findings, after, answering, nothing, own_checks, until
from hw.guard.selftest import COUNTS_AFTER_S

TESTED_WITHIN_S = 3.0  # a module needs up to 1.2 s
WINDOW_DEGC = (-30.0, 60.0)  # of a station at rest


class Board(Protocol):
    """A pilot or a sensor board."""

    def sensors(self) -> Sensors: ...
    def test_residual_current(self) -> None: ...


QUIET: tuple[tuple[str, str, str, str, str], ...] = (
    # field, what it proves, at rest, active, remedy
    (
        "residual_current", "residual-current device not tripped", "not tripped", "tripped",
        "Reset the device. If it trips again with the contactor open, its output is wired with the wrong polarity.",
    ),
    (
        "emergency_stop", "emergency stop not pressed", "not pressed", "pressed, or its wire is broken",
        "Pull the button out. Its contact is normally closed: a loose wire counts as pressed.",
    ),
    (
        "earth_missing", "protective earth is there", "there", "missing",
        "Switch the mains off and have the protective earth measured: no car may charge here.",
    ),
    (
        "pen_fault", "PEN conductor is whole", "whole", "the detector has tripped",
        "Have the supply's neutral and earth measured before the detector is reset.",
    ),
)  # fmt: skip
"""Inputs that must be at rest before anybody charges."""

TOLD: tuple[tuple[str, str, tuple[str, str]], ...] = (
    ("enclosure_open", "door", ("closed", "open")),
    ("key_locked", "key switch", ("free", "locked")),
    ("limit_contact", "limit contact", ("no limit asked for", "less is asked for")),
)
"""Inputs of which either is fine: compare."""


async def sensor_steps(board: Board, look: Callable[[], object] = nothing, *, own: bool = False) -> Findings:
    """What is wired to a board. `own`: it is a driver by itself, and not part of a pilot's."""
    read = after(look, board.sensors)
    seen = await answering(read)
    if own:
        yield ok("answers", "inputs answer")
    for finding in resting(seen):
        yield finding
    if seen.rcd_selftest_fitted:
        yield await _selftest(board, read)
    if own:
        async for finding in own_checks(board):
            yield finding


def resting(seen: Sensors) -> list[Finding]:
    """One finding for every input that is there."""
    found = [
        verdict(not active, field, proves, raised if active else quiet, remedy)
        for field, proves, quiet, raised, remedy in QUIET
        if (active := getattr(seen, field)) is not None
    ]
    found += [
        ok(field, f"{label} is as you see it", words[value])
        for field, label, words in TOLD
        if (value := getattr(seen, field)) is not None
    ]
    if seen.temperature_degc is not None:
        found.append(_temperature(seen.temperature_degc))
    found += [
        failed(f"fault_{name}", "controller reports no fault", name, "Its manual says what this fault means.")
        for name in seen.reported_faults
    ]
    return found


def _temperature(degc: float) -> Finding:
    remedy = "Check the sensor's wires and its type in the configuration; if it is right, let the station cool."
    within = WINDOW_DEGC[0] <= degc <= WINDOW_DEGC[1]
    return verdict(within, "temperature", "temperature is plausible", f"{degc:.0f} °C", remedy)


async def _selftest(board: Board, read: Callable[[], Sensors]) -> Finding:
    board.test_residual_current()
    await asyncio.sleep(COUNTS_AFTER_S)
    within_s = board.selftest_s if isinstance(board, SlowTesting) else TESTED_WITHIN_S
    passed = (await until(read, _has_outcome, within_s)).rcd_selftest_ok
    seen = {True: "passed", False: "failed", None: "did not end"}[passed]
    remedy = "Check the test line and the device's supply. No car charges before the self-test passes."
    return verdict(passed is True, "selftest", "residual-current self-test passes", seen, remedy)


def _has_outcome(seen: Sensors) -> bool:
    return seen.rcd_selftest_ok is not None
