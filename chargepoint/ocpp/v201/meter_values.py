"""Samples as 2.x writes them (MeterValueType, SampledValueType)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chargepoint.core.facts import Quantity, Sample
from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.instants import number, time_text
from chargepoint.ocpp.signed_values import signed_meter_value

MEASURANDS = frozenset({
    "Current.Export", "Current.Import", "Current.Offered",
    "Energy.Active.Export.Interval", "Energy.Active.Export.Register",
    "Energy.Active.Import.Interval", "Energy.Active.Import.Register", "Energy.Active.Net",
    "Energy.Apparent.Export", "Energy.Apparent.Import", "Energy.Apparent.Net",
    "Energy.Reactive.Export.Interval", "Energy.Reactive.Export.Register",
    "Energy.Reactive.Import.Interval", "Energy.Reactive.Import.Register", "Energy.Reactive.Net",
    "Frequency", "Power.Active.Export", "Power.Active.Import", "Power.Factor", "Power.Offered",
    "Power.Reactive.Export", "Power.Reactive.Import", "SoC", "Voltage",
})  # fmt: skip
"""1.6 knows two more (RPM, Temperature); those cannot be said here."""

FLOWS_A = 1.0
"""A phase with less than this does not charge a car: the least a car may be offered is 6 A."""


def meter_values(samples: Iterable[Sample]) -> list[Payload]:
    """`meterValue`. Empty where 2.0.1 has a word for none of it."""
    said = [(sample, _values(sample)) for sample in samples]
    return [{"timestamp": time_text(sample.at), "sampledValue": values} for sample, values in said if values]


def phases_used(samples: Iterable[Sample]) -> int | None:
    """How many phases carry current, by the last sample that tells; None where none does."""
    for sample in reversed(list(samples)):
        currents = [q.value for q in sample.quantities if q.measurand == "Current.Import" and q.phase in _LINES]
        flowing = sum(value >= FLOWS_A for value in currents)
        if flowing:
            return flowing
    return None


_LINES = ("L1", "L2", "L3")


ROOM_FOR_SIGNED = 2500
"""Characters of signedMeterData in 2.0.1."""
REGISTER = "Energy.Active.Import.Register"


def _values(sample: Sample) -> list[Payload]:
    values = [_value(quantity, sample.context) for quantity in sample.quantities if quantity.measurand in MEASURANDS]
    signed = _signed(sample) if sample.signed else None
    if signed is not None:
        for value in values:
            if value["measurand"] == REGISTER and "phase" not in value:
                value["signedMeterValue"] = signed
    return values


def _signed(sample: Sample) -> Payload | None:
    """SignedMeterValueType. None where there is no room for it."""
    value = signed_meter_value(sample)
    return value if len(value["signedMeterData"]) <= ROOM_FOR_SIGNED else None


def _value(quantity: Quantity, context: str) -> Payload:
    said: dict[str, Any] = {
        "value": number(quantity.value),
        "context": context,
        "measurand": quantity.measurand,
        "location": quantity.location,
    }
    if quantity.phase:
        said["phase"] = quantity.phase
    if quantity.unit:
        said["unitOfMeasure"] = {"unit": quantity.unit}
    return said
