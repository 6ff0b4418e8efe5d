"""What is known of survivors: survivors.toml explains each one that is let live, and a run names those it does not."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutation.campaign import ROOT, Verdict

EXPLAINED = Path(__file__).with_name("survivors.toml")
LAST_RUN = ROOT / ".mutants" / "survivors.json"


@dataclass
class Record:
    """Mutants by their names: module, function, line of the source, change."""

    explained: dict[str, str] = field(default_factory=dict)  # why each of them is let live

    @classmethod
    def read(cls) -> Record:
        """Raises ValueError: an entry without a reason, or a survivor that is explained twice."""
        explained: dict[str, str] = {}
        for entry in tomllib.loads(EXPLAINED.read_text()).get("explained", []):
            for name in entry["survivors"]:
                if name in explained or not entry["why"]:
                    raise ValueError(f"{EXPLAINED.name}: explained twice, or without a reason: {name}")
                explained[name] = entry["why"]
        return cls(explained)

    # --- from run to run ----------------------------------------------------------------------------------------------

    def left_over(self) -> set[str]:
        return set(json.loads(LAST_RUN.read_text())) if LAST_RUN.exists() else set()

    def take(self, verdicts: list[Verdict], whole: bool) -> None:
        """Remember what survived, of these modules; what was not tried this time is as it was."""
        tried = {verdict.name for verdict in verdicts}
        modules = tuple(f"{verdict.module} " for verdict in verdicts) if whole else ()
        kept = {name for name in self.left_over() if name not in tried and not name.startswith(modules or ("\n",))}
        kept |= {verdict.name for verdict in verdicts if not verdict.noticed}
        LAST_RUN.parent.mkdir(exist_ok=True)
        LAST_RUN.write_text(json.dumps(sorted(kept), indent=1, ensure_ascii=False))

    # --- judging ------------------------------------------------------------------------------------------------------

    def unexplained(self, verdicts: Iterable[Verdict]) -> list[Verdict]:
        return [verdict for verdict in verdicts if not verdict.noticed and verdict.name not in self.explained]

    def outdated(self, verdicts: Iterable[Verdict]) -> list[str]:
        """Explained, but noticed by a test now."""
        return [verdict.name for verdict in verdicts if verdict.noticed and verdict.name in self.explained]

    def complete(self, verdicts: list[Verdict]) -> bool:
        return not self.unexplained(verdicts) and not self.outdated(verdicts)

    def told(self, verdicts: list[Verdict], took_s: float) -> str:
        """A table by module, and what is to be looked at."""
        lines = [f"{'':34}{'mutants':>8}{'killed':>8}{'':>8}{'explained':>10}{'left':>6}"]
        for module in dict.fromkeys(verdict.module for verdict in verdicts):
            lines.append(self._row(module, [verdict for verdict in verdicts if verdict.module == module]))
        lines.append(self._row(f"together, in {took_s:.0f} s", verdicts))
        lines += [f"explained in {EXPLAINED.name}, but a test notices it: {name}" for name in self.outdated(verdicts)]
        return "\n".join([*(f"left: {verdict.name}" for verdict in self.unexplained(verdicts)), "", *lines])

    def _row(self, name: str, verdicts: list[Verdict]) -> str:
        killed, left = sum(verdict.noticed for verdict in verdicts), len(self.unexplained(verdicts))
        explained = len(verdicts) - killed - left
        rate = killed / max(len(verdicts), 1)
        return f"{name:34}{len(verdicts):8}{killed:8}{rate:8.1%}{explained:10}{left:6}"
