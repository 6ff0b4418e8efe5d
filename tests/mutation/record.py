"""What is known of mutants: how each fared in the last runs, and why some are let live (survivors.toml)."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutation.campaign import ROOT, name_of, source_of
from tests.mutation.changes import changes
from tests.mutation.trial import Outcome

EXPLAINED = Path(__file__).with_name("survivors.toml")
LAST_RUNS = ROOT / ".mutants" / "outcomes.json"
NOTICED = (Outcome.KILLED.name, Outcome.TIMED_OUT.name)


def mutants_of(module: str) -> list[str]:
    """Their names, in the order of the source."""
    return [name_of(module, change) for change in changes(source_of(module).read_text())[1]]


@dataclass
class Record:
    """Mutants by their names: module, function, line of the source, change."""

    explained: dict[str, str] = field(default_factory=dict)  # why each of them is let live
    outcomes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Record:
        """Raises ValueError: an entry without a reason, or a survivor that is explained twice."""
        explained: dict[str, str] = {}
        for entry in tomllib.loads(EXPLAINED.read_text()).get("explained", []):
            for name in entry["survivors"]:
                if name in explained or not entry["why"]:
                    raise ValueError(f"{EXPLAINED.name}: explained twice, or without a reason: {name}")
                explained[name] = entry["why"]
        return cls(explained, json.loads(LAST_RUNS.read_text()) if LAST_RUNS.exists() else {})

    def note(self, name: str, outcome: Outcome) -> None:
        self.outcomes[name] = outcome.name

    def keep(self) -> None:
        """For the next run with --again."""
        LAST_RUNS.parent.mkdir(exist_ok=True)
        LAST_RUNS.write_text(json.dumps(self.outcomes, indent=0, ensure_ascii=False))

    def noticed(self, name: str) -> bool:
        return self.outcomes.get(name) in NOTICED

    # --- judging ------------------------------------------------------------------------------------------------------

    def left(self, names: list[str]) -> list[str]:
        """Survivors that nobody has explained."""
        return [name for name in names if not self.noticed(name) and name not in self.explained]

    def outdated(self, names: list[str]) -> list[str]:
        """Explained, but noticed by a test now."""
        return [name for name in names if self.noticed(name) and name in self.explained]

    def told(self, modules: list[str], title: str) -> str:
        """What is to be looked at, and a table by module."""
        mutants = {module: mutants_of(module) for module in modules}
        every = [name for names in mutants.values() for name in names]
        head = f"{'':34}{'mutants':>8}{'killed':>8}{'':>8}{'explained':>10}{'left':>6}"
        return "\n".join(
            [
                *(f"left: {name}" for name in self.left(every)),
                *(f"explained in {EXPLAINED.name}, but a test notices it: {name}" for name in self.outdated(every)),
                "",
                head,
                *(self._row(module, names) for module, names in mutants.items()),
                self._row(title, every),
            ]
        )

    def _row(self, title: str, names: list[str]) -> str:
        killed, left = sum(map(self.noticed, names)), len(self.left(names))
        rate = killed / max(len(names), 1)
        return f"{title:34}{len(names):8}{killed:8}{rate:8.1%}{len(names) - killed - left:10}{left:6}"
