"""Words to the service manager (sd_notify(3), systemd's own protocol): guard and daemon say them by this.

Our own, and not systemd-python's `systemd.daemon`: a datagram is all it is, that library waits where the mailbox is
full, which a guard must not, and it costs memory in both processes.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from math import inf


class Mailbox:
    """Says nothing where no service manager listens, and never waits for one."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address  # @: in the abstract name space
        kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        self._socket = socket.socket(socket.AF_UNIX, kind) if address else None

    @property
    def is_heard(self) -> bool:
        """Does a service manager listen?"""
        return self._socket is not None

    def say(self, *words: str) -> None:
        """`READY=1`, `STATUS=…`: what belongs together goes together."""
        if self._socket is not None:
            with suppress(OSError):  # a full mailbox, or none: the next word tells as much
                self._socket.sendto("\n".join(words).encode(), self._address)


def watchdog_s(environment: Mapping[str, str] = os.environ) -> float:
    """How long the service manager waits for WATCHDOG=1; infinite where it does not watch this process."""
    given_us, meant = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not given_us.isdigit() or (meant and meant != str(os.getpid())):
        return inf
    return int(given_us) / 1e6


def complaint(sentence: str, environment: Mapping[str, str] = os.environ) -> str:
    """As it is written to stderr: an error's mark in front, where that is the journal (sd-daemon(3))."""
    return f"<3>{sentence}" if environment.get("JOURNAL_STREAM") else sentence
