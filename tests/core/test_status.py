"""Which of several statuses shows (1.6 section 4.9): a fault before all, then who is out of service, then the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from chargepoint.core import catalogue as known
from chargepoint.core.authorization import Verdict
from chargepoint.core.evse import EvseSpec
from chargepoint.core.facts import Status, Token
from chargepoint.core.reservation import Reservation
from tests.core.site import NOON, Site

Happening = Callable[[Site], None]
FRIEND = Token("FRIEND", "ISO14443")


def reserved(site: Site) -> None:
    wanted = Reservation(5, 1, FRIEND, NOON + timedelta(days=1))
    assert site.station.reserve(wanted, site.now) == "Accepted"
    site.settle()


def out_of_service(site: Site) -> None:
    site.station.change_availability(1, False, site.now)
    site.settle()


def fault(site: Site) -> None:
    site.fault("MREC3HighTemperature", "medium")


def warning(site: Site) -> None:
    site.fault("VendorWarning", "warning")


def key(site: Site) -> None:
    site.see(key_locked=True)


def plug(site: Site) -> None:
    site.plug()


def card(site: Site) -> None:
    site.card("CARD1")


def friend(site: Site) -> None:
    site.card("FRIEND")


def draw(site: Site) -> None:
    site.draw()


def pause(site: Site) -> None:
    site.pause()


def stop(site: Site) -> None:
    site.card("CARD1")
    site.opened()


def limit_to_nothing(site: Site) -> None:
    site.station.limit(1, 0.0, site.now)
    site.pause()


def leave_the_car_side(site: Site) -> None:
    site.leave_cable()


def wait(site: Site) -> None:
    site.wait(61)


def keep(site: Site) -> None:
    site.settings.change(known.STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT, "false", "csms")


def suspend(site: Site) -> None:
    """The back office refuses the card afterwards, and the transaction goes on."""
    site.settings.change(known.STOP_TRANSACTION_ON_INVALID_ID, "false", "csms")
    tx = site.evse().transaction
    assert tx is not None
    site.station.transaction_answered(tx.id, tx.token, Verdict("Invalid"), 7, site.now)
    site.settle()
    site.pause()


@pytest.mark.parametrize(
    ("happens", "shown"),
    [
        ([], Status.AVAILABLE),
        ([plug], Status.PREPARING),
        ([card], Status.PREPARING),
        ([card, wait], Status.AVAILABLE),
        ([plug, wait], Status.FINISHING),
        ([plug, card, draw], Status.CHARGING),
        ([plug, card, draw, pause], Status.SUSPENDED_EV),
        ([plug, card, draw, limit_to_nothing], Status.SUSPENDED_EVSE),
        ([plug, card, draw, suspend], Status.SUSPENDED_EVSE),
        ([plug, card, draw, stop], Status.FINISHING),
        ([plug, card, draw, leave_the_car_side], Status.FINISHING),
        ([keep, plug, card, draw, leave_the_car_side], Status.SUSPENDED_EV),
        ([reserved], Status.RESERVED),
        ([reserved, plug], Status.RESERVED),
        ([reserved, plug, wait], Status.RESERVED),
        ([reserved, friend], Status.PREPARING),
        ([reserved, plug, friend], Status.PREPARING),
        ([out_of_service], Status.UNAVAILABLE),
        ([out_of_service, plug], Status.UNAVAILABLE),
        ([plug, out_of_service], Status.UNAVAILABLE),
        ([plug, card, draw, out_of_service], Status.CHARGING),
        ([plug, card, draw, out_of_service, stop], Status.UNAVAILABLE),
        ([plug, card, draw, stop, out_of_service], Status.UNAVAILABLE),
        ([key], Status.UNAVAILABLE),
        ([reserved, key], Status.UNAVAILABLE),
        ([plug, card, draw, key], Status.CHARGING),
        ([fault], Status.FAULTED),
        ([out_of_service, fault], Status.FAULTED),
        ([plug, fault], Status.FAULTED),
        ([plug, card, draw, fault], Status.FAULTED),
        ([plug, card, draw, stop, fault], Status.FAULTED),
        ([warning], Status.AVAILABLE),
        ([plug, card, draw, warning], Status.CHARGING),
    ],
    ids=lambda part: "-".join(each.__name__ for each in part) if isinstance(part, list) else "",
)
def test_what_shows(happens: list[Happening], shown: Status) -> None:
    site = Site(EvseSpec(1))
    for each in happens:
        each(site)
    assert site.status() is shown


def test_the_station_shows_only_whether_it_is_in_service() -> None:
    """Connector 0 (section 4.9)."""
    site = Site(EvseSpec(1), EvseSpec(2))
    site.charge()
    assert site.station.status is Status.AVAILABLE
    site.station.change_availability(1, False, site.now)
    site.station.change_availability(2, False, site.now)
    assert site.station.status is Status.AVAILABLE
    site.station.change_availability(0, False, site.now)
    assert site.station.status is Status.UNAVAILABLE
