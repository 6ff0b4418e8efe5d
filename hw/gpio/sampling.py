"""From the codes of an ADC to the two plateaus of a control pilot, without knowing where in its period it is. Pure.

The rule, proven in docs/pilot-sampling.md:

1. At each tick one burst of samples, a little longer than the pilot's period: whatever the phase, it contains both
   plateaus, as long as samples come closer together than a plateau is long. Each burst begins a different fraction of
   a sample later (golden section), so that no burst repeats what the last one missed when the clocks run in step.
2. Middle between highest and lowest sample: above it lie the high ones, below it the low ones. A plateau is where at
   least two samples of a burst agree: the median of the fullest stretch of 0.6 V. Nothing on an edge lies beyond its
   plateau, so an outermost sample that agrees with the level known already is that level. A single sample further out
   counts if it agrees with the burst before, as on the 40 us that are low at 80 A.
3. A burst in which the high plateau was not found is a miss: no verdict, the last one stands. After three misses in a
   row that is what there is: the level is told as it was measured, whatever it may mean.
4. The low plateau is remembered for 100 ms. Whoever wants to see the diode anew gets that much later word of it.
5. While nothing but a steady level is driven, six samples do; the level is their median.
6. The share of high samples, over some 40 bursts, is the duty cycle as the car sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PERIOD_S = 1e-3
SPAN = 1.2  # of a burst, in periods; a processor that wakes up samples faster than it did at start
STEADY_SAMPLES = 6
SLOWEST_S = 80e-6  # from one sample to the next: the 100 us that are high at 6 A must hold one, edges aside
APART_V = 3.0  # plateaus lie further apart; the closest are +3 V and -3 V, state D without a diode
AGREE_V = 0.6  # samples of one plateau; windows are 3 V wide
SIGN_V = -3.0  # a steady level above it is high, one below it is low
NOUGHT_V = 2.0  # a steady level within it of 0 V is a short: nobody can tell what the generator does
MISSES = 3  # in a row; then the level is told as it is
LOW_KEPT_S = 0.100  # as long as the guard waits before it misses the diode
SHARE_WEIGHT = 1 / 32  # of the latest burst in the sampled duty
SHARE_BURSTS = 64  # before that duty is told: what was before them weighs less than a tenth
GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from ADC codes to volts of the pilot."""

    zero_v: float  # at code 0
    step_v: float  # from one code to the next; negative where the input stage turns the level over

    @classmethod
    def through(cls, code_plus_12v: float, code_minus_12v: float) -> Scale:
        """The line through the codes at +12 V (state A) and -12 V (state F)."""
        step_v = 24.0 / (code_plus_12v - code_minus_12v)
        return cls(12.0 - code_plus_12v * step_v, step_v)

    def volts(self, code: float) -> float:
        return self.zero_v + code * self.step_v


@dataclass(frozen=True, slots=True)
class Seen:
    """What the samples say; None: nothing yet."""

    high_v: float
    low_v: float | None  # None while no PWM runs, or where no low plateau was seen for LOW_KEPT_S
    duty: float | None


def samples_for(spacing_s: float) -> int:
    """How many samples make a burst, given the time from one to the next."""
    return int(SPAN * PERIOD_S / spacing_s) + 2


def lead_s(burst: int, spacing_s: float) -> float:
    """By how much the n-th burst begins later."""
    return burst * GOLDEN % 1.0 * spacing_s


