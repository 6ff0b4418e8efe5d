"""Which version is older."""

from __future__ import annotations

import pytest

from chargepoint.updating.versions import is_older

IN_ORDER = [
    "0.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc1", "1.0.0",
    "1.0.1", "1.2.9", "1.2.10", "1.10", "2.0", "2026.10.1", "2026.11.0",
]  # fmt: skip


@pytest.mark.parametrize(("place", "version"), list(enumerate(IN_ORDER)))
def test_versions_are_in_order(place: int, version: str) -> None:
    assert [is_older(version, other) for other in IN_ORDER] == [n > place for n in range(len(IN_ORDER))]


@pytest.mark.parametrize(
    ("one", "other"), [("2.1", "2.1.0"), ("v2.1.0", "2.1.0"), ("2.1.0+build.7", "2.1.0"), ("2.1.0", "2.1.0")]
)
def test_these_are_the_same(one: str, other: str) -> None:
    assert (is_older(one, other), is_older(other, one)) == (False, False)


@pytest.mark.parametrize(("one", "other"), [("", "2.0"), ("2.0", ""), ("nightly", "2.0"), ("", "")])
def test_what_cannot_be_compared_is_not_older(one: str, other: str) -> None:
    assert not is_older(one, other)
