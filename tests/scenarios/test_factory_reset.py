"""The owner leaves: what the station says, and when it refuses."""

from __future__ import annotations

from chargepoint.core.facts import SecurityEvent
from chargepoint.factoryreset import ASKED
from chargepoint.localcontrols import LocalControls
from tests.scenarios.conftest import MakeWorld


async def test_a_car_that_charges_is_not_cut_off(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge("CARD1", minutes=1)
        assert LocalControls(w.daemon).factory_reset() == "somebody charges at EVSE 1; stop the session first"
        assert not (w.state / ASKED).exists()
        assert w.ending is None


async def test_the_back_office_hears_of_it_before_everything_goes(world: MakeWorld) -> None:
    async with world() as w:
        assert LocalControls(w.daemon).factory_reset() is None
        await w.until(lambda: w.ending is not None)
        assert w.ending is not None
        assert (w.ending.restart, (w.state / ASKED).exists()) == (True, True)
        assert ("SecurityLogWasCleared", "factory reset") in [(e.event, e.info) for e in w.happened(SecurityEvent)]
        told = [each["type"] for each in w.said("SecurityEventNotification")]
        assert "SecurityLogWasCleared" in told
