"""The faults that a guard knows, and which of them stand. Pure. Names are EVerest's, so that people find their way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hw.api import Fault

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


FAULTS: dict[str, Kind] = {
    "DiodeFault": Kind(
        "high",
        "The car's pilot has no diode: try another car, then look for damp or a short between CP and PE in the plug.",
        sticky=True,
        shows_f=True,
        wait_s=AFTER_FAULT_S,
    ),
    "VentilationNotAvailable": Kind(
        "warning", "The car asks for a ventilated place (state D), which this station does not offer: use another one."
    ),
    "MREC10InvalidVehicleMode": Kind(
        "warning",
        "The car asks for power without being offered any (no switch S2), and this station may not charge such cars: "
        "use another one, or allow them with simplified_cars = true.",
    ),
    "BrownOut": Kind(
        "high",
        "The pilot's supply is not ±12 V: measure both rails on the pilot board and renew its supply, "
        "or calibrate its input.",
        wait_s=5.0,
    ),
    "EnclosureOpen": Kind("high", "The enclosure is open: close its door, then check the door contact.", wait_s=5.0),
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
    ),
    "MREC1ConnectorLockFailure": Kind(
        "medium", "The lock does not hold the plug: push the plug home; if it stays, free the bolt and check its wires."
    ),
    "FailedUnlock": Kind(
        "warning", "The lock does not let go: push the plug in while it tries again, or use its emergency release."
    ),
    "UnexpectedOpen": Kind(
        "medium", "The lock has let go while it was to hold the plug: push the plug home, check bolt and sense contact."
    ),
    "UnexpectedClose": Kind(
        "warning", "The lock holds although nobody told it to: check the bolt, its wires and its sense contact."
    ),
    "MREC2GroundFailure": Kind(
        "high",
        "Residual current was found: unplug the car; if it comes back with another car, have the installation checked.",
        latched=True,
        shows_f=True,
        wait_s=AFTER_FAULT_S,
    ),
    "MREC2GroundFailure/EarthMissing": Kind(
        "high",
        "There is no protective earth: nobody may charge here. Have the electrician check the earth, then clear this.",
        latched=True,
        unplugging_clears=False,
        shows_f=True,
    ),
    "MREC2GroundFailure/PenFault": Kind(
        "high",
        "The PEN conductor is broken or its detector has tripped: keep people away, call the electrician, "
        "then clear this.",
        latched=True,
        unplugging_clears=False,
        shows_f=True,
    ),
    "Selftest": Kind(
        "high",
        "The residual-current device failed its self-test: switch the supply off and on; if it fails again, renew it.",
    ),
    "MREC18CableOverTempDerate": Kind(
        "warning", "It is hot inside: less current is offered. Give the station shade and air."
    ),
    "MREC3HighTemperature": Kind(
        "medium",
        "It is too hot inside to charge: let it cool down, check terminals for a loose screw.",
        wait_s=AFTER_FAULT_S,
    ),
    "MREC4OverCurrentFailure": Kind(
        "high",
        "The car drew more than it was offered: unplug it; if other cars do so too, check the meter's transformers.",
        shows_f=True,
    ),
    "MREC4OverCurrentFailure/Unsupervised": Kind(
        "warning",
        "The car's current is not measured any more, so that only the fallback current is offered: check the meter.",
    ),
    "MREC5OverVoltage": Kind("medium", "Mains voltage is too high: call the electrician.", wait_s=AFTER_FAULT_S),
    "MREC6UnderVoltage": Kind(
        "medium", "Mains voltage is too low: check the fuses, then call the electrician.", wait_s=AFTER_FAULT_S
    ),
    "MREC8EmergencyStop": Kind(
        "high",
        "The emergency stop is pressed, or its wire is broken: turn the button to release it.",
        shows_f=True,
        wait_s=5.0,
    ),
    "MREC14PilotFault": Kind(
        "high",
        "The control pilot is shorted or at a level no car makes: unplug the car, look for damp or damage in the plug.",
        shows_f=True,
        wait_s=AFTER_FAULT_S,
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
    ),
    "MREC17EVSEContactorFault/StuckOpen": Kind(
        "high",
        "The contactor does not close: check its coil supply, its wires and the mirror contact, then unplug the car.",
        sticky=True,
    ),
    "MREC17EVSEContactorFault/Slow": Kind(
        "warning",
        "The contactor moves slowly: check its coil's supply and suppression, and renew it before it welds.",
        sticky=True,
    ),
    "MREC17EVSEContactorFault/Phases": Kind(
        "medium",
        "The contactor of L2 and L3 does not do as it is told: check its coil, wires and mirror contact, then unplug.",
        sticky=True,
    ),
    LOST: Kind(
        "high",
        "The record of standing faults is damaged: check contactor and residual-current device, then clear this.",
        latched=True,
        unplugging_clears=False,
    ),
    "MREC20PartialInsertion": Kind("high", "The plug is not fully in the socket: push it home."),
    "MREC23ProximityFault": Kind("high", "The cable's coding resistor is shorted or unknown: use another cable."),
}

_RANK = {"high": 0, "medium": 1, "warning": 2}


class Book:
    """Which faults stand, since when, and for how long nothing may start after the last of them."""

    def __init__(self, latched: Iterable[str], now_s: float) -> None:
        self._since_s: dict[str, float] = {name: now_s for name in latched if name in FAULTS}
        self._latched: set[str] = set(self._since_s)
        self._found: set[str] = set()  # whose cause the guard sees right now
        self._reported: frozenset[str] = frozenset()  # whose cause a controller sees
        self._leaving: set[str] = set()  # the car is gone: these end together with their cause
        self.quiet_until_s = now_s
        self.news: tuple[str, ...] = ()  # raised by the latest step
        self.faults: tuple[Fault, ...] = ()
        self.severity = ""  # of the worst
        self._rebuild()

    @property
    def latched(self) -> frozenset[str]:
        return frozenset(self._latched)

    def stands(self, name: str) -> bool:
        return name in self._since_s

    def begin_step(self) -> None:
        self.news = ()

    def note(self, name: str, present: bool, now_s: float, *, latch: bool = False) -> None:
        """The guard finds the cause of a fault, or does not."""
        if present:
            self._found.add(name)
            self._raise(name, latch or FAULTS[name].latched, now_s)
        elif name in self._found:
            self._found.discard(name)
            self._cause_gone(name, now_s)

    def hear(self, reported: Iterable[str], now_s: float) -> None:
        """Controllers find the causes of these, and of no others."""
        names = frozenset(name if name in FAULTS else UNNAMED for name in reported)
        gone, self._reported = self._reported - names, names
        for name in names:
            self._raise(name, FAULTS[name].latched, now_s)
        for name in gone:
            self._cause_gone(name, now_s)

    def clear(self, name: str, now_s: float) -> str:
        """Somebody on site has dealt with it; "" or why it stands."""
        if name not in self._since_s:
            return "this fault does not stand"
        if self._present(name):
            return f"its cause is still there. {FAULTS[name].remedy}"
        self._end(name, now_s)
        return ""

    def plugged(self) -> None:
        """A car has come: from now on a fault may be its doing."""
        self._leaving.clear()

    def unplugged(self, now_s: float) -> None:
        """The car is gone, and with it what was its doing."""
        self._leaving = {name for name in self._since_s if FAULTS[name].unplugging_clears}
        for name in [name for name in self._leaving if not self._present(name)]:
            self._end(name, now_s)
        self.quiet_until_s = now_s

    def _present(self, name: str) -> bool:
        return name in self._found or name in self._reported

    def _cause_gone(self, name: str, now_s: float) -> None:
        stays = FAULTS[name].sticky or name in self._latched
        if not self._present(name) and (not stays or name in self._leaving):
            self._end(name, now_s)

    def _raise(self, name: str, latch: bool, now_s: float) -> None:
        if name in self._since_s and (name in self._latched or not latch):
            return
        self._since_s.setdefault(name, now_s)
        if latch:
            self._latched.add(name)
        self.news += (name,)
        self._rebuild()

    def _end(self, name: str, now_s: float) -> None:
        del self._since_s[name]
        self._latched.discard(name)
        self.quiet_until_s = max(self.quiet_until_s, now_s + FAULTS[name].wait_s)
        self._rebuild()

    def _rebuild(self) -> None:
        names = sorted(self._since_s, key=lambda name: (_RANK[FAULTS[name].severity], self._since_s[name]))
        self.faults = tuple(self._fault(name) for name in names)
        self.severity = self.faults[0].severity if self.faults else ""

    def _fault(self, name: str) -> Fault:
        kind = FAULTS[name]
        return Fault(name, kind.severity, name in self._latched, kind.remedy, self._since_s[name])
