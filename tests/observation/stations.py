"""A station of which everything can be told."""

from dataclasses import replace
from datetime import date
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from chargepoint.datause import DataUse
from chargepoint.modem import Modem, ModemKeeper
from chargepoint.web.devices import devices
from chargepoint.web.exposition import text
from chargepoint.web.metrics import all_of
from chargepoint.web.status import document
from hw.api import Report
from tests.ocpp.fakes import FakeMemory
from tests.web.fake_station import FakeControls


async def everything() -> list[Any]:
    """Families of metrics of a station in which everything is fitted and something is wrong."""
    controls = FakeControls()
    controls.config = replace(controls.config, card_readers=({"driver": "mock"},))
    evse = controls.station.evses[1]
    object.__setattr__(evse.spec, "has_meter", True)
    controls.supply_measured = lambda: (1.0, 2.0, 3.0)  # type: ignore[method-assign]
    assert controls.simulator is not None
    await controls.simulator.plug(1)
    await controls.simulator.card("04A1B2C3")
    await controls.simulator.fault(2, "overtemperature")
    controls.tally.guard.reported(Report(1, 7), 0.0)
    controls.tally.guard.permitted(0.0)
    controls.tally.broker = True
    controls.tally.traffic = DataUse(FakeMemory(), lambda: date(2026, 11, 23))
    controls.tally.traffic.spent(1200, 34)
    controls.tally.modem = ModemKeeper(FakeMemory())
    controls.tally.modem.seen = Modem("connected", signal=0.6)
    controls.vital = replace(
        controls.vital, resident_bytes=1, written_bytes=1, free_bytes=1, started_at_s=1.0, loop_delay_s=0.1
    )  # fmt: skip
    told = text(all_of(document(controls), devices(controls), controls.tally, controls.vitals(), 1.0))
    return list(text_string_to_metric_families(told))
