"""Where a fault belongs in the device model: the component that has it, and the variable that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A component of an EVSE, by its standardized name, and a variable that is true while the fault stands."""

    component: str
    variable: str = "Problem"


_BOARD = Problem("Controller")
_EV = Problem("ConnectedEV")
_PILOT = Problem("CPPWMController")
_PLUG = Problem("Connector")
_LOCK = Problem("ConnectorPlugRetentionLock")
_FEED = Problem("ElectricalFeed")
_CONTACTOR = Problem("PowerContactor")
_PHASES = Problem("AcPhaseSelector")
_HEAT = Problem("TemperatureSensor")
_METER = Problem("FiscalMetering")

PROBLEMS: Mapping[str, Problem] = {  # every fault of the guard and of the daemon; docs/faults.md shows them
    "PermanentFault": _BOARD,
    "CommunicationFault": _BOARD,
    "VendorError": _BOARD,
    "VendorWarning": _BOARD,
    "VendorWarning/PhaseSwitching": _PHASES,
    "BrownOut": _PILOT,
    "EnclosureOpen": Problem("CaseAccessSensor", "Tripped"),
    "DiodeFault": _EV,
    "VentilationNotAvailable": _EV,
    "MREC10InvalidVehicleMode": _EV,
    "MREC14PilotFault": _PILOT,
    "MREC14PilotFault/Implausible": _PILOT,
    "MREC20PartialInsertion": _PLUG,
    "MREC23ProximityFault": _PLUG,
    "MREC1ConnectorLockFailure": _LOCK,  # TC_G_20_CS
    "FailedUnlock": _LOCK,
    "UnexpectedOpen": _LOCK,
    "UnexpectedClose": _LOCK,
    "MREC2GroundFailure": Problem("RCD", "Tripped"),
    "MREC2GroundFailure/EarthMissing": _FEED,
    "MREC2GroundFailure/PenFault": _FEED,
    "Selftest": Problem("RCD"),
    "MREC3HighTemperature": _HEAT,
    "MREC18CableOverTempDerate": _HEAT,
    "MREC4OverCurrentFailure": Problem("OverCurrentProtection", "Operated"),
    "MREC4OverCurrentFailure/Unsupervised": _METER,
    "MREC5OverVoltage": _FEED,
    "MREC6UnderVoltage": _FEED,
    "MREC8EmergencyStop": Problem("EmergencyStopSensor", "Tripped"),
    "MREC17EVSEContactorFault": _CONTACTOR,
    "MREC17EVSEContactorFault/StuckOpen": _CONTACTOR,
    "MREC17EVSEContactorFault/Slow": _CONTACTOR,
    "MREC17EVSEContactorFault/Phases": _PHASES,
    "PowermeterCommunicationFault": _METER,
    "BoardCommunicationFault": _BOARD,
}
