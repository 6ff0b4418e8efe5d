"""`./dev conformance`: what it counts, and what it returns."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from types import SimpleNamespace

from tests.conformance.__main__ import FAILED, MISSING, PASSED, Outcomes

ROOT = Path(__file__).parent.parent.parent


async def conformance(*arguments: str) -> tuple[int | None, str]:
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.conformance", *arguments, cwd=ROOT, stdout=PIPE, stderr=PIPE
    )
    async with asyncio.timeout(120):
        out, _ = await running.communicate()
    return running.returncode, out.decode()


async def test_cases_that_were_not_run_have_not_passed() -> None:
    status, out = await conformance("--version", "1.6", "--json", "--", "-k", "tc_040", "-n", "0")
    report = json.loads(out)["1.6"]
    assert (status, report["cases"], report["passed"], report["failed"]) == (1, 107, 2, [])
    assert report["results"]["TC_040_1_CS"] == {"title": "Configuration key - NotSupported", "result": "passed"}
    assert report["results"]["TC_001_CS"]["result"] == "no test"
    assert len(report["without_test"]) + len(report["not_applicable"]) + 2 == 107


async def test_for_people_it_names_what_is_missing() -> None:
    status, out = await conformance("--", "-k", "tc_040", "-n", "0")
    assert status == 1
    assert "OCPP 1.6: 107 cases, " in out
    assert "  without a test: TC_001_CS Cold Boot Charge Point\n" in out


def test_a_case_of_several_runs_has_passed_when_all_have() -> None:
    outcomes = Outcomes()

    def ran(case: str, outcome: str, when: str = "call") -> None:
        properties = [("case", case)]
        report = SimpleNamespace(user_properties=properties, outcome=outcome, when=when, passed=outcome == "passed")
        outcomes.pytest_runtest_logreport(report)  # type: ignore[arg-type]

    for case, *results in (("A", "passed", "passed"), ("B", "passed", "failed"), ("C", "skipped")):
        for result in results:
            ran(case, result)
    ran("D", "failed", "setup")
    ran("E", "passed", "setup")
    assert [outcomes.result(case) for case in "ABCDE"] == [PASSED, FAILED, FAILED, FAILED, MISSING]
