"""Reaction times as a histogram, drawn as SVG: `./dev bench guard pilot --picture docs/reactions.svg`."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from html import escape

from bench.results import Measured

BIN_MS = 2.0
END_MS = 60.0  # of the axis; what is slower stands in the last bin
BUDGET_MS = 50.0
TITLES = {
    "guard.idle": "simulated pilot, daemon idle",
    "guard.flooded": "simulated pilot, daemon flooded with requests",
    "guard.stopped": "simulated pilot, daemon stopped for a second",
    "guard.c_call": "simulated pilot, daemon in a C call for a second",
    "pilot.idle": "GPIO pilot, daemon idle",
    "pilot.flooded": "GPIO pilot, daemon flooded with requests",
    "pilot.stopped": "GPIO pilot, daemon stopped for a second",
    "pilot.c_call": "GPIO pilot, daemon in a C call for a second",
}
LEFT, WIDTH, ROW, BARS, TOP = 20, 720, 84, 44, 56

STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.dim{fill:#666;font-size:12px}.bar{fill:#3b7dd8}"
    ".axis{stroke:#999;stroke-width:1}.budget{stroke:#c0392b;stroke-width:1.5;stroke-dasharray:5 4}.red{fill:#c0392b}"
    "svg{background:#fff}"
)


def histogram(measured: Sequence[Measured], machine: str) -> str:
    """One row for each reaction among them; the rest is left out."""
    rows = [one for one in measured if one.name in TITLES]
    height = TOP + ROW * len(rows) + 44
    body = "\n".join(line for number, one in enumerate(rows) for line in _row(one, TOP + ROW * number))
    below = height - 14
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + 2 * LEFT} {height}" '
        f'role="img" aria-label="Reaction times of the guard">\n<style>{STYLE}</style>\n'
        f'<text x="{LEFT}" y="22">EV leaves state C until the contactor is told to open, milliseconds</text>\n'
        f'<text class="dim" x="{LEFT}" y="40">{escape(machine)}</text>\n{body}\n'
        f"{_budget(TOP, height - 40)}\n"
        f'<text class="dim red" x="{_x(BUDGET_MS) - 6}" y="{below}" text-anchor="end">budget: every sample under '
        f"{BUDGET_MS:g} ms</text>\n</svg>\n"
    )


def counts(samples_ms: Sequence[float]) -> list[int]:
    """How many samples fall into each bin."""
    found = [0] * int(END_MS / BIN_MS)
    for sample_ms in samples_ms:
        found[min(int(sample_ms / BIN_MS), len(found) - 1)] += 1
    return found


def _row(one: Measured, top: int) -> Iterator[str]:
    base = top + 18 + BARS
    median_ms, worst_ms = statistics.median(one.samples), max(one.samples)
    said = f"{len(one.samples)} samples, median {median_ms:.1f}, worst {worst_ms:.1f}"
    yield f'<text x="{LEFT}" y="{top + 12}">{escape(TITLES[one.name])}</text>'
    yield f'<text class="dim" x="{LEFT + WIDTH}" y="{top + 12}" text-anchor="end">{said}</text>'
    found = counts(one.samples)
    for number, count in enumerate(found):
        if count:
            high = max(2.0, BARS * count / max(found))
            left, wide = _x(number * BIN_MS), WIDTH * BIN_MS / END_MS - 1
            yield f'<rect class="bar" x="{left:.1f}" y="{base - high:.1f}" width="{wide:.1f}" height="{high:.1f}"/>'
    yield f'<line class="axis" x1="{LEFT}" y1="{base}" x2="{LEFT + WIDTH}" y2="{base}"/>'
    for mark_ms in range(0, int(END_MS) + 1, 10):
        yield f'<text class="dim" x="{_x(mark_ms):.0f}" y="{base + 14}" text-anchor="middle">{mark_ms}</text>'


def _budget(top: int, bottom: int) -> str:
    return f'<line class="budget" x1="{_x(BUDGET_MS)}" y1="{top}" x2="{_x(BUDGET_MS)}" y2="{bottom}"/>'


def _x(at_ms: float) -> float:
    return LEFT + WIDTH * at_ms / END_MS
