"""What happened: frozen, past tense, the one thing that leaves the core.

Facts that the back office must hear of (`Owed`) are in the journal before anything acts on them, and are turned into
OCPP when they are first sent. Measurands, units and the words of `core.terms` are the field's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from chargepoint.core.terms import ChargingState as ChargingState
from chargepoint.core.terms import Closing as Closing
from chargepoint.core.terms import Moment as Moment
from chargepoint.core.terms import Quantity as Quantity
from chargepoint.core.terms import Sample as Sample
from chargepoint.core.terms import Status as Status
from chargepoint.core.terms import StopReason as StopReason
from chargepoint.core.terms import Token as Token
from chargepoint.core.terms import Trigger as Trigger


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
    """The grid operator's contact asks for less, of each outlet; None: not any more."""

    watts: float | None


@dataclass(frozen=True, slots=True)
class PriceTold(Fact):
    """The back office has named the driver's own price."""

    text: str


@dataclass(frozen=True, slots=True)
class CostTold(Fact):
    """The back office says what a transaction costs."""

    transaction: str
    cost: str  # decimal, without a currency
    final: bool = False


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
class Reserved(Fact):
    """Kept free for one driver; `evse` 0: any EVSE of the station."""

    reservation: int
    token: Token
    until: datetime


@dataclass(frozen=True, slots=True)
class ReservationEnded(Fact):
    """Nobody has used it."""

    reservation: int
    why: str  # expired, cancelled


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
class SecurityNoted(Fact):
    """Something for the security log that the back office need not hear of at once; `SecurityEvent` is what it must."""

    event: str  # a word of `core.security.Event`
    info: str = ""


@dataclass(frozen=True, slots=True)
class JournalDamaged(Fact):
    """The journal could not be read and was moved aside."""

    moved_to: str


# --- the facts that the back office must hear of ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Owed(Fact):
    """Committed to the journal before anything acts on it, then owed to the CSMS until it has answered."""


@dataclass(frozen=True, slots=True)
class FirmwareStatusChanged(Owed):
    """How far an update of the firmware is; the words are OCPP 2.0.1's FirmwareStatusEnumType."""

    status: str
    request_id: int | None = None  # of a request that gave one: 1.6's unsigned updates do not


@dataclass(frozen=True, slots=True)
class LogStatusChanged(Owed):
    """How far the upload of a log is; the words are OCPP 2.0.1's UploadLogStatusEnumType."""

    status: str
    request_id: int | None = None  # None: 1.6's diagnostics


@dataclass(frozen=True, slots=True)
class SecurityEvent(Owed):
    """Something that whoever looks after security should hear of (security whitepaper, list of events)."""

    event: str  # a word of `core.security.Event`
    info: str = ""


@dataclass(frozen=True, slots=True)
class Billable(Owed):
    """Something that a bill is made of."""


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
    for_end: tuple[Sample, ...] = ()  # begin values that are told with the end


@dataclass(frozen=True, slots=True)
class BeginMetered(Billable):
    """The begin values by themselves, for a back office whose start message has no room for them."""

    transaction: str
    samples: tuple[Sample, ...] = ()


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
class ConnectorUnplugged(Billable):
    """The plug has been taken out after a transaction: a fee that counts until then ends."""

    transaction: str


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
