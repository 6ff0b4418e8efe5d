"""The back-ends of deploy/rauc: which slot starts, whatever is asked for and wherever the power fails."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.process.boot_medium import RAUC, BootMedium, Pi, PiWithOneBootPartition, cut_at

KINDS = {"a file": BootMedium, "a Pi with autoboot.txt": Pi, "a Pi with os_prefix": PiWithOneBootPartition}

STEPS = 40
"""More than any back-end takes."""


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> type[BootMedium]:
    return KINDS[request.param]


@pytest.fixture
def medium(kind: type[BootMedium], tmp_path: Path) -> BootMedium:
    return kind(tmp_path / "medium")


def states(medium: BootMedium) -> tuple[str, str]:
    return medium.said("get-state", "A"), medium.said("get-state", "B")


# --- what is asked for ------------------------------------------------------------------------------------------------


def test_a_new_image_runs_in_a_and_knows_nothing_of_b(medium: BootMedium) -> None:
    assert (medium.said("get-primary"), states(medium), medium.said("get-current")) == ("A", ("good", "bad"), "A")
    assert medium.restart() == "A"


def test_what_was_installed_is_started_once(medium: BootMedium) -> None:
    medium.install("B")
    assert medium.said("get-primary") == "B"
    assert medium.restart() == "B"
    assert (medium.said("get-primary"), states(medium)) == ("A", ("good", "bad"))
    assert medium.restart() == "A"
    assert medium.restart() == "A"


def test_what_has_proven_itself_stays(medium: BootMedium) -> None:
    medium.install("B")
    medium.restart()
    medium.said("set-state", "B", "good")
    assert (medium.said("get-primary"), states(medium)) == ("B", ("good", "good"))
    assert [medium.restart(), medium.power_cut(), medium.restart()] == ["B", "B", "B"]


def test_the_next_update_goes_the_other_way(medium: BootMedium) -> None:
    medium.install("B")
    medium.restart()
    medium.said("set-state", "B", "good")
    medium.install("A")
    assert states(medium) == ("bad", "good")
    assert [medium.restart(), medium.power_cut()] == ["A", "B"]
    medium.install("A")
    medium.restart()
    medium.said("set-state", "A", "good")
    assert medium.power_cut() == "A"


def test_whoever_goes_back_by_hand_to_what_was_good_stays_there(medium: BootMedium) -> None:
    medium.install("B")
    medium.restart()
    medium.said("set-state", "B", "good")
    medium.said("set-primary", "A")
    assert [medium.restart(), medium.power_cut()] == ["A", "A"]


def test_a_running_system_that_is_marked_bad_is_left_at_the_next_start(medium: BootMedium) -> None:
    medium.install("B")
    medium.restart()
    medium.said("set-state", "B", "good")
    medium.said("set-state", "B", "bad")
    assert medium.power_cut() == "A"


def test_the_only_good_one_is_not_left_for_a_bad_one(medium: BootMedium) -> None:
    medium.said("set-state", "A", "bad")
    assert medium.power_cut() == "A"


def test_a_trial_is_called_off_when_its_slot_is_written_again(medium: BootMedium) -> None:
    medium.install("B")
    medium.said("set-state", "B", "bad")
    assert (medium.said("get-primary"), medium.restart()) == ("A", "A")


def test_good_words_for_a_slot_that_does_not_run_start_nothing(medium: BootMedium) -> None:
    medium.said("set-state", "B", "good")
    assert medium.restart() == "A"


@pytest.mark.parametrize(
    "words",
    [(), ("get-state",), ("get-state", "C"), ("set-primary", "rootfs.1"), ("set-state", "A"), ("set-state", "A", "so")],
)
def test_what_makes_no_sense_changes_nothing(medium: BootMedium, words: tuple[str, ...]) -> None:
    before = {file: file.read_bytes() for file in medium.boot.iterdir()}
    answer = medium.ask(*words)
    assert answer.returncode == 1
    assert answer.stderr
    assert {file: file.read_bytes() for file in medium.boot.iterdir()} == before


@pytest.mark.parametrize("garbage", ["", "\0" * 1024, "primary=C\ntry=x\nA=?\n", "primary=\n"])
def test_a_file_that_makes_no_sense_starts_what_runs(medium: BootMedium, garbage: str) -> None:
    (medium.boot / "slots.env").write_text(garbage)
    assert (medium.said("get-primary"), states(medium)) == ("A", ("good", "bad"))
    medium.install("B")
    assert [medium.restart(), medium.power_cut()] == ["B", "A"]
    assert (medium.boot / "slots.env").stat().st_size == 1024


def test_a_boot_partition_that_is_not_mounted_is_no_answer(medium: BootMedium) -> None:
    """Else a system on trial would pass for one that has proven itself."""
    for file in medium.boot.iterdir():
        file.unlink()
    medium.boot_as("B")
    for words in (("get-primary",), ("get-state", "B"), ("set-state", "B", "good"), ("set-primary", "A")):
        assert medium.ask(*words).returncode == 1
    assert list(medium.boot.iterdir()) == []


# --- power ------------------------------------------------------------------------------------------------------------


def prepared_installation(medium: BootMedium) -> Callable[[str], None]:
    medium.said("set-state", "B", "bad")
    return lambda path: void(medium.ask("set-primary", "B", path=path))


def prepared_praise(medium: BootMedium) -> Callable[[str], None]:
    medium.install("B")
    medium.restart()
    return lambda path: void(medium.ask("set-state", "B", "good", path=path))


def void(answer: object) -> None:
    """What a script says that was killed is no matter."""


@pytest.mark.parametrize("done", [False, True])
def test_a_power_cut_while_a_trial_is_arranged_leaves_the_old_system(
    kind: type[BootMedium], tmp_path: Path, done: bool
) -> None:
    for nth in range(1, STEPS):
        medium = kind(tmp_path / f"{nth}")
        arrange = prepared_installation(medium)
        folder = cut_at(tmp_path, nth, done=done)
        arrange(folder)
        assert medium.power_cut() in ("A", "B")
        assert medium.power_cut() == "A", f"step {nth}"
        medium.install("B")  # and it can be done again
        assert medium.restart() == "B"
        if len(Path(folder, "count").read_text().splitlines()) < nth:
            return
    raise AssertionError("more steps than were tried")


@pytest.mark.parametrize("done", [False, True])
def test_a_power_cut_while_a_new_system_is_kept_leaves_one_that_starts(
    kind: type[BootMedium], tmp_path: Path, done: bool
) -> None:
    for nth in range(1, STEPS):
        medium = kind(tmp_path / f"{nth}")
        keep = prepared_praise(medium)
        folder = cut_at(tmp_path, nth, done=done)
        keep(folder)
        started = medium.power_cut()
        assert medium.power_cut() == started, f"step {nth}: it is kept or it is not"
        if started == "B" and medium.said("get-state", "B") == "bad":  # it has to prove itself once more
            medium.said("set-state", "B", "good")
        assert medium.power_cut() == started
        assert medium.said("get-primary") == started
        if len(Path(folder, "count").read_text().splitlines()) < nth:
            assert started == "B"
            return
    raise AssertionError("more steps than were tried")


def test_a_cut_between_arranging_a_trial_and_the_restart_leaves_the_old_system(tmp_path: Path) -> None:
    medium = Pi(tmp_path / "medium")
    medium.install("B")
    assert medium.power_cut() == "A"
    assert medium.said("get-primary") == "B", "the trial still stands"
    assert [medium.restart(), medium.restart()] == ["B", "A"]


# --- what else a slot needs -------------------------------------------------------------------------------------------


@pytest.fixture
def with_kernels(kind: type[BootMedium], tmp_path: Path) -> BootMedium:
    """A boot partition with a folder for each slot's kernel; `mount` is one that binds nothing and copies."""
    medium = kind(tmp_path / "medium")
    for slot in "ab":
        root = medium.place / "roots" / f"root-{slot}" / "boot"
        root.mkdir(parents=True)
        (root / "vmlinuz").write_text(f"new kernel of {slot}")
        (root / "initrd.img").write_text(f"new initrd of {slot}")
    (medium.boot / "slot-a").mkdir()
    (medium.boot / "slot-a" / "vmlinuz").write_text("old kernel of a")
    stand_ins = medium.place / "bin"
    stand_ins.mkdir()
    (stand_ins / "mount").write_text('#!/bin/sh\ncp -r "$3"/boot "$4"/\n')
    (stand_ins / "umount").write_text('#!/bin/sh\nrm -r "$1"/boot\n')
    for script in stand_ins.iterdir():
        script.chmod(0o755)
    return medium


