"""Tells the service manager that the guard is ready, and that it still ticks (sd_notify(3), systemd's own protocol)."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from math import inf

EVERY_S = 1.0
SHARE = 0.4  # of the watchdog's time: a word of ours may be lost, and the next still comes in time


class Notifier:
    """Says nothing where no service manager listens, and never waits for one."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address  # @: in the abstract name space
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) if address else None
        self._every_s = _every_s(environment)
        self._due_s = -inf if address else inf
        self._ready = False

    def tick(self, now_s: float) -> None:
        """After every tick of the guard; only a loop that really ticks may say that it does."""
        if now_s < self._due_s:
            return
        self._say("WATCHDOG=1" if self._ready else "READY=1")
        self._ready, self._due_s = True, now_s + self._every_s

    def stopping(self) -> None:
        """The loop ends of its own accord: nobody need watch it any more."""
        self._say("STOPPING=1")

    def _say(self, word: str) -> None:
        if self._socket is not None:
            with suppress(OSError):  # a full mailbox, or none: the next word tells as much
                self._socket.sendto(word.encode(), self._address)


def _every_s(environment: Mapping[str, str]) -> float:
    """Between two words; infinite where nobody watches us."""
    given_us, meant = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not given_us.isdigit() or (meant and meant != str(os.getpid())):
        return inf
    return min(EVERY_S, SHARE * int(given_us) / 1e6)
