"""Words to the service manager: its own protocol, and never a wait for it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path

import pytest

from hw.notify import Mailbox, complaint, watchdog_s


@contextmanager
def mailbox(address: Path) -> Iterator[Mailbox]:
    made = Mailbox({"NOTIFY_SOCKET": str(address)})
    yield made
    assert made._socket is not None
    made._socket.close()  # a program leaves that to its end


def test_words_that_belong_together_are_one_datagram(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        with mailbox(tmp_path / "notify") as manager:
            manager.say("READY=1", "STATUS=free on outlet 1")
        assert ear.recv(100) == b"READY=1\nSTATUS=free on outlet 1"


def test_a_mailbox_that_nobody_empties_keeps_nobody_waiting(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        with mailbox(tmp_path / "notify") as manager:
            for _ in range(10_000):
                manager.say("WATCHDOG=1")


def test_without_a_service_manager_nothing_is_said(tmp_path: Path) -> None:
    assert not Mailbox({}).is_heard
    Mailbox({}).say("READY=1")
    with mailbox(tmp_path / "gone") as nobody:
        nobody.say("READY=1")


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "4000000"}, 4.0),
        ({"WATCHDOG_USEC": "4000000", "WATCHDOG_PID": str(os.getpid())}, 4.0),
        ({"WATCHDOG_USEC": "4000000", "WATCHDOG_PID": "1"}, inf),  # it is meant for another process
        ({"WATCHDOG_USEC": "soon"}, inf),
        ({}, inf),
    ],
)
def test_who_is_watched_knows_how_closely(environment: dict[str, str], seconds: float) -> None:
    assert watchdog_s(environment) == seconds


def test_a_complaint_has_its_priority_where_the_journal_reads_it() -> None:
    assert complaint("no board", {"JOURNAL_STREAM": "8:1"}) == "<3>no board"
    assert complaint("no board", {}) == "no board"
