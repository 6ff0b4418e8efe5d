"""What a connector shows, in the words of 1.6 (section 4.9), and the error codes it has for faults (section 7.6)."""

from __future__ import annotations

import re

from chargepoint.core.facts import Status

WORDS: dict[Status, str] = {
    Status.AVAILABLE: "Available",
    Status.PREPARING: "Preparing",
    Status.CHARGING: "Charging",
    Status.SUSPENDED_EV: "SuspendedEV",
    Status.SUSPENDED_EVSE: "SuspendedEVSE",
    Status.FINISHING: "Finishing",
    Status.RESERVED: "Reserved",
    Status.UNAVAILABLE: "Unavailable",
    Status.FAULTED: "Faulted",
}

STATION_WORDS = (Status.UNAVAILABLE, Status.FAULTED)
"""Connector 0 knows only these and Available (section 4.9)."""

NO_ERROR = "NoError"

_CODES: tuple[tuple[str, str], ...] = (  # the first that occurs in the fault's name decides
    ("Contactor", "PowerSwitchFailure"),  # welded, or stuck open
    ("Lock", "ConnectorLockFailure"),
    ("PartialInsertion", "ConnectorLockFailure"),  # TC_024: a plug that is half in cannot be locked
    ("BrokenLatch", "ConnectorLockFailure"),
    ("UnexpectedOpen", "ConnectorLockFailure"),
    ("UnexpectedClose", "ConnectorLockFailure"),
    ("GroundFailure", "GroundFailure"),
    ("ResidualCurrent", "GroundFailure"),
    ("Rcd", "GroundFailure"),
    ("Selftest", "GroundFailure"),
    ("Temp", "HighTemperature"),
    ("OverCurrent", "OverCurrentFailure"),
    ("OverVoltage", "OverVoltage"),
    ("VoltageHigh", "OverVoltage"),
    ("UnderVoltage", "UnderVoltage"),
    ("BrownOut", "UnderVoltage"),
    ("PowerLoss", "UnderVoltage"),
    ("Meter", "PowerMeterFailure"),
    ("Reader", "ReaderFailure"),
    ("PilotFault", "EVCommunicationError"),
    ("DiodeFault", "EVCommunicationError"),
    ("InvalidVehicleMode", "EVCommunicationError"),
    ("Proximity", "EVCommunicationError"),
    ("CommunicationFault", "InternalError"),
    ("Guard", "InternalError"),
    ("Internal", "InternalError"),
    ("PermanentFault", "InternalError"),
)

_NEW_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

VENDOR_CODE = 50  # characters of info and vendorErrorCode


def word_of(connector: int, status: Status) -> str:
    return WORDS[status if connector or status in STATION_WORDS else Status.AVAILABLE]


def error_code(fault: str) -> str:
    """The ChargePointErrorCode for a fault under its EVerest name (hardware notes, section 14)."""
    if not fault:
        return NO_ERROR
    name = fault.casefold()
    return next((code for part, code in _CODES if part.casefold() in name), "OtherError")


def explain(fault: str) -> dict[str, str]:
    """`info` for people and `vendorErrorCode` for machines, where there is something to say."""
    if not fault:
        return {}
    words = _NEW_WORD.sub(" ", re.sub(r"^MREC\d+", "", fault))
    return {"info": words[:VENDOR_CODE], "vendorErrorCode": fault[:VENDOR_CODE]}
