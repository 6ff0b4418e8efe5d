"""How the program itself is: looked at on this very process, and the punctuality of its loop in virtual time."""

import asyncio
import os
from pathlib import Path

import pytest

from chargepoint import vitals
from chargepoint.vitals import ASKED_S, KEPT, Punctuality, look


def test_this_process_has_used_processor_and_memory(tmp_path: Path) -> None:
    database = tmp_path / "chargepoint.db"
    database.write_bytes(b"x" * 1000)
    Path(f"{database}-wal").write_bytes(b"x" * 24)
    seen = look(database, 7, 0.25)
    assert seen.cpu_s is not None
    assert 0 < seen.cpu_s < 100_000
    assert seen.resident_bytes is not None
    assert seen.virtual_bytes is not None
    assert 1_000_000 < seen.resident_bytes < seen.virtual_bytes
    assert (seen.store_bytes, seen.store_commits, seen.loop_delay_s) == (1024, 7, 0.25)
    assert seen.open_files is not None
    assert seen.open_files >= 3
    assert seen.started_at_s is not None
    assert abs(seen.started_at_s - os.stat("/proc/self").st_ctime) < 100_000
    assert seen.free_bytes


def test_a_system_that_tells_nothing_of_itself_is_not_guessed_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nothing(*_: object, **__: object) -> str:
        raise OSError

    monkeypatch.setattr(vitals.Path, "read_text", nothing)
    monkeypatch.setattr(vitals.os, "listdir", nothing)
    seen = look(tmp_path / "none.db", 0, 0.0)
    assert (seen.cpu_s, seen.resident_bytes, seen.written_bytes, seen.open_files) == (None, None, None, None)


async def test_a_loop_that_was_kept_shows_by_how_much() -> None:
    loop, kept = asyncio.get_running_loop(), Punctuality()
    assert kept.worst_s() == 0.0
    await asyncio.sleep(0.5)
    loop._jump.now_s += 1.5  # type: ignore[attr-defined]  # somebody computes for so long
    await asyncio.sleep(0.1)
    assert kept.worst_s() == pytest.approx(1.0)
    await asyncio.sleep(KEPT + 5.0)
    assert kept.worst_s() == 0.0


async def test_while_nobody_asks_the_loop_is_left_alone() -> None:
    kept = Punctuality()
    kept.worst_s()
    await asyncio.sleep(ASKED_S + 10.0)
    assert kept._timer is None
