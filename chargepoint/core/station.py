"""The station: several EVSEs behind one supply, one back office and the same cards. All of it pure.

Everything that can happen to a charge point is a method here that takes the moment last. What it causes leaves through
`take()`: facts, and wishes to the outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chargepoint.core import catalogue as known
from chargepoint.core.books import Cause
from chargepoint.core.circumstances import Circumstances
from chargepoint.core.evse import BLIND_FAULT, GUARD_FAULT, GUARD_REMEDY, Evse
from chargepoint.core.facts import (
    AvailabilityChanged,
    AvailabilityScheduled,
    CardPresented,
    CardReaderBack,
    CardReaderLost,
    CsmsConnected,
    CsmsLost,
    Fact,
    JournalDamaged,
    LocalLimitSet,
    Moment,
    Sample,
    StationStarted,
    Status,
    StatusChanged,
    StopReason,
    Token,
    TokenRefused,
    Trigger,
)
from chargepoint.core.forecast import forecast
from chargepoint.core.localtime import LocalTime
from chargepoint.core.reception import Reception, RemoteStart
from chargepoint.core.recovery import Recovery
from chargepoint.core.resets import Answer, ResetKind, Resets
from chargepoint.core.session import GRANTED
from chargepoint.core.sharing import Sharing
from chargepoint.core.steering import Steering
from chargepoint.core.transaction import Transaction
from chargepoint.core.wishes import Wish

if TYPE_CHECKING:
    from chargepoint.core.authorization import Verdict
    from chargepoint.core.metering import Reading
    from chargepoint.core.observation import Observation
    from chargepoint.core.profile import Profile
    from chargepoint.core.reservation import Reservation
    from chargepoint.core.schedule import View
    from chargepoint.core.setting import Setting
    from chargepoint.core.settings import Settings
    from chargepoint.core.shelf import Wanted


@dataclass(slots=True)
class Station:
    """All EVSEs, and what they share."""

    around: Circumstances
    evses: dict[int, Evse]
    reception: Reception
    sharing: Sharing
    steering: Steering = field(init=False)
    operative: bool = True
    resets: Resets = field(init=False)
    lost_readers: set[int] = field(default_factory=set)  # card readers that do not answer now
    shown: Status | None = None
    learner: Callable[[Token, str], None] | None = None  # gets the next card, and why it is of no use ("": it is)
    _recoveries: dict[int, Recovery] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.steering = Steering(LocalTime(self.settings))
        self.resets = Resets(self.evses, self.around)

    @property
    def settings(self) -> Settings:
        return self.around.settings

    @property
    def online(self) -> bool:
        return self.around.online

    @property
    def status(self) -> Status:
        """Of the station as a whole (1.6's connector 0)."""
        return Status.AVAILABLE if self.operative else Status.UNAVAILABLE

    def take(self) -> list[tuple[Fact | Wish, Moment | None]]:
        """What has happened since the last call, in order; the moment where it was not that of the call."""
        taken = list(self.around.outgoing)
        self.around.outgoing.clear()
        return taken

    # --- from the hardware --------------------------------------------------------------------------------------------

    def knows(self, evse: int, seen: Observation) -> bool:
        """Would this report change nothing?"""
        target = self.evses[evse]
        doubted = GUARD_FAULT in target.own_faults or BLIND_FAULT in target.own_faults
        return target.known and seen == target.seen and not doubted

    def guard_reported(self, evse: int, seen: Observation, now: Moment) -> None:
        target = self.evses[evse]
        target.clear_own(GUARD_FAULT)
        if not seen.sighted:
            self._guard_is_blind(target, seen, now)
            return
        target.clear_own(BLIND_FAULT)
        if not target.known:
            self._first_report(target, seen, now)
        else:
            target.observe(seen, now)
        self.reception.plugged(target, now)
        self._follow(now)

    def _guard_is_blind(self, evse: Evse, seen: Observation, now: Moment) -> None:
        """A guard that has restarted and does not see its hardware knows nothing: what was known before stands."""
        remedy = next((fault.remedy for fault in seen.faults if fault.name == BLIND_FAULT), "Check the pilot's wires.")
        if all(fault.name != BLIND_FAULT for fault in evse.seen.faults):
            evse.raise_own(BLIND_FAULT, "high", remedy, now)
        self._follow(now)

    def _first_report(self, evse: Evse, seen: Observation, now: Moment) -> None:
        """Before this nothing was permitted or withdrawn here: the guard went on by its lease."""
        evse.known = True
        recovery = self._recoveries.pop(evse.id, None)
        if recovery is None:
            evse.observe(seen, now)
            return
        evse.seen = seen
        recovery.apply(evse, now)
        evse.observe(seen, now)

    def guard_lost(self, now: Moment) -> None:
        for evse in self.evses.values():
            evse.raise_own(GUARD_FAULT, "high", GUARD_REMEDY, now)
        self._follow(now)

    def meter_read(self, evse: int, reading: Reading, now: Moment) -> None:
        self.evses[evse].meter_read(reading)

    def meter_lost(self, evse: int, why: str, now: Moment) -> None:
        self.evses[evse].lose_meter(why, now)
        self._follow(now)

    def metering_began(self, evse: int, transaction: str, reading: Reading | None, now: Moment) -> None:
        """Answer to BeginMetering; None: the meter does not answer."""
        if self._metered(evse, transaction, reading):
            self.evses[evse].books.began(reading, now)
            self._follow(now)

    def metering_ended(self, evse: int, transaction: str, reading: Reading | None, now: Moment) -> None:
        """Answer to EndMetering; None: the last good reading is billed."""
        if self._metered(evse, transaction, reading):
            self.evses[evse].books.ended(now, metered=reading is not None)
            self._follow(now)

    def _metered(self, evse: int, transaction: str, reading: Reading | None) -> bool:
        """Is it still that transaction that waits?"""
        target = self.evses[evse]
        if target.transaction is None or target.transaction.id != transaction:
            return False
        if reading is not None:
            target.meter_read(reading)
        return True

    def card_presented(self, token: Token, now: Moment, reader: int = 0) -> None:
        if self.learner is not None:
            return self.learner(token, "")
        self.reception.card(token, now)
        return self._follow(now)

    def card_held(self, token: Token, reader: int, now: Moment) -> None:
        """To the n-th reader, from 0."""
        self.around.emit(CardPresented(0, reader, token))

    def card_unusable(self, token: Token, why: str, now: Moment) -> None:
        """A card that the reader itself turns away."""
        if self.learner is not None:
            return self.learner(token, why)
        return self.around.emit(TokenRefused(0, token, why))

    def reader_lost(self, reader: int, why: str, now: Moment) -> None:
        if reader not in self.lost_readers:
            self.lost_readers.add(reader)
            self.around.emit(CardReaderLost(0, reader, why))

    def reader_works(self, reader: int, now: Moment) -> None:
        if reader in self.lost_readers:
            self.lost_readers.discard(reader)
            self.around.emit(CardReaderBack(0, reader))

    # --- from the journal ---------------------------------------------------------------------------------------------

    def recover(self, recoveries: Iterable[Recovery]) -> None:
        """What was open when the program ended; sorted out at each EVSE's first report."""
        self._recoveries = {recovery.evse: recovery for recovery in recoveries if recovery.evse in self.evses}

    def recorded(self, transaction: str, now: Moment) -> None:
        """The start of a transaction is in the journal: power may flow."""
        for evse in self.evses.values():
            evse.books.confirm(transaction)
        self._follow(now)

    def journal_failed(self, why: str, now: Moment) -> None:
        """Nothing can be recorded ("" = it can again): no new session."""
        self.around.journal_fault = why
        self._follow(now)

    # --- from the back office -----------------------------------------------------------------------------------------

    def started(self, cause: str, damaged_journal: str | None, now: Moment) -> None:
        """The program runs (again); `damaged_journal`: where a journal that could not be read was moved."""
        self.around.emit(StationStarted(0, cause))
        if damaged_journal:
            self.around.emit(JournalDamaged(0, damaged_journal))

    def trust_clock(self, trusted: bool) -> None:
        """Somebody vouches for the time of day (or not): it decides whether dated cards count."""
        self.around.clock_trusted = trusted

    def went_online(self, ocpp: str, now: Moment) -> None:
        """The CSMS has accepted us and the link is up; `ocpp` is the version spoken."""
        self.around.online, self.around.unaccepted = True, False
        self.around.emit(CsmsConnected(0, ocpp))

    def went_offline(self, now: Moment) -> None:
        self.around.online = False
        self.around.emit(CsmsLost(0))

    def authorization_answered(self, question: int, verdict: Verdict | None, now: Moment) -> None:
        """None: no answer within the time, our own rules decide; the answer may still follow."""
        self.reception.answered(question, verdict, now)
        self._follow(now)

    def transaction_answered(
        self, transaction: str, token: Token | None, verdict: Verdict | None, csms_id: int | None, now: Moment
    ) -> None:
        """The CSMS's answer to a start or an event: its number for it, and what it thinks of the token told."""
        if verdict is not None and token is not None:
            self.reception.cards.learn(token, verdict, now, self.settings)
        tx = self.find_transaction(transaction)
        if tx is None:
            return
        tx.csms_id = tx.csms_id if csms_id is None else csms_id
        if verdict is not None and token is not None and token == tx.token:
            self._judge_user(self.evses[tx.evse], tx, verdict, now)
        self._follow(now)

    def _judge_user(self, evse: Evse, tx: Transaction, verdict: Verdict, now: Moment) -> None:
        if evse.session is None or evse.session.id != tx.session:
            return
        evse.session.group = evse.session.group or verdict.group
        if not verdict.accepted:
            evse.visit.deauthorize(verdict.status, now)

    def remote_start(
        self, evse: int | None, token: Token, remote_start_id: int | None, now: Moment, profile: Profile | None = None
    ) -> RemoteStart:
        """`profile` is for the transaction that comes of it."""
        if profile is not None and (why := self.steering.why_not(profile, self, now)):
            return RemoteStart(False, why=why)
        result = self.reception.remote_start(evse, token, remote_start_id, now, profile)
        self._follow(now)
        return result

    def remote_stop(self, transaction: str, now: Moment) -> bool:
        for evse in self.evses.values():
            if evse.transaction is not None and evse.transaction.id == transaction and evse.transaction.open:
                evse.visit.release(Cause(Trigger.REMOTE_STOP, StopReason.REMOTE), now)
                self._follow(now)
                return True
        return False

    def find_transaction(self, id: str | int) -> Transaction | None:  # noqa: A002
        """By our own id, or by the CSMS's number."""
        for evse in self.evses.values():
            tx = evse.transaction
            if tx is not None and (tx.csms_id == id if isinstance(id, int) else tx.id == id):
                return tx
        return None

    def sample_now(self, evse: int, now: Moment) -> bool:
        """The meter's values, with the transaction where one runs; evse 0: all. False: there is nothing to tell."""
        return True in [each.books.sample_now(now) for each in self._chosen(evse)]

    def look_at_meters(
        self, evse: int, now: Moment, which: Setting[tuple[str, ...]] = known.METER_VALUES_SAMPLED_DATA
    ) -> list[tuple[int, Sample]]:
        """What the meters show of these measurands, for whoever asks; nothing is noted. evse 0: all."""
        found = [(each.id, each.books.look(now, which)) for each in self._chosen(evse)]
        return [(number, sample) for number, sample in found if sample is not None]

    def meter_now(self, evse: int, now: Moment) -> bool:
        """The meter's values by themselves, even where a transaction runs. False: there is nothing to tell."""
        return True in [each.books.meter_now(now) for each in self._chosen(evse)]

    def tell_transaction(self, evse: int, now: Moment) -> bool:
        """How the running transaction stands. False: there is none."""
        return True in [each.books.tell_now(now) for each in self._chosen(evse)]

    def clear_authorization_cache(self, now: Moment) -> bool:
        if not self.settings[known.AUTHORIZATION_CACHE_ENABLED]:
            return False
        self.reception.cards.clear_cache()
        return True

    # --- on site ------------------------------------------------------------------------------------------------------

    def start(self, evse: int, token: Token, now: Moment) -> str | None:
        """None when it is done or under way, else why not."""
        why = self.reception.start(self.evses[evse], token, Cause(Trigger.AUTHORIZED, token=token), now)
        self._follow(now)
        return why or None

    def stop(self, evse: int, now: Moment) -> str | None:
        target = self.evses[evse]
        if target.session is None or target.session.state not in GRANTED:
            return f"nobody is charging at EVSE {evse}"
        target.visit.release(Cause(Trigger.STOP_AUTHORIZED, StopReason.LOCAL), now)
        self._follow(now)
        return None

    def limit(self, evse: int, amps: float | None, now: Moment) -> None:
        """A limit set on site, amperes per phase; None lifts it."""
        self.evses[evse].local_a = amps
        self.around.emit(LocalLimitSet(evse, amps))
        self._follow(now)

    # --- reservations -------------------------------------------------------------------------------------------------

    def reserve(self, reservation: Reservation, now: Moment) -> str:
        """Accepted, Faulted, Occupied, Rejected or Unavailable."""
        answer = self.reception.reservations.reserve(reservation, now)
        self._follow(now)
        return answer

    def cancel_reservation(self, id: int, now: Moment) -> bool:  # noqa: A002
        """Was there such a one?"""
        cancelled = self.reception.reservations.cancel(id)
        self._follow(now)
        return cancelled

    # --- charging profiles --------------------------------------------------------------------------------------------

    def set_profile(self, profile: Profile, now: Moment) -> str:
        """Install it; "" or why not (1.6 section 5.16, 2.0.1 K01)."""
        why = self.steering.why_not(profile, self, now) or self.steering.without_transaction(profile, self)
        if not why:
            self.steering.shelf.install(profile)
            self._follow(now)
        return why

    def clear_profiles(self, wanted: Wanted, now: Moment) -> bool:
        """Was there any (1.6 section 5.5, 2.0.1 K10)?"""
        cleared = self.steering.shelf.clear(wanted)
        self._follow(now)
        return cleared

    def composite_schedule(self, evse: int, duration_s: float, now: Moment) -> View:
        """What may be drawn from now on as far as it is known, without gaps; 0: at the grid's connection.

        It has no more periods than a schedule may have, and ends earlier where there would be more.
        """
        return forecast(self, evse, duration_s, now, self.settings[known.CHARGING_SCHEDULE_MAX_PERIODS])

    # --- availability, unlock, reset ----------------------------------------------------------------------------------

    def change_availability(self, evse: int, operative: bool, now: Moment) -> Answer:
        """For one EVSE, or for all and the station (0). Waits for running transactions (1.6 section 5.2; G03, G04)."""
        if evse == 0 and self.operative is not operative:
            self.operative = operative
            self.around.emit(AvailabilityChanged(0, operative))
        later = False
        for each in self._chosen(evse):
            if each.busy and not operative:
                each.operative_later, later = operative, True
                self.around.emit(AvailabilityScheduled(each.id, operative))
            else:
                if each.operative_later is not None:  # taken back before it came to pass
                    each.operative_later = None
                    self.around.emit(AvailabilityScheduled(each.id, operative))
                if each.operative is not operative:
                    each.operative = operative
                    self.around.emit(AvailabilityChanged(each.id, operative))
        self._follow(now)
        return "Scheduled" if later else "Accepted"

    def may_unlock(self, evse: int) -> bool:
        """2.x refuses while an authorized transaction runs (F05.FR.02)."""
        return not self.evses[evse].busy

    def unlock_requested(self, evse: int, now: Moment) -> None:
        """1.6 section 5.18: a running transaction ends first."""
        target = self.evses[evse]
        target.visit.release(Cause(Trigger.UNLOCK_COMMAND, StopReason.UNLOCK_COMMAND), now)
        target.visit.let_cable_go()
        self._follow(now)

    def request_reset(self, evse: int, kind: ResetKind, now: Moment) -> Answer:
        """Restart the station (0) or an EVSE once transactions are over."""
        answer = self.resets.request(evse, kind, now)
        self._follow(now)
        return answer

    @property
    def busy(self) -> bool:
        """Is anybody being supplied? Also while the guard has not told yet what a restart has interrupted."""
        return bool(self._recoveries) or any(each.busy for each in self.evses.values())

    def block(self, blocked: bool, now: Moment) -> None:
        """New firmware waits to be installed: nobody new, the free are out of service; who charges goes on."""
        for each in self.evses.values():
            each.updating = blocked
        self._follow(now)

    # --- time ---------------------------------------------------------------------------------------------------------

    def tick(self, now: Moment) -> None:
        """Deadlines, samples, shares. Call it a few times a second."""
        self.reception.tick(now)
        for evse in self.evses.values():
            evse.tick(now)
        self._follow(now)

    def _follow(self, now: Moment) -> None:
        """After anything happened: share the supply anew and tell what changed."""
        self.steering.steer(self, now)
        self.sharing.share(self.evses.values(), now.mono_s)
        self.reception.reservations.follow(now)
        for evse in self.evses.values():
            evse.reserved = self.reception.reservations.keeps(evse)
        for evse in self.evses.values():
            if evse.known or evse.own_faults:  # of one that was never reported on, only that there is no guard
                evse.settle_down(now)
        self.resets.carry_out()
        if self.status is not self.shown:
            self.shown = self.status
            self.around.emit(StatusChanged(0, self.status))

    def _chosen(self, evse: int) -> list[Evse]:
        return [self.evses[evse]] if evse else list(self.evses.values())
