"""A reset of the station: what is tried, how often, and what is done when it does not come."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from chargepoint import app
from tests.world import a_config


class Replaced(BaseException):
    """The program has become another one."""


class Machine:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.waited_s: list[float] = []
        self.answer: Callable[[], Any] = lambda: subprocess.CompletedProcess((), 0, "", "")
        monkeypatch.setattr(app.os, "execv", self._replace)
        monkeypatch.setattr(app.subprocess, "run", self._run)
        monkeypatch.setattr(app.time, "sleep", self.waited_s.append)

    def _replace(self, path: str, arguments: list[str]) -> None:
        raise Replaced

    def _run(self, command: tuple[str, ...], **options: Any) -> Any:
        self.asked.append(command)
        return self.answer()

    def reset(self, *, hard: bool, retries: int = 2, hard_reset: str = "reboot") -> None:
        with pytest.raises(Replaced):
            app.start_again(a_config("1.6", hard_reset=hard_reset), hard=hard, retries=retries)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


@pytest.mark.parametrize(("hard", "hard_reset"), [(False, "reboot"), (True, "restart")])
def test_a_program_is_replaced_at_once(machine: Machine, hard: bool, hard_reset: str) -> None:
    machine.reset(hard=hard, hard_reset=hard_reset)
    assert machine.asked == []


def test_a_machine_that_reboots_ends_the_program_while_it_waits(machine: Machine) -> None:
    machine.reset(hard=True, retries=0)
    assert (machine.asked, machine.waited_s) == ([("systemctl", "reboot")], [60.0])


def fails() -> Any:
    return subprocess.CompletedProcess((), 1, "", "Access denied")


def is_missing() -> Any:
    raise FileNotFoundError("systemctl")


def hangs() -> Any:
    raise subprocess.TimeoutExpired("systemctl", 60)


@pytest.mark.parametrize("answer", [fails, is_missing, hangs])
def test_a_reboot_that_fails_is_tried_again_as_often_as_is_set(
    machine: Machine, answer: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    machine.answer = answer
    machine.reset(hard=True, retries=2)
    assert len(machine.asked) == 3
    assert machine.waited_s == []
    assert caplog.messages[-1] == "the machine does not reboot: restarting the program instead"
