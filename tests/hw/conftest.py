"""The rigs on which the contracts of the guard's drivers are tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hw.rigs import KINDS, Rig, a_rig


@pytest.fixture(params=KINDS)
def rig(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    with a_rig(request.param, tmp_path, monkeypatch) as rig:
        yield rig
