"""What the sampling rule of the GPIO pilot makes of a simulated board: `python -m bench.sampling` renews the tables.

It writes them into docs/pilot-sampling.md, between the marks. Everything is seeded: the same program, the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from random import Random
from statistics import median

from hw.gpio.sampling import MISSES, SHARE_BURSTS, Plateaus, Scale, Seen, lead_s, samples_for
from hw.guard.pilot import diode_shows, duty_for, letter_of
from hw.mock.waveform import PERIOD_S, Sampler, Waveform

FILE = Path(__file__).parents[1] / "docs" / "pilot-sampling.md"
BEGIN, END = "<!-- figures: python -m bench.sampling -->", "<!-- end of the figures -->"

SCALE = Scale.through(976, 108)
TICK_S = 0.010
TICKS_A_DAY = 8_640_000
LATE_S = 60e-6  # mean delay of a tick's beginning; exponential
DRIFT = 50e-6  # of the generator's clock against the processor's, either way
HELD_UP = 0.001  # share of samples before which the processor is busy elsewhere, for 0.3 ms: three bursts in a hundred
OFFERS_A = (6, 8, 10, 16, 32, 51, 63, 80)
SPACINGS_US = (34, 42, 50, 65, 80)
BURSTS, RUNS = 2_000, 6  # of each cell
CHANGES = 2_000


@dataclass
class Run:
    """A board with one car, for a while."""

    amps: float
    spacing_s: float
    seed: int
    held_up: float = 0.0
    now_s: float = 0.0
    burst: int = 0
    sampler: Sampler = field(init=False)
    waveform: Waveform = field(init=False)
    plateaus: Plateaus = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.sampler = Sampler(self.spacing_s, held_up=self.held_up, random=self.random)
        period_s = PERIOD_S * (1 + self.random.uniform(-DRIFT, DRIFT))
        self.waveform = Waveform(6.0, -12.0, duty_for(self.amps), period_s=period_s)
        self.plateaus = Plateaus(SCALE)
        self.plateaus.expect(self.waveform.duty)
        self.now_s = self.random.random()

    def tick(self, change_s: float | None = None, to: Waveform | None = None) -> tuple[Seen | None, float]:
        """(what is known, when the burst ended). The car becomes `to` at `change_s`, in mid-burst if need be."""
        spacing_s = self.spacing_s
        at_s = self.now_s + self.random.expovariate(1 / LATE_S) + lead_s(self.burst, spacing_s)
        count = samples_for(spacing_s)
        before = count if change_s is None or to is None else ceil((change_s - at_s) / spacing_s)
        before = min(max(before, 0), count)
        codes, at_s = self.sampler.burst(self.waveform, before, at_s)
        if before < count and to is not None:
            self.waveform = to
            more, at_s = self.sampler.burst(to, count - before, at_s)
            codes += more
        seen = self.plateaus.feed(codes, self.now_s, PERIOD_S / spacing_s)
        self.burst += 1
        self.now_s += TICK_S
        return seen, at_s


@dataclass
class Cell:
    """What came of many bursts at one offer and spacing."""

    bursts: int = 0
    missed: int = 0
    longest: int = 0  # misses in a row
    wrong: int = 0  # readings of another state than C
    no_diode: int = 0  # bursts in a row in which the low plateau was lost or seen too high
    off: float = 0.0  # worst error of the sampled duty


def cell(amps: float, spacing_us: float, held_up: float, bursts: int = BURSTS, runs: int = RUNS) -> Cell:
    found = Cell()
    for seed in range(runs):
        run, dark = Run(amps, spacing_us * 1e-6, seed, held_up), 0
        for _ in range(bursts):
            seen, _ = run.tick()
            found.bursts += 1
            found.missed += run.plateaus.missed > 0
            found.longest = max(found.longest, run.plateaus.missed)
            if seen is None:
                continue
            found.wrong += letter_of(seen.high_v, "C") != "C"
            dark = 0 if diode_shows(seen.low_v) else dark + 1
            if run.burst > SHARE_BURSTS:  # the first bursts look for it
                found.no_diode = max(found.no_diode, dark)
            if seen.duty is not None:
                found.off = max(found.off, abs(seen.duty - run.waveform.duty))
    return found


def opening_ms(amps: float, spacing_us: float, held_up: float, changes: int = CHANGES) -> list[float]:
    """From the car's change to state B to the second reading in a row that is not C."""
    told = []
    for seed in range(changes):
        run = Run(amps, spacing_us * 1e-6, seed, held_up)
        for _ in range(8):
            run.tick()
        change_s = run.now_s + run.random.random() * TICK_S
        to = Waveform(9.0, -12.0, run.waveform.duty, period_s=run.waveform.period_s)
        readings = 0
        while readings < 2:
            seen, at_s = run.tick(change_s, to)
            readings = readings + 1 if seen is not None and letter_of(seen.high_v, "C") != "C" else 0
        told.append((at_s - change_s) * 1e3)
    return told


