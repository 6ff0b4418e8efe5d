"""Which of the daemon's devices answer: meters of EVSEs and of the station, card readers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chargepoint.web.controls import Controls

Devices = Mapping[str, Mapping[str, bool]]


def devices(controls: Controls) -> Devices:
    """By kind and name: does it answer? What is not fitted is not in it."""
    station = controls.station
    readers = range(len(controls.config.card_readers))
    return {
        "meters": {
            str(number): evse.reading is not None and not evse.meter_lost
            for number, evse in sorted(station.evses.items())
            if evse.spec.has_meter
        },
        "station_meters": controls.station_meters(),
        "card_readers": {str(number + 1): number not in station.lost_readers for number in readers},
    }