def test_a_new_system_brings_its_kernel(with_kernels: BootMedium) -> None:
    medium = with_kernels
    medium.said("set-state", "B", "bad")
    answer = medium.ask("set-primary", "B", path=str(medium.place / "bin"))
    assert answer.returncode == 0, answer.stderr
    assert (medium.boot / "slot-b" / "vmlinuz").read_text() == "new kernel of b"
    assert (medium.boot / "slot-b" / "initrd.img").read_text() == "new initrd of b"
    assert (medium.boot / "slot-a" / "vmlinuz").read_text() == "old kernel of a"
    assert {file.name for file in medium.boot.iterdir() if file.is_dir()} == {"slot-a", "slot-b"}
    assert list(medium.run.iterdir()) == []


def test_one_without_a_kernel_is_not_tried(with_kernels: BootMedium) -> None:
    medium = with_kernels
    shutil.rmtree(medium.place / "roots" / "root-b" / "boot")
    (medium.place / "roots" / "root-b" / "boot").mkdir()
    answer = medium.ask("set-primary", "B", path=str(medium.place / "bin"))
    assert answer.returncode == 1
    assert "the kernel of slot B cannot be put in place" in answer.stderr
    assert (medium.said("get-primary"), medium.restart()) == ("A", "A")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_on_a_real_partition_that_is_read_only_in_between(tmp_path: Path) -> None:
    """And with a root that is one: a squashfs."""
    medium = BootMedium(tmp_path / "medium")
    tree = tmp_path / "tree" / "boot"
    tree.mkdir(parents=True)
    (tree / "vmlinuz").write_text("new kernel")
    (tree / "initrd.img").write_text("new initrd")
    run = partial(subprocess.run, check=True, capture_output=True)
    run(["mksquashfs", tmp_path / "tree", medium.place / "roots" / "root-b", "-quiet", "-no-progress"])
    (medium.boot / "slot-a").mkdir()
    run(["mke2fs", "-q", "-t", "ext4", "-d", medium.boot, tmp_path / "partition", "16M"])
    run(["mount", "-o", "loop", tmp_path / "partition", medium.boot])
    try:
        run(["mount", "-o", "remount,ro", medium.boot])
        medium.install("B")
        assert (medium.boot / "slot-b" / "vmlinuz").read_text() == "new kernel"
        assert medium.said("get-primary") == "B"
        with pytest.raises(OSError, match="Read-only"):
            (medium.boot / "x").touch()
    finally:
        run(["umount", medium.boot])


