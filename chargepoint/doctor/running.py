"""The examination while the daemon runs, by the daemon itself: what would disturb a car, or a device, is left out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from functools import partial
from typing import Any

from chargepoint.doctor.broker import broker_steps
from chargepoint.doctor.computer import Surroundings
from chargepoint.doctor.devices import device_steps
from chargepoint.doctor.examination import computer_steps
from chargepoint.doctor.start import opened_office
from chargepoint.doctor.station import Station
from hw.doctor import Finding, failed, skipped
from hw.errors import Fixable

NO_OFFICE = skipped("csms.login", "back office lets this station in", "no [csms]: this station needs none")


async def examine_running(station: Station, part: str, around: Surroundings) -> AsyncGenerator[Finding]:
    """`part`: "all" or "csms". Programs that are asked and disks that are waited for keep the loop from nothing."""
    if part == "all":
        for finding in await asyncio.to_thread(lambda: list(computer_steps(station, around))):
            yield finding
        if station.config.doctor.spare_line is not None:
            why = "the station runs: it would take the line from its guard"
            yield skipped("computer.spare_line", "output falls when its process dies", why)
        try:
            async for finding in device_steps(station):
                yield finding
        except Fixable as trouble:
            yield failed("program.guard", "guard runs and reports", trouble.what, trouble.fix)
        async for finding in broker_steps(station.config):
            yield finding
    office = await asyncio.to_thread(partial(opened_office, station))
    if office is None:
        yield NO_OFFICE
        return
    async for finding in office.steps():
        yield finding


def document(finding: Finding) -> Mapping[str, Any]:
    """As programs read it."""
    return {
        "step": finding.step,
        "proves": finding.proves,
        "outcome": finding.outcome.value,
        "seen": finding.seen,
        "remedy": finding.remedy or None,
    }
