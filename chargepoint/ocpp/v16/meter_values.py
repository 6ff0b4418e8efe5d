"""Samples as 1.6 writes them (sections 7.28 and 7.33 to 7.43)."""

from __future__ import annotations

import json
from collections.abc import Iterable

from chargepoint.core.facts import Quantity, Sample
from chargepoint.core.metering import ENERGY
from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.instants import number_text, time_text
from chargepoint.ocpp.signed_values import signed_meter_value

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
    values = [_value(quantity, sample.context) for quantity in sample.quantities if quantity.measurand in MEASURANDS]
    return values + _signed(sample) if sample.signed else values


def _signed(sample: Sample) -> list[Payload]:
    """The register once more, as the meter has signed it; a back office that cannot verify still reads the plain one.

    A record longer than 2.x has room for goes out as well: 1.6 sets no limit to a value, and a bill needs its proof.
    """
    text = json.dumps(signed_meter_value(sample), separators=(",", ":"))
    return [
        {**_value(quantity, sample.context), "value": text, "format": "SignedData"}
        for quantity in sample.quantities
        if quantity.measurand == ENERGY and not quantity.phase
    ]


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
