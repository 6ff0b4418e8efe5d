"""Files of the state directory belong to the user that the station runs as, also when the administrator makes them."""

from __future__ import annotations

import os
from pathlib import Path
from pwd import struct_passwd
from types import SimpleNamespace

import pytest

from chargepoint.provisioning import owner
from chargepoint.provisioning.owner import as_owner_of, make

USER = struct_passwd(("chargepoint", "x", 991, 992, "", "/", "/bin/false"))


@pytest.fixture
def deeds(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What the administrator would have done, in its order."""
    done: list[tuple[object, ...]] = []
    for name in ("seteuid", "setegid", "chown"):
        monkeypatch.setattr(os, name, lambda *given, name=name: done.append((name, *given)))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(owner.pwd, "getpwnam", lambda name: USER)
    return done


def test_the_administrator_writes_as_the_owner_and_is_himself_again(
    deeds: list[tuple[object, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "stat", lambda path: SimpleNamespace(st_uid=991, st_gid=992))

    def fail() -> None:
        with as_owner_of(tmp_path):
            assert deeds == [("setegid", 992), ("seteuid", 991)]
            raise OSError

    with pytest.raises(OSError):
        fail()
    assert deeds[2:] == [("seteuid", 0), ("setegid", 0)]


def test_others_write_as_themselves(
    deeds: list[tuple[object, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with as_owner_of(tmp_path):
        pass
    assert deeds == []


def test_a_root_folder_that_was_never_booted_gets_the_directory_of_the_service(
    deeds: list[tuple[object, ...]], tmp_path: Path
) -> None:
    state = tmp_path / "var" / "lib" / "chargepoint"
    make(state)
    assert state.is_dir()
    assert deeds == [("chown", state, 991, 992)]


def test_one_that_is_there_stays_whose_it_is(deeds: list[tuple[object, ...]], tmp_path: Path) -> None:
    make(tmp_path)
    assert deeds == []


def test_without_the_package_it_is_ones_own(
    deeds: list[tuple[object, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(name: str) -> struct_passwd:
        raise KeyError(name)

    monkeypatch.setattr(owner.pwd, "getpwnam", nobody)
    make(tmp_path / "state")
    assert deeds == []
