"""What happened: frozen, past tense, the one thing that leaves the core.

Facts that matter for money (`Billable`) are in the journal before anything acts on them, and are turned into OCPP when
they are first sent. The words for triggers, reasons and measurands are the field's own (OCPP 2.0.1 part 2, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks."""

    mono_s: float  # monotonic clock of this boot
    at: datetime  # the station's best idea of UTC


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """A driver's identification. Ids compare without case; an empty kind (1.6 knows none) matches every kind."""

    value: str
    kind: str = ""  # OCPP 2.x IdTokenEnum: Central, eMAID, ISO14443, ISO15693, KeyCode, Local, MacAddress, ...

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Token):
            return NotImplemented
        same_kind = not self.kind or not other.kind or self.kind.casefold() == other.kind.casefold()
        return same_kind and self.value.casefold() == other.value.casefold()

    def __hash__(self) -> int:
        return hash(self.value.casefold())

    @property
    def masked(self) -> str:
        """For logs and pages: enough to recognise one's own card, too little to copy it."""
        return self.value if len(self.value) <= 4 else "…" + self.value[-4:]


class Status(StrEnum):
    """What the EVSE shows, the same in every OCPP version (1.6 section 4.9 distinguishes all of these)."""

    AVAILABLE = "available"
    PREPARING = "preparing"
    CHARGING = "charging"
    SUSPENDED_EV = "suspended_ev"
    SUSPENDED_EVSE = "suspended_evse"
    FINISHING = "finishing"
    RESERVED = "reserved"
    UNAVAILABLE = "unavailable"
    FAULTED = "faulted"


class ChargingState(StrEnum):
    """OCPP 2.0.1 ChargingStateEnumType."""

    IDLE = "Idle"
    EV_CONNECTED = "EVConnected"
    CHARGING = "Charging"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"


class Trigger(StrEnum):
    """Why a transaction began, changed or ended (OCPP 2.0.1 TriggerReasonEnumType)."""

    AUTHORIZED = "Authorized"
    DEAUTHORIZED = "Deauthorized"
    CABLE_PLUGGED_IN = "CablePluggedIn"
    CHARGING_STATE_CHANGED = "ChargingStateChanged"
    EV_COMMUNICATION_LOST = "EVCommunicationLost"
    EV_CONNECT_TIMEOUT = "EVConnectTimeout"
    EV_DEPARTED = "EVDeparted"
    METER_VALUE_CLOCK = "MeterValueClock"
    METER_VALUE_PERIODIC = "MeterValuePeriodic"
    REMOTE_START = "RemoteStart"
    REMOTE_STOP = "RemoteStop"
    RESET_COMMAND = "ResetCommand"
    STOP_AUTHORIZED = "StopAuthorized"
    TRIGGER = "Trigger"
    UNLOCK_COMMAND = "UnlockCommand"
    ABNORMAL_CONDITION = "AbnormalCondition"
    CHARGING_RATE_CHANGED = "ChargingRateChanged"
    ENERGY_LIMIT_REACHED = "EnergyLimitReached"


class StopReason(StrEnum):
    """Why a transaction ended (OCPP 2.0.1 ReasonEnumType; 1.6 knows a subset, the dialect maps)."""

    LOCAL = "Local"
    REMOTE = "Remote"
    EV_DISCONNECTED = "EVDisconnected"
    DEAUTHORIZED = "DeAuthorized"
    EMERGENCY_STOP = "EmergencyStop"
    GROUND_FAULT = "GroundFault"
    OVERCURRENT_FAULT = "OvercurrentFault"
    IMMEDIATE_RESET = "ImmediateReset"
    HARD_RESET = "HardReset"  # 1.6 tells a hard from a soft reset, 2.x does not
    POWER_LOSS = "PowerLoss"
    REBOOT = "Reboot"
    TIMEOUT = "Timeout"
    UNLOCK_COMMAND = "UnlockCommand"
    ENERGY_LIMIT_REACHED = "EnergyLimitReached"
    STOPPED_BY_EV = "StoppedByEV"
    OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One value of a sample. Measurand, phase and unit are OCPP's names; `phase` is "" for the whole."""

    measurand: str
    value: float
    unit: str
    phase: str = ""
    location: str = "Outlet"


