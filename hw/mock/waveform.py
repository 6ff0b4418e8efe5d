"""What an ADC would see of a simulated control pilot: plateaus, edges, noise and whole codes. Pure, and seeded.

`Waveform` is the voltage at an instant; `Sampler` takes bursts of it as a board does, with gaps not quite even.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp
from random import Random

PERIOD_S = 1e-3
EDGE_S = 5e-6  # time constant: 1 kOhm and what cable, car and input filter may have (IEC 61851-1 annex A: 5.5 nF)


@dataclass(slots=True)
class Waveform:
    """A pilot behind its 1 kOhm."""

    high_v: float = 12.0
    low_v: float = -12.0
    duty: float = 1.0
    edge_s: float = EDGE_S
    period_s: float = PERIOD_S  # as the generator's clock makes it

    def volts(self, at_s: float) -> float:
        if self.duty >= 1.0:
            return self.high_v
        if self.duty <= 0.0:
            return self.low_v
        phase_s = at_s % self.period_s
        high_s = self.duty * self.period_s
        if phase_s < high_s:
            return self.high_v + (self.low_v - self.high_v) * exp(-phase_s / self.edge_s)
        return self.low_v + (self.high_v - self.low_v) * exp((high_s - phase_s) / self.edge_s)


@dataclass(slots=True)
class Sampler:
    """An ADC that takes bursts. The defaults are a 10-bit one behind a divider that spans -15 to +13.3 V."""

    spacing_s: float = 40e-6
    uneven_s: float = 1e-6  # standard deviation of the gap between two samples
    held_up: float = 0.0  # share of samples before which the processor was busy elsewhere ...
    held_up_s: float = 300e-6  # ... for so long
    noise_v: float = 0.05
    bits: int = 10
    bottom_v: float = -15.0
    top_v: float = 13.3
    random: Random = field(default_factory=lambda: Random(1))

    def code(self, volts: float) -> int:
        """Quantised, noise included; the rails are where a converter stops."""
        full = (1 << self.bits) - 1
        share = (volts + self.random.gauss(0.0, self.noise_v) - self.bottom_v) / (self.top_v - self.bottom_v)
        return min(max(round(share * full), 0), full)

    def burst(self, waveform: Waveform, samples: int, at_s: float) -> tuple[list[int], float]:
        """(codes, when the last of them was taken)."""
        gauss, random = self.random.gauss, self.random.random
        codes = []
        for _ in range(samples):
            codes.append(self.code(waveform.volts(at_s)))
            at_s += max(gauss(self.spacing_s, self.uneven_s), self.spacing_s / 2)
            if self.held_up and random() < self.held_up:
                at_s += self.held_up_s
        return codes, at_s
