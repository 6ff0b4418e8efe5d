"""While a guard runs its devices are its own: the doctor asks it instead, and says so."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hw.api import Fault, Report
from hw.doctor.findings import Finding, failed, ok, skipped, verdict
from hw.doctor.proving import Findings
from hw.guard.client import SELFTEST_WITHIN_S, GuardClient
from hw.processes import living

HEARD_WITHIN_S = 3.0  # a guard reports twice a second, and nothing in its very first moments
SELFTEST = "self-test passes"
BLIND = (
    "Is the pilot's device plugged in and supplied? Check its port in the configuration, then its wires; the guard's "
    "log names what is lost: journalctl -u chargepoint-guard."
)
HUNG = "Restart it: sudo systemctl restart chargepoint-guard; then read its log: journalctl -u chargepoint-guard."


class Watch:
    """The latest report of every EVSE, from a guard that runs."""

    def __init__(self, client: GuardClient) -> None:
        self.client = client
        self.reports: dict[int, Report] = {}
        self._news = asyncio.Event()
        client.on_report = self._take

    def _take(self, report: Report) -> None:
        self.reports[report.evse] = report
        self._news.set()

    async def heard(self, evses: int) -> bool:
        """Waits until each has been reported."""
        try:
            async with asyncio.timeout(HEARD_WITHIN_S):
                while len(self.reports) < evses:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return False
        return True


def guard_pid(state_dir: Path) -> int | None:
    """Process number of the guard that runs on a state directory."""
    return living("guard", state_dir)


async def guard_steps(state_dir: Path, pid: int, evses: int) -> Findings:
    """What the guard of `state_dir` says of each of its EVSEs, and one self-test of each residual-current device."""
    async with GuardClient(state_dir / "guard.sock") as client:
        watch = Watch(client)
        heard = await watch.heard(evses)
        seen = f"process {pid}; its devices were not touched" if heard else f"process {pid} says nothing"
        yield verdict(heard, "program.guard", "guard runs and reports", seen, HUNG)
        for evse in sorted(watch.reports):
            async for finding in report_steps(watch, evse):
                yield finding


async def report_steps(watch: Watch, evse: int) -> Findings:
    """What has last been reported of one EVSE."""
    report = watch.reports[evse]
    place = f"evse.{evse}"
    yield verdict(report.sighted, f"{place}.report", "guard sees", _seen(report), BLIND)
    for fault in report.faults:
        yield _fault(place, fault)
    if not report.faults:
        yield ok(f"{place}.faults", "guard reports no fault")
    why = _no_test_because(report)
    yield skipped(f"{place}.selftest", SELFTEST, why) if why else await _selftest(watch, place, evse)


def _no_test_because(report: Report) -> str:
    """Why a self-test has to wait; "" where nothing stands against one."""
    if not report.sighted:
        return "not before the pilot can be read"
    if report.pilot[0] in "BCD":
        return f"pilot in state {report.pilot}: not while a car is there"
    if report.contactor != "open":
        return f"contactor {_words(report.contactor)}: not before it is mended"
    return "" if report.pilot == "A" else f"pilot in state {report.pilot}: out of service, or a fault"


def _seen(report: Report) -> str:
    if not report.sighted:
        return "nothing: the pilot cannot be read"
    locked = {None: "", True: ", locked", False: ", unlocked"}[report.locked]
    cable = f", cable for {report.cable_a:.0f} A" if report.cable_a else ""
    return f"pilot {report.pilot}, contactor {_words(report.contactor)}{locked}{cable}"


def _words(state: str) -> str:
    return state.replace("_", " ")


def _fault(place: str, fault: Fault) -> Finding:
    step, proves = f"{place}.fault_{fault.name}", "guard reports no fault"
    if fault.severity == "warning":
        return ok(step, proves, f"a warning: {fault.name}. {fault.remedy}")
    return failed(step, proves, fault.name + (", latched" if fault.latched else ""), fault.remedy)


async def _selftest(watch: Watch, place: str, evse: int) -> Finding:
    result = await watch.client.command(evse, "self_test", timeout_s=SELFTEST_WITHIN_S)
    if result.ok and result.data.get("fitted") == "no":
        return skipped(f"{place}.selftest", SELFTEST, "none fitted")
    remedy = "Check the residual-current device's test line and supply."
    return verdict(result.ok, f"{place}.selftest", SELFTEST, result.detail or "passed", remedy)
