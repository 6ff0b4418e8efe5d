"""What the running station shows of itself: the self-test that moves nothing. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from chargepoint.updating.trial import Evidence

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse
    from chargepoint.core.station import Station


def look(station: Station, guard_answers: bool, metered: Collection[int], registration: str | None) -> Evidence:
    """`metered`: the EVSEs that have a meter; `registration`: how far the station is with its back office, None where
    it needs none. The database is judged by whoever writes to it.
    """
    failing = {} if guard_answers else {"guard": "the guard does not answer"}
    for evse in station.evses.values():
        failing |= _of_evse(evse, evse.id in metered)
    failing |= {f"card_reader.{n + 1}": f"card reader {n + 1} does not answer" for n in station.lost_readers}
    return Evidence(failing, None if registration is None else registration == "accepted")


def _of_evse(evse: Evse, metered: bool) -> dict[str, str]:
    where = f"evse.{evse.id}"
    faults = () if evse.seen.plugged else evse.faults  # else it may be the car's or the cable's
    failing = {f"{where}.{fault.name}": f"EVSE {evse.id}: {fault.name}" for fault in faults if fault.blocks}
    if not evse.known:
        failing[where] = f"the guard says nothing of EVSE {evse.id}"
    if metered and (evse.reading is None or evse.meter_lost):
        failing[f"{where}.meter"] = f"the meter of EVSE {evse.id} does not answer"
    return failing