@dataclass(frozen=True, slots=True)
class Sample:
    """What a meter showed at one instant, ready to be put into a message of any version."""

    at: datetime
    context: str  # OCPP ReadingContextEnum: Transaction.Begin, Sample.Periodic, Sample.Clock, ...
    quantities: tuple[Quantity, ...]
    signed: str = ""  # what the meter signed (OCMF), for its import register; it names the driver
    public_key: str = ""  # hex, of that meter


@dataclass(frozen=True, slots=True)
class Closing:
    """How a transaction is going to end."""

    trigger: Trigger
    reason: StopReason
    token: Token | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """`evse` 0 is the station as a whole."""

    evse: int


@dataclass(frozen=True, slots=True)
class StatusChanged(Fact):
    """The EVSE shows something else."""

    status: Status
    fault: str = ""  # the leading fault's name, where status is faulted or a warning stands
    occupied: bool = False  # something is plugged in


@dataclass(frozen=True, slots=True)
class CablePlugged(Fact):
    """An EV answers on the pilot, the plug is fully in."""

    cable_a: float | None = None


@dataclass(frozen=True, slots=True)
class CableUnplugged(Fact):
    """The EV is gone; the cable may still be in the socket."""


@dataclass(frozen=True, slots=True)
class SessionStarted(Fact):
    """The first half of a visit: plug or token."""

    session: str
    cause: str  # EVConnected or Authorized (EVerest's words)


@dataclass(frozen=True, slots=True)
class SessionResumed(Fact):
    """The program was restarted in the middle of it (EVerest's word)."""

    session: str
    transaction: str


@dataclass(frozen=True, slots=True)
class SessionEnded(Fact):
    """The cable is gone, or nobody came."""

    session: str


@dataclass(frozen=True, slots=True)
class TokenAccepted(Fact):
    """A token may charge here."""

    session: str
    token: Token
    by: str  # who said so: csms, local list, cache, local card, free, remote start, offline rule


@dataclass(frozen=True, slots=True)
class TokenRefused(Fact):
    """A token may not."""

    token: Token
    why: str


@dataclass(frozen=True, slots=True)
class Deauthorized(Fact):
    """The CSMS refused a token that had been let in."""

    session: str
    why: str
    allowance_wh: float | None = None  # register value up to which supply goes on; None: the transaction ends


@dataclass(frozen=True, slots=True)
class SessionNoted(Fact):
    """What the next run must know of a session with a transaction, if this one dies now."""

    session: str
    state: str  # name of core.session.State
    token: Token | None = None
    group: Token | None = None
    hold_lock: bool = False
    allowance_wh: float | None = None
    closing: Closing | None = None  # the end is decided, the bill waits for contactor and meter


@dataclass(frozen=True, slots=True)
class LocalLimitSet(Fact):
    """Somebody on site has limited the current; None: has lifted that limit."""

    amps: float | None


@dataclass(frozen=True, slots=True)
class GridLimitSet(Fact):
    """The grid operator's contact asks for less; None: not any more."""

    amps: float | None


@dataclass(frozen=True, slots=True)
class PlugInTimedOut(Fact):
    """A token waited in vain for its car."""

    session: str


@dataclass(frozen=True, slots=True)
class ContactorClosed(Fact):
    """Confirmed by feedback."""

    offered_a: float


@dataclass(frozen=True, slots=True)
class ContactorOpened(Fact):
    """Confirmed by feedback."""


@dataclass(frozen=True, slots=True)
class LimitChanged(Fact):
    """What may be supplied has changed; `source` is the limit that decides."""

    amps: float
    source: str  # which limit decides


@dataclass(frozen=True, slots=True)
class FaultRaised(Fact):
    """Something is wrong, and what to do about it."""

    name: str
    severity: str
    remedy: str


@dataclass(frozen=True, slots=True)
class FaultCleared(Fact):
    """It is right again."""

    name: str


