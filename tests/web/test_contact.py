"""Where to report weak points: RFC 9116's file, for everybody who can reach the page."""

import asyncio
import dataclasses
from datetime import UTC, datetime

import pytest

from chargepoint.config.maker import Maker
from chargepoint.web.contact import ContactRoutes, security_txt
from chargepoint.web.entering import OPEN_ROUTES
from chargepoint.web.http import Missing, Request
from tests.web.fake_station import FakeControls

PATH = ("GET", "/.well-known/security.txt")
AT = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)


def test_it_names_the_makers_contact_and_when_that_is_to_be_looked_up_again() -> None:
    assert security_txt(Maker(security_contact="mailto:psirt@acme.example"), AT) == (
        "Contact: mailto:psirt@acme.example\nExpires: 2027-02-21T02:30:00Z\n"
    )


def test_policy_and_support_period_are_told_where_the_maker_has_them() -> None:
    maker = Maker(
        security_contact="https://acme.example/r", security_policy="https://acme.example/p", support_until="2031-12-31"
    )
    lines = security_txt(maker, AT).splitlines()
    assert lines[2:] == ["Policy: https://acme.example/p", "# Security updates until 2031-12-31"]


def test_a_stranger_may_read_it(controls: FakeControls) -> None:
    assert PATH in OPEN_ROUTES
    controls.config = dataclasses.replace(controls.config, maker=Maker(security_contact="tel:+49-30-1234"))
    answer = asyncio.run(ContactRoutes(controls).table[PATH](Request({}, b"", {})))
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.body.startswith(b"Contact: tel:+49-30-1234\nExpires: ")


def test_a_maker_who_has_left_no_address_promises_none(controls: FakeControls) -> None:
    with pytest.raises(Missing):
        asyncio.run(ContactRoutes(controls).table[PATH](Request({}, b"", {})))


@pytest.fixture
def controls() -> FakeControls:
    return FakeControls()
