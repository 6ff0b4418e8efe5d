"""What was measured, judged, and shown: for people as a table, for programs as JSON."""

from __future__ import annotations

import json
import math
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import cpu_count
from pathlib import Path

from bench.budgets import Budgets


@dataclass(frozen=True, slots=True)
class Measured:
    """One quantity over several runs. `beside` is what the bare program measured for it, None where it has no such."""

    name: str
    samples: Sequence[float]
    beside: Sequence[float] = ()
    worst: bool = False  # judged by the worst sample instead of the median


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    value: float
    unit: str
    budget: float
    ok: bool
    beside: float | None

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "value": rounded(self.value),
            "unit": self.unit,
            "budget": rounded(self.budget),
            "ok": self.ok,
            "beside": None if self.beside is None else rounded(self.beside),
        }


def judge(measured: Measured, budgets: Budgets, machine: Mapping[str, float]) -> Result:
    budget = budgets.quantities[measured.name]
    limit = budgets.limit(measured.name, machine)
    value = max(measured.samples) if measured.worst else statistics.median(measured.samples)
    beside = _beside(measured)
    return Result(measured.name, value, budget.unit, limit, budget.kept_by(value, limit), beside)


def _beside(measured: Measured) -> float | None:
    if not measured.beside:
        return None
    return max(measured.beside) if measured.worst else statistics.median(measured.beside)


def percentile(samples: Sequence[float], hundredths: float) -> float:
    """The smallest sample that at least `hundredths` of a hundred are not above."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(len(ordered) * hundredths / 100) - 1)]


def rounded(value: float) -> float:
    """Four significant digits: more would be noise."""
    return float(f"{value:.4g}")


def as_json(results: Sequence[Result]) -> str:
    return json.dumps([result.as_json() for result in results], indent=1)


HEAD = ("quantity", "value", "budget", "beside", "unit", "runs", "lowest", "highest", "")


def table(results: Sequence[tuple[Result, Measured]], budgets: Budgets) -> str:
    """A line a quantity: median (or worst) beside budget and bare program, and what it is."""
    rows = [HEAD, *(_row(result, measured, budgets) for result, measured in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD) - 1)]
    return "\n".join(_line(row, widths) for row in rows)


def _row(result: Result, measured: Measured, budgets: Budgets) -> tuple[str, ...]:
    verdict = "" if result.ok else "OVER  "
    return (
        result.name,
        f"{rounded(result.value):g}",
        f"{rounded(result.budget):g}",
        "-" if result.beside is None else f"{rounded(result.beside):g}",
        result.unit,
        str(len(measured.samples)),
        f"{rounded(min(measured.samples)):g}",
        f"{rounded(max(measured.samples)):g}",
        verdict + budgets.quantities[result.name].what,
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *numbers, what = row
    cells = [f"{name:<{widths[0]}}", *(f"{cell:>{width}}" for cell, width in zip(numbers, widths[1:], strict=True))]
    return "  ".join([*cells, what])


def machine_line() -> str:
    """What it was measured on."""
    return f"{_processor()}, {cpu_count()} cores, {platform.system()} {platform.release()}, Python " + (
        platform.python_version()
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))]
    return names[0] if names else platform.machine()
