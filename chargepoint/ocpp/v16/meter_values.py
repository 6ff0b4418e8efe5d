"""Samples as 1.6 writes them (sections 7.28 and 7.33 to 7.43)."""

from __future__ import annotations

from collections.abc import Iterable

from chargepoint.core.facts import Quantity, Sample
from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.instants import number_text, time_text

MEASURANDS = frozenset({
    "Current.Export", "Current.Import", "Current.Offered",
    "Energy.Active.Export.Interval", "Energy.Active.Export.Register",
    "Energy.Active.Import.Interval", "Energy.Active.Import.Register",
    "Energy.Reactive.Export.Interval", "Energy.Reactive.Export.Register",
    "Energy.Reactive.Import.Interval", "Energy.Reactive.Import.Register",
    "Frequency", "Power.Active.Export", "Power.Active.Import", "Power.Factor", "Power.Offered",
    "Power.Reactive.Export", "Power.Reactive.Import", "RPM", "SoC", "Temperature", "Voltage",
})  # fmt: skip
"""2.x knows more; those cannot be said here."""

UNITS = frozenset({
    "A", "Celsius", "Fahrenheit", "K", "kVA", "kvar", "kvarh", "kW", "kWh", "Percent", "V", "VA", "var", "varh", "W",
    "Wh",
})  # fmt: skip


def meter_values(samples: Iterable[Sample]) -> list[Payload]:
    """`meterValue` or `transactionData`. Empty where 1.6 has a word for none of it."""
    said = [(sample, _values(sample)) for sample in samples]
    return [{"timestamp": time_text(sample.at), "sampledValue": values} for sample, values in said if values]


def _values(sample: Sample) -> list[Payload]:
    return [_value(quantity, sample.context) for quantity in sample.quantities if quantity.measurand in MEASURANDS]


def _value(quantity: Quantity, context: str) -> Payload:
    said = {
        "value": number_text(quantity.value),
        "context": context,
        "measurand": quantity.measurand,
        "phase": quantity.phase,
        "location": quantity.location,
        "unit": quantity.unit if quantity.unit in UNITS else "",
    }
    return {name: text for name, text in said.items() if text}
