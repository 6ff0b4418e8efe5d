"""What the journal remembers after a restart, sorted out against what the guard sees now."""

from __future__ import annotations

from dataclasses import dataclass, field

from chargepoint.core.books import Cause
from chargepoint.core.evse import Evse
from chargepoint.core.facts import Moment, Record, StopReason, TransactionStarted, TransactionUpdated, Trigger
from chargepoint.core.metering import ENERGY
from chargepoint.core.session import Session, State

UNKNOWN_ABSENCE_S = 3600.0
"""Assumed where the clock is no help (it starts in 1970 without a battery)."""


@dataclass(slots=True)
class Recovery:
    """One transaction that was open when the program ended.

    `same_boot`: only the program was restarted, the machine (and its guard) went on.
    """

    records: list[Record]
    same_boot: bool
    resume_after_power_loss: bool
    samples_lost: int = 0  # messages that may have been sent without being recorded
    closing: Cause | None = None  # its end had been decided
    allowance_wh: float | None = None  # the CSMS had refused its token: register value at which supply ends
    _began: TransactionStarted = field(init=False)

    def __post_init__(self) -> None:
        first = self.records[0].fact
        if not isinstance(first, TransactionStarted):
            raise ValueError(f"a transaction's first fact is {type(first).__name__}")
        self._began = first

    @property
    def evse(self) -> int:
        return self._began.evse

    def apply(self, evse: Evse, now: Moment) -> None:
        """The guard has spoken: go on with the session, or close its bill."""
        session = Session(self._began.session, State.SUPPLYING, self.records[0].at, now.mono_s, token=self._began.token)
        evse.visit.adopt(session, self.records, self.samples_lost, now)
        evse.register.resume(self._last_register_wh(), now.mono_s - self._away_s(now))
        session.allowance_wh = self.allowance_wh
        if self.closing is not None:
            evse.visit.release(self.closing, now)
        elif not self.same_boot and not self.resume_after_power_loss:
            evse.visit.release(Cause(Trigger.ABNORMAL_CONDITION, StopReason.POWER_LOSS), now)
        elif not evse.seen.ev_connected:
            reason = StopReason.EV_DISCONNECTED if self.same_boot else StopReason.POWER_LOSS
            evse.visit.release(Cause(Trigger.EV_COMMUNICATION_LOST, reason), now)

    def _last_register_wh(self) -> float:
        """The highest register value the journal has seen of this transaction."""
        seen = [
            quantity.value
            for record in self.records
            if isinstance(record.fact, TransactionStarted | TransactionUpdated)
            for sample in record.fact.samples
            for quantity in sample.quantities
            if quantity.measurand == ENERGY
        ]
        return max([self._began.meter_wh, *seen])

    def _away_s(self, now: Moment) -> float:
        """For how long the meter may have counted unseen: as much as that is believed without a doubt."""
        last = self.records[-1]
        away_s = now.mono_s - last.mono_s if self.same_boot else (now.at - last.at).total_seconds()
        return float(away_s) if away_s > 0 else UNKNOWN_ABSENCE_S
