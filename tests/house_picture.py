"""`python -m tests.house_picture docs/house-load.svg`: half an hour behind a 25 A fuse, simulated and drawn."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.virtual_time import VirtualTimeLoop
from tests.world import a_world

FUSE_A = 25.0
LONG_S = 1800
LEFT, WIDTH, TOP, HEIGHT, MOST_A = 44, 720, 56, 200, 40.0
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.dim{fill:#666;font-size:12px}.axis{stroke:#999;stroke-width:1}"
    ".house{fill:#d9a441}.car{fill:#3b7dd8}.fuse{stroke:#c0392b;stroke-width:1.5;stroke-dasharray:5 4}"
    ".red{fill:#c0392b}svg{background:#fff}"
)
HOUSE = ((0, 3.0), (180, 15.0), (600, 3.0), (900, 22.0), (1080, 4.0))
"""From which second on the house draws how much of L1: an oven, then oven, hob and kettle."""
NOTES = ((300, "oven"), (990, "oven and hob"), (1550, "five minutes later"))

Sample = tuple[float, float]
"""What house and car draw of L1."""


async def simulated() -> list[Sample]:
    supply = {"building_max_current_a": FUSE_A, "building_fallback_a": 6.0}
    with tempfile.TemporaryDirectory() as folder:
        async with a_world("1.6", Path(folder), supply=supply) as world:
            await world.wait(minutes=2)
            await world.charge(minutes=2)
            taken = []
            for second in range(LONG_S):
                own_a = next(amps for begin, amps in reversed(HOUSE) if second >= begin)
                world.house.load_a = (own_a, 3.0, 3.0)
                await world.wait(1)
                taken.append((own_a, world.drawn_a()[0]))
            return taken


def drawn(samples: Sequence[Sample]) -> str:
    house = _area([own for own, _ in samples], [0.0] * len(samples), "house")
    car = _area([own + car for own, car in samples], [own for own, _ in samples], "car")
    notes = "".join(f'<text class="dim" x="{_x(at_s):.0f}" y="{TOP + 12}" text-anchor="middle">{words}</text>'
                    for at_s, words in NOTES)  # fmt: skip
    marks = "".join(f'<text class="dim" x="{_x(at_s):.0f}" y="{TOP + HEIGHT + 16}" text-anchor="middle">'
                    f"{at_s // 60} min</text>" for at_s in range(0, LONG_S + 1, 300))  # fmt: skip
    amps = "".join(f'<text class="dim" x="{LEFT - 6}" y="{_y(amps) + 4:.0f}" text-anchor="end">{amps}</text>'
                   for amps in (0, 10, 20, 30))  # fmt: skip
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + LEFT + 20} {TOP + HEIGHT + 30}" role="img" '
        f'aria-label="Current of house and car behind one fuse">\n<style>{STYLE}</style>\n'
        f'<text x="{LEFT}" y="22">What house and car draw of L1, amperes</text>\n'
        f'<text class="dim" x="{LEFT}" y="40">simulated; below the house, above it the car</text>\n'
        f"{house}\n{car}\n"
        f'<line class="axis" x1="{LEFT}" y1="{_y(0):.0f}" x2="{LEFT + WIDTH}" y2="{_y(0):.0f}"/>\n'
        f'<line class="fuse" x1="{LEFT}" y1="{_y(FUSE_A):.1f}" x2="{LEFT + WIDTH}" y2="{_y(FUSE_A):.1f}"/>\n'
        f'<text class="dim red" x="{LEFT + WIDTH}" y="{_y(FUSE_A) - 5:.1f}" text-anchor="end">'
        f"fuse {FUSE_A:g} A</text>\n"
        f"{notes}\n{marks}\n{amps}\n</svg>\n"
    )


def _area(top: Sequence[float], bottom: Sequence[float], name: str) -> str:
    there = [f"{_x(second):.1f},{_y(amps):.1f}" for second, amps in enumerate(top)]
    back = [f"{_x(second):.1f},{_y(amps):.1f}" for second, amps in reversed(list(enumerate(bottom)))]
    return f'<polygon class="{name}" points="{" ".join(_corners(there) + _corners(back))}"/>'


def _corners(points: list[str]) -> list[str]:
    """Without those on a level line between two others."""
    levels = [point.partition(",")[2] for point in points]
    inner = range(1, len(points) - 1)
    kept = [place for place in inner if not levels[place - 1] == levels[place] == levels[place + 1]]
    return [points[0], *(points[place] for place in kept), points[-1]]


def _x(at_s: float) -> float:
    return LEFT + WIDTH * at_s / LONG_S


def _y(amps: float) -> float:
    return TOP + HEIGHT * (1 - amps / MOST_A)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        Path(sys.argv[1]).write_text(drawn(runner.run(simulated())), encoding="utf-8")
