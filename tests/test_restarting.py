"""A reset of the station: what is tried, how often, and what is done when it does not come."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chargepoint import app
from chargepoint.timing import boot_id
from tests.world import a_config


class Replaced(BaseException):
    """The program has become another one."""


class Machine:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
        self.state = state
        self.hears = False  # chargepoint-reboot.path takes the word that is left for it
        self.asked: list[tuple[str, ...]] = []
        self.waited_s: list[float] = []
        self.answer: Callable[[], Any] = lambda: subprocess.CompletedProcess((), 0, "", "")
        monkeypatch.setattr(app.os, "execv", self._replace)
        monkeypatch.setattr(app.subprocess, "run", self._run)
        monkeypatch.setattr(app.time, "sleep", self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.waited_s.append(seconds)
        if self.hears:
            assert (self.state / "reboot").read_text() == f"{boot_id()}\n"
            (self.state / "reboot").unlink()
            self.hears = False

    def _replace(self, path: str, arguments: list[str]) -> None:
        raise Replaced

    def _run(self, command: tuple[str, ...], **options: Any) -> Any:
        self.asked.append(command)
        return self.answer()

    def reset(self, *, hard: bool, retries: int = 2, hard_reset: str = "reboot", machine: bool = False) -> None:
        config = a_config("1.6", hard_reset=hard_reset)
        with pytest.raises(Replaced):
            app.start_again(config, self.state, hard=hard, machine=machine, retries=retries)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(monkeypatch, tmp_path)


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
    assert machine.waited_s == [5.0, 5.0, 5.0]
    assert list(machine.state.iterdir()) == []
    assert caplog.messages[-1] == "the machine does not reboot: restarting the program instead"


def test_a_service_that_may_not_ask_leaves_word(machine: Machine) -> None:
    machine.answer, machine.hears = fails, True
    machine.reset(hard=True, retries=0)
    assert machine.waited_s == [5.0, 60.0]


def test_a_new_system_takes_a_restart_of_the_machine_whatever_a_hard_reset_means(machine: Machine) -> None:
    machine.reset(hard=True, hard_reset="restart", machine=True, retries=0)
    assert machine.asked == [("systemctl", "reboot")]
