"""One EVSE: what is plugged into it, who may charge there, and how much."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from chargepoint.core import catalogue as known
from chargepoint.core.account import Account
from chargepoint.core.books import Books, Cause
from chargepoint.core.circumstances import Circumstances
from chargepoint.core.delay import Delay
from chargepoint.core.dimming import Dimming
from chargepoint.core.facts import (
    AvailabilityChanged,
    CablePlugged,
    CableUnplugged,
    ChargingState,
    ContactorClosed,
    ContactorOpened,
    FaultCleared,
    FaultRaised,
    GridLimitSet,
    LimitChanged,
    MeterBack,
    MeterIdentified,
    MeterLost,
    Moment,
    SessionNoted,
    Status,
    StatusChanged,
    StopReason,
    Trigger,
)
from chargepoint.core.limits import MIN_A, Limit, deciding, limits_of, permit, phases_wanted
from chargepoint.core.metering import NOMINAL_V, grid_phases, rotation_of
from chargepoint.core.observation import Fault, Observation
from chargepoint.core.phaseuse import PhaseUse
from chargepoint.core.register import Reading, Register
from chargepoint.core.room import PHASES, ByPhase, by_phase
from chargepoint.core.session import GRANTED, Session, State
from chargepoint.core.status import charging_state_of, status_of
from chargepoint.core.transaction import Transaction
from chargepoint.core.visit import Visit

METER_FAULT = "PowermeterCommunicationFault"
GUARD_FAULT = "BoardCommunicationFault"
METER_REMEDY = "The energy meter does not answer: check its wiring, address and supply."
GUARD_REMEDY = "The guard process is silent; it is restarted. If this stays, look at its log."
BLIND_FAULT = "CommunicationFault"

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
    has_lock: bool = True
    has_meter: bool = False  # of its own: as long as it says nothing, nobody watches what the car draws
    phase_switching: bool = False  # one phase or all, by a second contactor
    external_limit_w: float = 4200.0  # while the grid operator asks for less; 0 = none


@dataclass(slots=True)
class Evse:
    """One EVSE, from what the guard sees to what it may supply."""

    WAKE_UP_S: ClassVar[float] = 30.0  # a car that has not asked for power by then is said to have paused

    spec: EvseSpec
    around: Circumstances
    operative: bool = True
    operative_later: bool | None = None  # to be set when the transaction is over
    blocked: bool = False  # a reset is coming: nobody new
    updating: bool = False  # so is new firmware: until then it is out of service
    seen: Observation = field(default_factory=Observation)
    known: bool = False  # the guard has reported since we started, and what the journal remembered is sorted out
    reading: Reading | None = None
    meter_lost: bool = False
    signing: str = ""  # what the meter signs: `core.signing`
    public_key: str = ""  # hex, of a meter that signs, as far as it has told
    own_faults: dict[str, Fault] = field(default_factory=dict)
    supply_a: float | None = None  # our share of the station's supply; None: not shared
    shared: tuple[Limit, ...] = ()  # what bounds all EVSEs together, and so each of them
    local_a: float | None = None  # a limit somebody set on site
    grid_limit: Limit | None = None  # what the grid operator's contact leaves; None: it asks nothing
    grid_told: bool = False  # somebody has been told that it asks
    reserved: bool = False  # kept free for somebody
    profile_limit: Limit | None = None  # what charging profiles allow now; None: none says anything
    least_a: float = MIN_A  # less is of little use to the car, its profile says
    delay: Delay = field(default_factory=Delay)  # before a schedule's next step, or the start
    delay_limit: Limit | None = None  # what holds meanwhile; None: nothing waits
    phase_use: PhaseUse = field(default_factory=PhaseUse)
    shown: Status | None = None
    shown_occupied: bool = False
    shown_permit_a: float = 0.0
    shown_note: SessionNoted | None = None
    plugged_at_s: float = 0.0
    visit: Visit = field(init=False)
    books: Books = field(init=False)
    account: Account = field(init=False)
    register: Register = field(init=False)
    dimming: Dimming = field(init=False)

    def __post_init__(self) -> None:
        self.visit = Visit(self)
        self.dimming = Dimming(self.spec.external_limit_w)
        self.books = Books(self, self.around, self.around.new_id)
        self.account = Account(self)
        self.register = Register(max_power_w=self.spec.max_current_a * self.spec.phases * 260.0)

    @property
    def id(self) -> int:
        return self.spec.id

    @property
    def session(self) -> Session | None:
        return self.visit.session

    @property
    def transaction(self) -> Transaction | None:
        return self.books.tx

    @property
    def rotation(self) -> str:
        """Which grid phase each of ours is; the back office may have put the installer's word right."""
        return rotation_of(self.id, self.around.settings[known.CONNECTOR_PHASE_ROTATION], self.spec.phase_rotation)

    @property
    def faults(self) -> tuple[Fault, ...]:
        return (*self.seen.faults, *self.own_faults.values())

    @property
    def blocking_fault(self) -> Fault | None:
        return next((fault for fault in self.faults if fault.blocks), None)

    @property
    def session_energy_wh(self) -> float:
        """Energy of this visit: its finished transactions and the one that runs."""
        done_wh = self.session.energy_wh if self.session else 0.0
        running = self.transaction
        if running is None or running.started_at is None or self.reading is None:
            return done_wh
        return done_wh + max(self.reading.energy_wh - running.begin_wh, 0.0)

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
        return self.session is not None and self.seen.ev_connected and not self.taken

    @property
    def is_fresh(self) -> bool:
        """Has nobody been accepted for this car yet? (Plugged in, or plugged in again, since the last session.)"""
        session = self.session
        return session is not None and (session.state is State.PLUGGED or session.token is None)

    @property
    def status(self) -> Status:
        """As of the latest event or tick."""
        return self.shown or status_of(self, self.plugged_at_s)

    @property
    def occupied(self) -> bool:
        """Is anything plugged in? A card alone occupies nothing (OCPP 2.0.1 G01)."""
        return self.seen.plugged

    def charging_state(self, now: Moment) -> ChargingState:
        return charging_state_of(self, now.mono_s)

    def unfit(self) -> str:
        """Why nobody new may charge here; "" when all is well."""
        if fault := self.blocking_fault:
            return f"EVSE {self.id} has a fault: {fault.name}"
        if not self.operative or self.operative_later is False:
            return f"EVSE {self.id} is out of service"
        if self.seen.key_locked:
            return f"EVSE {self.id} is locked by its key"
        if self.blocked or self.updating:
            return f"EVSE {self.id} is about to restart"
        if self.around.mains_lost:
            return "the mains has failed"
        if self.around.unaccepted and not self.around.settings[known.TX_BEFORE_ACCEPTED_ENABLED]:
            return "the back office has not accepted this station yet"  # B02.FR.03, B03.FR.01
        if self.around.journal_fault:
            return f"nothing can be recorded: {self.around.journal_fault}"
        return ""

    # --- how much -----------------------------------------------------------------------------------------------------

    def limits(self) -> list[Limit]:
        """Everything that limits supply now. No entry under 6 A: power is permitted."""
        return limits_of(self)

    def permit_a(self) -> float:
        return permit(self.limits())

    def permit_phases(self) -> int:
        """Phases to supply: fewer than there are only where the contactors can change over."""
        if not self.spec.phase_switching:
            return self.spec.phases
        return 1 if phases_wanted(self.limits()) == 1 else self.spec.phases

    @property
    def supplied_phases(self) -> int:
        """That the contactors connect, or would."""
        return min(self.seen.phases, self.spec.phases) if self.spec.phase_switching else self.spec.phases

    @property
    def used_grid(self) -> tuple[int, ...]:
        """Grid phases (R, S, T from 0) that the car draws on, as far as that is known."""
        grid = grid_phases(self.rotation, self.spec.phases)
        return tuple(grid[place] for place in self.phase_use.used)

    @property
    def measured_v(self) -> tuple[float, ...]:
        """Phase to neutral, of each phase supplied; empty where nobody measures (a meter behind an open contactor)."""
        volts = self.reading.voltage_v if self.reading is not None and not self.meter_lost else ()
        there = volts[: self.supplied_phases]
        return there if len(there) == self.supplied_phases and min(there) > NOMINAL_V / 2 else ()

    def drawn_a(self, supply_phases: int) -> ByPhase | None:
        """Amperes of each grid phase, as measured; None while nobody knows."""
        drawn = [0.0] * PHASES
        if self.known and self.seen.contactor == "open":
            return by_phase(drawn)
        if not self.known or self.meter_lost or self.reading is None or not self.reading.current_a:
            return None
        grid = grid_phases(self.rotation, self.spec.phases)
        for phase, amps in zip(grid, self.reading.current_a, strict=False):
            drawn[phase if supply_phases > 1 else 0] += amps
        return by_phase(drawn)

    def look(self, now: Moment) -> None:
        """What the car uses, and what the grid operator leaves."""
        self.phase_use.look(self, now.mono_s)
        self.dimming.look(self)

    # --- the hardware -------------------------------------------------------------------------------------------------

    def observe(self, seen: Observation, now: Moment) -> None:
        """The guard's latest word on this EVSE."""
        before, self.seen = self.seen, seen
        self._compare_faults({fault.name: fault for fault in before.faults}, seen)
        if seen.grid_limited is not self.grid_told:
            self.grid_told = seen.grid_limited
            self.around.emit(GridLimitSet(self.id, self.spec.external_limit_w if seen.grid_limited else None))
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
            self.account.plugged()
            self.visit.plugged_in(now)
        elif before.ev_connected and not self.seen.ev_connected:
            self.around.emit(CableUnplugged(self.id))
            self.visit.unplugged(now)
            self.account.unplugged(now)
        else:
            self.visit.settle(Cause(Trigger.CHARGING_STATE_CHANGED), now)
        self.visit.end_if_cable_gone(now)

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
                self.visit.release(Cause(Trigger.ABNORMAL_CONDITION, reason), now)

    def raise_own(self, name: str, severity: str, remedy: str, now: Moment) -> None:
        """A fault that the daemon sees, not the guard."""
        if name not in self.own_faults:
            self.own_faults[name] = Fault(name, severity, remedy, since_s=now.mono_s)
            self.around.emit(FaultRaised(self.id, name, severity, remedy))

    def clear_own(self, name: str) -> None:
        if self.own_faults.pop(name, None) is not None:
            self.around.emit(FaultCleared(self.id, name))

    # --- the meter ----------------------------------------------------------------------------------------------------

    def meter_read(self, reading: Reading) -> None:
        before = self.register.meter
        self.reading = self.register.follow(reading)
        self.public_key = reading.public_key or self.public_key
        if self.register.meter != before:
            self.around.emit(MeterIdentified(self.id, self.register.meter, before))
        if self.meter_lost:
            self.meter_lost = False
            self.clear_own(METER_FAULT)
            self.around.emit(MeterBack(self.id))
            self.books.meter_is_back()

    def reading_signed(self, reading: Reading | None, now: Moment) -> None:
        """What was asked for in between; None: the meter does not answer."""
        if reading is not None:
            self.meter_read(reading)
        self.books.signed(now, metered=reading is not None)

    def lose_meter(self, why: str, now: Moment) -> None:
        if self.meter_lost:
            return
        self.meter_lost = True
        severity = "medium" if self.spec.on_meter_loss == "stop" else "warning"
        self.around.emit(MeterLost(self.id, why))
        self.raise_own(METER_FAULT, severity, METER_REMEDY, now)

    # --- time ---------------------------------------------------------------------------------------------------------

    def tick(self, now: Moment) -> None:
        self.visit.tick(now)
        self.books.tick(now)
        self.account.tick(now)

    def settle_down(self, now: Moment) -> None:
        """After anything happened: what was to wait for the end of a transaction, and what others should know."""
        self._apply_availability()
        if self.known:
            self.account.look_again(now)
        self._tell(now)

    def _apply_availability(self) -> None:
        if self.operative_later is not None and not self.busy:
            self.operative, self.operative_later = self.operative_later, None
            self.around.emit(AvailabilityChanged(self.id, self.operative))

    def _tell(self, now: Moment) -> None:
        """Say what changed to those who look: the status, and what may be drawn and why."""
        self._show(status_of(self, now.mono_s), now)
        note = self.visit.noted()
        if note is not None and note != self.shown_note:
            self.shown_note = note
            self.around.emit(note)
        limits = self.limits()
        amps = permit(limits)
        if amps != self.shown_permit_a:
            self.shown_permit_a = amps
            decides = deciding(limits)
            self.around.emit(LimitChanged(self.id, amps, decides.source if decides else ""))

    def _show(self, status: Status, now: Moment) -> None:
        if status is not self.shown or self.occupied is not self.shown_occupied:
            self.shown, self.shown_occupied = status, self.occupied
            fault = self.blocking_fault or next(iter(self.faults), None)
            self.around.emit(StatusChanged(self.id, status, fault.name if fault else "", self.occupied))
            self.account.shows(status, now)
