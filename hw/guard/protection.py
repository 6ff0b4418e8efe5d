"""What may not be: residual current, lost earth, heat, too much current, wrong voltage, stop button, open door. Pure.

The real protection is hardware (RCD, breaker, a coil circuit that the stop button breaks); this is the second line.
"""

from __future__ import annotations

from hw.api import Sensors
from hw.guard.book import Book
from hw.guard.faults import AFTER_FAULT_S
from hw.guard.measuring import Measuring
from hw.guard.offers import Offers
from hw.guard.timer import Timer

GROUND = "MREC2GroundFailure"
NOMINAL_V = 230.0
LOW_V, HIGH_V = 0.85 * NOMINAL_V, 1.10 * NOMINAL_V
DEAD_V = 50.0  # a meter behind an open contactor measures nothing: that is no undervoltage
VOLTAGE_S = 2.0
OVER_CURRENT_S = 7.0  # EVerest: above (signalled + 0.5 A) x 1.10 on any phase for so long
OVER_CURRENT_SLACK_A = 0.5
OVER_CURRENT_FACTOR = 1.10
TRIPS = 3  # over-currents of one car until the fault latches
SENSOR_S = 0.010  # two readings in a row, against spikes

# OpenEVSE: at or above the first, the share of the station's current that is left; it ends below the second, degC
HEAT = ((71.0, 68.0, 0.0), (68.0, 65.0, 0.25), (65.0, 62.0, 0.5))


class Protection:
    """Watches one EVSE's sensors and the daemon's measurements, and notes what is wrong."""

    def __init__(self, phases: int) -> None:
        self.share = 1.0  # of the station's current that heat leaves
        self._phases = phases
        self._trips = 0
        self._tripped_s: float | None = None
        self._residual, self._stop, self._earth, self._pen, self._door = (Timer(SENSOR_S) for _ in range(5))
        self._low, self._high = Timer(VOLTAGE_S), Timer(VOLTAGE_S)
        self._over = Timer(OVER_CURRENT_S)
        self._offers = Offers()

    def unplugged(self) -> None:
        self._trips, self._tripped_s = 0, None

    def watch_sensors(self, sensors: Sensors, testing: bool, book: Book, now_s: float) -> None:
        """`testing`: the residual-current device tests itself just now, so that it shows a current that is none."""
        residual = sensors.residual_current is True and not testing
        book.note(GROUND, self._residual.over(residual, now_s), now_s)
        book.note("MREC8EmergencyStop", self._stop.over(sensors.emergency_stop is True, now_s), now_s)
        book.note(f"{GROUND}/EarthMissing", self._earth.over(sensors.earth_missing is True, now_s), now_s)
        book.note(f"{GROUND}/PenFault", self._pen.over(sensors.pen_fault is True, now_s), now_s)
        book.note("EnclosureOpen", self._door.over(sensors.enclosure_open is True, now_s), now_s)
        self._watch_heat(sensors.temperature_degc, book, now_s)

    def watch_measurements(self, measured: Measuring, offered_a: float, on: bool, book: Book, now_s: float) -> None:
        """`on`: mains is on the plug."""
        self._watch_current(measured.most_a or 0.0, self._offers.highest(offered_a, now_s), on, book, now_s)
        alive = [v for v in measured.voltage_v[: self._phases] if on or v >= DEAD_V]
        book.note("MREC6UnderVoltage", self._low.over(min(alive, default=NOMINAL_V) < LOW_V, now_s), now_s)
        book.note("MREC5OverVoltage", self._high.over(max(alive, default=NOMINAL_V) > HIGH_V, now_s), now_s)

    def _watch_current(self, drawn_a: float, offered_a: float, on: bool, book: Book, now_s: float) -> None:
        """`offered_a`: the most that the car may still be following."""
        ceiling_a = (offered_a + OVER_CURRENT_SLACK_A) * OVER_CURRENT_FACTOR
        above = on and drawn_a > ceiling_a
        if self._over.over(above, now_s) and self._tripped_s is None:
            self._trips, self._tripped_s = self._trips + 1, now_s
        if self._tripped_s is not None and now_s - self._tripped_s >= AFTER_FAULT_S:
            self._tripped_s = None  # the car may try again
        book.note("MREC4OverCurrentFailure", self._tripped_s is not None, now_s, latch=self._trips >= TRIPS)

    def _watch_heat(self, degc: float | None, book: Book, now_s: float) -> None:
        if degc is None:
            return
        for begins_degc, ends_degc, share in HEAT:
            if degc >= begins_degc or (self.share <= share and degc >= ends_degc):
                self.share = share
                break
        else:
            self.share = 1.0
        book.note("MREC18CableOverTempDerate", 0.0 < self.share < 1.0, now_s)
        book.note("MREC3HighTemperature", self.share == 0.0, now_s)

    def settled(self, now_s: float) -> bool:
        inputs = (self._residual, self._stop, self._earth, self._pen, self._door)
        return not any(timer.running(now_s) for timer in (*inputs, self._low, self._high, self._over))
