"""The mark of being alive: what is damaged is none, and it costs a page a minute."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chargepoint.records.alive import SIZE, AliveFile, Mark
from chargepoint.records.uptime import reset_by_watchdog, told_by_service
from tests.store.wear import written_bytes

MARK = Mark(datetime(2026, 11, 22, 12, tzinfo=UTC), 1000.5, "boot-1", True)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = AliveFile(tmp_path / "alive")
    assert file.read() is None
    file.write(MARK)
    file.write(Mark(MARK.at, 7.0, "b", False), now=True)
    assert AliveFile(tmp_path / "alive").read() == Mark(MARK.at, 7.0, "b", False)
    assert (tmp_path / "alive").stat().st_size == SIZE


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_anything_else_is_no_mark(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "alive").write_bytes(content)
    assert AliveFile(tmp_path / "alive").read() is None


def test_a_mark_cut_short_is_none(tmp_path: Path) -> None:
    file = AliveFile(tmp_path / "alive")
    file.write(MARK)
    content = (tmp_path / "alive").read_bytes()
    (tmp_path / "alive").write_bytes(content.replace(b"1000.5", b"1000.6"))
    assert file.read() is None


def test_a_disk_that_takes_nothing_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = AliveFile(tmp_path / "nowhere" / "alive")
    file.write(MARK)
    file.write(MARK)
    assert len(caplog.records) == 1


def test_a_day_of_marks_writes_six_megabytes(tmp_path: Path) -> None:
    file, before = AliveFile(tmp_path / "alive"), written_bytes()
    for _ in range(24):
        file.write(MARK, now=True)
    assert (written_bytes() - before) * 60 < 7_000_000


@pytest.mark.parametrize(("content", "said"), [("watchdog\n", "watchdog"), ("core-dump", "core-dump"), ("$(x)", "")])
def test_what_the_service_manager_noted_is_read_once(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "service-result").write_text(content)
    assert told_by_service(tmp_path / "service-result") == said
    assert told_by_service(tmp_path / "service-result") == ""


@pytest.mark.parametrize(("content", "reset"), [("32\n", True), ("0x20", True), ("0", False), ("?", False)])
def test_the_watchdogs_word(tmp_path: Path, content: str, reset: bool) -> None:
    (tmp_path / "bootstatus").write_text(content)
    assert reset_by_watchdog(tmp_path / "bootstatus") is reset
    assert not reset_by_watchdog(tmp_path / "none")
