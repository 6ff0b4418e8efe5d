"""The EVSE that a path names, and the answer that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.web.controls import Controls
from chargepoint.web.http import Answer, Missing, Request, told
from chargepoint.web.status import evse_document

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse


def evse_of(controls: Controls, request: Request) -> Evse:
    """Raises Missing: this station has no such EVSE."""
    wanted, evses = request.parts["n"], controls.station.evses
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10 else 0
    if number not in evses:
        there = ", ".join(str(evse) for evse in sorted(evses))
        raise Missing(f"there is no EVSE {wanted[:20]}; this station has {there}")
    return evses[number]


def evse_answer(controls: Controls, evse: int) -> Answer:
    return told(evse_document(controls, controls.station.evses[evse], controls.clock.now()))
