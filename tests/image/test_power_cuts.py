"""The power goes in mid-session, again and again: nothing acknowledged is lost, and each session is one transaction."""

from __future__ import annotations

import os
import random
from math import floor
from typing import Any

from tests.image.machine import Machine
from tests.image.station import Station
from tests.process.strict import StrictCsms

CUTS = int(os.environ.get("CHARGEPOINT_POWER_CUTS", "20"))


A_SECOND_WH = 6.2  # at 22 kW: the simulated register is put on the disk once a second, a real one at once


def told(meter_values: list[dict[str, Any]], transaction: int) -> list[float]:
    """Registers in Wh that the back office has acknowledged for a transaction."""
    return [
        float(sample["value"])
        for values in meter_values
        if values.get("transactionId") == transaction
        for entry in values["meterValue"]
        for sample in entry["sampledValue"]
        if sample.get("measurand", "Energy.Active.Import.Register") == "Energy.Active.Import.Register"
    ]


def test_nothing_acknowledged_is_lost(new_machine: Machine, csms: StrictCsms) -> None:
    station = Station(new_machine, csms, "CP-power-cuts")
    station.set_up()
    chance = random.Random(20)
    for cut in range(1, CUTS + 1):
        new_machine.boot()
        station.online(nth=cut)
        stops = station.says("StopTransaction", nth=cut - 1) if cut > 1 else {}
        assert len(station.heard("StopTransaction")) == cut - 1, stops
        station.charge()
        station.says("StartTransaction", nth=cut)
        station.says("MeterValues", nth=len(station.heard("MeterValues")) + chance.randint(1, 3), timeout_s=120)
        new_machine.cut_power()
    new_machine.boot()
    station.online(nth=CUTS + 1)
    station.says("StopTransaction", nth=CUTS)

    starts, stops = station.heard("StartTransaction"), station.heard("StopTransaction")
    assert len(starts) == CUTS
    numbers = [stop["transactionId"] for stop in stops]
    assert len(set(numbers)) == len(numbers) == CUTS
    for start, stop in zip(starts, stops, strict=True):
        assert stop["reason"] == "PowerLoss"
        acknowledged_wh = told(station.heard("MeterValues"), stop["transactionId"])
        most_wh = max(acknowledged_wh, default=0.0) - A_SECOND_WH
        assert stop["meterStop"] >= max(start["meterStart"], floor(most_wh))  # 1.6: whole watt-hours
        assert stop["timestamp"] >= start["timestamp"]
    assert station.violations() == []
