"""What the doctor finds: one step, what it proves, how it ended, the figures seen, and the remedy.

A driver that knows more about its device than the doctor can ask of any device of its group has a method `check()`, see
`Checkable`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, runtime_checkable


class Outcome(Enum):
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one step ended."""

    step: str  # its stable name, dotted: "evse.1.pilot.level"; of a driver's own check only the last part
    proves: str  # what is true if it is ok: "nothing plugged in reads 12 V"
    outcome: Outcome
    seen: str = ""  # the figures; where it was skipped, the reason
    remedy: str = ""  # what an installer should do next, where it failed


def ok(step: str, proves: str, seen: str = "") -> Finding:
    return Finding(step, proves, Outcome.OK, seen)


def failed(step: str, proves: str, seen: str, remedy: str) -> Finding:
    return Finding(step, proves, Outcome.FAILED, seen, remedy)


def skipped(step: str, proves: str, why: str) -> Finding:
    return Finding(step, proves, Outcome.SKIPPED, why)


def verdict(good: bool, step: str, proves: str, seen: str, remedy: str) -> Finding:
    return ok(step, proves, seen) if good else failed(step, proves, seen, remedy)


@runtime_checkable
class Checkable(Protocol):
    """A driver with proofs of its own. The doctor calls it while the device is open and rests.

    A guard-side driver's `check` is a plain method and may take a second or two: no guard runs meanwhile. A daemon-side
    driver's is a coroutine. It raises nothing but DeviceLost, and leaves the device as it found it.
    """

    def check(self) -> Sequence[Finding] | Awaitable[Sequence[Finding]]: ...