class Plateaus:
    """Feed it a burst a tick."""

    def __init__(self, scale: Scale) -> None:
        self._turned = scale.step_v < 0  # the rest works on codes that rise with the level
        self._scale = Scale(scale.zero_v, abs(scale.step_v))
        step_v = self._scale.step_v
        self._apart, self._agree = APART_V / step_v, AGREE_V / step_v
        self._nought, self._near = -scale.zero_v / step_v, NOUGHT_V / step_v
        self._sign = (SIGN_V - scale.zero_v) / step_v
        self.expect(1.0)

    def expect(self, duty: float) -> None:
        """That is driven from now on; what was measured before says nothing about it."""
        self._pulsed = 0.0 < duty < 1.0
        self._high: float | None = None
        self._low: float | None = None  # upside down, so that outward is upward for both
        self._low_s = 0.0
        self._odd_high: float | None = None  # of the burst before: a level that might be the plateau
        self._odd_low: float | None = None
        self._misses = 0
        self._share = 0.0
        self._bursts = 0

    def feed(self, codes: Sequence[int], now_s: float, period: float | None = None) -> Seen | None:
        """A burst in the order in which it was taken; `period` is how many of its samples make one period.

        Returns what is known after it, None before the first verdict.
        """
        if self._turned:
            codes = [-code for code in codes]
        ordered = sorted(codes)
        if self._pulsed:
            self._part(ordered, now_s)
        else:
            self._high = ordered[len(ordered) // 2]
        self._count(codes, ordered, len(codes) if period is None else min(period, len(codes)))
        if self._high is None:
            return None
        low_v = None if self._low is None else self._scale.volts(-self._low)
        return Seen(self._scale.volts(self._high), low_v, self._duty)

    @property
    def missed(self) -> int:
        """For how many bursts in a row the high plateau has not been found."""
        return self._misses

    @property
    def _duty(self) -> float | None:
        return self._share if self._bursts >= SHARE_BURSTS else None

    def _part(self, ordered: list[int], now_s: float) -> None:
        """Find the plateaus of a burst."""
        lows, highs = self._sides(ordered)
        high, self._odd_high = self._plateau(highs[::-1], self._high, self._odd_high, pair_suffices=True)
        upside_down = [-code for code in lows]
        low, self._odd_low = self._plateau(upside_down, self._low, self._odd_low, pair_suffices=self._low is None)
        if low is not None:
            self._low, self._low_s = low, now_s
        elif now_s - self._low_s > LOW_KEPT_S:
            self._low = None
        if high is not None:
            self._high, self._misses = high, 0
            return
        self._misses += 1
        if self._misses >= MISSES:
            there = highs or lows
            self._high = float(there[len(there) // 2])

    def _sides(self, ordered: list[int]) -> tuple[list[int], list[int]]:
        """The samples of the low and of the high plateau, with those of the edges."""
        lowest, highest = ordered[0], ordered[-1]
        if highest - lowest < self._apart:
            one_level = lowest + highest > 2 * self._sign
            return ([], ordered) if one_level else (ordered, [])
        middle = (lowest + highest) / 2
        split = next(index for index, code in enumerate(ordered) if code > middle)
        return ordered[:split], ordered[split:]

    def _plateau(
        self, side: list[int], held: float | None, odd: float | None, *, pair_suffices: bool
    ) -> tuple[float | None, float | None]:
        """(plateau, level to compare the next burst with), of samples from the outermost to the innermost."""
        if not side:
            return None, odd  # nothing sampled, nothing contradicted
        level, samples, at = _fullest(side, self._agree)
        outermost = side[0]  # nothing on an edge lies beyond its plateau
        if not self._alike(level, held) and self._alike(outermost, held):
            return outermost, outermost
        if samples > 2 or (samples == 2 and at == 0 and pair_suffices) or self._alike(level, held):
            return level, level
        outward = held is None or outermost > held
        confirmed = outward and self._alike(outermost, odd)
        return (outermost if confirmed else None), outermost

    def _alike(self, level: float, known: float | None) -> bool:
        return known is not None and abs(level - known) <= self._agree

    def _count(self, codes: Sequence[int], ordered: list[int], period: float) -> None:
        """Take one period of a burst into the sampled duty, to the fraction of a sample."""
        lowest, highest = ordered[0], ordered[-1]
        middle = (lowest + highest) / 2
        if highest - lowest < self._apart:
            if abs(middle - self._nought) < self._near:
                self._bursts = 0
                return
            middle = self._sign
        whole = int(period)
        high = float(sum(code > middle for code in codes[:whole]))
        if whole < len(codes) and codes[whole] > middle:
            high += period - whole
        self._bursts += 1
        self._share += max(SHARE_WEIGHT, 1 / self._bursts) * (high / period - self._share)


def _fullest(side: list[int], width: float) -> tuple[float, int, int]:
    """Median, number and first index of the samples in the fullest stretch; of two alike, the outermost."""
    most, at, first = 0, 0, 0
    for last, code in enumerate(side):
        while abs(code - side[first]) > width:
            first += 1
        if last - first >= most:
            most, at = last - first + 1, first
    return float(side[at + (most - 1) // 2]), most, at
