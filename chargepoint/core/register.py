"""Follows a meter's energy register through its glitches, so that no energy is ever invented or lost.

What a field of meters does: a value with swapped words, zero while the meter boots, NaN, a frame of another unit, a
register that starts again after a replacement. None of it may reach a bill.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import datetime

CONFIRMATIONS = 3
"""Readings in a row that must agree with each other before a value that does not fit is believed."""
MARGIN = 1.1
"""Meters and breakers are not exact: a tenth more than the rating is still possible."""
STEP_WH = 100.0
"""A confirmed rise of one step of a display that counts tenths of a kilowatt-hour is energy. A coarser meter's
driver must tell its `resolution_wh`."""
FORMER_S = 600.0
"""A meter that returns to its former count within this time (it rebooted, say) has only been away."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One consistent reading of an energy meter."""

    energy_wh: float  # active import register; counts up for ever
    power_w: float | None = None
    current_a: tuple[float, ...] = ()  # one per phase, L1 first; empty where the meter does not tell
    voltage_v: tuple[float, ...] = ()  # phase to neutral, one per phase
    taken_s: float = 0.0  # monotonic clock when the values were taken
    at: datetime | None = None  # the same instant in UTC
    export_wh: float | None = None  # active export register
    phase_energy_wh: tuple[float, ...] = ()  # active import register of each phase
    phase_power_w: tuple[float, ...] = ()
    reactive_power_var: float | None = None
    power_factor: float | None = None
    frequency_hz: float | None = None
    meter: str = ""  # its serial number; "" where it does not tell
    signed: str = ""  # a record that vouches for `energy_wh`, as the meter signed it
    public_key: str = ""  # hex, of a meter that signs, whether or not this reading is signed


@dataclass(frozen=True, slots=True)
class Point:
    """The meter's own count at one time, and what to add to get the followed register."""

    raw_wh: float
    at_s: float
    offset_wh: float = 0.0

    @property
    def register_wh(self) -> float:
        return self.raw_wh + self.offset_wh

    def moved(self, raw_wh: float, at_s: float) -> Point:
        return Point(raw_wh, at_s, self.offset_wh)


