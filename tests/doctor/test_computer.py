"""Clock, disk and state directory, as the doctor sees them."""

import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chargepoint.doctor import computer
from chargepoint.doctor.computer import Surroundings, clock_steps, state_steps
from hw.doctor import Finding, Outcome, User

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
AROUND = Surroundings(
    user=User("chargepoint", 990, (990,)),
    root=Path("/nowhere"),
    wall=lambda: NOON,
    synchronised=lambda: True,
    free_bytes=lambda folder: 4 << 30,
)


def by_step(findings: Iterator[Finding]) -> dict[str, Finding]:
    return {finding.step.removeprefix("computer."): finding for finding in findings}


def clock(around: Surroundings, *, has_csms: bool = False, simulated: bool = False) -> dict[str, Finding]:
    return by_step(clock_steps(around, has_csms=has_csms, simulated=simulated))


def test_a_clock_that_ntp_keeps_is_in_order(tmp_path: Path) -> None:
    (tmp_path / "sys/class/rtc/rtc0").mkdir(parents=True)
    (tmp_path / "sys/class/rtc/rtc0/name").write_text("rtc-ds1307 1-0068\n")
    told = clock(replace(AROUND, root=tmp_path))
    assert {finding.outcome for finding in told.values()} == {Outcome.OK}
    assert (told["clock"].seen, told["rtc"].seen) == ("2026-11-22 12:00 UTC", "rtc-ds1307 1-0068")


def test_a_clock_in_1970_is_not_plausible() -> None:
    around = replace(AROUND, wall=lambda: datetime(1970, 1, 1, 0, 3, tzinfo=UTC))
    assert clock(around)["clock"].outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("has_csms", "simulated", "outcome"),
    [(False, False, Outcome.FAILED), (True, False, Outcome.SKIPPED), (False, True, Outcome.SKIPPED)],
)
def test_a_clock_that_nobody_keeps_matters_where_nobody_else_tells_the_time(
    has_csms: bool, simulated: bool, outcome: Outcome
) -> None:
    around = replace(AROUND, synchronised=lambda: False)
    assert clock(around, has_csms=has_csms, simulated=simulated)["ntp"].outcome is outcome


def test_a_station_without_a_battery_for_its_clock_is_told_what_that_means() -> None:
    told = clock(AROUND)["rtc"]
    assert told.outcome is Outcome.SKIPPED
    assert "after a power cut" in told.seen


def test_a_state_directory_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    told = by_step(state_steps(tmp_path, AROUND))
    assert {finding.outcome for finding in told.values()} == {Outcome.OK}
    assert told["disk"].seen == "4096 MiB free"
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_not_there_or_cannot_be_written_ends_the_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert by_step(state_steps(tmp_path / "x", AROUND))["state"].seen.endswith("No such file or directory")

    def full(fd: int) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(computer.os, "fsync", full)
    told = by_step(state_steps(tmp_path, AROUND))
    assert told["state"].outcome is Outcome.FAILED
    assert list(told) == ["state"]


def test_a_card_that_takes_seconds_is_dying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 13.5])

    class Slow:
        @staticmethod
        def monotonic() -> float:
            return next(times)

    slow: Any = Slow
    monkeypatch.setattr(computer, "time", slow)
    told = by_step(state_steps(tmp_path, AROUND))["state"]
    assert (told.outcome, told.seen) == (Outcome.FAILED, "in 3.5 s, which is far too slow")


def test_a_full_disk_is_told_before_the_journal_meets_it(tmp_path: Path) -> None:
    around = replace(AROUND, free_bytes=lambda folder: 5 << 20)
    told = by_step(state_steps(tmp_path, around))["disk"]
    assert (told.outcome, told.seen) == (Outcome.FAILED, "5 MiB free")
