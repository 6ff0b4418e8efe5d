"""Whether a system that has just been installed has proven itself: a sum of what is seen. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import Enum

SETTLE_S = 10.0
"""Seconds of running without a complaint before anything is believed: a program that dies young has started too."""


class Verdict(Enum):
    WAIT = "wait"
    KEEP = "keep"
    GO_BACK = "go back"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is seen of the running system.

    `failing`: each part that does not work, by its name, and what is wrong with it in a few words. `accepted`: by the
    back office; None where the station needs none. `writes`: the station's database takes what is written.
    """

    failing: Mapping[str, str] = field(default_factory=dict)
    accepted: bool | None = None
    writes: bool = True


def judge(seen: Evidence, failed_before: Set[str], runs_s: float, within_s: float) -> tuple[Verdict, str]:
    """What to do with the system, and what is missing in words.

    `failed_before`: parts that did not work under the old system either; the new one is not to blame. `runs_s`: since
    the program first came up in this boot, of `within_s` that it has.
    """
    missing = complaints(seen, failed_before)
    if not missing:
        return (Verdict.KEEP, "") if runs_s >= SETTLE_S else (Verdict.WAIT, "it has only just started")
    words = "; ".join(missing)
    return (Verdict.GO_BACK, words) if runs_s >= within_s else (Verdict.WAIT, words)


def complaints(seen: Evidence, failed_before: Set[str]) -> list[str]:
    """Everything that speaks against the system."""
    found = [words for part, words in sorted(seen.failing.items()) if part not in failed_before]
    if not seen.writes:
        found.append("the station's database cannot be written")
    if seen.accepted is False:
        found.append("the back office has not accepted the station")
    return found