@dataclass(frozen=True, slots=True)
class AvailabilityChanged(Fact):
    """In or out of service from now on."""

    operative: bool


@dataclass(frozen=True, slots=True)
class AvailabilityScheduled(Fact):
    """It will change when the transaction is over."""

    operative: bool


@dataclass(frozen=True, slots=True)
class SettingChanged(Fact):
    """A setting has another value; "" for a secret."""

    name: str
    value: str
    origin: str  # file, csms, local


@dataclass(frozen=True, slots=True)
class StationStarted(Fact):
    """The program runs."""

    cause: str  # PowerUp, Watchdog, LocalReset, RemoteReset, ... (OCPP 2.x BootReasonEnum)


@dataclass(frozen=True, slots=True)
class CsmsConnected(Fact):
    """The back office has accepted us."""

    ocpp: str  # "1.6", "2.0.1"


@dataclass(frozen=True, slots=True)
class CsmsLost(Fact):
    """The back office cannot be reached, or accepts us no more."""


@dataclass(frozen=True, slots=True)
class MeterLost(Fact):
    """The energy meter does not answer."""

    why: str


@dataclass(frozen=True, slots=True)
class MeterBack(Fact):
    """It answers again."""


@dataclass(frozen=True, slots=True)
class CardPresented(Fact):
    """Somebody holds a card to a reader; what becomes of it is told by other facts."""

    reader: int
    token: Token


@dataclass(frozen=True, slots=True)
class CardReaderLost(Fact):
    """A card reader does not answer; the others go on."""

    reader: int
    why: str


@dataclass(frozen=True, slots=True)
class CardReaderBack(Fact):
    """It answers again."""

    reader: int


@dataclass(frozen=True, slots=True)
class MeterIdentified(Fact):
    """The meter has told its serial number for the first time, or another meter is in its place."""

    meter: str
    before: str = ""  # the meter that was there; "" = the first


@dataclass(frozen=True, slots=True)
class JournalDamaged(Fact):
    """The journal could not be read and was moved aside."""

    moved_to: str


# --- the facts that the back office must hear of ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Billable(Fact):
    """Committed to the journal before anything acts on it, then owed to the CSMS until it has answered."""


@dataclass(frozen=True, slots=True)
class TransactionStarted(Billable):
    """There is something to bill from here on."""

    transaction: str  # ours, a UUID; 1.6's number is learned later
    session: str
    seq_no: int
    trigger: Trigger
    state: ChargingState
    token: Token | None
    meter_wh: float
    samples: tuple[Sample, ...] = ()
    remote_start_id: int | None = None
    reservation_id: int | None = None
    cable_a: float | None = None
    offline: bool = False


@dataclass(frozen=True, slots=True)
class TransactionUpdated(Billable):
    """Something about a running transaction is worth telling, or it is time for a sample."""

    transaction: str
    seq_no: int
    trigger: Trigger
    state: ChargingState
    token: Token | None = None  # only when it is news
    samples: tuple[Sample, ...] = ()
    remote_start_id: int | None = None
    offline: bool = False


@dataclass(frozen=True, slots=True)
class TransactionEnded(Billable):
    """The bill."""

    transaction: str
    session: str
    seq_no: int
    trigger: Trigger
    state: ChargingState
    reason: StopReason
    token: Token | None  # who stopped it, where somebody did
    meter_wh: float
    samples: tuple[Sample, ...] = ()  # begin, those collected on the way, end
    started_at: datetime | None = None
    energy_wh: float = 0.0  # for people; the bill is the two registers
    offline: bool = False


@dataclass(frozen=True, slots=True)
class MetersSampled(Billable):
    """Clock-aligned values outside a transaction."""

    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A fact with the time it happened. `id` is its place in the journal, 0 while it has none."""

    fact: Fact
    at: datetime  # by the station's clock of that moment
    mono_s: float
    boot: str = ""  # kernel boot id: `mono_s` of another boot means nothing
    trusted: bool = True  # was the clock known to be right?
    id: int = field(default=0, compare=False)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
