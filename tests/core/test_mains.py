"""A station behind a battery."""

from chargepoint.core.evse import EvseSpec
from chargepoint.core.facts import Status, StopReason, TransactionEnded
from chargepoint.core.mains import mains_failed, mains_returned
from tests.core.site import Site


def test_a_failed_mains_ends_every_session_and_lets_nobody_in() -> None:
    site = Site(EvseSpec(1), EvseSpec(2), EvseSpec(3))
    site.charge("CARD1", 1)
    site.charge("CARD2", 2)
    mains_failed(site.station, site.now)
    site.opened(1)
    site.opened(2)
    assert [ended.reason for ended in site.told(TransactionEnded)] == [StopReason.POWER_LOSS] * 2
    assert (site.status(1), site.permit_a(1)) == (Status.FINISHING, 0.0)
    site.plug(3)
    site.card("CARD3")
    assert site.permit_a(3) == 0.0
    mains_returned(site.station, site.now)
    site.card("CARD3")
    assert site.permit_a(3) > 0.0
