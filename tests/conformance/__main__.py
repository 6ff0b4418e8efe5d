"""`./dev conformance`: runs the certification cases and counts them; `--json` for a program to read.

Exit status: 0 when every applicable case has passed, 1 otherwise. docs/conformance.md is written anew by the way,
unless pytest is given arguments of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.conformance.cases import FOLDERS, catalogue, folder
from tests.conformance.page import FILE, page

PASSED, FAILED, MISSING, NOT_APPLICABLE = "passed", "failed", "no test", "not applicable"


@dataclass
class Outcomes:
    """A plugin of pytest that gathers what became of each case. A case of several runs has passed when all have."""

    of: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = dict(report.user_properties).get("case")
        if name is not None and (report.when == "call" or not report.passed):
            self.of[str(name)].append(report.outcome)

    def result(self, name: str) -> str:
        outcomes = self.of.get(name)
        if not outcomes:
            return MISSING
        return PASSED if set(outcomes) == {"passed"} else FAILED


def run(version: str, options: Sequence[str]) -> dict[str, Any]:
    """What `--json` prints of one version."""
    outcomes = Outcomes()
    pytest.main(["-n", "2", "--tb", "short", "--no-header", *options, str(folder(version))], plugins=[outcomes])
    cases = catalogue(version)
    results = {name: NOT_APPLICABLE if case.not_applicable else outcomes.result(name) for name, case in cases.items()}
    return {
        "version": version,
        "cases": len(cases),
        "applicable": sum(result != NOT_APPLICABLE for result in results.values()),
        "passed": sum(result == PASSED for result in results.values()),
        "failed": [name for name, result in results.items() if result == FAILED],
        "without_test": [name for name, result in results.items() if result == MISSING],
        "not_applicable": {name: case.not_applicable for name, case in cases.items() if case.not_applicable},
        "results": {name: {"title": cases[name].title, "result": result} for name, result in results.items()},
    }


def told(report: dict[str, Any]) -> str:
    lines = [
        f"OCPP {report['version']}: {report['cases']} cases, {report['applicable']} applicable, "
        f"{report['passed']} passed, {len(report['failed'])} failed, {len(report['without_test'])} without a test, "
        f"{len(report['not_applicable'])} not applicable"
    ]
    for word, names in (("failed", report["failed"]), ("without a test", report["without_test"])):
        lines += [f"  {word}: {name} {report['results'][name]['title']}" for name in names]
    lines += [f"  not applicable: {name}: {why}" for name, why in report["not_applicable"].items()]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev conformance", description=__doc__, allow_abbrev=False)
    parser.add_argument("--version", choices=FOLDERS, action="append", help="of OCPP; all that have cases by default")
    parser.add_argument("--json", action="store_true", help="the result for a program; pytest's words go to stderr")
    parser.add_argument("pytest", nargs="*", help="further arguments go to pytest, after a --")
    args = parser.parse_args(arguments)
    if not args.pytest:
        FILE.write_text(page(), encoding="utf-8")
    with redirect_stdout(sys.stderr if args.json else sys.stdout):
        reports = {version: run(version, args.pytest) for version in args.version or FOLDERS}
    print(json.dumps(reports, indent=2) if args.json else "\n".join(map(told, reports.values())))
    return 0 if all(report["passed"] == report["applicable"] for report in reports.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