# --- tables -----------------------------------------------------------------------------------------------------------


def tables() -> str:
    parts = (
        "Bursts that missed the high plateau, of a thousand. An even board:\n",
        table("missed per 1,000", lambda c: f"{1000 * c.missed / c.bursts:.2g}", 0.0),
        "\nA processor that is busy elsewhere before one sample in a thousand, for 0.3 ms:\n",
        table("missed per 1,000", lambda c: f"{1000 * c.missed / c.bursts:.2g}", HELD_UP),
        f"\nThe same board: the most misses in a row (after {MISSES} the level is told as it is) / readings of another "
        f"state than the car's, of {BURSTS * RUNS:,}:\n",
        table("in a row / wrong", lambda c: f"{c.longest} / {c.wrong}", HELD_UP),
        "\nThe same board: the longest time for which the low plateau was not seen, in milliseconds; the guard misses "
        "the diode after 100:\n",
        table("low plateau lost, ms", lambda c: f"{c.no_diode * TICK_S * 1e3:.0f}", HELD_UP),
        "\nThe same board: the sampled duty cycle at its worst, in points of per cent:\n",
        table("duty off by", lambda c: f"{100 * c.off:.1f}", HELD_UP),
        f"\nFrom the moment at which the car leaves state C to the end of the burst that is the second reading in a "
        f"row, milliseconds, median / worst of {CHANGES:,}, the same board:\n",
        openings(HELD_UP),
        "\nSamples that know nothing of each other, for comparison: the chance that none of n hits the high plateau, "
        "(1-D)^n, and how often a day that would be:\n",
        independent(),
    )
    return "\n".join(parts)


def table(corner: str, word: Callable[[Cell], str], held_up: float) -> str:
    rows = [[f"{amps} A", *(word(_cells(amps, us, held_up)) for us in SPACINGS_US)] for amps in OFFERS_A]
    return markdown([corner, *(f"{us} us" for us in SPACINGS_US)], rows)


_KEPT: dict[tuple[float, float, float], Cell] = {}


def _cells(amps: float, spacing_us: float, held_up: float) -> Cell:
    key = amps, spacing_us, held_up
    if key not in _KEPT:
        _KEPT[key] = cell(*key)
    return _KEPT[key]


def openings(held_up: float) -> str:
    rows = []
    for amps in OFFERS_A:
        found = [opening_ms(amps, us, held_up) for us in SPACINGS_US]
        rows.append([f"{amps} A", *(f"{median(ms):.0f} / {max(ms):.0f}" for ms in found)])
    return markdown(["opening", *(f"{us} us" for us in SPACINGS_US)], rows)


def independent() -> str:
    rows = []
    for amps in OFFERS_A:
        duty = duty_for(amps)
        chances = [(1 - duty) ** count for count in (20, 100, 200)]
        rows.append([f"{amps} A", *(f"{chance:.0e}, {chance * TICKS_A_DAY:.2g} a day" for chance in chances)])
    return markdown(["missed", "n = 20", "n = 100", "n = 200"], rows)


def markdown(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    def lines() -> Iterator[str]:
        first = list(heads)
        yield "| " + " | ".join(first) + " |"
        yield "| " + " | ".join("---" for _ in first) + " |"
        for row in rows:
            yield "| " + " | ".join(row) + " |"

    return "\n".join(lines())


def renewed(page: str, figures: str) -> str:
    """The page with the figures between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}"


if __name__ == "__main__":
    figures = tables()
    FILE.write_text(renewed(FILE.read_text(encoding="utf-8"), figures), encoding="utf-8")
