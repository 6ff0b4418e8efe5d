"""What a run leaves out and how to put it in; and the rule that CI leaves out nothing unless tests/skips.toml says why.

A plugin that conftest.py registers.
"""

import os
import shutil
import tomllib
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"
"""Where programs are looked for; servers stand where only root looks by itself."""

FILE = Path(__file__).with_name("skips.toml")


@dataclass(frozen=True)
class Suite:
    """Tests with a marker of their own, which need programs that not every machine has."""

    about: str
    programs: tuple[str, ...]
    enable: str

    @property
    def missing(self) -> str:
        """Why it is left out, "" where everything is there."""
        absent = [program for program in self.programs if shutil.which(program, path=PATH) is None]
        return f"{self.about}: no {' and no '.join(absent)} here; to run it: {self.enable}" if absent else ""


SUITES = {
    "debian": Suite("the Debian package", ("dpkg-deb", "apt-get", "lintian"), "sudo apt-get install lintian"),
    "browser": Suite("the page in a real browser", ("chromium",), "sudo apt-get install chromium"),
    "node": Suite(
        "a back office in another language, and the page's accessibility",
        ("node", "npm"),
        "sudo apt-get install nodejs npm",
    ),
    "promtool": Suite(
        "our metrics and alerts before Prometheus's own checker", ("promtool",), "sudo apt-get install prometheus"
    ),
    "broker": Suite("home automation over a real broker", ("mosquitto",), "sudo apt-get install mosquitto"),
}


def excused() -> dict[str, str]:
    """Beginning of a test's id -> why it may be left out. Every entry needs both."""
    entries = tomllib.loads(FILE.read_text())
    return {entry["test"]: entry["reason"] for entry in entries.get("skip", [])}


def pytest_itemcollected(item: pytest.Item) -> None:
    for marker, suite in SUITES.items():
        if item.get_closest_marker(marker) and suite.missing:
            item.add_marker(pytest.mark.skip(reason=suite.missing))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _judge(report, item.nodeid)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        _judge(report, collector.nodeid)
    return report


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("true", "1")


def _judge(report: pytest.TestReport | pytest.CollectReport, nodeid: str) -> None:
    if in_ci() and not nodeid.startswith(tuple(excused())):
        report.outcome = "failed"
        report.longrepr = f"left out, and CI may leave out only what tests/skips.toml names: {_reason(report)}"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return reason.removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"left out: {count} test{'s' if count > 1 else ''}: {reason}", yellow=True)
