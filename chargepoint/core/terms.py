"""The words that facts are made of: who, when, why, how much.

Words for triggers, reasons and measurands are the field's own (OCPP 2.0.1 part 2, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
