"""Whose word counts between guard and daemon."""

import os
from pathlib import Path

import pytest

from hw.guard.socket import UNKNOWN, Post, Sender, Trusted

ROOT, GUARD, DAEMON, STRANGER = 0, 901, 902, 1000
SHARED, OTHER = 950, 1000


def folder(mode: int, group: int = SHARED) -> os.stat_result:
    return os.stat_result((0o040000 | mode, 1, 1, 2, GUARD, group, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("sender", "mode", "believed"),
    [
        pytest.param(Sender(1, ROOT, 0), 0o700, True, id="root"),
        pytest.param(Sender(1, GUARD, OTHER), 0o700, True, id="our own user"),
        pytest.param(Sender(1, DAEMON, SHARED), 0o2770, True, id="the folder's group"),
        pytest.param(Sender(1, DAEMON, SHARED), 0o770, True, id="the folder's group, not inherited"),
        pytest.param(Sender(1, STRANGER, OTHER), 0o2770, False, id="another group"),
        pytest.param(Sender(1, DAEMON, SHARED), 0o700, False, id="the group may not enter"),
        pytest.param(Sender(1, DAEMON, SHARED), 0o2750, False, id="the group may not write"),
        pytest.param(Sender(1, DAEMON, SHARED), 0o775, False, id="others may look: nobody's purpose"),
        pytest.param(Sender(1, DAEMON, SHARED), 0o1777, False, id="everybody's folder"),
        pytest.param(UNKNOWN, 0o2770, False, id="nobody said who"),
    ],
)
def test_a_sender_is_believed_by_user_or_by_the_folders_group(sender: Sender, mode: int, believed: bool) -> None:
    assert Trusted.of(GUARD, folder(mode)).includes(sender) is believed


def test_what_a_stranger_says_comes_without_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guard, daemon = Post(tmp_path, "guard.sock"), Post(tmp_path, "daemon.sock")
    daemon.send(b"permit", "guard.sock")
    heard = guard.receive()
    assert heard is not None
    assert (heard.content, heard.sender, heard.pid) == (b"permit", "daemon.sock", os.getpid())

    monkeypatch.setattr(Trusted, "includes", lambda self, sender: False)
    daemon.send(b"permit", "guard.sock")
    heard = guard.receive()
    assert heard is not None
    assert heard.content == b""
    for post in (guard, daemon):
        post.close()
