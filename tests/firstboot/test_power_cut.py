"""The power goes at any moment of a take-over: in force is the old or the new, and the next start finishes it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.firstboot.card import OLD, Card

CALLS = ("replace", "rename", "unlink", "fsync", "chown", "open", "rmdir", "mkdir")
"""What changes a disk, of `os`: everything here goes through one of these."""


class PowerCut(BaseException):
    """Nothing runs any more, no `finally` that writes, no handler."""


@contextmanager
def power_cut_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The power goes just before the step-th change, and does not come back within the block."""
    count = 0

    def cutting(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            if count >= step:
                raise PowerCut
            return call(*args, **kwargs)

        return called

    with monkeypatch.context() as patched:
        for name in CALLS:
            patched.setattr(os, name, cutting(getattr(os, name)))
        yield


def prepared(folder: Path) -> Card:
    card = Card.made(folder)
    (card.places.secrets / "csms-password").write_text("of-the-old-one-0123\n")
    card.put("chargepoint.toml", card.secured())
    card.put("csms-password", "0123456789abcdef")
    card.put("csms-ca.pem", "certificates\n")
    return card


def state_of(card: Card) -> tuple[str, str]:
    password = card.places.secrets / "csms-password"
    return card.in_force, password.read_text()


def test_a_cut_at_every_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step, ended = 0, False
    while not ended:
        step += 1
        card = prepared(tmp_path / str(step))
        new = (card.secured(), "0123456789abcdef\n")
        try:
            with power_cut_at(step, monkeypatch):
                card.boots()
            ended = True
        except PowerCut:
            assert card.in_force in (OLD, card.secured())
        card.boots()
        assert state_of(card) == new
        assert not card.lies_here("csms-password")
        assert not card.places.undo.exists()
        assert sorted(path.name for path in card.places.boot.iterdir()) == [
            "chargepoint-report.txt",
            "chargepoint.toml",
            "csms-ca.pem",
        ]
    assert step > 20


def test_a_cut_while_a_refused_file_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step, ended = 0, False
    while not ended:
        step += 1
        card = prepared(tmp_path / str(step))
        card.put("chargepoint.toml", card.secured() + "nonsense = 1\n")
        try:
            with power_cut_at(step, monkeypatch):
                card.boots()
            ended = True
        except PowerCut:
            pass
        card.boots()
        assert state_of(card) == (OLD, "of-the-old-one-0123\n")
        assert card.lies_here("csms-password")
    assert step > 20
