"""What `systemctl status` shows of the station, in an installer's words."""

from __future__ import annotations

import pytest

from chargepoint.core.evse import EvseSpec
from chargepoint.core.terms import Status
from chargepoint.ocpp.services import Registration
from chargepoint.statusline import OFFICE, WORDS, status_line
from tests.core.site import Site


def line(site: Site, office: str | None = "accepted", undelivered: int = 0, *, guarded: bool = True) -> str:
    for evse in site.station.evses.values():
        evse.known = True
    return status_line(site.station.evses.values(), office, undelivered, guarded=guarded)


def test_a_car_charges_while_messages_wait() -> None:
    site = Site()
    site.charge()
    assert line(site, undelivered=2) == "charging on outlet 1, back office accepted, 2 messages waiting"


def test_every_outlet_is_told_and_a_message_is_one() -> None:
    assert line(Site(EvseSpec(1), EvseSpec(2)), "offline", 1) == (
        "free on outlet 1, free on outlet 2, back office not reached, 1 message waiting"
    )


def test_a_station_without_a_back_office_does_not_speak_of_one() -> None:
    assert line(Site(), None) == "free on outlet 1"


def test_without_a_guard_nothing_else_matters() -> None:
    assert line(Site(), guarded=False) == "no guard answers: nothing can charge, back office accepted"


def test_a_fault_is_named() -> None:
    site = Site()
    site.fault("MREC17EVSEContactorFault")
    assert line(site) == "fault MREC17EVSEContactorFault on outlet 1, back office accepted"


def test_an_outlet_that_the_guard_has_not_reported_is_told_so() -> None:
    site = Site()
    site.evse().known = False
    assert status_line(site.station.evses.values(), None, 0, guarded=True) == "outlet 1 not looked at yet"


@pytest.mark.parametrize("status", Status)
def test_every_status_has_its_words(status: Status) -> None:
    assert WORDS[status]


@pytest.mark.parametrize("registration", Registration)
def test_every_stage_of_the_back_office_has_its_words(registration: Registration) -> None:
    assert OFFICE[registration]
