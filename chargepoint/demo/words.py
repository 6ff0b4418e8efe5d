"""How the demo says things: parts of sentences that both OCPP versions need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Payload = dict[str, Any]


class Names:
    """Who holds which token."""

    def __init__(self, customers: Mapping[str, str]) -> None:
        self._customers = {token.casefold(): name for token, name in customers.items()}

    def of(self, token: str) -> str:
        name = self._customers.get(token.casefold())
        return f"{name}'s card {token}" if name else f"card {token}"


Phrase = Callable[[Payload, Names], str]


def security(payload: Payload, names: Names) -> str:
    """The same in every version."""
    about = f" ({payload['techInfo']})" if "techInfo" in payload else ""
    return f"for security: {payload['type']}{about}"


def fixed(sentence: str) -> Phrase:
    return lambda payload, names: sentence


def energy(wh: float) -> str:
    """A register or an amount: 12,345.6 Wh."""
    return f"{wh:,.1f}".removesuffix(".0") + " Wh"


def list_of(values: Iterable[tuple[str, str, float]]) -> str:
    """(measurand, unit, value), phases in order: "register 1,234.5 Wh, 11.0 kW, 16.0 A"."""
    amounts: dict[str, list[tuple[str, float]]] = {}
    for measurand, unit, value in values:
        amounts.setdefault(measurand, []).append((unit, value))
    said = [AMOUNTS[name](found) for name, found in amounts.items() if name in AMOUNTS]
    return ", ".join(said) or "no values"


def _register(found: list[tuple[str, float]]) -> str:
    unit, value = found[0]
    return "register " + energy(value * 1000 if unit == "kWh" else value)


def _power(found: list[tuple[str, float]]) -> str:
    return f"{sum(value if unit == 'kW' else value / 1000 for unit, value in found):.1f} kW"


def _by_phase(unit: str) -> Callable[[list[tuple[str, float]]], str]:
    return lambda found: " / ".join(f"{value:.1f}" for _, value in found) + f" {unit}"


AMOUNTS: Mapping[str, Callable[[list[tuple[str, float]]], str]] = {
    "Energy.Active.Import.Register": _register,
    "Power.Active.Import": _power,
    "Current.Import": _by_phase("A"),
    "Voltage": _by_phase("V"),
    "Current.Offered": _by_phase("A offered"),
}
