"""What a meter shows, and when it is looked at: measurands, sampling times. The register itself is in `register`."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import chain

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
EXPORTED = "Energy.Active.Export.Register"
POWER_EXPORTED = "Power.Active.Export"
REACTIVE = "Power.Reactive.Import"
REACTIVE_EXPORTED = "Power.Reactive.Export"
POWER_FACTOR = "Power.Factor"
FREQUENCY = "Frequency"

MEASURANDS = (
    ENERGY, POWER, POWER_OFFERED, CURRENT, CURRENT_OFFERED, VOLTAGE, EXPORTED, POWER_EXPORTED, REACTIVE,
    REACTIVE_EXPORTED, POWER_FACTOR, FREQUENCY,
)  # fmt: skip
"""What can be told of a meter and of the offer on the pilot."""

_LINES = ("L1", "L2", "L3")
PHASES = {CURRENT: _LINES, VOLTAGE: ("L1-N", "L2-N", "L3-N"), POWER: _LINES, POWER_EXPORTED: _LINES, ENERGY: _LINES}
"""Measurands that may have a value for each phase, and how OCPP names those."""

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

    A power is told as a whole and then by phase, a register as a whole only unless a phase of it is asked for: the bill
    is one register. Power flows one way at a time: what is imported is not exported.

    `phases` the EVSE supplies; `rotation` says which grid phase (R, S, T = L1, L2, L3) each of them is: OCPP names
    phases as seen from the grid (2.0.1 part 2, variable PhaseRotation). `offered_a` amperes per phase on the pilot.
    """
    names = grid_phases(rotation, phases)
    known: dict[str, tuple[Quantity, ...]] = {
        ENERGY: _whole(ENERGY, reading.energy_wh, "Wh"),
        EXPORTED: _whole(EXPORTED, reading.export_wh, "Wh"),
        POWER: _power(POWER, reading, names, 1.0),
        POWER_EXPORTED: _power(POWER_EXPORTED, reading, names, -1.0),
        REACTIVE: _whole(REACTIVE, _one_way(reading.reactive_power_var, 1.0), "var"),
        REACTIVE_EXPORTED: _whole(REACTIVE_EXPORTED, _one_way(reading.reactive_power_var, -1.0), "var"),
        POWER_FACTOR: _whole(POWER_FACTOR, reading.power_factor, ""),
        FREQUENCY: _whole(FREQUENCY, reading.frequency_hz, "Hz"),
        POWER_OFFERED: _whole(POWER_OFFERED, _offered_w(reading, offered_a, phases), "W"),
        CURRENT: _by_phase(CURRENT, reading.current_a, names, "A"),
        CURRENT_OFFERED: _whole(CURRENT_OFFERED, offered_a, "A"),
        VOLTAGE: _by_phase(VOLTAGE, reading.voltage_v, names, "V"),
    }
    by_phase = known | {ENERGY: _by_phase(ENERGY, reading.phase_energy_wh, names, "Wh")}
    return tuple(dict.fromkeys(_chosen(measurands, known, by_phase)))


def deliverable(readings: Collection[tuple[Reading | None, int]]) -> set[str]:
    """The measurands, as 1.6 names them, that meters tell; all there are, as long as one of them has said nothing yet.

    `readings`: the latest of each meter, and the phases it stands behind.
    """
    told = [quantities(each, MEASURANDS_BY_PHASE, phases=phases, offered_a=0.0) for each, phases in readings if each]
    if not told or len(told) < len(readings):
        return set(MEASURANDS_BY_PHASE)
    return {name for each in chain(*told) for name in (each.measurand, f"{each.measurand}.{each.phase}")}


def _chosen(
    measurands: Collection[str], known: dict[str, tuple[Quantity, ...]], by_phase: dict[str, tuple[Quantity, ...]]
) -> Iterator[Quantity]:
    for wanted in measurands:
        if wanted in known:
            yield from known[wanted]
        else:
            stem, _, phase = wanted.rpartition(".")
            yield from (quantity for quantity in by_phase.get(stem, ()) if quantity.phase == phase)


def _one_way(value: float | None, way: float) -> float | None:
    """The part of `value` that flows that way (1.0 or -1.0)."""
    return None if value is None else max(way * value, 0.0)


def _power(measurand: str, reading: Reading, names: Sequence[int], way: float) -> tuple[Quantity, ...]:
    phases = [max(way * watts, 0.0) if math.isfinite(watts) else watts for watts in reading.phase_power_w]
    whole = _whole(measurand, _one_way(reading.power_w, way), "W")
    return whole + _by_phase(measurand, phases, names, "W")


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


@cache
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
