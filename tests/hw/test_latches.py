"""What must not be forgotten: faults that stand, on a disk that may be full, slow or damaged."""

import json
from pathlib import Path

import pytest

from hw.guard.latches import DAMAGED, FILE, RETRY_S, Latches
from tests.hw.test_station import Site

LEAK, WELD, LOST = "MREC2GroundFailure", "MREC17EVSEContactorFault", "PermanentFault"


class Time:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def time() -> Time:
    return Time()


def on_disk(folder: Path) -> object:
    return json.loads((folder / FILE).read_text())


def kept(latches: Latches, latched: dict[int, list[str]]) -> None:
    latches.keep(latched)
    latches.settle()


def test_a_station_without_a_file_is_fresh_and_writes_nothing(tmp_path: Path) -> None:
    latches = Latches(tmp_path, [1])
    kept(latches, {})
    assert latches.saved == {}
    assert list(tmp_path.iterdir()) == []


def test_what_is_kept_stands_after_a_restart(tmp_path: Path) -> None:
    kept(Latches(tmp_path, [1, 2]), {2: [LEAK, WELD]})
    assert Latches(tmp_path, [1, 2]).saved == {2: [WELD, LEAK]}


def test_a_write_that_fails_is_tried_again_but_not_at_once(
    tmp_path: Path, time: Time, capsys: pytest.CaptureFixture[str]
) -> None:
    obstacle = tmp_path / "guard-latches.new"
    obstacle.mkdir()
    latches = Latches(tmp_path, [1], time)
    kept(latches, {1: [WELD]})
    obstacle.rmdir()

    kept(latches, {1: [WELD]})
    assert not (tmp_path / FILE).exists()

    time.now_s += RETRY_S
    kept(latches, {1: [WELD]})
    assert on_disk(tmp_path) == {"1": [WELD]}
    assert capsys.readouterr().err.count("cannot be saved") == 1


def test_a_disk_that_stays_full_is_complained_of_once(
    tmp_path: Path, time: Time, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "guard-latches.new").mkdir()
    latches = Latches(tmp_path, [1], time)
    for _ in range(5):
        kept(latches, {1: [WELD]})
        time.now_s += RETRY_S
    latches.flush()
    assert capsys.readouterr().err.count("\n") == 1


def test_a_fault_that_ends_while_its_write_fails_leaves_no_latch(tmp_path: Path, time: Time) -> None:
    obstacle = tmp_path / "guard-latches.new"
    latches = Latches(tmp_path, [1], time)
    kept(latches, {1: [LEAK]})
    obstacle.mkdir()
    kept(latches, {})
    obstacle.rmdir()
    time.now_s += RETRY_S
    kept(latches, {})
    assert on_disk(tmp_path) == {}
    assert not (tmp_path / DAMAGED).exists()


def test_at_the_end_what_failed_is_tried_once_more(tmp_path: Path, time: Time) -> None:
    obstacle = tmp_path / "guard-latches.new"
    obstacle.mkdir()
    latches = Latches(tmp_path, [1], time)
    kept(latches, {1: [WELD]})
    obstacle.rmdir()
    latches.flush()
    assert on_disk(tmp_path) == {"1": [WELD]}


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 40, b'{"1": ["MREC', b"[]", b'{"1": "x"}', b'{"x": []}', b'{"1": [2]}', b"[" * 100_000]
)
def test_a_damaged_file_is_a_fault_at_every_evse_and_kept_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    latches = Latches(tmp_path, [1, 2])
    assert latches.saved == {1: [LOST], 2: [LOST]}

    kept(latches, latches.saved)
    assert (tmp_path / DAMAGED).read_bytes() == content
    assert Latches(tmp_path, [1, 2]).saved == {1: [LOST], 2: [LOST]}


def test_a_damaged_file_that_nobody_could_replace_is_still_damaged_after_a_restart(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"?")
    (tmp_path / "guard-latches.new").mkdir()
    kept(Latches(tmp_path, [1]), {1: [LOST]})
    assert Latches(tmp_path, [1]).saved == {1: [LOST]}


def test_what_cannot_be_read_at_all_is_no_fresh_station(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    assert Latches(tmp_path, [1]).saved == {1: [LOST]}


def test_a_name_that_a_newer_guard_has_written_stands_for_an_unknown_fault(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"1": ["MeteorFault", LEAK]}))
    assert Latches(tmp_path, [1]).saved == {1: [LEAK, LOST]}


def test_what_stood_at_an_evse_that_is_not_configured_now_is_kept_for_later(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"1": [LEAK], "2": [WELD]}))
    latches = Latches(tmp_path, [1])
    kept(latches, {})
    assert latches.saved == {1: [LEAK]}
    assert Latches(tmp_path, [1, 2]).saved == {2: [WELD]}


def test_a_lost_record_ends_neither_with_the_car_nor_by_itself_but_on_site() -> None:
    site = Site(latched={1: [LOST]})
    site.amps[1] = 16.0
    site.wires[1].bay.plug({}, site.now_s)
    site.run(10.0)
    site.wires[1].bay.unplug("both", site.now_s)
    site.run(2.0)
    assert [fault.name for fault in site.last().faults] == [LOST]
    assert site.last().contactor == "open"

    assert site.guard.outlets[1].rules.clear(LOST, site.now_s) == ""
    assert site.guard.latched() == {}
