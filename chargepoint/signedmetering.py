"""What this station's meters sign, and which settings are therefore about something."""

from __future__ import annotations

from collections.abc import Mapping

from chargepoint.core import catalogue as known
from chargepoint.core.signing import ANY
from chargepoint.core.station import Station
from hw.api import Meter, SigningMeter


def know_what_is_signed(station: Station, meters: Mapping[int, Meter]) -> None:
    """Tell each EVSE what its meter signs; a station whose meters do not has no settings about it."""
    for number, meter in meters.items():
        station.evses[number].signing = meter.signs if isinstance(meter, SigningMeter) else ""
    abilities = {evse.signing for evse in station.evses.values()} - {""}
    settings = station.settings
    if not abilities:
        settings.withdraw(known.OF_SIGNING_METERS)
        return
    settings.derive(known.START_TXN_SAMPLED_DATA, known.REGISTER)
    if ANY not in abilities:
        for setting in known.BETWEEN_BEGIN_AND_END:
            settings.fix(setting, False)
