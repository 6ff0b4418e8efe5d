"""What a meter shows, and when it is looked at: measurands, sampling times. The register itself is in `register`."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chargepoint.core.facts import Moment, Quantity
from chargepoint.core.register import Reading as Reading
from chargepoint.core.register import Register as Register

# --- measurands -------------------------------------------------------------------------------------------------------

ENERGY = "Energy.Active.Import.Register"
POWER = "Power.Active.Import"
POWER_OFFERED = "Power.Offered"
CURRENT = "Current.Import"
CURRENT_OFFERED = "Current.Offered"
VOLTAGE = "Voltage"

MEASURANDS = (ENERGY, POWER, POWER_OFFERED, CURRENT, CURRENT_OFFERED, VOLTAGE)
"""What can be told of a plain meter and of the offer on the pilot."""

PHASES = {CURRENT: ("L1", "L2", "L3"), VOLTAGE: ("L1-N", "L2-N", "L3-N")}
"""Measurands that have a value for each phase, and how OCPP names those."""

MEASURANDS_BY_PHASE = MEASURANDS + tuple(f"{name}.{phase}" for name, phases in PHASES.items() for phase in phases)
"""As OCPP 1.6 may ask: a phase after the name (1.6 section 9.1.13)."""

NOMINAL_V = 230.0
"""Phase to neutral, for the offered power where the meter tells no voltage (IEC 60038)."""


def quantities(
    reading: Reading,
    measurands: Collection[str],
    *,
    phases: int = 3,
    rotation: str = "RST",
    offered_a: float | None = None,
) -> tuple[Quantity, ...]:
    """The values asked for, as far as they are really known, in the order asked for.

    `phases` the EVSE supplies; `rotation` says which grid phase (R, S, T = L1, L2, L3) each of them is: OCPP names
    phases as seen from the grid (2.0.1 part 2, variable PhaseRotation). `offered_a` amperes per phase on the pilot.
    """
    names = grid_phases(rotation, phases)
    known: dict[str, tuple[Quantity, ...]] = {
        ENERGY: _whole(ENERGY, reading.energy_wh, "Wh"),
        POWER: _whole(POWER, reading.power_w, "W"),
        POWER_OFFERED: _whole(POWER_OFFERED, _offered_w(reading, offered_a, phases), "W"),
        CURRENT: _by_phase(CURRENT, reading.current_a, names, "A"),
        CURRENT_OFFERED: _whole(CURRENT_OFFERED, offered_a, "A"),
        VOLTAGE: _by_phase(VOLTAGE, reading.voltage_v, names, "V"),
    }
    return tuple(dict.fromkeys(_chosen(measurands, known)))


def _chosen(measurands: Collection[str], known: dict[str, tuple[Quantity, ...]]) -> Iterator[Quantity]:
    for wanted in measurands:
        if wanted in known:
            yield from known[wanted]
        else:
            stem, _, phase = wanted.rpartition(".")
            yield from (quantity for quantity in known.get(stem, ()) if quantity.phase == phase)


def _whole(measurand: str, value: float | None, unit: str) -> tuple[Quantity, ...]:
    if value is None or not math.isfinite(value):
        return ()
    return (Quantity(measurand, value, unit),)


def _by_phase(measurand: str, values: Sequence[float], names: Sequence[int], unit: str) -> tuple[Quantity, ...]:
    labels = PHASES[measurand]
    told = sorted((grid, value) for grid, value in zip(names, values, strict=False) if math.isfinite(value))
    return tuple(Quantity(measurand, value, unit, labels[grid]) for grid, value in told)


def _offered_w(reading: Reading, offered_a: float | None, phases: int) -> float | None:
    if offered_a is None:
        return None
    measured = [volts for volts in reading.voltage_v[:phases] if math.isfinite(volts)]
    return offered_a * (sum(measured) if len(measured) == phases else NOMINAL_V * phases)


def grid_phases(rotation: str, phases: int = 3) -> tuple[int, ...]:
    """Which grid phase (0 to 2) each phase of the EVSE is: "STR" is (1, 2, 0). Unknown wiring counts as straight."""
    order = tuple("RST".index(letter) for letter in rotation) if sorted(rotation) == ["R", "S", "T"] else (0, 1, 2)
    return order[:phases]


def rotation_of(evse: int, rotations: Sequence[str], default: str = "RST") -> str:
    """The EVSE's entry in a ConnectorPhaseRotation list ("1.RST"), if it says anything."""
    told = next((entry.partition(".")[2] for entry in rotations if entry.partition(".")[0] == str(evse)), "")
    return told if sorted(told) == ["R", "S", "T"] else default


# --- when -------------------------------------------------------------------------------------------------------------


def slot_of(at: datetime, interval_s: int) -> datetime:
    """The latest time at or before `at` that is a multiple of the interval from midnight UTC (2.0.1 J01.FR.14)."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(seconds=(at - midnight) // timedelta(seconds=interval_s) * interval_s)


@dataclass(slots=True)
class AlignedSchedule:
    """Tells when a slot begins, each slot once, however the clock is moved in between.

    A step of the clock is told from the passing of time by the monotonic clock: slots that were merely jumped over
    are not due, and a clock put back does not silence us until it has caught up.
    """

    seen: Moment | None = None
    last: datetime | None = None

    def due(self, interval_s: int, now: Moment) -> datetime | None:
        """The slot that began since the last call, or None."""
        before, self.seen = self.seen, now
        if interval_s <= 0 or before is None:
            return None
        slot = slot_of(now.at, interval_s)
        began_s = (now.at - slot).total_seconds()  # ago
        if began_s >= now.mono_s - before.mono_s or slot == self.last:
            return None
        self.last = slot
        return slot
