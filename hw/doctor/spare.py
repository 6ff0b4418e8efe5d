"""What becomes of an output when its process is killed: proven on a line to which nothing is wired.

A child claims the line, drives it high and is killed, as a crash would do it. The level afterwards is what a coil
would see. Raspberry Pi's kernels since June 2024 keep it, so that a killed guard leaves its contactor closed until the
service manager or the watchdog relay opens it.
"""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hw.discovery import Place, load
from hw.doctor.findings import Finding, failed, ok, verdict
from hw.errors import DeviceLost
from hw.processes import command_of

WHERE = "doctor.spare_line"
EVSE = 16  # of the simulated wires, the last bay: nothing else is there
CLAIMS_WITHIN_S = 60.0  # a slow board has to load a library first; a child that fails says so at once
LETS_GO_WITHIN_S = 1.0
STRICT = "Add dtparam=strict_gpiod to config.txt and restart the machine"
RELAY = "wire a watchdog relay and name its line, pulse_line, in the contactor's table"


async def spare_step(table: Mapping[str, Any], state_dir: Path, *, has_pulse: bool) -> Finding:
    """`table`: of a contactor's driver on the spare line. `has_pulse`: a watchdog relay opens whatever stays high."""
    step, proves, level = "computer.spare_line", "output falls when its process dies", LEVELS[table["driver"]]
    try:
        await _driven_and_killed(table, state_dir)
        await asyncio.sleep(LETS_GO_WITHIN_S)
        high = level(table, state_dir)
        load("contactor", table, Place(WHERE, state_dir, EVSE)).close()  # claimed off, given back
    except DeviceLost as lost:
        return failed(step, proves, lost.what, lost.fix)
    if high and has_pulse:
        return ok(step, proves, "it stays high; the watchdog relay opens instead")
    seen = f"{'high' if high else 'low'} {LETS_GO_WITHIN_S:g} s after kill -9"
    return verdict(not high, step, proves, seen, f"{STRICT}; better, {RELAY}.")


def _simulated(table: Mapping[str, Any], state_dir: Path) -> bool:
    from hw.mock.wires import open_wires, stamps

    with open_wires(state_dir) as wires:
        return stamps(wires, EVSE).coil


def _on_the_board(table: Mapping[str, Any], state_dir: Path) -> bool:
    from hw.gpio.factories import where_is

    chip = where_is(str(table.get("chip", "")), WHERE)
    line = table["line"]
    try:
        numbers = [info.number for info in chip.all_lines() if line in (info.number, info.name)]
        return chip.level(numbers[0])
    except (OSError, IndexError) as error:
        fix = "Is the line free? `gpioinfo` shows who holds it."
        raise DeviceLost(f"the level of line {line} cannot be read ({error})", where=f"[{WHERE}]", fix=fix) from None


LEVELS: Mapping[str, Callable[[Mapping[str, Any], Path], bool]] = {"mock": _simulated, "gpio": _on_the_board}
"""Driver -> how to look at its line without claiming it for anything."""


async def _driven_and_killed(table: Mapping[str, Any], state_dir: Path) -> None:
    command = [*command_of("hw.doctor.claimant"), "--state", str(state_dir), json.dumps(dict(table))]
    child = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE)
    try:
        await _driving(child)
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def _driving(child: Process) -> None:
    if child.stdout is None:
        raise RuntimeError("the child was started without a pipe")
    try:
        async with asyncio.timeout(CLAIMS_WITHIN_S):
            said = json.loads(await child.stdout.readline() or b"{}")
    except (TimeoutError, ValueError):
        said = {}
    if not said.get("driven"):
        what = said.get("lost", "the child that should drive it said nothing")
        raise DeviceLost(what, where=f"[{WHERE}]", fix=said.get("fix", "Is the line free, and is its number right?"))
