"""The contactor, which stays off all the while: is it open, and would it open by itself?"""

from __future__ import annotations

from collections.abc import Callable

from hw.api import Contactor
from hw.doctor.findings import ok, skipped, verdict
from hw.doctor.proving import Findings, after, answering, nothing, own_checks, until

OPENS_WITHIN_S = 0.5
CLOSED_AT_REST = (
    "Switch the mains off. Is the contactor welded? Else the mirror contact is wired to the wrong terminals, or its "
    "polarity is the wrong way round in the configuration."
)
NO_MIRROR = "no mirror contact is wired: a welded contactor cannot be noticed"


async def contactor_steps(contactor: Contactor, look: Callable[[], object] = nothing, *, own: bool = True) -> Findings:
    """`own`: it is a driver by itself, and not part of the pilot's controller."""
    feedback = after(look, contactor.feedback)
    contactor.switch(False)
    await answering(feedback)
    yield ok("answers", "contactor answers")
    closed = await until(feedback, lambda seen: not seen, OPENS_WITHIN_S)
    if closed is None:
        yield skipped("open", "mirror contact says open", NO_MIRROR)
    else:
        seen = "closed, and the coil is off" if closed else "open"
        yield verdict(not closed, "open", "mirror contact says open", seen, CLOSED_AT_REST)
    if own:
        async for finding in own_checks(contactor):
            yield finding
