"""Whose turn it is among several ways in, the newest first: each has some tries, then the next, and round again.

New and old are both kept until one of them has worked (OCPP 2.0.1 A02.FR.08 to .10 with errata 2025-01): a new one
that does not work costs a few tries, and not the way back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Turns:
    """`tries`: how many each has before the next one's turn comes."""

    tries: int = 3
    failures: int = 0

    def pick(self, ways: Sequence[T]) -> T:
        """The way to use now; there must be one."""
        return ways[self.failures // self.tries % len(ways)]

    def failed(self) -> None:
        self.failures += 1

    def start_anew(self) -> None:
        """One has worked, or there is a new one."""
        self.failures = 0
