"""The faults that a guard knows. Pure; docs/faults.md is made of this table.

Names are EVerest's, so that people find their way; a part after a slash is ours.
"""

from __future__ import annotations

from dataclasses import dataclass

LOST = "PermanentFault"  # what stood before is not known any more
UNNAMED = "VendorError"  # what a controller reports and this table does not know
AFTER_FAULT_S = 30.0  # no offer for so long after a fault has ended by itself (Tinkerforge's figure)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is to be known of a fault before it happens."""

    severity: str  # high: opened at once; medium: stopped in order; warning: goes on
    remedy: str
    latched: bool = False  # stands until somebody clears it, over restarts and power cuts
    unplugging_clears: bool = True  # ... or the car is unplugged
    sticky: bool = False  # likewise, but a restart of the guard ends it
    shows_f: bool = False  # the car is told by 0.3 s of state F
    wait_s: float = 0.0  # no offer for so long after it has ended
    flashes: int = 2  # of the red lamp: 2 board and controller, 3 residual current, 4 contactor and earth, ...
    # ... 5 pilot and cable, 6 lock, 7 heat, current and voltage, 8 stop button and door


FAULTS: dict[str, Kind] = {
    "DiodeFault": Kind(
        "high",
        "The car's pilot has no diode: try another car, then look for damp or a short between CP and PE in the plug.",
        sticky=True,
        shows_f=True,
        wait_s=AFTER_FAULT_S,
        flashes=5,
    ),
    "VentilationNotAvailable": Kind(
        "warning",
        "The car asks for a ventilated place (state D), which this station does not offer: use another one.",
        flashes=5,
    ),
    "MREC10InvalidVehicleMode": Kind(
        "warning",
        "The car asks for power without being offered any (no switch S2), and this station may not charge such cars: "
        "use another one, or allow them with simplified_cars = true.",
        flashes=5,
    ),
    "BrownOut": Kind(
        "high",
        "The pilot's supply is not ±12 V: measure both rails on the pilot board and renew its supply, "
        "or calibrate its input.",
        wait_s=5.0,
    ),
    "EnclosureOpen": Kind(
        "high",
        "The enclosure is open: close its door, then check the door contact.",
        wait_s=5.0,
        flashes=8,
    ),
    "VendorError": Kind(
        "high", "The controller reports a fault that has no name here: look at its display and into its manual."
    ),
    "CommunicationFault": Kind(
        "high",
        "The guard cannot read its hardware: check the wires and the supply of the pilot controller and the contactor.",
        wait_s=5.0,
    ),
    "VendorWarning": Kind(
        "warning", "The guard's loop runs late: find out what else keeps this computer busy, or give it a faster one."
    ),
    "VendorWarning/PhaseSwitching": Kind(
        "warning",
        "The phases are not switched, for nothing proves that no current flows: wire the contactor's mirror contact.",
        flashes=4,
    ),
    "MREC1ConnectorLockFailure": Kind(
        "medium",
        "The lock does not hold the plug: push the plug home; if it stays, free the bolt and check its wires.",
        flashes=6,
    ),
    "FailedUnlock": Kind(
        "warning",
        "The lock does not let go: push the plug in while it tries again, or use its emergency release.",
        flashes=6,
    ),
    "UnexpectedOpen": Kind(
        "medium",
        "The lock has let go while it was to hold the plug: push the plug home, check bolt and sense contact.",
        flashes=6,
    ),
    "UnexpectedClose": Kind(
        "warning",
        "The lock holds although nobody told it to: check the bolt, its wires and its sense contact.",
        flashes=6,
    ),
    "MREC2GroundFailure": Kind(
        "high",
        "Residual current was found: unplug the car; if it comes back with another car, have the installation checked.",
        latched=True,
        shows_f=True,
        wait_s=AFTER_FAULT_S,
        flashes=3,
    ),
    "MREC2GroundFailure/EarthMissing": Kind(
        "high",
        "There is no protective earth: nobody may charge here. Have the electrician check the earth, then clear this.",
        latched=True,
        unplugging_clears=False,
        shows_f=True,
        flashes=4,
    ),
    "MREC2GroundFailure/PenFault": Kind(
        "high",
        "The PEN conductor is broken or its detector has tripped: keep people away, call the electrician, "
        "then clear this.",
        latched=True,
        unplugging_clears=False,
        shows_f=True,
        flashes=4,
    ),
    "Selftest": Kind(
        "high",
        "The residual-current device failed its self-test: switch the supply off and on; if it fails again, renew it.",
        flashes=3,
    ),
    "MREC18CableOverTempDerate": Kind(
        "warning",
        "It is hot inside: less current is offered. Give the station shade and air.",
        flashes=7,
    ),
    "MREC3HighTemperature": Kind(
        "medium",
        "It is too hot inside to charge: let it cool down, check terminals for a loose screw.",
        wait_s=AFTER_FAULT_S,
        flashes=7,
    ),
    "MREC4OverCurrentFailure": Kind(
        "high",
        "The car drew more than it was offered: unplug it; if other cars do so too, check the meter's transformers.",
        shows_f=True,
        flashes=7,
    ),
    "MREC4OverCurrentFailure/Unsupervised": Kind(
        "warning",
        "The car's current is not measured any more, so that only the fallback current is offered: check the meter.",
        flashes=7,
    ),
    "MREC5OverVoltage": Kind(
        "medium",
        "Mains voltage is too high: call the electrician.",
        wait_s=AFTER_FAULT_S,
        flashes=7,
    ),
    "MREC6UnderVoltage": Kind(
        "medium",
        "Mains voltage is too low: check the fuses, then call the electrician.",
        wait_s=AFTER_FAULT_S,
        flashes=7,
    ),
    "MREC8EmergencyStop": Kind(
        "high",
        "The emergency stop is pressed, or its wire is broken: turn the button to release it.",
        shows_f=True,
        wait_s=5.0,
        flashes=8,
    ),
    "MREC14PilotFault": Kind(
        "high",
        "The control pilot is shorted or at a level no car makes: unplug the car, look for damp or damage in the plug.",
        shows_f=True,
        wait_s=AFTER_FAULT_S,
        flashes=5,
    ),
    "MREC14PilotFault/Implausible": Kind(
        "high",
        "The pilot does not measure what it drives: check PWM output, ADC and the wires between, then `chargepoint "
        "doctor`.",
        sticky=True,
        wait_s=AFTER_FAULT_S,
    ),
    "MREC17EVSEContactorFault": Kind(
        "high",
        "The contactor is welded: switch the supply off, replace the contactor, then clear this fault on site.",
        latched=True,
        unplugging_clears=False,
        flashes=4,
    ),
    "MREC17EVSEContactorFault/StuckOpen": Kind(
        "high",
        "The contactor does not close: check its coil supply, its wires and the mirror contact, then unplug the car.",
        sticky=True,
        flashes=4,
    ),
    "MREC17EVSEContactorFault/Slow": Kind(
        "warning",
        "The contactor moves slowly: check its coil's supply and suppression, and renew it before it welds.",
        sticky=True,
        flashes=4,
    ),
    "MREC17EVSEContactorFault/Phases": Kind(
        "medium",
        "The contactor of L2 and L3 does not do as it is told: check its coil, wires and mirror contact, then unplug.",
        sticky=True,
        flashes=4,
    ),
    LOST: Kind(
        "high",
        "The record of standing faults is damaged: check contactor and residual-current device, then clear this.",
        latched=True,
        unplugging_clears=False,
    ),
    "MREC20PartialInsertion": Kind(
        "high",
        "The plug is not fully in the socket: push it home.",
        flashes=5,
    ),
    "MREC23ProximityFault": Kind(
        "high",
        "The cable's coding resistor is shorted or unknown: use another cable.",
        flashes=5,
    ),
}
