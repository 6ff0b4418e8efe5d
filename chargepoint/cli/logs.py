"""`chargepoint logs`: what the station itself has kept of its log, with or without a running daemon, and what comes."""

from __future__ import annotations

import json
import os
import sys
import time
from argparse import Namespace
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from chargepoint.cli.api import Api, Refused
from chargepoint.cli.exits import DONE
from chargepoint.cli.paint import coloured
from chargepoint.records.kept import Entry, Window, entries, read_entries
from chargepoint.store.ring import Ring, Tail
from chargepoint.timewindow import time_window
from hw.errors import Fixable

LAST = 100
"""Lines shown where no beginning is named."""

LAST_BEFORE_FOLLOWING = 10
LOOK_S = 0.25
ARROWS = {"in": "<-", "out": "->"}
COLOURS = {"warning": "yellow", "error": "red", "critical": "red", "debug": "dim"}

Told = tuple[datetime | None, str]  # when; the line as it is printed


class NoLog(Fixable):
    """There is nothing to be read."""


def logs(args: Namespace) -> int:
    try:
        return _logs(args)
    except KeyboardInterrupt:  # the way to end it
        return DONE


def _logs(args: Namespace) -> int:
    window = _window(args)
    _readable(args.state / "logs")
    tail = Tail(args.state / "logs", "log") if args.follow else None  # from here on nothing is missed
    told = [(entry.at, _line(entry, args.json)) for entry in entries(args.state, window)]
    if args.frames:
        told = _merged(told, _frames_so_far(args, window))
    for _, line in _latest(told, args):
        print(line)
    if not told:
        _say_what_there_is(args.state)
    if tail is not None:
        _follow(args, window, tail)
    return DONE


def _window(args: Namespace) -> Window:
    try:
        return Window(time_window(args.since, args.until, datetime.now(UTC)), args.level, args.evse)
    except ValueError as mistake:
        raise Refused(str(mistake)) from None


def _latest(told: list[Told], args: Namespace) -> Iterable[Told]:
    if args.last is not None or args.since is None:
        return deque(told, args.last or (LAST_BEFORE_FOLLOWING if args.follow else LAST))
    return told


def _readable(folder: Path) -> None:
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        fix = "Ask as the administrator: sudo chargepoint logs ..."
        raise NoLog("this user may not read it", where=str(folder), fix=fix)
    if not folder.is_dir():
        fix = (
            "Name the daemon's directory with --state, or ask as the administrator; a station that never ran has none."
        )
        raise NoLog("no log is kept there", where=str(folder), fix=fix)


def _say_what_there_is(state: Path) -> None:
    times = [at for at, _ in Ring(state / "logs", "log").lines() if at is not None]
    if not times:
        print("chargepoint: the log is empty.", file=sys.stderr)
        return
    first, last = (at.astimezone().strftime("%Y-%m-%d %H:%M:%S") for at in (min(times), max(times)))
    print(f"chargepoint: nothing of that is in the log; it goes from {first} to {last}.", file=sys.stderr)


# --- lines ------------------------------------------------------------------------------------------------------------


def _line(entry: Entry, as_json: bool) -> str:
    if as_json:
        return json.dumps(entry.document(), ensure_ascii=False)
    text = f"{_clock(entry.at)} {entry.level.upper():7} {entry.source.removeprefix('chargepoint.')}: {entry.message}"
    return coloured(text, COLOURS[entry.level]) if entry.level in COLOURS else text


def _clock(at: datetime | None) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else " " * 19


# --- frames -----------------------------------------------------------------------------------------------------------


def _frames_so_far(args: Namespace, window: Window) -> list[Told]:
    """Only a running daemon knows them, and only the last: they are not kept on the storage."""
    try:
        stream = Api(args.state, args.config).events(recent=True)
        recent: dict[str, Any] = next((data for event, data in stream if event == "recent"), {"frames": []})
    except Fixable as trouble:
        print(f"chargepoint: no frames: only a running daemon has them, the last ones. {trouble}", file=sys.stderr)
        return []
    frames = [_frame(frame, args.json) for frame in recent["frames"]]
    return [(at, line) for at, line in frames if window.has_time(at)]


def _frame(frame: dict[str, Any], as_json: bool) -> Told:
    at = datetime.fromisoformat(frame["at"])
    if as_json:
        return at, json.dumps({"frame": frame["direction"], **frame}, ensure_ascii=False)
    message = frame["message"]
    text = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
    return at, coloured(f"{_clock(at)} {ARROWS.get(frame['direction'], '?')} {text}", "dim")


def _merged(log: list[Told], frames: list[Told]) -> list[Told]:
    """By time; a line without one stays behind the line before."""
    lines: list[tuple[float, str, datetime | None]] = []
    for at, line in log:
        lines.append((at.timestamp() if at else (lines[-1][0] if lines else 0.0), line, at))
    lines += [(at.timestamp(), line, at) for at, line in frames if at is not None]
    return [(at, line) for _, line, at in sorted(lines, key=lambda each: each[0])]


# --- what comes -------------------------------------------------------------------------------------------------------


def _follow(args: Namespace, window: Window, tail: Tail) -> None:
    """Until `--until`, or Ctrl-C."""
    frames: SimpleQueue[str] = SimpleQueue()
    if args.frames:
        Thread(target=_hear_frames, args=(args, frames), daemon=True).start()
    until = window.times.until
    while until is None or datetime.now(UTC) < until:
        for entry in read_entries(tail.lines()):
            if window.has(entry):
                print(_line(entry, args.json), flush=True)
        for line in _waiting(frames):
            print(line, flush=True)
        time.sleep(LOOK_S)


def _hear_frames(args: Namespace, into: SimpleQueue[str]) -> None:
    try:
        for event, data in Api(args.state, args.config).events():
            if event == "frame":
                into.put(_frame(data, args.json)[1])
        print("chargepoint: the daemon has stopped; no more frames come.", file=sys.stderr)
    except Fixable:
        return  # said already, when its last frames were asked for


def _waiting(queue: SimpleQueue[str]) -> Iterator[str]:
    while True:
        try:
            yield queue.get_nowait()
        except Empty:
            return
