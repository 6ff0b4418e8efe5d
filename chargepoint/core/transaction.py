"""A transaction is what the back office bills: a predicate over what is true at the EVSE (OCPP 2.0.1 E01, E06).

It opens when one of the start points becomes true and closes when one of the stop points becomes false. 1.6 is one
fixed choice of these. Between the two stand two gates: no power before the begin value is journalled, no end before
the contactor is proven open and the end value is taken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from chargepoint.core.facts import (
    ChargingState,
    Record,
    Sample,
    StopReason,
    Token,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
    Trigger,
)
from chargepoint.core.session import State

CONDITIONS: dict[State, frozenset[str]] = {
    State.PLUGGED: frozenset({"EVConnected"}),
    State.AUTHORIZED: frozenset({"Authorized"}),
    State.SUPPLYING: frozenset({"EVConnected", "Authorized", "PowerPathClosed"}),
    State.INTERRUPTED: frozenset({"EVConnected", "Authorized", "PowerPathClosed"}),
    State.FINISHING: frozenset(),
    State.OVER: frozenset(),
}
"""What holds in each state of a session. PowerPathClosed means connected and authorized, not the relay."""


def conditions(state: State | None, ev_connected: bool, transferring: bool) -> frozenset[str]:
    """What is true at an EVSE now, in the words of TxStartPoint and TxStopPoint."""
    if state is None:
        return frozenset()
    held = CONDITIONS[state]
    if state is State.FINISHING and ev_connected:
        held |= {"EVConnected"}
    if state is State.SUPPLYING and transferring:
        held |= {"EnergyTransfer"}
    return held


METER_WITHIN_S = 10.0
"""An end value that has not come by then is replaced by the last good reading."""
METER_STARTS_WITHIN_S = 120.0
"""The same after a power cut: meters and gateways start too, and only the register knows what was drawn to the last."""


class Stage(Enum):
    OPENING = auto()  # waits for the meter's begin value: nothing is owed yet
    RUNNING = auto()
    CLOSING = auto()  # waits for the contactor to be proven open
    METERING = auto()  # waits for the meter's end value


@dataclass(slots=True)
class Transaction:
    """One bill in the making."""

    id: str
    session: str
    evse: int
    token: Token | None
    trigger: Trigger
    remote_start_id: int | None = None
    reservation_id: int | None = None
    stage: Stage = Stage.OPENING
    recorded: bool = False  # its start is in the journal: power may flow
    seq_no: int = 0  # of the next message
    state: ChargingState = ChargingState.EV_CONNECTED
    begin_wh: float = 0.0
    started_at: datetime | None = None
    csms_id: int | None = None  # 1.6's number, once known
    intervals: tuple[int, int] = (0, 0)  # that the next two were worked out from
    next_sample_s: float = math.inf
    next_ended_sample_s: float = math.inf
    stage_since_s: float = 0.0
    meter_within_s: float = METER_WITHIN_S  # for the end value
    ask_again: bool = False  # for it, as soon as the meter answers
    charged: bool = False  # the contactor has been closed in it
    collected: list[Sample] = field(default_factory=list)
    end_trigger: Trigger = Trigger.ABNORMAL_CONDITION
    end_reason: StopReason = StopReason.OTHER
    end_token: Token | None = None

    @property
    def open(self) -> bool:
        return self.stage in (Stage.OPENING, Stage.RUNNING)

    def start(
        self, at: datetime, meter_wh: float, samples: tuple[Sample, ...], cable_a: float | None, offline: bool
    ) -> TransactionStarted:
        """The begin value is there: from now on there is something to bill."""
        self.stage, self.begin_wh, self.started_at = Stage.RUNNING, meter_wh, at
        return TransactionStarted(
            self.evse, transaction=self.id, session=self.session, seq_no=self._count(), trigger=self.trigger,
            state=self.state, token=self.token, meter_wh=meter_wh, samples=samples,
            remote_start_id=self.remote_start_id, reservation_id=self.reservation_id, cable_a=cable_a, offline=offline,
            for_end=tuple(self.collected),
        )  # fmt: skip

    def update(
        self,
        trigger: Trigger,
        offline: bool,
        *,
        token: Token | None = None,
        samples: tuple[Sample, ...] = (),
        remote_start_id: int | None = None,
    ) -> TransactionUpdated:
        return TransactionUpdated(
            self.evse, transaction=self.id, seq_no=self._count(), trigger=trigger, state=self.state,
            token=token, samples=samples, remote_start_id=remote_start_id, offline=offline,
        )  # fmt: skip

    def end(self, meter_wh: float, samples: tuple[Sample, ...], offline: bool) -> TransactionEnded:
        return TransactionEnded(
            self.evse, transaction=self.id, session=self.session, seq_no=self._count(), trigger=self.end_trigger,
            state=self.state, reason=self.end_reason, token=self.end_token, meter_wh=meter_wh, samples=samples,
            started_at=self.started_at, energy_wh=meter_wh - self.begin_wh, offline=offline,
        )  # fmt: skip

    def collect(self, sample: Sample, most: int) -> None:
        """Keep a sample for the last message, which has room for `most` and brings the end value itself.

        The first stays, of the inner ones every second is dropped (1.6 errata 3.89, 2.0.1 E12.FR.08).
        """
        self.collected.append(sample)
        if len(self.collected) >= most:
            self.collected = [self.collected[0], *self.collected[2:-1:2], self.collected[-1]]

    def _count(self) -> int:
        number, self.seq_no = self.seq_no, self.seq_no + 1
        return number


def rebuild(records: Sequence[Record]) -> Transaction:
    """A transaction as the journal knows it, from its own facts in order.

    Raises:
        ValueError: the first fact is not its start.
    """
    facts = [record.fact for record in records]
    match facts[0]:
        case TransactionStarted() as begin:
            pass
        case other:
            raise ValueError(f"a transaction's first fact is {type(other).__name__}")
    tx = Transaction(
        id=begin.transaction, session=begin.session, evse=begin.evse, token=begin.token, trigger=begin.trigger,
        remote_start_id=begin.remote_start_id, stage=Stage.RUNNING, recorded=True, state=begin.state,
        begin_wh=begin.meter_wh, started_at=records[0].at, collected=list(begin.for_end),
    )  # fmt: skip
    for fact in facts:
        if isinstance(fact, TransactionStarted | TransactionUpdated):
            tx.seq_no = max(tx.seq_no, fact.seq_no + 1)
            tx.state, tx.token = fact.state, tx.token or fact.token
            tx.charged |= fact.state is ChargingState.CHARGING
    return tx