def test_the_scripts_are_plain_shell() -> None:
    scripts = ("by-file", "by-tryboot", "tryboot-at-reboot", "give-up-trial", "bundle.sh")
    checked = subprocess.run(["shellcheck", "-x", *scripts], cwd=RAUC, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


# --- what never comes up ----------------------------------------------------------------------------------------------


def give_up(medium: BootMedium) -> tuple[subprocess.CompletedProcess[str], Path]:
    (medium.place / "system.conf").write_text(f"[handlers]\nbootloader-custom-backend={RAUC / medium.backend}\n")
    asked = medium.place / "rebooted"
    stand_ins = medium.place / "bin"
    stand_ins.mkdir()
    (stand_ins / "systemctl").write_text(f'#!/bin/sh\necho "$@" >{asked}\n')
    (stand_ins / "systemctl").chmod(0o755)
    environment = {
        "PATH": f"{stand_ins}:/usr/bin:/bin",
        "SYSTEM_CONF": str(medium.place / "system.conf"),
        "STATE": str(medium.place),
        "BOOT": str(medium.boot),
        "CMDLINE": str(medium.place / "cmdline"),
    }
    ended = subprocess.run([RAUC / "give-up-trial"], env=environment, capture_output=True, text=True, check=False)
    return ended, asked


def test_a_new_system_whose_program_never_came_up_is_left(medium: BootMedium) -> None:
    medium.install("B")
    medium.restart()
    ended, asked = give_up(medium)
    assert ended.returncode == 0, ended.stderr
    assert asked.read_text() == "reboot\n"
    told = (medium.place / "trial-failed.json").read_text()
    assert told == '{"slot": "B", "why": "its program did not come up in time"}\n'
    assert medium.restart() == "A"


def test_one_that_has_proven_itself_is_left_alone(medium: BootMedium) -> None:
    ended, asked = give_up(medium)
    assert (ended.returncode, asked.exists()) == (0, False)
