"""The session at one EVSE: who is here, what he may do, and when it is over. The books follow every step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chargepoint.core import catalogue as known
from chargepoint.core.books import Cause
from chargepoint.core.facts import (
    Closing,
    Deauthorized,
    Moment,
    PlugInTimedOut,
    Record,
    SessionEnded,
    SessionNoted,
    SessionResumed,
    SessionStarted,
    StopReason,
    Token,
    TokenAccepted,
    Trigger,
)
from chargepoint.core.session import GRANTED, Event, Session, State
from chargepoint.core.transaction import conditions
from chargepoint.core.wishes import ReleaseCable

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse

_LEFT = Cause(Trigger.EV_COMMUNICATION_LOST, StopReason.EV_DISCONNECTED)


@dataclass(slots=True)
class Visit:
    """The session of one EVSE, if there is one, and the steps it can take."""

    evse: Evse
    session: Session | None = None
    held: frozenset[str] = frozenset()  # conditions of TxStartPoint and TxStopPoint as the books last saw them

    # --- the hardware -------------------------------------------------------------------------------------------------

    def plugged_in(self, now: Moment) -> None:
        if self.session is None:
            self._open(State.PLUGGED, "EVConnected", now)
            self.settle(Cause(Trigger.CABLE_PLUGGED_IN), now)
        else:
            self.step(Event.CONNECT, Cause(Trigger.CABLE_PLUGGED_IN), now)

    def unplugged(self, now: Moment) -> None:
        """The EV is gone; whether that ends the authorization, the settings say (1.6 section 9.1, E09, E10)."""
        if self.session is None:
            return
        settings, evse = self.evse.around.settings, self.evse
        ends = settings[known.STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT]
        if self.session.state is State.SUPPLYING and ends:
            self.session.hold_lock = not settings[known.UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT]
            self.session.stop_reason = StopReason.EV_DISCONNECTED
        keeps = not ends and (bool(evse.seen.cable_present) or evse.spec.outlet == "cable")
        self.step(Event.INTERRUPT if keeps else Event.DISCONNECT, _LEFT, now)

    def look_again(self, now: Moment) -> None:
        """A session taken up from a former run meets what is plugged in now."""
        session, there = self.session, self.evse.seen.ev_connected
        if session is not None and there is (session.state in (State.INTERRUPTED, State.AUTHORIZED)):
            (self.plugged_in if there else self.unplugged)(now)

    def end_if_cable_gone(self, now: Moment) -> None:
        session, evse = self.session, self.evse
        if session is None or session.state is State.AUTHORIZED or evse.seen.plugged:
            return
        if session.state is not State.INTERRUPTED or evse.spec.outlet == "socket":  # a captive cable is never gone
            self.step(Event.CABLE_GONE, _LEFT, now)

    # --- steps --------------------------------------------------------------------------------------------------------

    def step(self, event: Event, cause: Cause, now: Moment) -> None:
        """Move the session one step, and let the books follow."""
        if self.session is None:
            return
        self.session.handle(event, now, self.evse.around.settings[known.CONNECTION_TIME_OUT])
        self.settle(cause, now)
        if self.session.state is State.OVER:
            self.evse.around.emit(SessionEnded(self.evse.id, self.session.id))
            self.session = None

    def settle(self, cause: Cause, now: Moment) -> None:
        """What holds now may open or close a transaction."""
        before, self.held = self.held, self._conditions()
        if before != self.held:
            self.evse.books.settle(before, self.held, cause, now)

    def _conditions(self) -> frozenset[str]:
        state, seen = self.session.state if self.session else None, self.evse.seen
        return conditions(state, seen.ev_connected, seen.closed and seen.asking)

    def _open(self, state: State, cause: str, now: Moment) -> Session:
        around = self.evse.around
        time_out_s = around.settings[known.CONNECTION_TIME_OUT]
        deadline_s = now.mono_s + time_out_s if time_out_s > 0 else None
        self.session = Session(around.new_id(), state, now.at, now.mono_s, deadline_s=deadline_s)
        around.emit(SessionStarted(self.evse.id, self.session.id, cause))
        return self.session

    # --- the authorization --------------------------------------------------------------------------------------------

    def authorize(self, token: Token, by: str, cause: Cause, now: Moment, group: Token | None = None) -> None:
        """This token may charge here: supply starts once an EV is connected too."""
        session = self.session or self._open(State.AUTHORIZED, "Authorized", now)
        session.token, session.group, session.remote_start_id = token, group, cause.remote_start_id
        session.profile, session.reservation_id = cause.profile, cause.reservation_id
        session.stop_reason, session.hold_lock, session.allowance_wh = None, False, None
        self.evse.around.emit(TokenAccepted(self.evse.id, session.id, token, by))
        self.evse.account.driver_came(self.evse.around.prices.take(token, now))
        if session.state is State.AUTHORIZED:
            self.settle(cause, now)
        elif self.evse.seen.ev_connected:
            self.step(Event.AUTHORIZE, cause, now)
        else:
            self.step(Event.AUTHORIZE_FIRST, cause, now)

    def release(self, cause: Cause, now: Moment) -> None:
        """The authorization is over, whoever ended it."""
        session = self.session
        if session is None:
            return
        if session.state in GRANTED:
            session.stop_reason = cause.reason
            self.step(Event.RELEASE, cause, now)
            self.end_if_cable_gone(now)  # a captive cable that its car has left: the guard has nothing new to say
        elif self.evse.transaction is not None and self.evse.transaction.open:  # it began with the plug
            session.stop_reason = cause.reason
            self.evse.books.close(cause, now)

    def deauthorize(self, why: str, now: Moment) -> None:
        """The CSMS refuses a token that was let in (OCPP 1.6 section 3.5.4; 2.0.1 C15.FR.02 to FR.07, E05)."""
        session, settings = self.session, self.evse.around.settings
        if session is None or session.state not in GRANTED:
            return
        if settings[known.STOP_TRANSACTION_ON_INVALID_ID]:
            self.evse.around.emit(Deauthorized(self.evse.id, session.id, why))
            session.hold_lock = session.state is not State.AUTHORIZED  # E05.FR.11: until the owner shows the token
            self.release(Cause(Trigger.DEAUTHORIZED, StopReason.DEAUTHORIZED), now)
        else:
            session.allowance_wh = self.evse.register_wh + settings[known.MAX_ENERGY_ON_INVALID_ID]
            self.evse.around.emit(Deauthorized(self.evse.id, session.id, why, session.allowance_wh))

    def let_cable_go(self) -> None:
        """The owner is here, or somebody with the right asked for it."""
        if self.session is not None:
            self.session.hold_lock = False
        self.evse.around.emit(ReleaseCable(self.evse.id))

    def adopt(self, session: Session, records: Sequence[Record], lost: int, now: Moment, *, same_boot: bool) -> None:
        """Take up a session and its transaction where a former run of the program left them."""
        self.session = session
        self.evse.books.resume(records, lost, now, same_boot=same_boot)
        self.held = conditions(session.state, ev_connected=True, transferring=self.evse.seen.closed)
        if self.evse.transaction is not None:
            self.evse.around.emit(SessionResumed(self.evse.id, session.id, self.evse.transaction.id))
            self.evse.account.taken_up(self.evse.transaction.id)

    def noted(self) -> SessionNoted | None:
        """What the next run would have to know; None while there is no transaction to take up."""
        session, tx = self.session, self.evse.transaction
        if session is None or tx is None or tx.session != session.id:
            return None
        closing = None if tx.open else Closing(tx.end_trigger, tx.end_reason, tx.end_token)
        return SessionNoted(
            self.evse.id, session.id, session.state.name, session.token, session.group, session.hold_lock,
            session.allowance_wh, closing,
        )  # fmt: skip

    # --- time ---------------------------------------------------------------------------------------------------------

    def tick(self, now: Moment) -> None:
        """The other half did not come (OCPP 2.0.1 E03.FR.05, 1.6 ConnectionTimeOut)."""
        session = self.session
        if session is None or session.deadline_s is None or now.mono_s < session.deadline_s:
            return
        session.deadline_s = None
        if session.state is State.AUTHORIZED:
            self.evse.around.emit(PlugInTimedOut(self.evse.id, session.id))
        self.step(Event.TIME_OUT, Cause(Trigger.EV_CONNECT_TIMEOUT, StopReason.TIMEOUT), now)
