"""What several tests of processes stand on."""

from collections.abc import Iterator

import pytest

from tests.process.strict import StrictCsms, strict_csms


@pytest.fixture(scope="module")
def csms() -> Iterator[StrictCsms]:
    """A back office in another language that notes whatever the standard forbids."""
    with strict_csms() as server:
        yield server
