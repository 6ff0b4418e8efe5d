"""The guard's loop: a tick every 10 ms by the monotonic clock, messages in between, nothing that blocks.

Waking up is what an idle guard costs (two thirds of it are the kernel's), so it looks every 40 ms while it rests.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from types import FrameType

from hw.api import Command, Permit, Report
from hw.guard.latches import Latches
from hw.guard.notify import Notifier
from hw.guard.socket import Datagram, Post
from hw.guard.station import Guard
from hw.guard.wire import Garbage, Hello, decode, encode

TICK_S = 0.010
REST_TICK_S = 0.040  # while every contactor is open and nothing is under way: there is nothing that could open fast
LATE_S = 0.040  # a tick so much later than due is counted
LATE_COUNT, LATE_WITHIN_S = 10, 60.0  # as many within so long are a fault
LISTENERS = 4  # daemons, doctors and tests that hear the reports
BURST = 32  # datagrams taken between two ticks
ENDING_S = 0.3  # for the contactors' way, after the guard has opened them


class Loop:
    def __init__(
        self,
        guard: Guard,
        post: Post,
        latches: Latches,
        *,
        parent: int | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`parent`: whose child this guard is; a child ends when its lease has ended and its parents are gone.

        `clock`, `sleep`: as of `time`; a test has its own.
        """
        self.guard = guard
        self.garbage = 0
        self._post = post
        self._latches = latches
        self._notifier = Notifier()
        self._clock, self._sleep = clock, sleep
        self._child = parent is not None
        self._daemon = parent or 0  # process number of whoever permitted last
        self._listeners: dict[str, None] = {}  # in the order of their latest word
        self._late: deque[float] = deque(maxlen=LATE_COUNT)
        self._is_late = False
        self.late_ticks, self.worst_delay_s = 0, 0.0
        self.ending = False
        self._makes_way = False  # for a new guard, as soon as that costs nobody anything

    def run(self) -> None:
        """Until told to end, or until nobody is left who could want anything; every contactor is open then."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        signal.signal(signal.SIGHUP, self._make_way)
        gc.collect()
        gc.freeze()  # what is there now stays; the collector need never look at it again
        poll = select.poll()
        poll.register(self._post.fileno(), select.POLLIN)
        clock, due_s = self._clock, self._clock()
        while not self.ending:
            due_s += TICK_S if self.guard.alert else REST_TICK_S
            while (wait_s := due_s - (now_s := clock())) > 0:
                if poll.poll(wait_s * 1000):
                    self._hear(now_s)
            due_s = self.turn(due_s, now_s)
            self._notifier.tick(now_s)
        self._notifier.stopping()
        self.open_everything()

    def turn(self, due_s: float, now_s: float) -> float:
        """The tick that was due at `due_s`, and the heartbeat if it comes in time. Returns when the next one counts
        from: there is no catching up, ticks that were missed are gone.
        """
        late = now_s - due_s > LATE_S
        if late:
            self._count_late(now_s, now_s - due_s)
        self.tick(now_s)
        if not late:
            self.guard.beat()
        return now_s if late else due_s

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.ending = True

    def _make_way(self, number: int, frame: FrameType | None) -> None:
        """The program on disk has been replaced: whoever starts guards starts the new one when this one has ended."""
        self._makes_way = True

    def tick(self, now_s: float) -> None:
        """One look at everything, and what follows from it."""
        guard = self.guard
        if not guard.tick(now_s):
            return
        self._latches.keep(guard.latched())
        for report in guard.reports(now_s):
            if self._listeners:
                self._tell_all(encode(self._with_delays(report)))
        for sender, result in guard.take_results():
            self._post.send(encode(result), sender)
        if self._late and now_s - self._late[-1] > LATE_WITHIN_S:
            self._late.clear()
            self._note_late(False, now_s)
        if (self._child and self._forsaken(now_s)) or (self._makes_way and not guard.alert):
            self.ending = True

    def _with_delays(self, report: Report) -> Report:
        if not self.late_ticks:
            return report
        return replace(report, late_ticks=self.late_ticks, worst_delay_s=round(self.worst_delay_s, 3))

    def _hear(self, now_s: float) -> None:
        for _ in range(BURST):
            datagram = self._post.receive()
            if datagram is None:
                return
            try:
                message = decode(datagram.content)
            except Garbage:
                self.garbage += 1
                continue
            self._take(message, datagram, now_s)

    def _take(self, message: object, datagram: Datagram, now_s: float) -> None:
        match message:
            case Permit():
                if not self.guard.permit(message, now_s):
                    self._daemon = datagram.pid
            case Command():
                self.guard.command(message, datagram.sender, now_s)
            case Hello():
                pass
            case _:
                self.garbage += 1
                return
        self._welcome(datagram.sender)

    def _welcome(self, sender: str) -> None:
        if not sender or next(reversed(self._listeners), None) == sender:
            return
        self._listeners.pop(sender, None)
        self._listeners[sender] = None
        while len(self._listeners) > LISTENERS:
            self._listeners.pop(next(iter(self._listeners)))

    def _tell_all(self, content: bytes) -> None:
        gone = [listener for listener in self._listeners if not self._post.send(content, listener)]
        for listener in gone:
            del self._listeners[listener]

    def _count_late(self, now_s: float, delay_s: float) -> None:
        self._late.append(now_s)
        self.late_ticks += 1
        self.worst_delay_s = max(self.worst_delay_s, delay_s)
        if len(self._late) == LATE_COUNT and now_s - self._late[0] < LATE_WITHIN_S:
            self._note_late(True, now_s)

    def _note_late(self, late: bool, now_s: float) -> None:
        if late != self._is_late:
            self._is_late = late
            self.guard.late(late, now_s)

    def _forsaken(self, now_s: float) -> bool:
        """The lease has ended, and so has whoever could renew it."""
        return self.guard.lease_over(now_s) and not _lives(self._daemon)

    def open_everything(self) -> None:
        """Cars get a moment to stop drawing; then the contactors open, whatever they do."""
        due_s = self._clock()
        self.guard.stop(due_s)
        while not self.guard.all_open:  # with heartbeats, or the relay of a watchdog would open before the cars stop
            now_s = self._clock()
            self.turn(due_s, now_s)
            due_s = now_s + TICK_S
            self._sleep(TICK_S)
        until_s = self._clock() + ENDING_S
        while (now_s := self._clock()) < until_s:
            self.tick(now_s)
            self._sleep(TICK_S)
        self._latches.flush()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0
