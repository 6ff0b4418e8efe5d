"""Configuration files in a folder of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chargepoint.config.file import check
from chargepoint.errors import Finding

STATION = """\
[station]
vendor = "Acme"
model = "Wall 22"
serial_number = "A-000123"
"""
"""The four lines that every file begins with; what a test adds begins on line 5."""

SMALLEST = STATION + "[[evse]]\n"


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "chargepoint.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def found(written: Callable[[str], Path]) -> Callable[[str], list[Finding]]:
    """What `check` says of a text."""
    return lambda text: check(written(text))
