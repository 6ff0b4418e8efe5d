"""What a connector shows, in the words of 1.6 (section 4.9), and the error codes it has for faults (section 7.6)."""

from __future__ import annotations

import re
from collections.abc import Mapping

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

CODES: Mapping[
    str, str
] = {  # every fault of the guard and of the daemon; docs/faults.md shows them with their remedies
    "PermanentFault": "InternalError",
    "CommunicationFault": "InternalError",
    "VendorError": "InternalError",
    "VendorWarning": "InternalError",
    "VendorWarning/PhaseSwitching": "PowerSwitchFailure",
    "BrownOut": "InternalError",
    "EnclosureOpen": "OtherError",
    "DiodeFault": "EVCommunicationError",
    "VentilationNotAvailable": "OtherError",
    "MREC10InvalidVehicleMode": "EVCommunicationError",
    "MREC14PilotFault": "EVCommunicationError",
    "MREC14PilotFault/Implausible": "InternalError",
    "MREC20PartialInsertion": "ConnectorLockFailure",  # TC_024: a plug that is half in cannot be locked
    "MREC23ProximityFault": "EVCommunicationError",
    "MREC1ConnectorLockFailure": "ConnectorLockFailure",
    "FailedUnlock": "ConnectorLockFailure",
    "UnexpectedOpen": "ConnectorLockFailure",
    "UnexpectedClose": "ConnectorLockFailure",
    "MREC2GroundFailure": "GroundFailure",
    "MREC2GroundFailure/EarthMissing": "GroundFailure",
    "MREC2GroundFailure/PenFault": "GroundFailure",
    "Selftest": "GroundFailure",
    "MREC3HighTemperature": "HighTemperature",
    "MREC18CableOverTempDerate": "HighTemperature",
    "MREC4OverCurrentFailure": "OverCurrentFailure",
    "MREC4OverCurrentFailure/Unsupervised": "PowerMeterFailure",
    "MREC5OverVoltage": "OverVoltage",
    "MREC6UnderVoltage": "UnderVoltage",
    "MREC8EmergencyStop": "OtherError",
    "MREC17EVSEContactorFault": "PowerSwitchFailure",
    "MREC17EVSEContactorFault/StuckOpen": "PowerSwitchFailure",
    "MREC17EVSEContactorFault/Slow": "PowerSwitchFailure",
    "MREC17EVSEContactorFault/Phases": "PowerSwitchFailure",
    "PowermeterCommunicationFault": "PowerMeterFailure",
    "BoardCommunicationFault": "InternalError",
}

_NEW_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

VENDOR_CODE = 50  # characters of info and vendorErrorCode


def word_of(connector: int, status: Status) -> str:
    return WORDS[status if connector or status in STATION_WORDS else Status.AVAILABLE]


def error_code(fault: str) -> str:
    """The ChargePointErrorCode for a fault under its EVerest name (hardware notes, section 14)."""
    return CODES.get(fault, "OtherError") if fault else NO_ERROR


def explain(fault: str) -> dict[str, str]:
    """`info` for people and `vendorErrorCode` for machines, where there is something to say."""
    if not fault:
        return {}
    words = _NEW_WORD.sub(" ", re.sub(r"^MREC\d+", "", fault))
    return {"info": words[:VENDOR_CODE], "vendorErrorCode": fault[:VENDOR_CODE]}
