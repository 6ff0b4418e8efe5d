"""A simulated bay on the doctor's bench, in virtual time, and what the doctor found of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from hw.api import PilotLevels, Reading, Sensors
from hw.doctor.findings import Finding, Outcome
from hw.doctor.proving import Findings
from hw.errors import DeviceLost
from hw.mock.bay import Bay
from tests.yard import Pins


def a_bay(*faults: str, outlet: str = "socket") -> Bay:
    bay = Bay(outlet, now_s=asyncio.get_running_loop().time())
    bay.faults |= set(faults)
    return bay


def pins(bay: Bay) -> Pins:
    """Pilot, contactor and lock of the bay in one; every look at it lets its time go on."""
    return Pins(bay, asyncio.get_running_loop().time)


async def found(steps: Findings) -> dict[str, Finding]:
    """Step -> finding, each once."""
    told = [finding async for finding in steps]
    assert len({finding.step for finding in told}) == len(told)
    return {finding.step: finding for finding in told}


def failures(findings: dict[str, Finding]) -> dict[str, str]:
    """Step -> what was seen, of those that failed; each has a remedy that is a sentence."""
    bad = {step: finding for step, finding in findings.items() if finding.outcome is Outcome.FAILED}
    assert all(finding.remedy.endswith((".", "?", '0660"', "listen")) for finding in bad.values()), bad
    return {step: finding.seen for step, finding in bad.items()}


def skips(findings: dict[str, Finding]) -> dict[str, str]:
    return {step: finding.seen for step, finding in findings.items() if finding.outcome is Outcome.SKIPPED}


LOST = DeviceLost("no answer", where="[evse.1]", fix="Check the cable.")


@dataclass
class Stuck:
    """A pilot that shows these levels whatever is offered."""

    high_v: float
    low_v: float | None = None
    ohm: float | None = None
    lost: bool = False
    offered: float = 1.0

    def levels(self) -> PilotLevels:
        if self.lost:
            raise LOST
        return PilotLevels(self.high_v, self.low_v, self.ohm)

    def sensors(self) -> Sensors:
        return Sensors()

    def offer(self, duty: float) -> None:
        self.offered = duty

    def test_residual_current(self) -> None: ...
    def close(self) -> None: ...


class FakeMeter:
    """Tells these readings one after the other, the last one for ever; None is silence."""

    def __init__(self, *readings: Reading | None) -> None:
        self._readings = list(readings)
        self.open = False

    async def __aenter__(self) -> Any:
        self.open = True
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.open = False

    async def read(self) -> Reading:
        told = self._readings.pop(0) if len(self._readings) > 1 else self._readings[0]
        if told is None:
            raise LOST
        return told

    async def begin(self, token: str | None) -> Reading:
        return await self.read()

    async def end(self) -> Reading:
        return await self.read()
