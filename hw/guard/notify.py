"""Tells the service manager that the guard is ready, and that it still ticks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from math import inf

from hw.notify import Mailbox, watchdog_s

EVERY_S = 1.0
SHARE = 0.4  # of the watchdog's time: a word of ours may be lost, and the next still comes in time


class Notifier:
    """Says nothing where no service manager listens, and never waits for one."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._mailbox = Mailbox(environment)
        self._every_s = min(EVERY_S, SHARE * watched_s) if (watched_s := watchdog_s(environment)) < inf else inf
        self._due_s = -inf if self._mailbox.is_heard else inf
        self._ready = False

    def tick(self, now_s: float) -> None:
        """After every tick of the guard; only a loop that really ticks may say that it does."""
        if now_s < self._due_s:
            return
        self._mailbox.say("WATCHDOG=1" if self._ready else "READY=1")
        self._ready, self._due_s = True, now_s + self._every_s

    def stopping(self) -> None:
        """The loop ends of its own accord: nobody need watch it any more."""
        self._mailbox.say("STOPPING=1")
