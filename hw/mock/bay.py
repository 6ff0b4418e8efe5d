"""One simulated parking bay: the EVSE's contactor, lock, meter and sensors, the cable and the car. Pure physics.

The guard's outputs come in by `drive()`, what its inputs would measure goes out by `levels()` and its like. Nothing
moves but by `advance()`, which takes any span of time in as many steps as things happen in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from hw.api import PilotLevels, Reading, Sensors
from hw.errors import Refused
from hw.mock.car import NOTHING_WH, Car, Lagging, temper_from

FAULTS = (
    "earth_leakage",
    "contactor_welded",
    "contactor_stuck_open",
    "overtemperature",
    "emergency_stop",
    "meter_lost",
    "lock_jammed",
    "pilot_shorted",
    "undervoltage",
    "overvoltage",
    "overcurrent",
    "rcd_selftest",
    "earth_missing",
    "pen_fault",
    "enclosure_open",
    "key_locked",
    "limit_contact",
    "phases_welded",
    "phases_stuck_open",
)
CABLE_OHM = {13: 1500.0, 20: 680.0, 32: 220.0, 63: 100.0}  # nominal resistors of type 2 plugs

CONTACTOR_TRAVEL_S = 0.02
LOCK_TRAVEL_S = 0.075
SELFTEST_S = 0.75  # of a residual-current module
NOMINAL_V, LOW_V, HIGH_V = 230.0, 180.0, 265.0
COOL_DEGC, HOT_DEGC = 25.0, 80.0
OVER_DRAW = 1.6  # what the fault "overcurrent" makes a car draw, times its offer
_LEVEL_V = {"A": 12.0, "B": 9.0, "C": 6.0, "D": 3.0, "E": 0.0}


@dataclass(frozen=True, slots=True)
class Drive:
    """What the guard drives."""

    duty: float = 1.0
    coil: bool = False
    lock: bool | None = None  # None: the motor rests
    selftests: int = 0  # how many self-tests it has asked for so far
    cut: bool = False  # of the pilot: the car sees 0 V
    phase_coil: bool = False  # of the contactor of L2 and L3


@dataclass(slots=True)
class Bay:
    """A parking bay with everything in it."""

    outlet: str = "socket"  # or "cable"
    phases: int = 3
    now_s: float = 0.0
    energy_wh: float = 0.0  # import register
    phase_contactor: bool = False  # there is one, in series with the contactor
    temperature_degc: float = COOL_DEGC
    faults: set[str] = field(default_factory=set)
    car: Car | None = None
    cable_ohm: float | None = None  # of the plug in the socket
    half: bool = False  # the plug is not pushed home: pilot without proximity
    _drive: Drive = Drive()
    _main: Lagging = field(default_factory=lambda: Lagging(False))
    _phases: Lagging = field(default_factory=lambda: Lagging(False))
    _lock: Lagging = field(default_factory=lambda: Lagging(False))
    _tested: Lagging = field(default_factory=lambda: Lagging(0))
    _cable_leaves: bool = False  # somebody pulls at the plug and has it as soon as the lock lets go

    # --- the guard's side ---------------------------------------------------------------------------------------------

    def drive(self, drive: Drive, now_s: float) -> None:
        """The guard's outputs as of `now_s`."""
        self.advance(now_s)
        if drive != self._drive:
            self._drive = drive
            self._settle()

    def levels(self) -> PilotLevels:
        """What the pilot input measures; `taken_s` 0 = at the moment of asking."""
        high_v, low_v = self._plateaus()
        return PilotLevels(high_v, low_v, self.cable_ohm if not self.half else None)

    def sensors(self) -> Sensors:
        return Sensors(
            residual_current="earth_leakage" in self.faults,
            emergency_stop="emergency_stop" in self.faults,
            temperature_degc=HOT_DEGC if "overtemperature" in self.faults else self.temperature_degc,
            rcd_selftest_ok=self._selftest_outcome(),
            rcd_selftest_fitted=True,
            earth_missing="earth_missing" in self.faults,
            pen_fault="pen_fault" in self.faults,
            enclosure_open="enclosure_open" in self.faults,
            key_locked="key_locked" in self.faults,
            limit_contact="limit_contact" in self.faults,
        )

    @property
    def selftests_answered(self) -> int:
        return int(self._tested.value)

    def feedback(self) -> bool:
        """Are the main contacts closed?"""
        if "contactor_welded" in self.faults:
            return True
        return bool(self._main.value) and "contactor_stuck_open" not in self.faults

    def phase_feedback(self) -> bool:
        """Are the contacts of L2 and L3 closed?"""
        if "phases_welded" in self.faults:
            return True
        return bool(self._phases.value) and "phases_stuck_open" not in self.faults

    def locked(self) -> bool | None:
        return bool(self._lock.value) if self.outlet == "socket" else None

    # --- the meter ----------------------------------------------------------------------------------------------------

    def reading(self) -> Reading:
        """What the energy meter shows at `now_s`."""
        amps, volts = self._current_a(), self._volts()
        return Reading(
            energy_wh=self.energy_wh,
            power_w=sum(amps) * volts,
            current_a=amps,
            voltage_v=(volts,) * self.phases,
            taken_s=self.now_s,
        )

    # --- the driver of the car ----------------------------------------------------------------------------------------

    def plug(self, options: Mapping[str, Any], now_s: float) -> None:
        """A car arrives and is plugged in: `cable_a`, `inserted`, and the options of `Temper`."""
        self.advance(now_s)
        if self.car is not None:
            raise Refused("A car is plugged in already.")
        wanted = dict(options)
        cable_a, inserted = wanted.pop("cable_a", None), wanted.pop("inserted", "full")
        if inserted not in ("full", "half"):
            raise Refused('A plug is inserted "full" or "half".')
        car = Car(temper_from(wanted))
        if self.outlet == "socket":
            self._insert(cable_a, inserted == "half")
        self.car, self._cable_leaves = car, False
        self._settle()

    def unplug(self, side: str, now_s: float) -> None:
        """Pulled at the car; `both`: the plug is taken from the socket too, as soon as the lock lets go."""
        self.advance(now_s)
        if side not in ("both", "ev"):
            raise Refused('A cable is unplugged at "both" sides or at the "ev" side.')
        if self.car is None and (side == "ev" or self.cable_ohm is None):
            raise Refused("Nothing is plugged in.")
        self.car = None
        if self.half and side == "both":
            self.cable_ohm, self.half = None, False
        self._cable_leaves = side == "both"
        self._settle()

    def change_car(self, options: Mapping[str, Any], now_s: float) -> None:
        """The car behaves otherwise from now on."""
        self.advance(now_s)
        if self.car is None:
            raise Refused("No car is plugged in.")
        self.car.change(temper_from(options, self.car.temper), now_s)
        self._settle()

    def fault(self, kind: str, active: bool, now_s: float) -> None:
        """Break something, or mend it."""
        self.advance(now_s)
        if kind not in FAULTS:
            raise Refused(f'Nothing can break as "{kind}"; it can as {", ".join(FAULTS)}.')
        if active:
            self.faults.add(kind)
        else:
            self.faults.discard(kind)
        self._settle()

    # --- time ---------------------------------------------------------------------------------------------------------

    def advance(self, now_s: float) -> None:
        """Let everything happen that happens until `now_s`."""
        while (due_s := self.due_s()) <= now_s:
            self._flow(max(due_s, self.now_s))
            self._settle()
        self._flow(max(now_s, self.now_s))

    def due_s(self) -> float:
        """When the next thing happens, if nobody touches anything."""
        moving = min(self._main.due_s, self._phases.due_s, self._lock.due_s, self._tested.due_s)
        if self.car is None:
            return moving
        return min(moving, self.car.due_s(), self._battery_due_s())

    def _battery_due_s(self) -> float:
        power_w = self._power_w()
        if self.car is None or power_w <= 0:
            return inf
        room_wh = self.car.room_wh()
        return self.now_s + room_wh * 3600 / power_w if NOTHING_WH < room_wh < inf else inf

    def _flow(self, until_s: float) -> None:
        """Energy of a span in which nothing changes."""
        energy_wh = self._power_w() * (until_s - self.now_s) / 3600
        self.now_s = until_s
        if energy_wh:
            self.energy_wh += energy_wh
            if self.car is not None:
                self.car.take(energy_wh)

    def _settle(self) -> None:
        """Everything that follows at this instant from how things stand."""
        now_s, drive = self.now_s, self._drive
        self._main.aim(drive.coil, CONTACTOR_TRAVEL_S, now_s)
        self._main.settle(now_s)
        self._phases.aim(drive.phase_coil, CONTACTOR_TRAVEL_S, now_s)
        self._phases.settle(now_s)
        self._tested.aim(drive.selftests, SELFTEST_S, now_s)
        self._tested.settle(now_s)
        self._settle_lock(now_s)
        if self.car is not None:
            self.car.see(self._duty_at_the_car(), now_s)
            self.car.settle(now_s)

    def _duty_at_the_car(self) -> float | None:
        """None: 0 V, as if nothing were plugged in."""
        return None if "pilot_shorted" in self.faults or self._drive.cut else self._drive.duty

    def _settle_lock(self, now_s: float) -> None:
        if "lock_jammed" in self.faults:
            self._lock = Lagging(self._lock.value)  # stays where it is, and starts anew once mended
        elif self._drive.lock is not None:
            self._lock.aim(self._drive.lock, LOCK_TRAVEL_S, now_s)
            self._lock.settle(now_s)
        if self._cable_leaves and not self._lock.value:
            self.cable_ohm, self._cable_leaves = None, False

    # --- electricity --------------------------------------------------------------------------------------------------

    def _insert(self, cable_a: Any, half: bool) -> None:
        if self.cable_ohm is not None:
            if cable_a is not None and CABLE_OHM.get(cable_a) != self.cable_ohm:
                raise Refused("Another cable is in the socket already.")
            return
        if self._lock.value:
            raise Refused("The socket is locked, no plug goes in.")
        rating_a = 32 if cable_a is None else cable_a
        if rating_a not in CABLE_OHM:
            raise Refused("A cable is coded for 13, 20, 32 or 63 A.")
        self.cable_ohm, self.half = CABLE_OHM[rating_a], half

    def _letter(self) -> str:
        """At the EVSE's side of a cut, nothing is plugged in."""
        if "pilot_shorted" in self.faults:
            return "E"
        return "A" if self.car is None or self._drive.cut else self.car.state

    def _plateaus(self) -> tuple[float, float | None]:
        """Positive and negative plateau in volts; one steady level and None while no PWM runs."""
        letter, duty = self._letter(), self._drive.duty
        high_v = _LEVEL_V[letter]
        loaded_below = letter == "E" or (letter != "A" and self.car is not None and not self.car.temper.diode)
        low_v = -high_v if loaded_below else -12.0
        if duty >= 1.0:
            return high_v, None
        return (high_v, low_v) if duty > 0.0 else (low_v, None)

    def _selftest_outcome(self) -> bool | None:
        """Of the latest self-test; None before the first and while one runs."""
        if self._tested.value == 0 or self._tested.value != self._drive.selftests:
            return None
        return "rcd_selftest" not in self.faults

    def _volts(self) -> float:
        if "undervoltage" in self.faults:
            return LOW_V
        return HIGH_V if "overvoltage" in self.faults else NOMINAL_V

    def _current_a(self) -> tuple[float, ...]:
        """Amperes per phase of the EVSE, L1 first."""
        if self.car is None or not self.feedback():
            return (0.0,) * self.phases
        drawn_a = self.car.draws_a * (OVER_DRAW if "overcurrent" in self.faults else 1.0)
        live = 1 if self.phase_contactor and not self.phase_feedback() else self.phases
        used = min(self.car.temper.phases, live)
        return (drawn_a,) * used + (0.0,) * (self.phases - used)

    def _power_w(self) -> float:
        return sum(self._current_a()) * self._volts()
