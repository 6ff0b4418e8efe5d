"""Restarts that wait until nobody is supplied (OCPP 1.6 section 5.14, 2.0.1 B11 and B12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from chargepoint.core.books import Cause
from chargepoint.core.circumstances import Circumstances
from chargepoint.core.evse import Evse
from chargepoint.core.facts import Moment, StopReason, Trigger
from chargepoint.core.wishes import Restart

ResetKind = Literal["soft", "hard", "immediate", "on_idle"]
Answer = Literal["Accepted", "Scheduled", "Rejected"]

STATION = 0

_REASONS = {
    "soft": StopReason.IMMEDIATE_RESET,
    "immediate": StopReason.IMMEDIATE_RESET,
    "hard": StopReason.HARD_RESET,
}


@dataclass(slots=True)
class Resets:
    """Of the station, or of one of its EVSEs."""

    evses: Mapping[int, Evse]
    around: Circumstances
    waiting: dict[int, ResetKind] = field(default_factory=dict)  # EVSE (0: all) -> a restart that waits for idleness

    def request(self, evse: int, kind: ResetKind, now: Moment) -> Answer:
        """All but `on_idle` end the transactions there."""
        if evse and evse not in self.evses:
            return "Rejected"
        busy = any(each.busy for each in self._chosen(evse))
        self.waiting[evse] = kind
        for each in self._chosen(evse):
            each.blocked = True
            if kind != "on_idle":
                each.visit.release(Cause(Trigger.RESET_COMMAND, _REASONS[kind]), now)
        return "Scheduled" if kind == "on_idle" and busy else "Accepted"

    def carry_out(self) -> None:
        """What is idle by now. The station as a whole first: it takes its EVSEs along."""
        for evse, kind in sorted(self.waiting.items()):
            if not self.waiting or any(each.busy for each in self._chosen(evse)):
                continue
            if evse == STATION:
                self.waiting.clear()  # nobody new from now on: what was blocked stays so until the restart
            else:
                del self.waiting[evse]
                self.evses[evse].blocked = STATION in self.waiting
            self.around.emit(Restart(evse, hard=kind == "hard", scheduled=kind == "on_idle"))

    def _chosen(self, evse: int) -> Iterable[Evse]:
        return self.evses.values() if evse == STATION else [self.evses[evse]]
