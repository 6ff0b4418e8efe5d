"""The books of one EVSE: opens, meters and closes its transactions, one at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from chargepoint.core import catalogue as known
from chargepoint.core.facts import (
    BeginMetered,
    MetersSampled,
    Moment,
    Quantity,
    Record,
    Sample,
    StopReason,
    Token,
    Trigger,
)
from chargepoint.core.metering import ENERGY, AlignedSchedule, quantities
from chargepoint.core.signing import ANY, Told, signs, told_once, with_keys
from chargepoint.core.transaction import METER_STARTS_WITHIN_S, METER_WITHIN_S, Stage, Transaction, rebuild
from chargepoint.core.wishes import BeginMetering, EndMetering, SignReading

if TYPE_CHECKING:
    from chargepoint.core.circumstances import Circumstances
    from chargepoint.core.evse import Evse
    from chargepoint.core.metering import Reading
    from chargepoint.core.profile import Profile
    from chargepoint.core.settings import Setting

OPEN_WITHIN_S = 10.0
"""A contactor that has not been proven open by then (guard silent, welded) no longer holds up the bill."""


@dataclass(slots=True)
class Cause:
    """Why a transaction begins, changes or ends."""

    trigger: Trigger
    reason: StopReason = StopReason.OTHER
    token: Token | None = None
    remote_start_id: int | None = None
    profile: Profile | None = None  # that came with a remote start
    reservation_id: int | None = None  # that is used with it


@dataclass(frozen=True, slots=True)
class Taking:
    """A value that is due, of these measurands; `slot` is its time where that is not now."""

    told: Told
    context: str
    measurands: Setting[tuple[str, ...]]
    slot: datetime | None = None


_PERIODIC = Taking(Told.UPDATED, "Sample.Periodic", known.METER_VALUES_SAMPLED_DATA)
_CLOCK = Cause(Trigger.METER_VALUE_CLOCK)


@dataclass(slots=True)
class Books:
    """The transaction of one EVSE, if there is one, and its samples."""

    evse: Evse
    around: Circumstances
    new_id: Callable[[], str]
    tx: Transaction | None = None
    due: Cause | None = None  # a start that waits for the end of the transaction before it
    _for_now: AlignedSchedule = field(default_factory=AlignedSchedule)
    _for_end: AlignedSchedule = field(default_factory=AlignedSchedule)
    _unsigned: list[Taking] = field(default_factory=list)  # wait for the meter's signature

    # --- the predicate ------------------------------------------------------------------------------------------------

    def settle(self, before: frozenset[str], after: frozenset[str], cause: Cause, now: Moment) -> None:
        """What was true, what is true now, and why: open, close or merely mention it."""
        start_points = set(self.around.settings[known.TX_START_POINT])
        running = self.tx is not None and self.tx.open
        if not after & start_points:
            self.due = None
        if not running and (after - before) & start_points:
            self._open(cause)
        elif (before - after) & self._stop_points() or not after:
            self.close(cause, now)  # E03.FR.05: nor does it outlive everything it was about
        elif self._running is not None:
            self._mention(self._running, cause, now)

    @property
    def _running(self) -> Transaction | None:
        return self._at(Stage.RUNNING)

    def _at(self, stage: Stage) -> Transaction | None:
        return self.tx if self.tx is not None and self.tx.stage is stage else None

    def _stop_points(self) -> set[str]:
        return set(self.around.settings[known.TX_STOP_POINT])

    def _open(self, cause: Cause) -> None:
        if self.tx is not None:  # the one before is still being closed: a matter of seconds
            self.due = cause
            return
        session = self.evse.session
        if session is None:
            return
        self.due = None
        self.tx = Transaction(
            id=self.new_id(), session=session.id, evse=self.evse.id, token=session.token, trigger=cause.trigger,
            remote_start_id=session.remote_start_id, reservation_id=session.reservation_id,
        )  # fmt: skip
        session.remote_start_id = None  # F01.FR.25: named once, by the first event after the remote start
        self.around.emit(BeginMetering(self.evse.id, self.tx.id, session.token))

    def began(self, reading: Reading | None, now: Moment) -> None:
        """The meter's begin value; None when it cannot be had: then only `on_meter_loss = "continue"` goes on."""
        tx = self._at(Stage.OPENING)
        if tx is None:
            return
        if reading is None and self.evse.spec.on_meter_loss == "stop":
            return
        tx.stage_since_s = now.mono_s
        tx.state = self.evse.charging_state(now)
        tx.collected = list(self._begin(now.at, known.STOP_TXN_SAMPLED_DATA, Told.ENDED))
        self._schedule(tx, now)
        begin = with_keys(self._begin(now.at, known.TX_STARTED_MEASURANDS, Told.STARTED), self.around.settings)
        self.around.emit(tx.start(now.at, self.evse.register_wh, begin, self.evse.seen.cable_a, self._offline()))
        apart = with_keys(self._begin(now.at, known.START_TXN_SAMPLED_DATA, Told.STARTED), self.around.settings)
        if apart:
            self.around.emit(BeginMetered(self.evse.id, tx.id, apart))
        self.evse.account.began(tx.id, tx.begin_wh, now, self.around.online)

    def _begin(self, at: datetime, measurands: Setting[tuple[str, ...]], told: Told) -> tuple[Sample, ...]:
        sample = self._sample(at, "Transaction.Begin", measurands, signs(self.around.settings, told))
        return (sample,) if sample else ()

    def meter_is_back(self) -> None:
        """A begin value that could not be had is asked for again, and so is an end value that is waited for."""
        if tx := self._at(Stage.OPENING):
            self.around.emit(BeginMetering(self.evse.id, tx.id, tx.token))
        elif (tx := self._at(Stage.METERING)) and tx.ask_again:
            tx.ask_again = False
            self.around.emit(EndMetering(self.evse.id, tx.id))

    def close(self, cause: Cause, now: Moment) -> None:
        """No more supply; the bill follows once the contactor is proven open."""
        tx = self.tx
        if tx is None or not tx.open:
            return
        if tx.stage is Stage.OPENING:  # nothing has been said of it yet
            self.tx = None
            return
        tx.stage, tx.stage_since_s = Stage.CLOSING, now.mono_s
        tx.end_trigger, tx.end_reason, tx.end_token = cause.trigger, cause.reason, cause.token
        self._meter_if_open(now)

    def _meter_if_open(self, now: Moment) -> None:
        tx = self._at(Stage.CLOSING)
        if tx is None:
            return
        if self.evse.seen.contactor == "open" or now.mono_s - tx.stage_since_s >= OPEN_WITHIN_S:
            tx.stage, tx.stage_since_s = Stage.METERING, now.mono_s
            self.around.emit(EndMetering(self.evse.id, tx.id))

    def ended(self, now: Moment, *, metered: bool = False) -> None:
        """The meter's end value has been taken into the register, or cannot be had: write the bill."""
        tx = self._at(Stage.METERING)
        if tx is None or self._meter_starts(tx, now):
            return
        tx.state = self.evse.charging_state(now)
        signed = metered and signs(self.around.settings, Told.ENDED)
        last = self._sample(now.at, "Transaction.End", known.STOP_TXN_SAMPLED_DATA, signed) or self._last_good(now.at)
        samples = [*told_once(tx.collected, last), *((last,) if last else ())]
        self.around.emit(
            tx.end(self.evse.register_wh, with_keys(samples, self.around.settings, last=True), self._offline())
        )
        if self.evse.session is not None and self.evse.session.id == tx.session:
            self.evse.session.energy_wh += self.evse.register_wh - tx.begin_wh
        self.tx = None
        self.evse.account.ended(self.evse.register_wh, now)
        if self.due is not None:
            self._open(self.due)

    def _meter_starts(self, tx: Transaction, now: Moment) -> bool:
        """Has nothing been heard of the meter since the power came back, and may it still come?"""
        waits = tx.meter_within_s > METER_WITHIN_S and self.evse.reading is None
        tx.ask_again = waits and now.mono_s - tx.stage_since_s < tx.meter_within_s
        return tx.ask_again

    # --- while it runs ------------------------------------------------------------------------------------------------

    def observe(self, now: Moment) -> None:
        """The hardware changed: proof of opening, or another charging state."""
        self._meter_if_open(now)
        self.tell_state(now)

    def tell_state(self, now: Moment) -> None:
        """OCPP 2.0.1 E02.FR.13: every change of the charging state is told."""
        tx = self._running
        if tx is None:
            return
        tx.charged |= self.evse.seen.closed
        state = self.evse.charging_state(now)
        if state is not tx.state:
            self._update(tx, Cause(Trigger.CHARGING_STATE_CHANGED), now)

    def tick(self, now: Moment) -> None:
        tx = self.tx
        if tx is not None:
            self._watch(tx, now)
        self._aligned(now)

    def _watch(self, tx: Transaction, now: Moment) -> None:
        match tx.stage:
            case Stage.CLOSING:
                self._meter_if_open(now)
            case Stage.METERING if now.mono_s - tx.stage_since_s >= tx.meter_within_s:
                self.ended(now)
            case Stage.RUNNING:
                self.tell_state(now)
                self._sample_if_due(tx, now)

    def sample_now(self, now: Moment, context: str = "Trigger") -> bool:
        """TriggerMessage(MeterValues) of 1.6 (section 5.17), or for another reason. False: there is nothing to tell."""
        sample = self._sample(now.at, context, known.METER_VALUES_SAMPLED_DATA)
        self._report(sample, now, Cause(Trigger.TRIGGER))
        return sample is not None

    def look(self, now: Moment, which: Setting[tuple[str, ...]]) -> Sample | None:
        """What the meter shows, for whoever asks."""
        return self._sample(now.at, "Trigger", which)

    def meter_now(self, now: Moment) -> bool:
        """TriggerMessage(MeterValues) of 2.x: by itself, whether a transaction runs or not (F06.FR.06)."""
        sample = self._sample(now.at, "Trigger", known.METER_VALUES_ALIGNED_DATA)
        if sample is not None:
            self.around.emit(MetersSampled(self.evse.id, (sample,)), now)
        return sample is not None

    def tell_now(self, now: Moment) -> bool:
        """TriggerMessage(TransactionEvent): how the transaction stands (F06.FR.07). False: none runs."""
        tx = self._running
        if tx is None:
            return False
        sample = self._sample(now.at, "Trigger", known.METER_VALUES_SAMPLED_DATA)
        self._update(tx, Cause(Trigger.TRIGGER), now, (sample,) if sample else ())
        return True

    def confirm(self, transaction: str) -> None:
        """The journal has it: power may flow."""
        if self.tx is not None and self.tx.id == transaction:
            self.tx.recorded = True

    def resume(self, records: Sequence[Record], lost: int, now: Moment, *, same_boot: bool) -> None:
        """Take up a transaction where the journal left it; `lost`: messages that may have been sent unrecorded."""
        self.tx = tx = rebuild(records)
        tx.seq_no += lost
        if not same_boot:
            tx.meter_within_s = METER_STARTS_WITHIN_S
        tx.stage_since_s = now.mono_s
        self._schedule(tx, now)

    # --- samples ------------------------------------------------------------------------------------------------------

    @property
    def _intervals(self) -> tuple[int, int]:
        settings = self.around.settings
        return settings[known.METER_VALUE_SAMPLE_INTERVAL], settings[known.TX_ENDED_INTERVAL]

    def _schedule(self, tx: Transaction, now: Moment) -> None:
        tx.intervals = self._intervals
        tx.next_sample_s, tx.next_ended_sample_s = (_after(now.mono_s, each) for each in tx.intervals)

    def _sample_if_due(self, tx: Transaction, now: Moment) -> None:
        if tx.intervals != self._intervals:
            self._schedule(tx, now)
        if now.mono_s >= tx.next_ended_sample_s:
            tx.next_ended_sample_s = _after(tx.next_ended_sample_s, tx.intervals[1], now)
            kept = self._sample(now.at, "Sample.Periodic", known.STOP_TXN_SAMPLED_DATA)
            if kept:
                self._collect(tx, kept)
        if now.mono_s >= tx.next_sample_s:
            tx.next_sample_s = _after(tx.next_sample_s, tx.intervals[0], now)
            self._take(_PERIODIC, now)

    def _aligned(self, now: Moment) -> None:
        settings, running = self.around.settings, self._running
        slot = self._for_end.due(settings[known.ALIGNED_TX_ENDED_INTERVAL], now)
        if slot is not None and running is not None:
            self._take(Taking(Told.CLOCK_ENDED, "Sample.Clock", known.STOP_TXN_ALIGNED_DATA, slot), now)
        slot = self._for_now.due(settings[known.CLOCK_ALIGNED_DATA_INTERVAL], now)
        if slot is not None and not (running and settings[known.SEND_DURING_IDLE]):  # J01.FR.19
            self._take(Taking(Told.CLOCK, "Sample.Clock", known.METER_VALUES_ALIGNED_DATA, slot), now)

    def _take(self, taking: Taking, now: Moment) -> None:
        """Now, or once the meter has signed it."""
        if self.evse.signing != ANY or self.evse.meter_lost or not signs(self.around.settings, taking.told):
            self._taken(taking, now, signed=False)
            return
        self._unsigned.append(taking)
        if len(self._unsigned) == 1:
            self.around.emit(SignReading(self.evse.id))

    def signed(self, now: Moment, *, metered: bool) -> None:
        """The meter has signed, or cannot: then the values go as they are."""
        waiting, self._unsigned = self._unsigned, []
        for taking in waiting:
            self._taken(taking, now, signed=metered)

    def _taken(self, taking: Taking, now: Moment, *, signed: bool) -> None:
        sample, running = self._sample(taking.slot or now.at, taking.context, taking.measurands, signed), self._running
        if sample is None:
            return
        match taking.told:
            case Told.CLOCK:
                self._report(sample, Moment(now.mono_s, sample.at), _CLOCK)
            case Told.CLOCK_ENDED if running is not None:
                self._collect(running, sample)
            case Told.UPDATED if running is not None:
                self._update(running, Cause(Trigger.METER_VALUE_PERIODIC), now, (sample,))

    def _collect(self, tx: Transaction, sample: Sample) -> None:
        tx.collect(sample, self.around.settings[known.STOP_TRANSACTION_MAX_METER_VALUES])

    def _report(self, sample: Sample | None, at: Moment, cause: Cause) -> None:
        """A sample goes with the transaction that runs, or by itself."""
        if sample is None:
            return
        if tx := self._running:
            self._update(tx, cause, at, (sample,))
        else:
            self.around.emit(MetersSampled(self.evse.id, with_keys((sample,), self.around.settings)), at)

    def _sample(
        self, at: datetime, context: str, which: Setting[tuple[str, ...]], signed: bool = False
    ) -> Sample | None:
        """`signed`: with what the meter has signed; its register is then told, whether or not it is asked for."""
        reading = self.evse.reading
        if reading is None or self.evse.meter_lost:
            return None
        wanted = self.around.settings[which]
        vouched = signed and bool(reading.signed)
        if vouched and ENERGY not in wanted:
            wanted = (ENERGY, *wanted)
        values = quantities(
            reading, wanted, rotation=self.evse.rotation,
            offered_a=self.evse.seen.offered_a, phases=min(self.evse.spec.phases, self.evse.seen.phases),
        )  # fmt: skip
        proof = (reading.signed, reading.public_key) if vouched else ()
        return Sample(at, context, values, *proof) if values else None

    def _last_good(self, at: datetime) -> Sample | None:
        """The end value while the meter is lost: what the bill is made of, and nothing else."""
        known_wh = self.evse.reading is not None or self.evse.register.is_from_before
        if not self.evse.meter_lost or not known_wh:
            return None
        return Sample(at, "Transaction.End", (Quantity(ENERGY, self.evse.register_wh, "Wh"),))

    # --- saying it ----------------------------------------------------------------------------------------------------

    def _mention(self, tx: Transaction, cause: Cause, now: Moment) -> None:
        news = cause.token if cause.trigger in _TOKEN_IS_NEWS else None
        tx.token = tx.token or news
        self._update(tx, cause, now, token=news)

    def _update(
        self, tx: Transaction, cause: Cause, now: Moment, samples: tuple[Sample, ...] = (), token: Token | None = None
    ) -> None:
        tx.state = self.evse.charging_state(now)
        if self.evse.session is not None:
            self.evse.session.remote_start_id = None  # `cause` has it, if there is one to tell
        self.around.emit(
            tx.update(cause.trigger, self._offline(), token=token, samples=with_keys(samples, self.around.settings),
                      remote_start_id=cause.remote_start_id),
            at=now,
        )  # fmt: skip

    def _offline(self) -> bool:
        return not self.around.online


_TOKEN_IS_NEWS = (Trigger.AUTHORIZED, Trigger.REMOTE_START, Trigger.STOP_AUTHORIZED)


def _after(base_s: float, interval_s: int, now: Moment | None = None) -> float:
    """The next due time; one that is long past (the machine slept) is not made up for."""
    if interval_s <= 0:
        return math.inf
    due = base_s + interval_s
    return due if now is None or due > now.mono_s else now.mono_s + interval_s
