"""Files of the state directory changed as one, whenever the power fails."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from stat import S_IMODE

import pytest

from chargepoint.provisioning.commit import commit, settle

OLD = {"factory.toml": b"old", "secrets/setup-code": b"old code", "certificates/a.pem": b"old certificate"}
NEW = {"factory.toml": b"new", "secrets/setup-code": b"new code", "certificates/pending.key": b"new key"}


class PowerCut(BaseException):
    """Nothing after it is done, not even what `except` and `finally` would do for an OSError."""


def put(state: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (state / name).parent.mkdir(parents=True, exist_ok=True)
        (state / name).write_bytes(content)


def found(state: Path) -> dict[str, bytes]:
    files = [
        path for path in state.rglob("*") if path.is_file() and not path.relative_to(state).parts[0].startswith(".")
    ]
    return {str(path.relative_to(state)): path.read_bytes() for path in files}


def cut_at(monkeypatch: pytest.MonkeyPatch, call: int) -> Callable[[], int]:
    """The power fails before that change of the disk (from 0); how many there were."""
    done = 0

    def counted(change: Callable[..., object]) -> Callable[..., object]:
        def made(*args: object, **named: object) -> object:
            nonlocal done
            if done == call:
                raise PowerCut
            done += 1
            return change(*args, **named)

        return made

    for name in ("rename", "replace", "unlink", "mkdir"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))
    monkeypatch.setattr(os, "open", counted(os.open))
    monkeypatch.setattr(os, "fsync", counted(os.fsync))
    monkeypatch.setattr(shutil, "rmtree", counted(shutil.rmtree))
    return lambda: done


def commit_until(state: Path, call: int) -> bool:
    """Was it cut?"""
    with pytest.MonkeyPatch.context() as monkeypatch:
        cut_at(monkeypatch, call)
        try:
            commit(state, NEW, removed=["certificates/a.pem"], public=["factory.toml"])
        except PowerCut:
            return True
    return False


def test_all_of_it_is_there_and_what_was_to_go_is_gone(tmp_path: Path) -> None:
    put(tmp_path, OLD)
    commit(tmp_path, NEW, removed=["certificates/a.pem", "never/was"], public=["factory.toml"])
    assert found(tmp_path) == NEW
    assert S_IMODE((tmp_path / "factory.toml").stat().st_mode) == 0o644
    assert S_IMODE((tmp_path / "secrets/setup-code").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("before", [{}, OLD], ids=["new", "again"])
def test_a_power_cut_at_any_moment_leaves_all_or_nothing(tmp_path: Path, before: dict[str, bytes]) -> None:
    seen = set()
    for call in range(200):
        state = tmp_path / str(call)
        state.mkdir()
        put(state, before)
        if not commit_until(state, call):
            break
        settle(state)  # the next start
        assert found(state) in (before, NEW)
        seen.add(found(state) == NEW)
        commit(state, NEW, removed=["certificates/a.pem"])  # and whatever is left lying about is in nobody's way
        assert found(state) == NEW
    assert seen == {True, False}
    assert call > 30


def test_a_second_cut_while_the_first_is_mended_costs_nothing(tmp_path: Path) -> None:
    for call in range(200):
        state = tmp_path / str(call)
        state.mkdir()
        put(state, OLD)
        decided_only(state)
        with pytest.MonkeyPatch.context() as monkeypatch:
            cut_at(monkeypatch, call)
            try:
                settle(state)
            except PowerCut:
                monkeypatch.undo()
                settle(state)
                assert found(state) == NEW
                continue
        break
    assert found(state) == NEW
    assert call > 5


def decided_only(state: Path) -> None:
    """As a cut leaves it right after the decision."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        settled = 0

        def cut(folder: Path) -> None:
            nonlocal settled
            settled += 1
            if settled == 2:
                raise PowerCut

        monkeypatch.setattr("chargepoint.provisioning.commit.settle", cut)
        with pytest.raises(PowerCut):
            commit(state, NEW, removed=["certificates/a.pem"], public=["factory.toml"])
    assert found(state) == OLD


def test_a_full_disk_leaves_what_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, OLD)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        commit(tmp_path, NEW)
    monkeypatch.undo()
    settle(tmp_path)
    assert found(tmp_path) == OLD
