"""A log of our own on disk: bounded, in order, and never a reason to fail."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.store.ring import LONGEST_BYTES, Ring

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def texts(ring: Ring) -> list[str]:
    """Without their times."""
    return [line.partition(" ")[2] for _, line in ring.lines()]


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("log-*.log"))


def a_ring(folder: Path, **sizes: int) -> Ring:
    return Ring(folder / "logs", "log", **sizes)


def test_lines_come_back_in_order_with_their_times(tmp_path: Path) -> None:
    ring = a_ring(tmp_path)
    for n in range(3):
        ring.append(NOON + timedelta(seconds=n), f"line {n}")
    assert list(ring.lines()) == [
        (NOON + timedelta(seconds=n), f"2026-11-22T12:00:0{n}.000Z line {n}") for n in range(3)
    ]


def test_the_next_run_goes_on_where_the_last_has_ended(tmp_path: Path) -> None:
    for text in ("first run", "second run"):
        ring = a_ring(tmp_path)
        ring.append(NOON, text)
        ring.close()
    assert texts(a_ring(tmp_path)) == ["first run", "second run"]
    assert len(files(tmp_path / "logs")) == 1


def test_the_oldest_go_and_what_is_kept_is_without_a_gap(tmp_path: Path) -> None:
    ring = a_ring(tmp_path, files=3, file_bytes=1000)
    for n in range(500):
        ring.append(NOON, f"line {n}")
    kept = [int(text.split()[1]) for text in texts(ring)]
    assert kept == list(range(kept[0], 500))
    assert len(kept) > 40
    assert len(files(tmp_path / "logs")) == 3
    assert sum(file.stat().st_size for file in files(tmp_path / "logs")) <= 3000


def test_several_lines_are_one_and_pass_for_no_other(tmp_path: Path) -> None:
    ring = a_ring(tmp_path)
    ring.append(NOON, "card\n2026-11-22T12:00:00.000Z evse=1 available\r\nx")
    ring.append(NOON, "next")
    assert texts(ring) == ["card\n    2026-11-22T12:00:00.000Z evse=1 available\n    x", "next"]


@given(st.lists(st.text(max_size=50), max_size=20))
@settings(max_examples=100)
def test_any_text_is_one_line(tmp_path_factory: pytest.TempPathFactory, written: list[str]) -> None:
    ring = a_ring(tmp_path_factory.mktemp("ring"))
    for text in written:
        ring.append(NOON, text)
    assert len(list(ring.lines())) == len(written)
    assert all(at == NOON for at, _ in ring.lines())
    ring.close()


def test_a_line_of_any_length_is_cut(tmp_path: Path) -> None:
    ring = a_ring(tmp_path)
    ring.append(NOON, "x" * 1_000_000)
    ring.append(NOON, "next")
    assert len(texts(ring)[0]) < LONGEST_BYTES
    assert texts(ring)[1] == "next"


# --- a power cut ------------------------------------------------------------------------------------------------------


def test_wherever_a_file_was_torn_the_rest_is_kept_and_the_next_line_stands_alone(tmp_path: Path) -> None:
    ring = a_ring(tmp_path)
    for n in range(3):
        ring.append(NOON, f"line {n}")
    ring.close()
    (file,) = files(tmp_path / "logs")
    whole = file.read_bytes()
    for length in range(len(whole) + 1):
        file.write_bytes(whole[:length])
        after = a_ring(tmp_path)
        after.append(NOON, "after")
        lines = texts(after)
        complete = whole[:length].count(b"\n")
        assert lines[:complete] == [f"line {n}" for n in range(complete)]
        assert lines[-1] == "after"
        assert len(lines) - 1 - complete <= 1  # the torn one
        after.close()


def test_blocks_that_a_power_cut_has_left_empty_are_dropped(tmp_path: Path) -> None:
    ring = a_ring(tmp_path)
    ring.append(NOON, "before")
    ring.close()
    (file,) = files(tmp_path / "logs")
    file.write_bytes(file.read_bytes() + b"\0" * 4096)
    after = a_ring(tmp_path)
    after.append(NOON, "after")
    assert texts(after) == ["before", "after"]


def test_a_file_of_anything_is_read_without_harm(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "log-00000007.log").write_bytes(bytes(range(256)) * 10)
    (tmp_path / "logs" / "log-nonsense.log").write_text("no file of ours")
    ring = a_ring(tmp_path)
    ring.append(NOON, "after")
    assert texts(ring)[-1] == "after"
    assert files(tmp_path / "logs")[0].name == "log-00000007.log"


def test_what_is_synced_is_handed_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    ring = a_ring(tmp_path)
    ring.sync_soon()
    ring.append(NOON, "x")
    assert synced == []
    ring.sync_soon()
    assert len(synced) == 1


# --- a disk that takes nothing ----------------------------------------------------------------------------------------


def test_a_full_disk_leaves_no_half_lines_and_is_told_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = a_ring(tmp_path)
    ring.append(NOON, "before")
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, line: real(file, line[:10]))  # there is room for ten bytes
    ring.append(NOON, "lost one")
    monkeypatch.setattr(os, "write", _no_room)
    ring.append(NOON, "lost two")
    monkeypatch.setattr(os, "write", real)
    ring.append(NOON, "after")
    assert texts(ring) == ["before", "2 lines could not be written", "after"]


def _no_room(file: int, line: bytes) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_at_the_turn_of_a_file_loses_nothing_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = a_ring(tmp_path, files=2, file_bytes=100)
    ring.append(NOON, "x" * 60)
    real = os.open
    monkeypatch.setattr(os, "open", _no_file)
    ring.append(NOON, "y" * 60)
    assert texts(ring) == ["x" * 60]
    monkeypatch.setattr(os, "open", real)
    ring.append(NOON, "z" * 60)
    assert texts(ring)[-1] == "z" * 60


def _no_file(*arguments: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_folder_that_cannot_be_made_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("no folder")
    ring = a_ring(tmp_path)
    ring.append(NOON, "x")
    ring.sync_soon()
    assert list(ring.lines()) == []
    (tmp_path / "logs").unlink()
    ring.append(NOON, "y")
    assert texts(ring) == ["1 lines could not be written", "y"]
