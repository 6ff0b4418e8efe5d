"""What is told of security, and from which facts it follows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chargepoint.core.facts import (
    Fact,
    FaultRaised,
    Moment,
    Record,
    SecurityEvent,
    SecurityNoted,
    SettingChanged,
)
from chargepoint.core.security import PERIOD_S, Event
from chargepoint.security.events import LITTLE_BYTES, STEP_S, Watch, free_bytes

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Site:
    mono_s: float = 100.0
    wall: datetime = NOON
    free_bytes: int = 10 * LITTLE_BYTES
    journal_fault: str = ""
    told: list[Fact] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watch = Watch(self.act, lambda: self.free_bytes)

    def act(self, deed: Callable[[Any, Moment], Any], /) -> Any:
        around = SimpleNamespace(emit=self.told.append, journal_fault=self.journal_fault)
        return deed(SimpleNamespace(around=around), self.now)

    @property
    def now(self) -> Moment:
        return Moment(self.mono_s, self.wall)

    def later(self, seconds: float) -> None:
        self.mono_s += seconds
        self.wall += timedelta(seconds=seconds)
        self.watch.look()

    def hears(self, fact: Fact) -> list[Fact]:
        self.watch.heard(Record(fact, self.wall, self.mono_s))
        return self.told


@pytest.mark.parametrize(
    ("cause", "event"),
    [
        ("PowerUp", "StartupOfTheDevice"),
        ("RemoteReset", "ResetOrReboot"),
        ("ScheduledReset", "ResetOrReboot"),
        ("ApplicationReset", "ResetOrReboot"),
    ],
)
def test_each_start_is_told_with_its_cause(cause: str, event: str) -> None:
    site = Site()
    site.watch.started(cause)
    assert site.told == [SecurityEvent(0, event, cause)]


@pytest.mark.parametrize(
    ("fact", "event"),
    [
        (FaultRaised(1, "EnclosureOpen", "warning", ""), "TamperDetectionActivated"),
        (SettingChanged(0, "SecurityCtrlr.BasicAuthPassword", "", "csms"), "ReconfigurationOfSecurityParameters"),
        (SettingChanged(0, "SecurityCtrlr.SecurityProfile", "2", "csms"), "ReconfigurationOfSecurityParameters"),
    ],
)
def test_some_facts_are_of_interest(fact: Fact, event: str) -> None:
    assert [each.event for each in Site().hears(fact)] == [event]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "fact",
    [
        FaultRaised(1, "MREC17EVSEContactorFault", "high", ""),
        SettingChanged(0, "OCPPCommCtrlr.HeartbeatInterval", "60", "csms"),
        SecurityEvent(0, "ResetOrReboot"),
    ],
)
def test_others_are_not(fact: Fact) -> None:
    assert Site().hears(fact) == []


def test_a_door_that_several_outlets_see_is_one_event() -> None:
    site = Site()
    site.hears(FaultRaised(1, "EnclosureOpen", "warning", ""))
    assert len(site.hears(FaultRaised(2, "EnclosureOpen", "warning", ""))) == 1


def test_a_clock_that_is_set_is_told_whoever_sets_it() -> None:
    site = Site()
    site.watch.look()
    site.later(3600)
    assert site.told == []
    site.wall += timedelta(seconds=STEP_S + 0.5)
    site.later(60)
    assert site.told == [SecurityEvent(0, "SettingSystemTime", "by +20 s")]
    site.wall -= timedelta(hours=1)
    site.watch.clock_set(site.now)
    site.later(60)
    assert site.told[1:] == [SecurityEvent(0, "SettingSystemTime", "by -3600 s")]


def test_a_clock_that_is_adjusted_a_little_is_not() -> None:
    site = Site()
    site.watch.look()
    for _ in range(10):
        site.wall += timedelta(seconds=STEP_S - 0.5)
        site.later(60)
    assert site.told == []


def test_a_disk_is_told_when_it_becomes_nearly_full() -> None:
    site = Site(free_bytes=LITTLE_BYTES)
    site.later(60)
    assert site.told == []
    for room in (LITTLE_BYTES - 1, 0, 0):
        site.free_bytes = room
        site.later(3600)
    assert site.told == [SecurityEvent(0, "MemoryExhaustion", "the disk is nearly full")]
    for room in (LITTLE_BYTES, 0):
        site.free_bytes = room
        site.later(3600)
    assert len(site.told) == 2


def test_a_journal_that_takes_nothing_is_told_once() -> None:
    site = Site(journal_fault="the file has reached its limit")
    site.later(60)
    site.later(60)
    assert site.told == [SecurityEvent(0, "MemoryExhaustion", "the file has reached its limit")]


def test_a_folder_that_is_not_there_says_nothing_about_the_disk(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "nowhere") == LITTLE_BYTES
    assert free_bytes(tmp_path) > 0


def test_repetitions_are_told_when_their_hour_is_over() -> None:
    site = Site()
    for _ in range(5):
        site.watch(Event.INVALID_MESSAGES, "no JSON")
    site.later(PERIOD_S - 1)
    assert site.told == [SecurityNoted(0, "InvalidMessages", "no JSON")]
    site.later(1)
    assert site.told[1:] == [SecurityNoted(0, "InvalidMessages", "no JSON (4 more since the last notice)")]


def test_who_shows_a_wrong_certificate_has_failed_to_authenticate() -> None:
    site = Site()
    site.watch(Event.INVALID_CSMS_CERTIFICATE, "expired")
    assert site.told == [
        SecurityEvent(0, "InvalidCsmsCertificate", "expired"),
        SecurityNoted(0, "CsmsFailedToAuthenticate", "expired"),
    ]
