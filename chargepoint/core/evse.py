"""One EVSE: what is plugged into it, who may charge there, and how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from chargepoint.core import catalogue as known
from chargepoint.core.books import Books, Cause
from chargepoint.core.circumstances import Circumstances
from chargepoint.core.facts import (
    AvailabilityChanged,
    CablePlugged,
    CableUnplugged,
    ChargingState,
    ContactorClosed,
    ContactorOpened,
    Deauthorized,
    FaultCleared,
    FaultRaised,
    LimitChanged,
    MeterBack,
    MeterLost,
    Moment,
    PlugInTimedOut,
    Record,
    SessionEnded,
    SessionStarted,
    Status,
    StatusChanged,
    StopReason,
    Token,
    TokenAccepted,
    Trigger,
)
from chargepoint.core.limits import Limit, deciding, permit
from chargepoint.core.observation import Fault, Observation
from chargepoint.core.register import Reading, Register
from chargepoint.core.session import GRANTED, Event, Session, State
from chargepoint.core.status import charging_state_of, status_of
from chargepoint.core.transaction import Stage, Transaction, conditions
from chargepoint.core.wishes import ReleaseCable

METER_FAULT = "PowermeterCommunicationFault"
GUARD_FAULT = "BoardCommunicationFault"

ENDING_FAULTS = {
    "MREC8EmergencyStop": StopReason.EMERGENCY_STOP,
    "MREC2GroundFailure": StopReason.GROUND_FAULT,
    "MREC17EVSEContactorFault": StopReason.OTHER,
}
"""Faults after which nobody should find the car charging again by itself: the transaction ends with them."""


@dataclass(frozen=True, slots=True)
class EvseSpec:
    """What the installer has said about the EVSE."""

    id: int
    max_current_a: float = 16.0
    phases: int = 3
    phase_rotation: str = "RST"
    outlet: str = "socket"  # socket | cable
    fallback_a: float = 6.0
    on_meter_loss: str = "stop"  # stop | continue
    has_meter: bool = True


@dataclass(slots=True)
class Evse:
    WAKE_UP_S: ClassVar[float] = 30.0  # a car that has not asked for power by then is said to have paused

    spec: EvseSpec
    around: Circumstances
    operative: bool = True
    operative_later: bool | None = None  # to be set when the transaction is over
    blocked: bool = False  # a reset is coming: nobody new
    seen: Observation = field(default_factory=Observation)
    known: bool = False  # the guard has reported since we started, and what the journal remembered is sorted out
    session: Session | None = None
    reading: Reading | None = None
    meter_lost: bool = False
    own_faults: dict[str, Fault] = field(default_factory=dict)
    supply_a: float | None = None  # our share of the station's supply; None: not shared
    supply_phases: int = 3
    local_a: float | None = None  # a limit somebody set on site
    held: frozenset[str] = frozenset()  # conditions of TxStartPoint and TxStopPoint as the books last saw them
    shown: Status | None = None
    shown_permit_a: float = 0.0
    plugged_at_s: float = 0.0
    books: Books = field(init=False)
    register: Register = field(init=False)

    def __post_init__(self) -> None:
        self.books = Books(self, self.around, self.around.new_id)
        self.register = Register(max_power_w=self.spec.max_current_a * self.spec.phases * 260.0)

    @property
    def id(self) -> int:
        return self.spec.id

    @property
    def transaction(self) -> Transaction | None:
        return self.books.tx

    @property
    def faults(self) -> tuple[Fault, ...]:
        return (*self.seen.faults, *self.own_faults.values())

    @property
    def blocking_fault(self) -> Fault | None:
        return next((fault for fault in self.faults if fault.blocks), None)

    @property
    def register_wh(self) -> float:
        """The meter's register as it may be billed (glitches held back)."""
        return self.register.energy_wh

    @property
    def busy(self) -> bool:
        """Is somebody being supplied, or is his bill still being written?"""
        return self.transaction is not None or (self.session is not None and self.session.state in GRANTED)

    @property
    def taken(self) -> bool:
        """Does the EVSE belong to a driver? A transaction that began with the plug still waits for its own."""
        granted = self.session is not None and self.session.state in GRANTED
        return granted or (self.transaction is not None and not self.transaction.open)

    @property
    def awaits_token(self) -> bool:
        return (
            self.session is not None
            and self.session.state in (State.PLUGGED, State.FINISHING)
            and self.seen.ev_connected
            and not self.taken
        )

    @property
    def status(self) -> Status:
        """As of the latest event or tick."""
        return self.shown or status_of(self, self.plugged_at_s)

    def charging_state(self, now: Moment) -> ChargingState:
        return charging_state_of(self, now.mono_s)

    def unfit(self) -> str:
        """Why nobody new may charge here; "" when all is well."""
        if fault := self.blocking_fault:
            return f"EVSE {self.id} has a fault: {fault.name}"
        if not self.operative or self.operative_later is False:
            return f"EVSE {self.id} is out of service"
        if self.blocked:
            return f"EVSE {self.id} is about to restart"
        if self.around.journal_fault:
            return f"nothing can be recorded: {self.around.journal_fault}"
        return ""

    # --- how much -----------------------------------------------------------------------------------------------------

    def limits(self) -> list[Limit]:
        """Everything that limits supply now. No entry under 6 A: power is permitted."""
        spec = self.spec
        limits = [Limit("configuration", spec.max_current_a, spec.phases)]
        if self.seen.cable_a is not None:
            limits.append(Limit("cable", self.seen.cable_a, spec.phases))
        if self.supply_a is not None:
            limits.append(Limit("supply", self.supply_a, self.supply_phases))
        if self.local_a is not None:
            limits.append(Limit("local", self.local_a, spec.phases))
        limits += [Limit(f"fault {fault.name}", 0.0, spec.phases) for fault in self.faults if fault.blocks]
        reason = self._why_not()
        if reason:
            limits.append(Limit(reason, 0.0, spec.phases))
        return limits

    def _why_not(self) -> str:
        """The first thing that is missing before power may flow."""
        session, tx = self.session, self.transaction
        if session is None or session.state not in GRANTED:
            return "no session"
        if session.state is not State.SUPPLYING:
            return "no vehicle"
        if tx is not None and tx.stage is Stage.OPENING:
            return "meter begin value"
        if tx is not None and not tx.open:
            return "transaction ending"
        if tx is not None and not tx.recorded:
            return "journal"
        if tx is None and "PowerPathClosed" in self.around.settings[known.TX_START_POINT]:
            return "journal"
        if session.allowance_wh is not None and self.register_wh >= session.allowance_wh:
            return "back office"
        return ""

    def permit_a(self) -> float:
        return permit(self.limits())

    # --- the hardware -------------------------------------------------------------------------------------------------

    def observe(self, seen: Observation, now: Moment) -> None:
        """The guard's latest word on this EVSE."""
        before, self.seen = self.seen, seen
        self._compare_faults({fault.name: fault for fault in before.faults}, seen)
        if seen.closed and not before.closed:
            self.around.emit(ContactorClosed(self.id, seen.offered_a))
        elif before.closed and not seen.closed:
            self.around.emit(ContactorOpened(self.id))
        self._compare_plug(before, now)
        self.books.observe(now)
        self._end_on_fault(now)

    def _compare_plug(self, before: Observation, now: Moment) -> None:
        if self.seen.ev_connected and not before.ev_connected:
            self.plugged_at_s = now.mono_s
            self.around.emit(CablePlugged(self.id, self.seen.cable_a))
            self._plug_in(now)
        elif before.ev_connected and not self.seen.ev_connected:
            self.around.emit(CableUnplugged(self.id))
            self._unplug(now)
        else:
            self._settle(Cause(Trigger.CHARGING_STATE_CHANGED), now)
        if self.session and not self.seen.plugged and self.session.state not in (State.AUTHORIZED, State.INTERRUPTED):
            self.step(Event.CABLE_GONE, _LEFT, now)

    def _plug_in(self, now: Moment) -> None:
        if self.session is None:
            self._open_session(State.PLUGGED, "EVConnected", now)
            self._settle(Cause(Trigger.CABLE_PLUGGED_IN), now)
        else:
            self.step(Event.CONNECT, Cause(Trigger.CABLE_PLUGGED_IN), now)

    def _unplug(self, now: Moment) -> None:
        if self.session is None:
            return
        ends = self.around.settings[known.STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT]
        cable_left = bool(self.seen.cable_present)
        if self.session.state is State.SUPPLYING and ends:
            self.session.hold_lock = not self.around.settings[known.UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT]
            self.session.stop_reason = StopReason.EV_DISCONNECTED
        keeps = not ends and (cable_left or self.spec.outlet == "cable")
        self.step(Event.INTERRUPT if keeps else Event.DISCONNECT, _LEFT, now)

    def _compare_faults(self, before: dict[str, Fault], seen: Observation) -> None:
        for fault in seen.faults:
            if before.pop(fault.name, None) is None:
                self.around.emit(FaultRaised(self.id, fault.name, fault.severity, fault.remedy))
        for name in before:
            self.around.emit(FaultCleared(self.id, name))

    def _end_on_fault(self, now: Moment) -> None:
        for fault in self.seen.faults:
            reason = ENDING_FAULTS.get(fault.name)
            if reason is not None and self.session is not None and self.session.state in GRANTED:
                self.release(Cause(Trigger.ABNORMAL_CONDITION, reason), now)

    def raise_own(self, name: str, severity: str, remedy: str, now: Moment) -> None:
        """A fault that the daemon sees, not the guard."""
        if name not in self.own_faults:
            self.own_faults[name] = Fault(name, severity, remedy, since_s=now.mono_s)
            self.around.emit(FaultRaised(self.id, name, severity, remedy))

    def clear_own(self, name: str) -> None:
        if self.own_faults.pop(name, None) is not None:
            self.around.emit(FaultCleared(self.id, name))

    # --- the session --------------------------------------------------------------------------------------------------

    def _conditions(self) -> frozenset[str]:
        state = self.session.state if self.session else None
        return conditions(state, self.seen.ev_connected, self.seen.closed and self.seen.asking)

    def _open_session(self, state: State, cause: str, now: Moment) -> Session:
        time_out_s = self.around.settings[known.CONNECTION_TIME_OUT]
        self.session = Session(
            self.around.new_id(), state, now.at, now.mono_s,
            deadline_s=now.mono_s + time_out_s if time_out_s > 0 else None,
        )  # fmt: skip
        self.around.emit(SessionStarted(self.id, self.session.id, cause))
        return self.session

    def step(self, event: Event, cause: Cause, now: Moment) -> None:
        """Move the session one step, and let the books follow."""
        if self.session is None:
            return
        self.session.handle(event, now, self.around.settings[known.CONNECTION_TIME_OUT])
        self._settle(cause, now)
        if self.session.state is State.OVER:
            self.around.emit(SessionEnded(self.id, self.session.id))
            self.session = None

    def _settle(self, cause: Cause, now: Moment) -> None:
        before, self.held = self.held, self._conditions()
        if before != self.held:
            self.books.settle(before, self.held, cause, now)

    def authorize(self, token: Token, by: str, cause: Cause, now: Moment, group: Token | None = None) -> None:
        """This token may charge here: supply starts once an EV is connected too."""
        session = self.session or self._open_session(State.AUTHORIZED, "Authorized", now)
        session.token, session.group = token, group
        session.stop_reason, session.hold_lock, session.allowance_wh = None, False, None
        self.around.emit(TokenAccepted(self.id, session.id, token, by))
        if session.state is State.AUTHORIZED:
            self._settle(cause, now)
        elif session.state is State.FINISHING and not self.seen.ev_connected:
            session.state = State.AUTHORIZED  # the cable waits in the socket for its car
            self._settle(cause, now)
        else:
            self.step(Event.AUTHORIZE, cause, now)

    def release(self, cause: Cause, now: Moment) -> None:
        """The authorization is over, whoever ended it."""
        session = self.session
        if session is None:
            return
        if session.state in GRANTED:
            session.stop_reason = cause.reason
            self.step(Event.RELEASE, cause, now)
        elif self.transaction is not None and self.transaction.open:  # it began with the plug, not with a token
            session.stop_reason = cause.reason
            self.books.close(cause, now)

    def deauthorize(self, why: str, now: Moment) -> None:
        """The CSMS refuses a token that was let in (OCPP 1.6 section 3.5.4; 2.0.1 C15.FR.02 to FR.07, E05)."""
        session, settings = self.session, self.around.settings
        if session is None or session.state not in GRANTED:
            return
        self.around.emit(Deauthorized(self.id, session.id, why))
        if settings[known.STOP_TRANSACTION_ON_INVALID_ID]:
            session.hold_lock = session.state is not State.AUTHORIZED  # E05.FR.11: until the owner shows the token
            self.release(Cause(Trigger.DEAUTHORIZED, StopReason.DEAUTHORIZED), now)
        else:
            self.allow_only(settings[known.MAX_ENERGY_ON_INVALID_ID])

    def allow_only(self, more_wh: float) -> None:
        """From here on, only so much energy more (0: none)."""
        if self.session is not None:
            self.session.allowance_wh = self.register_wh + more_wh

    def let_cable_go(self) -> None:
        """The owner is here, or somebody with the right asked for it."""
        if self.session is not None:
            self.session.hold_lock = False
        self.around.emit(ReleaseCable(self.id))

    def adopt(self, session: Session, records: Sequence[Record], lost: int, now: Moment) -> None:
        """Take up a session and its transaction where a former run of the program left them."""
        self.session = session
        self.books.resume(records, lost, now)
        self.held = conditions(session.state, ev_connected=True, transferring=self.seen.closed)

    # --- the meter ----------------------------------------------------------------------------------------------------

    def meter_read(self, reading: Reading, now: Moment) -> None:
        self.reading = self.register.follow(reading)
        if self.meter_lost:
            self.meter_lost = False
            self.clear_own(METER_FAULT)
            self.around.emit(MeterBack(self.id))
            self.books.meter_is_back()

    def lose_meter(self, why: str, now: Moment) -> None:
        if self.meter_lost:
            return
        self.meter_lost = True
        severity = "medium" if self.spec.on_meter_loss == "stop" else "warning"
        self.around.emit(MeterLost(self.id, why))
        self.raise_own(METER_FAULT, severity, "Check the meter's wiring, address and supply.", now)

    # --- time ---------------------------------------------------------------------------------------------------------

    def tick(self, now: Moment) -> None:
        session = self.session
        if session is not None and session.deadline_s is not None and now.mono_s >= session.deadline_s:
            session.deadline_s = None
            self._time_out(session, now)
        self.books.tick(now)

    def _time_out(self, session: Session, now: Moment) -> None:
        """The other half did not come (OCPP 2.0.1 E03.FR.05, 1.6 ConnectionTimeOut)."""
        if session.state is State.AUTHORIZED:
            self.around.emit(PlugInTimedOut(self.id, session.id))
        self.step(Event.TIME_OUT, Cause(Trigger.EV_CONNECT_TIMEOUT, StopReason.TIMEOUT), now)

    def settle_down(self, now: Moment) -> None:
        """After anything happened: what was to wait for the end of a transaction, and what others should know."""
        self._apply_availability()
        self._tell(now)

    def _apply_availability(self) -> None:
        if self.operative_later is not None and not self.busy:
            self.operative, self.operative_later = self.operative_later, None
            self.around.emit(AvailabilityChanged(self.id, self.operative))

    def _tell(self, now: Moment) -> None:
        """Say what changed to those who look: the status, and what may be drawn and why."""
        status = status_of(self, now.mono_s)
        if status is not self.shown:
            self.shown = status
            fault = self.blocking_fault or next(iter(self.faults), None)
            self.around.emit(StatusChanged(self.id, status, fault.name if fault else ""))
        limits = self.limits()
        amps = permit(limits)
        if amps != self.shown_permit_a:
            self.shown_permit_a = amps
            decides = deciding(limits)
            self.around.emit(LimitChanged(self.id, amps, decides.source if decides else ""))


_LEFT = Cause(Trigger.EV_COMMUNICATION_LOST, StopReason.EV_DISCONNECTED)
