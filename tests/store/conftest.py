from collections.abc import Iterator
from pathlib import Path

import pytest

from chargepoint.store.journal import Journal
from tests.store.given import BOOT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chargepoint.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    opened = Journal.open(path, boot=BOOT, inline=True)
    yield opened
    opened.database.abandon()
