"""A card as it comes from the maker."""

from pathlib import Path

import pytest

from tests.firstboot.card import Card


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return Card.made(tmp_path)
