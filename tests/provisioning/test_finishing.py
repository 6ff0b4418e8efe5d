"""The power fails while a station is made: its next start, or the line's next try, finds all of it or nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chargepoint.app import hold
from chargepoint.cli.daemon import finish_provisioning
from chargepoint.errors import StateInUse
from chargepoint.provisioning import DECIDED
from chargepoint.provisioning import commit as committing


@pytest.fixture
def decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory in which everything is decided and nothing done."""
    monkeypatch.setattr(committing, "settle", lambda state: None)
    committing.commit(tmp_path, {"factory.toml": b"new", "secrets/setup-code": b"code"}, public=["factory.toml"])
    monkeypatch.undo()
    assert (tmp_path / DECIDED).is_dir()
    return tmp_path


def test_the_daemon_finishes_it_before_it_reads_anything(decided: Path) -> None:
    finish_provisioning(decided)
    assert (decided / "factory.toml").read_bytes() == b"new"
    assert (decided / "secrets" / "setup-code").read_bytes() == b"code"
    assert not (decided / DECIDED).exists()
    os.close(hold(decided))


def test_while_somebody_is_at_it_the_daemon_keeps_out(decided: Path) -> None:
    claim = hold(decided)
    with pytest.raises(StateInUse):
        finish_provisioning(decided)
    os.close(claim)
    assert not (decided / "factory.toml").exists()


def test_where_nothing_was_decided_nobody_looks_twice(tmp_path: Path) -> None:
    finish_provisioning(tmp_path / "not there")
    assert not (tmp_path / "not there").exists()
