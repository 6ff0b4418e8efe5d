"""What the doctor says of an EVSE whose guard runs: only what the guard has proven."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from hw.api import Fault, Report, Result
from hw.doctor.findings import Finding, Outcome
from hw.doctor.reports import Watch, report_steps
from hw.guard.client import GuardClient
from hw.guard.faults import FAULTS
from tests.hw.doctor.bench import failures, found

WELD = "MREC17EVSEContactorFault"
LOST = "CommunicationFault"


@dataclass
class Client:
    """The line to a guard that answers every self-test with `answer`."""

    answer: Result = field(default_factory=lambda: Result(1, True))
    asked: list[str] = field(default_factory=list)
    on_report: Any = None

    async def command(self, evse: int, name: str, argument: str | None = None, timeout_s: float = 3.0) -> Result:
        self.asked.append(name)
        return self.answer


def fault(name: str) -> Fault:
    kind = FAULTS[name]
    return Fault(name, kind.severity, kind.latched, kind.remedy)


async def told(client: Client, report: Report) -> dict[str, Finding]:
    watch = Watch(cast("GuardClient", client))
    client.on_report(report)
    return {step.removeprefix("evse.1."): each for step, each in (await found(report_steps(watch, 1))).items()}


async def test_an_empty_outlet_in_order_is_told_and_tested() -> None:
    client = Client()
    steps = await told(client, Report(1, 7))
    assert failures(steps) == {}
    assert steps["report"].seen == "pilot A, contactor open"
    assert (client.asked, steps["selftest"].seen) == (["self_test"], "passed")


async def test_a_guard_that_cannot_read_its_pilot_has_proven_nothing() -> None:
    client = Client()
    steps = await told(client, Report(1, 7, sighted=False, faults=(fault(LOST),)))
    assert failures(steps) == {"report": "nothing: the pilot cannot be read", f"fault_{LOST}": LOST}
    assert "port" in steps["report"].remedy
    assert (steps["selftest"].outcome, client.asked) == (Outcome.SKIPPED, [])


async def test_where_no_residual_current_device_can_test_itself_no_test_has_passed() -> None:
    steps = await told(Client(Result(1, True, data={"fitted": "no"})), Report(1, 7))
    assert (steps["selftest"].outcome, steps["selftest"].seen) == (Outcome.SKIPPED, "none fitted")


async def test_a_self_test_that_failed_is_told() -> None:
    steps = await told(Client(Result(1, False, "the self-test failed")), Report(1, 7))
    assert failures(steps) == {"selftest": "the self-test failed"}


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (Report(1, 7, pilot="B1"), "pilot in state B1: not while a car is there"),
        (Report(1, 7, pilot="C2", contactor="closed"), "pilot in state C2: not while a car is there"),
        (Report(1, 7, pilot="F", contactor="welded"), "contactor welded: not before it is mended"),
        (Report(1, 7, contactor="stuck_open"), "contactor stuck open: not before it is mended"),
        (Report(1, 7, pilot="F"), "pilot in state F: out of service, or a fault"),
        (Report(1, 7, pilot="E"), "pilot in state E: out of service, or a fault"),
    ],
)
async def test_why_there_is_no_self_test_is_told(report: Report, why: str) -> None:
    client = Client()
    steps = await told(client, report)
    assert (steps["selftest"].outcome, steps["selftest"].seen, client.asked) == (Outcome.SKIPPED, why, [])
