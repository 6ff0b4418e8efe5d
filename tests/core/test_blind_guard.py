"""A guard that has restarted and cannot read its hardware yet: what was known of the car stands, and nobody is billed
for having left.
"""

from chargepoint.core.facts import CableUnplugged, FaultCleared, FaultRaised, SessionEnded, TransactionEnded
from chargepoint.core.observation import Fault
from tests.core.site import EMPTY, Site

BLIND = EMPTY, {"sighted": False, "faults": (Fault("CommunicationFault", "high", "mend it"),), "epoch": 8}


def blind(site: Site) -> None:
    site.see(1, BLIND[0], **BLIND[1])


def test_a_session_outlives_a_guard_that_sees_nothing() -> None:
    site = Site()
    site.charge()
    for _ in range(5):
        blind(site)
    assert site.told(CableUnplugged) == site.told(TransactionEnded) == site.told(SessionEnded) == []
    assert site.why() == ["fault CommunicationFault"]
    assert [fact.name for fact in site.told(FaultRaised)] == ["CommunicationFault"]
    assert site.evse(1).seen.contactor == "closed"  # nobody knows better


def test_when_it_sees_the_car_again_the_session_goes_on() -> None:
    site = Site()
    site.charge()
    seen = site.evse(1).seen
    blind(site)
    site.see(1, seen)
    assert [fact.name for fact in site.told(FaultCleared)] == ["CommunicationFault"]
    assert site.permit_a() == 16.0


def test_when_it_sees_that_the_car_has_gone_the_session_ends() -> None:
    site = Site()
    site.charge()
    blind(site)
    site.unplug()
    assert len(site.told(CableUnplugged)) == len(site.told(TransactionEnded)) == 1