@dataclass(slots=True)
class Register:
    """The register as it may be billed: it never falls, and rises no faster than `max_power_w` can supply.

    A count that fell or rose too far is held back: the register stays where it was. When the next readings return to
    what was expected, nothing has happened. When `CONFIRMATIONS` readings agree with the new count, the meter is
    followed from there; the step between old and new is not billed, for nobody supplied it.
    """

    max_power_w: float
    resolution_wh: float = 10.0  # step of the meter's display: it may be seen whole at any moment
    at: Point | None = None  # the latest count believed
    previous: Point | None = None  # the one before
    former: Point | None = None  # the last count before a step
    doubtful: list[Point] = field(default_factory=list)
    floor_wh: float = 0.0  # never show less again
    confirmed: bool = False  # by a second reading: until then the first may have been the glitch
    meter: str = ""  # serial number of the meter that is followed, where it has ever told

    @property
    def energy_wh(self) -> float:
        """The followed register; 0 while there has been no reading."""
        return max(self.at.register_wh, self.floor_wh) if self.at is not None else self.floor_wh

    @property
    def is_from_before(self) -> bool:
        """Has nothing been read yet since a restart?"""
        return self.at is None and self.previous is not None

    def follow(self, reading: Reading) -> Reading:
        """The reading with the register as it may be billed."""
        if math.isfinite(reading.energy_wh) and reading.energy_wh >= 0.0:
            if self.meter and reading.meter and reading.meter != self.meter:
                self._start_with_another(reading.energy_wh, reading.taken_s)
            else:
                self._take(reading.energy_wh, reading.taken_s)
            self.meter = reading.meter or self.meter
        return replace(reading, energy_wh=self.energy_wh)

    def resume(self, register_wh: float, at_s: float = -math.inf) -> None:
        """Go on from what the register was before a restart, `at_s` on this boot's monotonic clock if that is known."""
        self.at = self.former = None
        self.doubtful.clear()
        self.floor_wh, self.previous, self.confirmed = register_wh, Point(register_wh, at_s), False

    def _start_with_another(self, raw_wh: float, at_s: float) -> None:
        """Another meter is in its place: what that has counted elsewhere is nobody's energy, however plausible."""
        followed = self.at is not None or self.previous is not None
        offset_wh = self.energy_wh - raw_wh if followed else 0.0
        self.at = self.former = self.previous = None
        self._believe(Point(raw_wh, at_s, offset_wh))

    # --- believing ----------------------------------------------------------------------------------------------------

    def _take(self, raw_wh: float, at_s: float) -> None:
        if self.at is None:
            self._first(raw_wh, at_s)
        elif self._follows(self.at, raw_wh, at_s):
            self.confirmed = True
            self._believe(self.at.moved(raw_wh, at_s))
        elif self._was_a_slip(self.at, raw_wh):
            self.floor_wh = self.energy_wh
            self._believe(self.at.moved(raw_wh, at_s))
        elif self.former is not None and self._is_back(self.former, raw_wh, at_s):
            self._believe(self.former.moved(raw_wh, at_s))
        else:
            self._doubt(Point(raw_wh, at_s))

    def _first(self, raw_wh: float, at_s: float) -> None:
        """Believed at once, unless it contradicts what we know from before a restart."""
        before = self.previous
        if before is None or self._follows(before, raw_wh, at_s):
            self.at = Point(raw_wh, at_s)
        else:
            self._doubt(Point(raw_wh, at_s))

    def _follows(self, point: Point, raw_wh: float, at_s: float) -> bool:
        """Could the meter have counted from there to here in that time?"""
        return 0.0 <= raw_wh - point.raw_wh <= self._possible_wh(at_s - point.at_s) + self.resolution_wh

    def _possible_wh(self, elapsed_s: float) -> float:
        return self.max_power_w * MARGIN * max(elapsed_s, 0.0) / 3600.0

    def _was_a_slip(self, latest: Point, raw_wh: float) -> bool:
        """Did the latest count run ahead, or does the last digit tremble? The register waits for the meter."""
        fell_wh = latest.raw_wh - raw_wh
        return fell_wh > 0.0 and (fell_wh <= self.resolution_wh or self._ran_ahead(latest, raw_wh))

    def _ran_ahead(self, latest: Point, raw_wh: float) -> bool:
        before = self.previous if self.confirmed else None
        return before is not None and before.offset_wh == latest.offset_wh and before.raw_wh <= raw_wh

    def _is_back(self, former: Point, raw_wh: float, at_s: float) -> bool:
        return at_s - former.at_s <= FORMER_S and self._follows(former, raw_wh, at_s)

    def _believe(self, point: Point) -> None:
        self.previous, self.at = self.at, point
        self.floor_wh = self.energy_wh
        self.doubtful.clear()

    # --- doubting -----------------------------------------------------------------------------------------------------

    def _doubt(self, point: Point) -> None:
        if self.doubtful and not self._follows(self.doubtful[-1], point.raw_wh, point.at_s):
            self.doubtful.clear()
        self.doubtful.append(point)
        if len(self.doubtful) >= CONFIRMATIONS:
            self._give_in(self.doubtful[0], self.doubtful[-1])

    def _give_in(self, first: Point, last: Point) -> None:
        """The meter counts on from somewhere else. What it counted since is energy; the step is not."""
        if self.at is None or not self.confirmed:
            self._start_over(first, last)
        elif self._coarse_step(self.at, first):
            self._believe(self.at.moved(last.raw_wh, last.at_s))
        else:
            self.former = self.at
            self._believe(replace(last, offset_wh=self.energy_wh - first.raw_wh))

    def _coarse_step(self, point: Point, first: Point) -> bool:
        """Did only the display move on by a step, too late or too early for the power?"""
        rose_wh = first.raw_wh - point.raw_wh
        return 0.0 < rose_wh <= STEP_WH + self._possible_wh(first.at_s - point.at_s)

    def _start_over(self, first: Point, last: Point) -> None:
        """The very first count was the glitch: forget it."""
        before = self.previous
        known = before is not None and not self._follows(before, first.raw_wh, first.at_s)
        self.at, self.confirmed = None, True
        self._believe(replace(last, offset_wh=self.floor_wh - first.raw_wh if known else 0.0))
