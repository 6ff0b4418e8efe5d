"""What the service manager hears of the daemon: that it is up, how it is, and that every part of it goes on.

A part that has gone silent is named in the log and the watchdog is not fed any more, so that the program is replaced:
the guard keeps a car charging meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING

from chargepoint.heartbeats import Heartbeats
from chargepoint.statusline import status_line
from chargepoint.tasks.waiting import within
from hw.notify import Mailbox

if TYPE_CHECKING:
    from chargepoint.daemon import Daemon

log = logging.getLogger(__name__)

SHARE = 1 / 3
"""Of the watchdog's time, between two words to it: one may be lost, and one look may find a program that has just been
woken from a long sleep, whose loops have not had their turn."""

LOOK_S = 0.1
"""While the station comes up."""

MISSING_S = 20.0
"""A guard that has not been heard of by then counts as lost, and the station is up without it: its back office has to
hear of that."""

RESTART_WITHIN_S = 180.0
"""Where it is the machine that is to restart, the program waits for its end."""

CALM_S = 1.0
"""Facts come in bursts, and one line says how they end."""


class Service:
    """`watched_s`: the watchdog's time. `is_up`: has the station come up? `line`: how it is, in one line."""

    def __init__(
        self,
        mailbox: Mailbox,
        watched_s: float,
        beats: Heartbeats,
        is_up: Callable[[], bool],
        line: Callable[[], str],
    ) -> None:
        self.changed = asyncio.Event()  # something may have; set by whoever knows
        self._mailbox, self._beats = mailbox, beats
        self._is_up, self._line = is_up, line
        self._watched_s, self._every_s = watched_s, watched_s * SHARE
        self._said = ""
        self._suspected = self._named = False  # some part was silent at the last look; and the log says so

    async def run(self) -> None:
        """Never returns."""
        self._tell()
        while not self._is_up():  # noqa: ASYNC110 - journal, guard and link know nothing of each other
            await asyncio.sleep(LOOK_S)
        self._mailbox.say("READY=1", *self._watch(self._watched_s))
        clock = asyncio.get_running_loop().time
        due_s = clock()
        while True:
            if clock() >= due_s:
                self._feed()
                due_s = clock() + self._every_s
            self._tell()
            self.changed.clear()
            await within(self.changed, due_s - clock())
            await asyncio.sleep(min(CALM_S, self._every_s))

    def stopping(self) -> None:
        self._mailbox.say("STOPPING=1", "STATUS=stopping; the guard goes on for two minutes")

    def restarting(self) -> None:
        """The program becomes a new run of itself, which says READY=1 again."""
        now_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        reloading = ("RELOADING=1", f"MONOTONIC_USEC={now_us}")
        self._mailbox.say(*reloading, *self._watch(RESTART_WITHIN_S), "STATUS=restarting, as asked for")

    def _watch(self, within_s: float) -> list[str]:
        """From now on the watchdog waits so long, if there is one."""
        return [f"WATCHDOG_USEC={within_s * 1e6:.0f}"] if self._watched_s < inf else []

    def _feed(self) -> None:
        silent = self._beats.look()
        if not silent and self._every_s < inf:
            self._mailbox.say("WATCHDOG=1")
        if silent and self._suspected and not self._named:
            self._name(silent)
        self._suspected, self._named = bool(silent), bool(silent) and self._named

    def _name(self, silent: list[str]) -> None:
        """After two looks in a row: nothing that a long sleep of the whole program explains."""
        self._named = True
        said = "; ".join(silent)
        log.error("%s: the service manager is no longer told that all is well, and will start the program anew", said)
        self._mailbox.say(f"STATUS=hangs: {said}")

    def _tell(self) -> None:
        line = self._line()
        if line != self._said and not self._named:
            self._said = line
            self._mailbox.say(f"STATUS={line}")


def service_of(daemon: Daemon, mailbox: Mailbox, watched_s: float) -> Service:
    """A station's. Its store is open already, and its first boot message under way when this runs."""
    clock, evses = asyncio.get_running_loop().time, daemon.built.station.evses.values()
    missed_s = clock() + MISSING_S

    def is_up() -> bool:
        return all(evse.known for evse in evses) or clock() > missed_s

    def line() -> str:
        office = daemon.conversation.registration if daemon.conversation is not None else None
        return status_line(evses, office, daemon.journal.undelivered_count(), guarded=daemon.hardware.guard.alive)

    service = Service(mailbox, watched_s, daemon.beats, is_up, line)
    daemon.desk.subscribe(lambda record: service.changed.set())
    return service
