"""What an installer reads on `chargepoint update`."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pytest

from chargepoint.cli import update
from tests.cli.conftest import FakeDaemon, Said

Run = Callable[..., Said]

SETTLED: dict[str, Any] = {
    "firmware": "2.1.0",
    "possible": True,
    "slots": [
        {"name": "A", "booted": False, "good": True, "version": "2.0.0"},
        {"name": "B", "booted": True, "good": True, "version": "2.1.0"},
    ],
    "starts_next": "B",
    "trial": None,
    "doing": None,
    "failure": None,
    "last": {"version": "2.1.0", "outcome": "kept", "why": "", "at": "2020-11-23T02:00:00+00:00"},
}
BEGINS = {"step": "Idle", "percent": None, "words": None, "waits_for": []}

SCREEN = """\
firmware  2.1.0

slot  version
A     2.0.0    proven
B     2.1.0    proven  runs

Last update, 2020-11-23 02:00: 2.1.0 was installed, has proven itself and stays.
"""


class Free(NamedTuple):
    free: int


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update, "LOOK_S", 0.0)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    file = tmp_path / "update.raucb"
    file.write_bytes(b"bundle")
    return file


def test_both_systems_are_shown(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /update", SETTLED)
    said = chargepoint("update", "--status")
    assert (said.status, said.out) == (0, SCREEN)
    assert json.loads(chargepoint("update", "--status", "--json").out) == SETTLED


def test_a_new_system_says_what_it_still_has_to_prove(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /update", {**SETTLED, "trial": {"missing": "the back office has not accepted the station"}})
    assert "still missing: the back office has not accepted the station" in chargepoint("update", "--status").out


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("left", "2.1.0 did not prove itself and was left: the guard does not answer."),
        ("refused", "nothing was installed: the guard does not answer."),
    ],
)
def test_how_the_last_one_ended_is_told(daemon: FakeDaemon, chargepoint: Run, outcome: str, words: str) -> None:
    last = {"version": "2.1.0", "outcome": outcome, "why": "the guard does not answer", "at": "2020-11-23T02:00:00Z"}
    daemon.will("GET /update", {**SETTLED, "last": last})
    assert chargepoint("update", "--status").out.splitlines()[-1] == f"Last update, 2020-11-23 02:00: {words}"


def test_one_system_and_nothing_to_install_with(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /update", {**SETTLED, "slots": None, "last": None, "possible": False})
    assert chargepoint("update", "--status").out.splitlines() == [
        "firmware  2.1.0",
        "This station cannot be updated by itself: it has neither RAUC nor an install_program in [firmware].",
    ]


def test_a_file_is_put_where_the_daemon_finds_it(
    daemon: FakeDaemon, chargepoint: Run, bundle: Path, state: Path
) -> None:
    daemon.will("GET /update", SETTLED)
    daemon.will("POST /update", {**SETTLED, "doing": BEGINS})
    said = chargepoint("update", str(bundle))
    assert (said.status, said.out) == (0, "begins\n")
    assert (state / "transfers" / "firmware.brought").read_bytes() == b"bundle"
    assert ("POST", "/update", {"now": False}) in daemon.asked


def test_now_means_now(daemon: FakeDaemon, chargepoint: Run, bundle: Path) -> None:
    daemon.will("GET /update", SETTLED)
    daemon.will("POST /update", SETTLED)
    assert chargepoint("update", "--now", str(bundle)).status == 0
    assert ("POST", "/update", {"now": True}) in daemon.asked


def test_one_that_waits_is_cancelled(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("DELETE /update", SETTLED)
    said = chargepoint("update", "--cancel")
    assert (said.status, said.out) == (0, "The update is cancelled; nothing was installed.\n")


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_hardware_does_not_pretend_to_install(
    daemon: FakeDaemon, chargepoint: Run, bundle: Path, simulated: bool
) -> None:
    daemon.will("GET /update", {**SETTLED, "simulated": simulated})
    daemon.will("POST /update", SETTLED)
    said = chargepoint("update", str(bundle))
    assert ("hardware is simulated: it only plays an update" in said.err) == simulated


def test_a_refusal_is_told_in_the_stations_words(daemon: FakeDaemon, chargepoint: Run, bundle: Path) -> None:
    daemon.will("GET /update", SETTLED)
    daemon.will("POST /update", {"error": "It is for other hardware (x), and this is y."}, 409)
    said = chargepoint("update", str(bundle))
    assert (said.status, said.err) == (1, "chargepoint: It is for other hardware (x), and this is y.\n")


def test_what_fails_on_the_way_is_told(daemon: FakeDaemon, chargepoint: Run, bundle: Path) -> None:
    daemon.will("GET /update", {**SETTLED, "failure": "there is no room for it"})
    daemon.will("POST /update", {**SETTLED, "doing": BEGINS})
    said = chargepoint("update", str(bundle))
    assert (said.status, said.err) == (1, "chargepoint: nothing was installed: there is no room for it\n")


@pytest.mark.parametrize(
    ("doing", "words"),
    [
        (
            {"step": "Downloaded", "waits_for": [1, 3]},
            "waits until nobody charges (EVSE 1, 3); --now does not wait",
        ),
        ({"step": "Installing", "percent": 40, "words": "Checking bundle"}, "installing, 40 %: Checking bundle"),
        ({"step": "Installing"}, "installing"),
        ({"step": "InstallRebooting"}, "installed; the machine restarts into the new system"),
        ({"step": "InstallScheduled"}, "waits"),
    ],
)
def test_each_step_is_told(doing: dict[str, Any], words: str) -> None:
    assert update.progress({**BEGINS, **doing}) == words


def test_a_file_that_is_not_there(daemon: FakeDaemon, chargepoint: Run, tmp_path: Path) -> None:
    daemon.will("GET /update", SETTLED)
    said = chargepoint("update", str(tmp_path / "nothing"))
    assert (said.status, "No such file or directory" in said.err) == (1, True)


@pytest.mark.parametrize(("name", "kind"), [("/dev/zero", "no regular file"), ("/dev", "a directory")])
def test_only_a_file_is_copied(daemon: FakeDaemon, chargepoint: Run, state: Path, name: str, kind: str) -> None:
    daemon.will("GET /update", SETTLED)
    said = chargepoint("update", name)
    assert (said.status, said.err) == (1, f"chargepoint: {name}: it is {kind}. Name the bundle itself, a file.\n")
    assert not (state / "transfers").exists()


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(daemon: FakeDaemon, chargepoint: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "it is no regular file" in chargepoint("update", str(tmp_path / "pipe")).err


def test_nothing_is_copied_while_another_update_is_under_way(
    daemon: FakeDaemon, chargepoint: Run, bundle: Path, state: Path
) -> None:
    daemon.will(
        "GET /update", {**SETTLED, "doing": {**BEGINS, "step": "Installing", "percent": 40, "words": "Copying"}}
    )
    said = chargepoint("update", str(bundle))
    assert said.status == 1
    assert "another update is under way: installing, 40 %: Copying" in said.err
    assert not (state / "transfers").exists()


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 128 + 15), (signal.SIGHUP, 128 + 1)]
)
def test_half_a_copy_is_not_left_behind(
    daemon: FakeDaemon, chargepoint: Run, bundle: Path, state: Path, monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals, status: int,
) -> None:  # fmt: skip
    def ended_half_way(source: BinaryIO, target: BinaryIO, length: int) -> None:
        target.write(source.read(3))
        signal.raise_signal(number)

    daemon.will("GET /update", SETTLED)
    monkeypatch.setattr("shutil.copyfileobj", ended_half_way)
    before = signal.getsignal(number)
    try:
        ended = chargepoint("update", str(bundle)).status
    except SystemExit as end:
        ended = int(str(end))
    assert ended == status
    assert list((state / "transfers").iterdir()) == []
    assert signal.getsignal(number) is before


def test_what_a_killed_one_has_left_takes_no_room(
    daemon: FakeDaemon, chargepoint: Run, bundle: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = state / "transfers" / "firmware.brought.new"
    left.parent.mkdir()
    left.write_bytes(bytes(1000))
    free = update.KEEP_FREE_BYTES + 1000
    monkeypatch.setattr("shutil.disk_usage", lambda folder: Free(free - 1000 if left.exists() else free))
    daemon.will("GET /update", SETTLED)
    daemon.will("POST /update", SETTLED)
    assert chargepoint("update", str(bundle)).status == 0
    assert [file.name for file in left.parent.iterdir()] == ["firmware.brought"]


def test_no_room_is_said_before_anything_is_copied(
    daemon: FakeDaemon, chargepoint: Run, bundle: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.will("GET /update", SETTLED)
    monkeypatch.setattr(update, "KEEP_FREE_BYTES", 1 << 60)
    said = chargepoint("update", str(bundle))
    assert (said.status, "there is no room for it" in said.err) == (1, True)
    assert not (state / "transfers" / "firmware.brought").exists()


def test_neither_a_file_nor_a_question(chargepoint: Run) -> None:
    assert chargepoint("update").status == 2


def a_rauc(place: Path, script: str) -> None:
    program = place / "rauc"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    evse = 'pilot = { driver = "mock" }\ncontactor = { driver = "mock" }\n'
    (place / "chargepoint.toml").write_text(
        '[station]\nvendor = "Acme"\nmodel = "Wall"\nserial_number = "1"\n'
        f'[[evse]]\n{evse}[update]\nrauc_program = "{program}"\n'
    )


def test_without_a_daemon_it_is_installed_all_the_same(chargepoint: Run, bundle: Path, tmp_path: Path) -> None:
    status = '{"compatible":"x","boot_primary":"rootfs.0","slots":[{"rootfs.0":{"bootname":"A","state":"booted"}}]}'
    a_rauc(tmp_path, f"""case $1 in
        info) echo '{{"compatible":"x","version":"9.0"}}' ;;
        status) echo '{status}' ;;
        install) echo " 80% Copying image"; cp "$2" {tmp_path}/installed ;;
        esac""")  # fmt: skip
    said = chargepoint("update", str(bundle))
    assert (said.status, said.out.splitlines()[-1]) == (0, "installed; restart the machine to try it: sudo reboot")
    assert (tmp_path / "installed").read_bytes() == b"bundle"


def test_without_a_daemon_a_refusal_has_plain_words_too(chargepoint: Run, bundle: Path, tmp_path: Path) -> None:
    a_rauc(tmp_path, "echo 'signature verification failed: Verify error: self-signed certificate' >&2; exit 1")
    said = chargepoint("update", str(bundle))
    assert said.status == 1
    assert "nothing was installed: it is signed by somebody whom this station does not trust" in said.err


def test_without_a_daemon_and_without_rauc(chargepoint: Run, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PATH", "/nonexistent")
    said = chargepoint("update", str(bundle))
    assert (said.status, "RAUC is not installed on this machine" in said.err) == (1, True)
