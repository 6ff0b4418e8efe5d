"""The proving click: each contactor closed for at most 0.2 s while nothing is plugged in, by the guard and its rules.

Where no guard runs, one is started for it: a process of its own, so that whatever becomes of the doctor, somebody is
left to open the contactor. It ends when the doctor does.
"""

from __future__ import annotations

import asyncio
import ctypes
import signal
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from hw.api import Report
from hw.doctor.findings import Finding, failed, ok, skipped
from hw.doctor.proving import Findings
from hw.doctor.reports import Watch
from hw.guard.client import GuardClient
from hw.guard.config import read_config
from hw.processes import command_of

STARTS_WITHIN_S = 10.0
READY_WITHIN_S = 20.0  # a guard closes nothing for 5 s after its start, and tests the residual-current device first
ENDS_WITHIN_S = 10.0
LOOK_EVERY_S = 0.1
PR_SET_PDEATHSIG = 1

CHECK = "Check the coil circuit: fuse, emergency stop, watchdog relay, relay; then the wires of the mirror contact."


async def click_steps(config: Path, state_dir: Path, guard: int | None, failing: frozenset[int]) -> Findings:
    """`guard`: process number of the one that runs; `failing`: EVSEs with a failure, whose contactor stays open."""
    sections = read_config(config).sections
    async with _guarded(config, state_dir, guard), GuardClient(state_dir / "guard.sock") as client:
        watch = Watch(client)
        for evse, section in enumerate(sections, 1):
            step, proves = f"evse.{evse}.contactor.click", "contactor closes and opens"
            if "contactor" not in section.drivers:
                yield skipped(step, proves, "the pilot's controller closes it for a car only")
            elif evse in failing:
                yield skipped(step, proves, "not before everything else at this EVSE is in order")
            else:
                yield await _click(watch, evse, step, proves)


async def _click(watch: Watch, evse: int, step: str, proves: str) -> Finding:
    report = await _ready(watch, evse)
    if report is None:
        return failed(step, proves, "the guard does not get ready", "Read what it says: DIR/guard.log, or journalctl.")
    if report.pilot != "A" or report.cable_present:
        return skipped(step, proves, "something is plugged in: unplug it, then run this again")
    result = await watch.client.command(evse, "proving_click")
    if not result.ok:
        return failed(step, proves, result.detail, CHECK)
    return ok(step, proves, _times(result.data))


def _times(data: Mapping[str, str]) -> str:
    if "closes_ms" not in data:
        return "no mirror contact: did you hear it click?"
    return f"closes in {data['closes_ms']} ms, opens in {data.get('opens_ms', '?')} ms"


async def _ready(watch: Watch, evse: int) -> Report | None:
    """The EVSE's report once the guard would close; None where it takes too long."""
    try:
        async with asyncio.timeout(STARTS_WITHIN_S + READY_WITHIN_S):
            while (report := watch.reports.get(evse)) is None or report.ready_in_s > 0:  # noqa: ASYNC110
                await asyncio.sleep(LOOK_EVERY_S)
            return report
    except TimeoutError:
        return None


@asynccontextmanager
async def _guarded(config: Path, state_dir: Path, guard: int | None) -> AsyncIterator[None]:
    """A guard for as long as it is needed, if there is none."""
    if guard is not None:
        yield
        return
    command = [*command_of("hw.guard"), "run", "--config", str(config), "--state", str(state_dir)]
    child = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, preexec_fn=_die_with_parent)
    try:
        yield
    finally:
        if child.returncode is None:
            child.terminate()  # it opens every contactor before it ends
        try:
            async with asyncio.timeout(ENDS_WITHIN_S):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()


def _die_with_parent() -> None:
    """In the child: be told to end when the doctor is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
