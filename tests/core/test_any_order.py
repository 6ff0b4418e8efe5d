"""Whatever happens at a station, in whatever order: nothing breaks, and every transaction is billed once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.core import catalogue as known
from chargepoint.core.authorization import Verdict
from chargepoint.core.evse import EvseSpec
from chargepoint.core.facts import Status, StatusChanged, Token, TransactionEnded, TransactionStarted
from chargepoint.core.observation import Fault
from chargepoint.core.profile import Kind, Period, Profile, Purpose, Schedule, Unit
from chargepoint.core.reservation import Reservation
from chargepoint.core.shelf import Wanted
from tests.core.site import NOON, Site

FRIEND = Token("FRIEND", "ISO14443")
Happening = Callable[[Site, int], object]


def draws(site: Site, evse: int) -> None:
    """As the guard lets it: only what is permitted."""
    if site.permit_a(evse) >= 6 and site.evse(evse).seen.ev_connected:
        site.draw(evse)
        site.read(evse, 100)
    else:
        site.see(evse, contactor="open")


def charges(site: Site, evse: int) -> None:
    site.plug(evse)
    site.card(f"OWN{evse}")
    draws(site, evse)


def profile(amps: float) -> Happening:
    schedule = Schedule(Unit.AMPERES, (Period(0, amps),), NOON)
    return lambda site, evse: site.station.set_profile(
        Profile(1, evse, 0, Purpose.TX_DEFAULT, Kind.ABSOLUTE, schedule), site.now
    )


def refused_afterwards(site: Site, evse: int) -> None:
    tx = site.evse(evse).transaction
    if tx is not None:
        site.station.transaction_answered(tx.id, tx.token, Verdict("Invalid"), 7, site.now)


def remote_stop(site: Site, evse: int) -> None:
    tx = site.evse(evse).transaction
    site.station.remote_stop(tx.id if tx is not None else "none", site.now)


def setting(which: known.Setting[object], *values: str) -> list[Happening]:
    return [lambda site, evse, text=text: site.settings.change(which, text, "csms") for text in values]  # type: ignore[misc]


HAPPENINGS: list[Happening] = [
    charges, charges, charges,
    lambda site, evse: site.plug(evse),
    lambda site, evse: site.unplug(evse),
    lambda site, evse: site.leave_cable(evse),
    draws,
    lambda site, evse: site.pause(evse),
    lambda site, evse: site.see(evse, faults=(Fault("MREC3HighTemperature", "medium", "mend it"),), contactor="open"),
    lambda site, evse: site.see(evse, faults=(Fault("MREC2GroundFailure", "high", "mend it"),), contactor="open"),
    lambda site, evse: site.see(evse, faults=()),
    lambda site, evse: site.card("CARD1"),
    lambda site, evse: site.card("CARD2"),
    lambda site, evse: site.card("FRIEND"),
    lambda site, evse: site.wait(3),
    lambda site, evse: site.wait(70),
    lambda site, evse: site.station.change_availability(evse, False, site.now),
    lambda site, evse: site.station.change_availability(0, True, site.now),
    lambda site, evse: site.station.remote_start(evse, Token("REMOTE"), None, site.now),
    remote_stop,
    refused_afterwards,
    lambda site, evse: site.station.unlock_requested(evse, site.now),
    lambda site, evse: site.station.reserve(Reservation(evse, evse, FRIEND, NOON + timedelta(hours=1)), site.now),
    lambda site, evse: site.station.reserve(Reservation(9, 0, FRIEND, NOON + timedelta(minutes=5)), site.now),
    lambda site, evse: site.station.cancel_reservation(evse, site.now),
    profile(0.0), profile(10.0),
    lambda site, evse: site.station.clear_profiles(Wanted(), site.now),
    lambda site, evse: site.station.went_offline(site.now),
    lambda site, evse: site.station.went_online("1.6", site.now),
    lambda site, evse: site.station.meter_lost(evse, "broken wire", site.now),
    lambda site, evse: site.station.guard_lost(site.now),
    *setting(known.STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT, "true", "false"),
    *setting(known.STOP_TRANSACTION_ON_INVALID_ID, "true", "false"),
    *setting(known.MAX_ENERGY_ON_INVALID_ID, "0", "150"),
    *setting(known.LOCAL_PRE_AUTHORIZE, "true"),
    *setting(known.ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID, "true"),
    *setting(known.METER_VALUE_SAMPLE_INTERVAL, "0", "2"),
]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, len(HAPPENINGS) - 1), st.integers(1, 2)), max_size=40))
@settings(max_examples=200)
def test_whatever_happens_every_transaction_is_billed_once(course: list[tuple[int, int]]) -> None:
    site = Site(EvseSpec(1), EvseSpec(2, outlet="cable", has_lock=False), supply_a=20)
    for number, evse in course:
        HAPPENINGS[number](site, evse)
        site.settle()
        for each in site.station.evses.values():
            agrees(each.id, site)
    for evse in site.station.evses:
        site.read(evse)
        site.see(evse, faults=())
        remote_stop(site, evse)  # a session at a captive cable may wait for its car for ever
        site.unplug(evse)
    site.wait(100)
    began, ended = site.told(TransactionStarted), site.told(TransactionEnded)
    assert sorted(fact.transaction for fact in began) == sorted(fact.transaction for fact in ended)
    assert all(fact.energy_wh >= 0 for fact in ended)
    shown = [(fact.status, fact.fault, fact.occupied) for fact in site.told(StatusChanged) if fact.evse == 1]
    assert all(before != after for before, after in pairwise(shown))


def agrees(number: int, site: Site) -> None:
    """What is shown is what may be drawn."""
    evse = site.evse(number)
    if evse.permit_a() >= 6:
        assert evse.session is not None
        assert evse.transaction is not None
        assert evse.transaction.recorded
        assert evse.status not in (Status.FAULTED, Status.UNAVAILABLE, Status.AVAILABLE, Status.RESERVED)
    assert sum(each.permit_a() for each in site.station.evses.values()) <= 20 + 1e-9
