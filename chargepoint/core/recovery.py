"""What the journal remembers after a restart, sorted out against what the guard sees now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from chargepoint.core.books import Cause
from chargepoint.core.evse import Evse
from chargepoint.core.facts import (
    Moment,
    Record,
    SessionNoted,
    StopReason,
    Token,
    TransactionStarted,
    TransactionUpdated,
    Trigger,
)
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
    noted: SessionNoted | None = None  # the session as it was last; None: the program died before it was written
    reason: StopReason = StopReason.POWER_LOSS  # of an end that another boot brings
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
        evse.visit.adopt(self._session(now), self.records, self.samples_lost, now, same_boot=self.same_boot)
        register_wh, at_s = self._last_register(now)
        evse.register.resume(register_wh, at_s)
        goes_on = self.same_boot or self.resume_after_power_loss
        if self.noted is not None and (closing := self.noted.closing) is not None:
            evse.books.close(Cause(closing.trigger, closing.reason, closing.token), now)
        elif not goes_on or (not self.same_boot and not evse.seen.ev_connected):
            evse.visit.release(Cause(Trigger.ABNORMAL_CONDITION, self.reason), now)
        else:
            evse.visit.look_again(now)

    def _session(self, now: Moment) -> Session:
        """As it was noted. Without a note only a token in the journal says that somebody may charge."""
        note = self.noted
        token = note.token if note else next((token for token in map(_token, self.records) if token), None)
        state = State[note.state] if note else State.SUPPLYING if token else State.PLUGGED
        session = Session(self._began.session, state, self.records[0].at, now.mono_s, token=token)
        if note is not None:
            session.group, session.hold_lock, session.allowance_wh = note.group, note.hold_lock, note.allowance_wh
        return session

    def _last_register(self, now: Moment) -> tuple[float, float]:
        """The last register value the journal has seen, and when: since then the meter has counted unseen.

        On this boot's monotonic clock; the rise since is believed as far as the EVSE could have supplied it.
        """
        shown_wh, shown = max(
            ((wh, record) for record in self.records for wh in _registers(record)), key=lambda pair: pair[0]
        )
        away_s = now.mono_s - shown.mono_s if self.same_boot else (now.at - shown.at).total_seconds()
        return shown_wh, now.mono_s - (away_s if away_s > 0 else UNKNOWN_ABSENCE_S)


def _registers(record: Record) -> Iterator[float]:
    if isinstance(record.fact, TransactionStarted):
        yield record.fact.meter_wh
    if isinstance(record.fact, TransactionStarted | TransactionUpdated):
        for sample in record.fact.samples:
            yield from (each.value for each in sample.quantities if each.measurand == ENERGY and not each.phase)


def _token(record: Record) -> Token | None:
    return record.fact.token if isinstance(record.fact, TransactionStarted | TransactionUpdated) else None
