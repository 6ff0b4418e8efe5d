"""Resistors as an ADC sees them: the proximity contact's, and a thermistor's. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

OPEN_OHM = 10_000.0  # more than any cable has: nothing is plugged
KELVIN = 273.15
REFERENCE_DEGC = 25.0  # at which a thermistor has its nominal resistance
BROKEN, SHORTED = 0.99, 0.005  # of full scale: below -40 and above 200 degrees


@dataclass(frozen=True, slots=True)
class Proximity:
    """A resistor to earth behind a pull-up."""

    pull_up_ohm: float
    supply_v: float
    step_v: float  # at the contact, per code of the ADC

    def ohm(self, code: float) -> float | None:
        """None: open."""
        volts = code * self.step_v
        if volts >= self.supply_v:
            return None
        ohm = self.pull_up_ohm * volts / (self.supply_v - volts)
        return ohm if ohm < OPEN_OHM else None

    def code(self, ohm: float | None) -> float:
        """The other way round, for a simulated plug."""
        return self.supply_v / self.step_v * (1.0 if ohm is None else ohm / (ohm + self.pull_up_ohm))


@dataclass(frozen=True, slots=True)
class Thermistor:
    """An NTC to ground behind a pull-up to the reference of the ADC."""

    nominal_ohm: float
    beta_k: float
    pull_up_ohm: float

    def degc(self, share: float) -> float | None:
        """At `share` of the ADC's full scale; None: a broken wire, or a short."""
        if not SHORTED < share < BROKEN:
            return None
        ohm = self.pull_up_ohm * share / (1 - share)
        return 1 / (1 / (KELVIN + REFERENCE_DEGC) + log(ohm / self.nominal_ohm) / self.beta_k) - KELVIN
