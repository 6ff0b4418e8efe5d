"""`./dev bench [NAME …] [--json] [--quick] [--runs N] [--list]`.

Exit status 0 when every budget is kept, 1 when one is not, 2 for a name that does not exist. --quick judges nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import sys
from datetime import date
from pathlib import Path

from bench import budgets
from bench.budgets import Budgets
from bench.kit import Kit
from bench.office import Office
from bench.picture import histogram
from bench.results import Measured, as_json, judge, machine_line, table

NAMES = (
    "start", "memory", "idle", "roundtrip", "session", "redelivery", "guard", "pilot", "growth", "drain", "writes",
    "schedule",
)  # fmt: skip


def main() -> int:
    options = _options()
    os.sched_setaffinity(0, {0})  # what is measured gets every core, and under load the last one to itself
    allowed = budgets.load()
    machine, measured = asyncio.run(_measure(options, allowed))
    if options.picture:
        options.picture.write_text(histogram(measured, f"{machine_line()}; {date.today()}"), encoding="utf-8")
    results = [judge(one, allowed, machine) for one in measured]
    told = f"{machine_line()}; median of {options.runs} runs" + (
        "; QUICK: figures mean nothing" if options.quick else ""
    )
    if options.json:
        print(told, file=sys.stderr)
        print(as_json(results))
    else:
        print(told)
        print(table(list(zip(results, measured, strict=True)), allowed))
    return 0 if options.quick or all(result.ok for result in results) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measure the budgets beside a bare program.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of: {', '.join(NAMES)}; all without a name")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--quick", action="store_true", help="does every bench still run? The figures mean nothing")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--picture", type=Path, metavar="FILE", help="write reaction times (guard, pilot) as SVG")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no such bench: {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    options.runs = 1 if options.quick else options.runs
    return options


async def _measure(options: argparse.Namespace, allowed: Budgets) -> tuple[dict[str, float], list[Measured]]:
    measured: list[Measured] = []
    async with Office() as office:
        kit = Kit(office, options.runs, options.quick)
        for name in options.names or NAMES:
            kit.say(name)
            measured += await importlib.import_module(f"bench.benches.{name}").measure(kit)
        if any(allowed.quantities[one.name].scale for one in measured):
            await kit.know_the_machine()
    return kit.machine, measured


if __name__ == "__main__":
    sys.exit(main())
