"""`chargepoint doctor`: proves the station piece by piece, each with its remedy, for somebody with both hands full."""

from __future__ import annotations

import asyncio
import logging
import os
import pwd
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from textwrap import wrap

from chargepoint.app import hold
from chargepoint.cli.api import Api
from chargepoint.cli.exits import DONE, STEP_FAILED
from chargepoint.cli.factory import factory_of
from chargepoint.cli.files import summary
from chargepoint.cli.paint import as_json, coloured
from chargepoint.config.file import examine as examine_file
from chargepoint.doctor.computer import Surroundings
from chargepoint.doctor.examination import examine, prove_click
from chargepoint.doctor.running import document
from chargepoint.doctor.start import opened_office
from chargepoint.doctor.station import Station
from chargepoint.errors import ConfigMistakes, NoDaemon
from hw.doctor import Finding, Outcome, guard_pid, ok
from hw.errors import Fixable

WIDTH = 80
SEEN_AT = 46
INDENT = 8
MAY = os.R_OK | os.W_OK

MARKS = {
    Outcome.OK: ("ok", "green"),
    Outcome.FAILED: ("FAIL", "red"),
    Outcome.SKIPPED: ("skip", "yellow"),
}

HEADS = {
    "configuration": "",
    "computer": "This computer",
    "program": "What runs",
    "csms": "Back office",
    "mqtt": "MQTT broker",
}
"""First word of a step -> what its part of the list is called; numbered ones are made of their name."""


def doctor(args: Namespace) -> int:
    logging.disable(logging.ERROR)  # what drivers log of a loss stands in their step
    become_owner(args.state)
    config, findings = examine_file(args.config, factory_of(args.state))
    if config is None:
        raise ConfigMistakes(args.config, findings)
    make(args.state)
    status = _status(args)
    around = Surroundings()
    first = ok("configuration", "configuration is in order", f"{args.config}: {summary(config)}")
    with _daemons_place(args.state) if status is None else nullcontext():
        station = Station(config, args.config, args.state, status, guard_pid(args.state))
        return asyncio.run(told(station, first, around, as_list=args.json, click=args.click))


async def told(station: Station, first: Finding, around: Surroundings, *, as_list: bool, click: bool) -> int:
    """Examine and say what was found; the exit status."""
    found: list[Finding] = []
    screen = Screen()
    async for finding in _all(station, first, around, found, click=click):
        found.append(finding)
        if not as_list:
            screen.show(finding)
    if as_list:
        print(as_json([document(finding) for finding in found]))
    else:
        print("\n".join(["", *verdict_lines(found)]))
    return STEP_FAILED if any(finding.outcome is Outcome.FAILED for finding in found) else DONE


async def _all(
    station: Station, first: Finding, around: Surroundings, found: list[Finding], *, click: bool
) -> AsyncIterator[Finding]:
    yield first
    async for finding in examine(station, opened_office(station), around):
        yield finding
    if click:
        async for finding in prove_click(station, found):
            yield finding


# --- before -----------------------------------------------------------------------------------------------------------


def become_owner(state: Path) -> None:
    """As the administrator: become the user that the station runs as. What root can open proves nothing.

    Where the guard is another user, his groups go along: his devices are examined too.
    """
    if os.geteuid() != 0 or not state.exists():
        return
    owner = state.stat().st_uid
    if owner == 0:
        return
    entry = pwd.getpwuid(owner)
    os.setgroups(sorted({*os.getgrouplist(entry.pw_name, entry.pw_gid), *_groups_of_guard(state)}))
    os.setgid(entry.pw_gid)
    os.setuid(owner)


def _groups_of_guard(state: Path) -> list[int]:
    """Of whoever has run it here."""
    try:
        entry = pwd.getpwuid((state / "guard.pid").stat().st_uid)
    except (OSError, KeyError):
        return []
    return os.getgrouplist(entry.pw_name, entry.pw_gid) if entry.pw_uid else []


def make(state: Path) -> None:
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fix = "Run as the user that owns it, or name another directory with --state."
        raise Fixable(f"cannot be made: {error.strerror}", where=str(state), fix=fix) from None
    theirs = [path for path in (state, *state.glob("*.pid"), *state.glob("*.lock")) if not os.access(path, MAY)]
    if theirs:
        raise Fixable(f"this user may not write {theirs[0]}", where=str(state), fix="Try: sudo chargepoint doctor")


@contextmanager
def _daemons_place(state: Path) -> Iterator[None]:
    """No daemon starts meanwhile. Raises StateInUse where one runs that does not answer."""
    claim = hold(state)
    try:
        yield
    finally:
        os.close(claim)


def _status(args: Namespace) -> dict[str, object] | None:
    try:
        status: dict[str, object] = Api(args.state, args.config).get("status")
    except NoDaemon:
        return None
    return status


# --- text -------------------------------------------------------------------------------------------------------------


class Screen:
    """One line a step, under the name of the part that it belongs to; each as soon as it is known."""

    def __init__(self) -> None:
        self._head = ""

    def show(self, finding: Finding) -> None:
        head = head_of(finding.step)
        if head != self._head:
            self._head = head
            print(f"\n{coloured(head, 'bold')}")
        print("\n".join(lines_of(finding)))
        sys.stdout.flush()


def head_of(step: str) -> str:
    first, _, rest = step.partition(".")
    if first in HEADS:
        return HEADS[first]
    number = rest.partition(".")[0]
    word = "EVSE" if first == "evse" else first.replace("_", " ").capitalize()
    return f"{word} {number}" if number.isdigit() else word


def lines_of(finding: Finding) -> Iterator[str]:
    mark, colour = MARKS[finding.outcome]
    label = f"  {mark:4}  {finding.proves}"
    told = wrap(finding.seen, WIDTH - SEEN_AT, break_on_hyphens=False)
    if len(label) >= SEEN_AT and told:
        told = ["", *told]
    first, *rest = told or [""]
    line = f"{label:{SEEN_AT}}{first}".rstrip()
    yield line.replace(mark, coloured(mark, colour), 1)
    for more in rest:
        yield " " * SEEN_AT + more
    if finding.outcome is Outcome.FAILED:
        yield from wrap(
            finding.remedy, WIDTH, initial_indent=" " * INDENT, subsequent_indent=" " * INDENT, break_on_hyphens=False
        )


def verdict_lines(found: Sequence[Finding]) -> Iterator[str]:
    """The last line is what remains on a small screen."""
    counts = {outcome: sum(finding.outcome is outcome for finding in found) for outcome in Outcome}
    steps = f"{len(found)} steps: {counts[Outcome.OK]} ok, {counts[Outcome.SKIPPED]} skipped"
    if not counts[Outcome.FAILED]:
        yield f"{steps}, {coloured('none failed', 'green')}."
        return
    yield f"{steps}, {coloured(f'{counts[Outcome.FAILED]} FAILED', 'red')}:"
    for finding in found:
        if finding.outcome is Outcome.FAILED:
            yield f"  {finding.step}"
