"""What `chargepoint doctor` prints, and its exit status."""

import json
import os
import pwd
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from chargepoint.app import hold
from chargepoint.cli import doctor
from hw.doctor import Finding, failed, ok, skipped
from tests.cli.conftest import Said

SMALLEST = '[station]\nvendor = "Acme"\nmodel = "W"\nserial_number = "1"\n[[evse]]\n'
GOOD = ok("computer.disk", "disk has room", "4096 MiB free")
BAD = failed(
    "evse.1.contactor.open",
    "mirror contact says open",
    "closed, and the coil is off",
    "Switch the mains off. Is the contactor welded? Else the mirror contact is wired to the wrong terminals.",
)
LEFT = skipped(
    "evse.1.pilot.pwm", "pilot follows to PWM", "the controller makes the signal by itself, as its manual says"
)
LONG = ok("card_reader.2.answers", "a thing that needs a good many words to be said of it", "seen")


@pytest.fixture
def finds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    (tmp_path / "chargepoint.toml").write_text(SMALLEST)

    def finds(*findings: Finding) -> None:
        async def examine(*_: object) -> AsyncIterator[Finding]:
            for finding in findings:
                yield finding

        monkeypatch.setattr(doctor, "examine", examine)

    return finds


def test_one_line_a_step_then_the_remedy_and_the_summary_last(
    chargepoint: Callable[..., Said], finds: Callable[..., None]
) -> None:
    finds(GOOD, BAD, LEFT, LONG)
    said = chargepoint("doctor")
    assert said.status == 4
    assert (
        said.out[said.out.index("\nThis computer") :]
        == """
This computer
  ok    disk has room                         4096 MiB free

EVSE 1
  FAIL  mirror contact says open              closed, and the coil is off
        Switch the mains off. Is the contactor welded? Else the mirror contact
        is wired to the wrong terminals.
  skip  pilot follows to PWM                  the controller makes the signal by
                                              itself, as its manual says

Card reader 2
  ok    a thing that needs a good many words to be said of it
                                              seen

5 steps: 3 ok, 1 skipped, 1 FAILED:
  evse.1.contactor.open
"""
    )


def test_where_nothing_fails_the_status_is_0_whatever_was_skipped(
    chargepoint: Callable[..., Said], finds: Callable[..., None]
) -> None:
    finds(GOOD, LEFT)
    said = chargepoint("doctor")
    assert (said.status, said.out.splitlines()[-1]) == (0, "3 steps: 2 ok, 1 skipped, none failed.")


def test_programs_get_a_list(chargepoint: Callable[..., Said], finds: Callable[..., None]) -> None:
    finds(GOOD, BAD)
    said = chargepoint("doctor", "--json")
    told = json.loads(said.out)
    assert said.status == 4
    assert told[0]["step"] == "configuration"
    assert told[1:] == [
        {
            "step": "computer.disk",
            "proves": "disk has room",
            "outcome": "ok",
            "seen": "4096 MiB free",
            "remedy": None,
        },
        {
            "step": "evse.1.contactor.open",
            "proves": "mirror contact says open",
            "outcome": "failed",
            "seen": "closed, and the coil is off",
            "remedy": BAD.remedy,
        },
    ]


def test_mistakes_in_the_file_are_status_1_and_nothing_is_examined(
    chargepoint: Callable[..., Said], finds: Callable[..., None], tmp_path: Path, state: Path
) -> None:
    finds(GOOD)
    (tmp_path / "chargepoint.toml").write_text(SMALLEST + "phases = 2\n")
    said = chargepoint("doctor")
    assert (said.status, said.out) == (1, "")
    assert "1 mistake" in said.err
    assert not state.exists()


@pytest.mark.parametrize(
    ("step", "head"),
    [
        ("evse.12.pilot.level", "EVSE 12"),
        ("meter.1.answers", "Meter 1"),
        ("display.1.answers", "Display 1"),
        ("sensors.answers", "Sensors"),
        ("csms.tls", "Back office"),
        ("program.guard", "What runs"),
    ],
)
def test_steps_stand_under_the_name_of_what_they_belong_to(step: str, head: str) -> None:
    assert doctor.head_of(step) == head


# --- whose rights are proven ------------------------------------------------------------------------------------------


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What the program would have turned into; nothing of it happens."""
    calls: list[tuple[str, int]] = []
    monkeypatch.setattr(doctor.os, "geteuid", lambda: 0)
    monkeypatch.setattr(doctor.os, "getgrouplist", lambda name, group: [group, 7000 + len(name)])
    monkeypatch.setattr(doctor.os, "setgroups", lambda groups: calls.extend(("in", group) for group in groups))
    monkeypatch.setattr(doctor.os, "setgid", lambda group: calls.append(("group", group)))
    monkeypatch.setattr(doctor.os, "setuid", lambda user: calls.append(("user", user)))
    return calls


def owned_by(user: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "stat", lambda self, **_: SimpleNamespace(st_uid=user, st_mode=0o40755))


def test_the_administrator_becomes_the_user_that_the_station_runs_as(
    became: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    owned_by(65534, monkeypatch)
    doctor.become_owner(tmp_path)
    assert became == [("in", 7006), ("in", 65534), ("group", 65534), ("user", 65534)]


def test_the_groups_of_a_guard_that_is_another_user_go_along(
    became: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "guard.pid").touch()
    owners = {tmp_path: 65534, tmp_path / "guard.pid": 1}
    monkeypatch.setattr(Path, "stat", lambda self, **_: SimpleNamespace(st_uid=owners[self], st_mode=0o40755))
    doctor.become_owner(tmp_path)
    guard = pwd.getpwuid(1)
    assert ("in", guard.pw_gid) in became
    assert became[-1] == ("user", 65534)


def test_where_the_administrator_owns_the_station_or_is_none_nothing_changes(
    became: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    doctor.become_owner(tmp_path / "not there")
    owned_by(0, monkeypatch)
    doctor.become_owner(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    owned_by(65534, monkeypatch)
    doctor.become_owner(tmp_path)
    assert became == []


def test_a_user_who_may_not_write_there_is_sent_to_the_administrator_and_nothing_is_examined(
    chargepoint: Callable[..., Said], finds: Callable[..., None], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finds(GOOD)
    state.mkdir()
    (state / "guard.pid").touch()
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: path != state / "guard.pid")
    said = chargepoint("doctor")
    assert (said.status, said.out) == (1, "")
    assert "this user may not write" in said.err
    assert "sudo chargepoint doctor" in said.err


def test_a_daemon_that_runs_and_does_not_answer_keeps_its_devices(
    chargepoint: Callable[..., Said], finds: Callable[..., None], state: Path
) -> None:
    finds(GOOD)
    state.mkdir()
    claim = hold(state)
    said = chargepoint("doctor")
    os.close(claim)
    assert (said.status, said.out) == (5, "")
