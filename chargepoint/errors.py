"""What can go wrong that a person can put right, outside the hardware (`hw.errors` has the rest).

Fixable                what is wrong, where, and the next thing to try
├── ConfigMistakes     the configuration file cannot be used; holds every mistake in it
├── StateInUse         another daemon runs on this state directory
├── NoDaemon           no daemon answers on this state directory
└── JournalError       facts cannot be recorded: no new session may start
    └── JournalFull    there is no room; what room is left is kept for the ends of sessions
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hw.errors import Fixable

if TYPE_CHECKING:
    from hw.discovery import Mistake

__all__ = ["ConfigMistakes", "Finding", "Fixable", "JournalError", "JournalFull", "NoDaemon", "StateInUse"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on the configuration file."""

    line: int  # from 1; 0: nowhere in particular
    mistake: Mistake
    warning: bool = False  # worth knowing; the file works all the same

    def __str__(self) -> str:
        """One line, whatever stands in the file."""
        place = f"line {self.line}: " if self.line else ""
        word = "warning: " if self.warning else ""
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in f"{place}{word}{self.mistake}")


class ConfigMistakes(Fixable):
    """The configuration file as it stands cannot be used."""

    def __init__(self, path: Path, findings: Sequence[Finding]) -> None:
        self.path, self.findings = path, tuple(findings)
        count = sum(not finding.warning for finding in findings)
        super().__init__(
            "1 mistake" if count == 1 else f"{count} mistakes", where=str(path), fix="Nothing was started."
        )

    def __str__(self) -> str:
        return "\n".join([f"{self.where}: {self.what}", *(f"  {finding}" for finding in self.findings)])


class StateInUse(Fixable):
    """Another daemon runs on this state directory: two would fight over one station."""


class NoDaemon(Fixable):
    """A command that talks to the daemon found none."""


class JournalError(Fixable):
    """The station's database cannot be opened or written. Nothing of the failed write is in it."""


class JournalFull(JournalError):
    """No room for the fact. Samples and starts are refused while there still is room for ends."""
