"""docs/configuration.md says what the program does."""

from tests.config.reference import FILE, reference


def test_the_page_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == reference(), "run: python -m tests.config.reference"
