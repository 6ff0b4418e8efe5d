"""`chargepoint logs`: the station's own log by time, level and outlet, with and without a running daemon."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chargepoint.cli import logs as logs_module
from chargepoint.records.kept import Window, entries
from chargepoint.store.ring import Ring, Tail
from chargepoint.timewindow import TimeWindow
from tests.cli.conftest import STATUS, FakeDaemon, Said

Run = Callable[..., Said]

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FRAME = {"at": "2026-11-20T12:00:30.000Z", "direction": "out", "message": [2, "1", "Heartbeat", {}]}


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
def kept(state: Path) -> Ring:
    """Four lines at 12:00, 12:01, 12:02 and 12:03, UTC, which is the time zone of these tests."""
    state.mkdir(exist_ok=True)
    ring = Ring(state / "logs", "log")
    ring.append(at(0), "INFO    chargepoint.daemon: evse=1 vehicle connected")
    ring.append(at(1), "WARNING chargepoint.supervise: meter of EVSE 2: no answer\nfrom unit 1")
    ring.append(at(2), "INFO    chargepoint.daemon: the bill is written {evse=1, transaction=0d0f1c7a}")
    ring.append(at(3), "ERROR   chargepoint.desk: the journal does not record: no room")
    return ring


def shown(said: Said) -> list[str]:
    """The minutes of the lines that were printed."""
    return [line[14:16] for line in said.out.splitlines() if line.startswith("2026")]


def test_the_log_is_read_without_a_daemon(kept: Ring, chargepoint: Run) -> None:
    said = chargepoint("logs")
    assert said.status == 0
    assert said.out.splitlines() == [
        "2026-11-20 12:00:00 INFO    daemon: evse=1 vehicle connected",
        "2026-11-20 12:01:00 WARNING supervise: meter of EVSE 2: no answer",
        "    from unit 1",
        "2026-11-20 12:02:00 INFO    daemon: the bill is written {evse=1, transaction=0d0f1c7a}",
        "2026-11-20 12:03:00 ERROR   desk: the journal does not record: no room",
    ]


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        (["--since", "2026-11-20T12:01"], ["01", "02", "03"]),
        (["--since", "2026-11-20T12:01:00Z", "--until", "2026-11-20T13:02:30+01:00"], ["01", "02"]),
        (["--until", "2026-11-20T12:00:59"], ["00"]),
        (["--level", "warning"], ["01", "03"]),
        (["--level", "error"], ["03"]),
        (["--evse", "1"], ["00", "02"]),
        (["--evse", "2"], ["01"]),
        (["--last", "1"], ["03"]),
        (["--since", "2026-11-20T12:00", "--evse", "1", "--last", "1"], ["02"]),
    ],
)
def test_a_window_a_level_an_outlet(kept: Ring, chargepoint: Run, words: list[str], minutes: list[str]) -> None:
    assert shown(chargepoint("logs", *words)) == minutes


def test_an_hour_ago_is_written_with_a_minus(kept: Ring, chargepoint: Run) -> None:
    now = datetime.now(UTC)
    kept.append(now - timedelta(minutes=50), "INFO    x: lately")
    kept.append(now - timedelta(minutes=2), "INFO    x: just now")
    assert "lately" in chargepoint("logs", "--since", "-1h").out
    assert "lately" not in chargepoint("logs", "--since", "-5m").out
    assert "just now" in chargepoint("logs", "--since", "-5m", "--until", "-1m").out


@pytest.mark.parametrize("wrong", ["soon", "-1x", "25:00", "2026-13-01", "", "-", "1", "9" * 30 + "d"])
def test_what_is_no_time_is_said_with_examples(kept: Ring, chargepoint: Run, wrong: str) -> None:
    said = chargepoint("logs", "--since", wrong)
    assert (said.status, said.out) == (1, "")
    assert "a time such as" in said.err


def test_a_window_that_ends_before_it_begins(kept: Ring, chargepoint: Run) -> None:
    said = chargepoint("logs", "--since", "2026-11-20T13:00", "--until", "2026-11-20T12:00")
    assert said.status == 1
    assert "before it begins" in said.err


def test_where_nothing_is_found_it_is_said_what_there_is(kept: Ring, chargepoint: Run) -> None:
    said = chargepoint("logs", "--until", "2020-01-01")
    assert (said.status, said.out) == (0, "")
    assert "it goes from 2026-11-20 12:00:00 to 2026-11-20 12:03:00" in said.err


def test_a_station_that_never_ran_has_no_log(state: Path, chargepoint: Run) -> None:
    said = chargepoint("logs")
    assert said.status == 1
    assert "no log is kept there" in said.err


def test_for_programs_each_line_is_an_object(kept: Ring, chargepoint: Run) -> None:
    told = [json.loads(line) for line in chargepoint("logs", "--json").out.splitlines()]
    assert told[1] == {
        "at": "2026-11-20T12:01:00.000Z", "level": "warning", "source": "chargepoint.supervise",
        "message": "meter of EVSE 2: no answer\n    from unit 1", "evse": 2,
    }  # fmt: skip
    assert (told[2]["evse"], told[2]["transaction"]) == (1, "0d0f1c7a")


def test_lines_that_nobody_of_us_wrote_are_shown_as_they_are(kept: Ring, chargepoint: Run, state: Path) -> None:
    with next((state / "logs").glob("log-*")).open("ab") as file:
        file.write(b"\xff\xfe odd\n2026-11-20T12:09:00.000Z no level here\n")
    assert "no level here" in chargepoint("logs").out


# --- frames -----------------------------------------------------------------------------------------------------------


def stream(*events: tuple[str, dict[str, Any]]) -> bytes:
    return "".join(f"event: {event}\ndata: {json.dumps(data)}\n\n" for event, data in events).encode()


def test_frames_of_a_running_daemon_stand_between_the_lines(kept: Ring, daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /events?recent=1", stream(("status", STATUS), ("recent", {"frames": [FRAME]})))
    out = chargepoint("logs", "--frames").out.splitlines()
    assert out[1] == '2026-11-20 12:00:30 -> [2, "1", "Heartbeat", {}]'
    assert FRAME["direction"] == json.loads(chargepoint("logs", "--frames", "--json").out.splitlines()[1])["frame"]
    assert len(chargepoint("logs", "--frames", "--since", "2026-11-20T12:01").out.splitlines()) == 4


def test_without_a_daemon_there_are_no_frames_and_that_is_said(kept: Ring, chargepoint: Run) -> None:
    said = chargepoint("logs", "--frames")
    assert len(shown(said)) == 4
    assert "only a running daemon has them" in said.err


# --- following --------------------------------------------------------------------------------------------------------


def test_following_goes_on_with_what_comes(kept: Ring, chargepoint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter(["INFO    x: first", "WARNING x: second", None])

    def look(seconds: float) -> None:
        line = next(looks)
        if line is None:
            raise KeyboardInterrupt
        kept.append(at(5), line)

    monkeypatch.setattr(logs_module.time, "sleep", look)
    said = chargepoint("logs", "--follow", "--level", "warning")
    assert (said.status, shown(said)) == (0, ["01", "03", "05"])
    assert said.out.endswith("WARNING x: second\n")


def test_following_ends_with_the_window(kept: Ring, chargepoint: Run) -> None:
    assert shown(chargepoint("logs", "--follow", "--until", "2026-11-20T12:02:30")) == ["00", "01", "02"]


def test_a_tail_sees_whole_lines_only_and_follows_to_the_next_file(tmp_path: Path) -> None:
    ring = Ring(tmp_path / "logs", "log", files=3, file_bytes=400)
    ring.append(NOON, "before")
    tail = Tail(tmp_path / "logs", "log")
    assert list(tail.lines()) == []
    (file,) = (tmp_path / "logs").glob("log-*")
    with file.open("ab") as content:
        content.write(b"2026-11-20T12:00:01.000Z ha")
        content.flush()
        assert list(tail.lines()) == []
        content.write(b"lf\n    and more\n")
    assert [line for _, line in tail.lines()] == ["2026-11-20T12:00:01.000Z half\n    and more"]
    for n in range(30):
        ring.append(at(n), f"line {n} " + "x" * 60)
    seen = [line for _, line in tail.lines()]
    assert seen[-1].startswith("2026-11-20T12:29:00.000Z line 29")
    assert [line for _, line in tail.lines()] == []


def test_a_log_of_many_files_is_read_in_order(tmp_path: Path) -> None:
    ring = Ring(tmp_path / "logs", "log", files=4, file_bytes=500)
    for n in range(40):
        ring.append(at(n), f"INFO    x: line {n}")
    told = [entry.message for entry in entries(tmp_path, Window(TimeWindow(since=at(35))))]
    assert told == [f"line {n}" for n in range(35, 40)]
