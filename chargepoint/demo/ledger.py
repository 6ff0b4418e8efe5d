"""What the demo's back office knows: its customers, its clock and the numbers it has given out."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal


def rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Ledger:
    """The back office's books: who the cards belong to, and what was given out."""

    customers: Mapping[str, str]  # token -> name; nobody else may charge
    interval_s: int = 60  # heartbeat interval told to every station
    per_kwh: Decimal = Decimal("0.39")  # EUR; what it costs is told where the version has a way to say so
    begun_wh: dict[int, float] = field(default_factory=dict)  # of 1.6's transactions, by their number
    _numbers: dict[Hashable, int] = field(default_factory=dict)
    _next: itertools.count[int] = field(default_factory=lambda: itertools.count(1001))

    def now(self) -> str:
        return rfc3339(datetime.now(UTC))

    def name(self, token: str) -> str | None:
        """Tokens compare without case (1.6 CiString20Type, 2.0.1 identifierString)."""
        return next((name for known, name in self.customers.items() if known.casefold() == token.casefold()), None)

    def verdict(self, token: str) -> str:
        return "Accepted" if self.name(token) else "Invalid"

    @property
    def price(self) -> str:
        return f"{self.per_kwh} EUR per kWh"

    def cost(self, number: int, register_wh: float) -> Decimal:
        drawn_kwh = Decimal(str(max(register_wh - self.begun_wh.get(number, register_wh), 0.0))) / 1000
        return (drawn_kwh * self.per_kwh).quantize(Decimal("0.001"))

    def transaction_number(self, start: Hashable) -> int:
        """1.6: the number of the transaction that began so. The same start told twice is the same transaction."""
        if start not in self._numbers:
            self._numbers[start] = next(self._next)
        return self._numbers[start]
