"""The budgets, and what they are on the machine at hand."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("budgets.toml")


@dataclass(frozen=True, slots=True)
class Budget:
    name: str
    what: str
    unit: str
    budget: float
    stretch: float | None = None
    scale: str | None = None  # the anchor it moves with; None: the same on every machine
    better: str = "lower"  # or "higher"

    def kept_by(self, value: float, limit: float) -> bool:
        return value >= limit if self.better == "higher" else value <= limit


@dataclass(frozen=True, slots=True)
class Budgets:
    anchors: Mapping[str, float]
    quantities: Mapping[str, Budget]

    def limit(self, name: str, machine: Mapping[str, float]) -> float:
        """The budget of `name` here, given what the bare program measures here.

        Raises:
            KeyError: the budget scales with an anchor that `machine` does not tell.
        """
        budget = self.quantities[name]
        if budget.scale is None:
            return budget.budget
        return budget.budget * machine[budget.scale] / self.anchors[budget.scale]


def load(path: Path = FILE) -> Budgets:
    table: dict[str, Any] = tomllib.loads(path.read_text())
    quantities = {name: Budget(name=name, **fields) for name, fields in table["quantities"].items()}
    return Budgets(with_answer_ms(table["anchors"]), quantities)


def with_answer_ms(measured: Mapping[str, float]) -> dict[str, float]:
    """An answer's time is its rate turned over: answers come one at a time."""
    told = dict(measured)
    if "answers_per_s" in told:
        told["answer_ms"] = 1000.0 / told["answers_per_s"]
    return told
