"""What happens every day: cards, plugs, and who goes first."""

from pytest import approx

from chargepoint.core.facts import Status
from tests.scenarios.conftest import MakeWorld
from tests.world import Bill


async def test_plug_first_then_card(world: MakeWorld) -> None:
    async with world() as w:
        await w.plug()
        assert (w.status(), w.closed()) == (Status.PREPARING, False)
        await w.card("CARD1")
        await w.until(w.closed)
        before_wh = w.register_wh()
        await w.wait(minutes=30)
        await w.card("CARD1")
        await w.unplug()
        assert w.bills() == [Bill("CARD1", approx(w.register_wh() - before_wh, abs=12), "Local")]
        assert w.status() is Status.AVAILABLE
