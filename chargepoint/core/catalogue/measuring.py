"""What is measured, when, and in which message it goes."""

from __future__ import annotations

from chargepoint.core.kinds import DAY_S, READ_ONLY, boolean, integer, measurands
from chargepoint.core.metering import MEASURANDS, MEASURANDS_BY_PHASE
from chargepoint.core.setting import Setting

USUAL = ("Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage")
REGISTER = USUAL[:1]


def _measured(
    name_1_6: str | None, name_2_x: str | None, default: tuple[str, ...], about: str
) -> Setting[tuple[str, ...]]:
    return measurands(name_1_6, name_2_x, default, about, offered=MEASURANDS_BY_PHASE, plain=MEASURANDS)


METER_VALUES_SAMPLED_DATA = _measured(
    "MeterValuesSampledData", "SampledDataCtrlr.TxUpdatedMeasurands", USUAL, "Sent regularly during a transaction."
)
METER_VALUE_SAMPLE_INTERVAL = integer(
    "MeterValueSampleInterval", "SampledDataCtrlr.TxUpdatedInterval", 60,
    "Time between samples during a transaction; 0 switches them off.", unit="s", maximum=DAY_S,
)  # fmt: skip
TX_STARTED_MEASURANDS = _measured(
    None, "SampledDataCtrlr.TxStartedMeasurands", REGISTER, "Sent with the start of a transaction."
)
START_TXN_SAMPLED_DATA = _measured(
    "StartTxnSampledData", None, (),
    "Sent right after the start, in a message of its own. Where a meter signs, that is the register if nothing is set.",
)  # fmt: skip
STOP_TXN_SAMPLED_DATA = _measured(
    "StopTxnSampledData", "SampledDataCtrlr.TxEndedMeasurands", REGISTER, "Collected and sent with the end."
)
TX_ENDED_INTERVAL = integer(
    None, "SampledDataCtrlr.TxEndedInterval", 0,
    "Time between the samples collected for the end; 0: only first and last.", unit="s", maximum=DAY_S,
)  # fmt: skip
METER_VALUES_ALIGNED_DATA = _measured(
    "MeterValuesAlignedData", "AlignedDataCtrlr.Measurands", USUAL, "Sent at fixed times of day."
)
CLOCK_ALIGNED_DATA_INTERVAL = integer(
    "ClockAlignedDataInterval", "AlignedDataCtrlr.Interval", 0,
    "Distance of those times, counted from midnight UTC; 0 switches them off.", unit="s", maximum=DAY_S,
)  # fmt: skip
STOP_TXN_ALIGNED_DATA = _measured(
    "StopTxnAlignedData", "AlignedDataCtrlr.TxEndedMeasurands", (),
    "Collected at fixed times of day during a transaction and sent with its end.",
)  # fmt: skip
ALIGNED_TX_ENDED_INTERVAL = integer(
    None, "AlignedDataCtrlr.TxEndedInterval", 0,
    "Distance of those times; 0 switches them off.", unit="s", maximum=DAY_S,
)  # fmt: skip
SEND_DURING_IDLE = boolean(
    None, "AlignedDataCtrlr.SendDuringIdle", False, "Values at fixed times only while no transaction runs."
)
STOP_TRANSACTION_MAX_METER_VALUES = integer(
    "StopTransactionMaxMeterValues", None, 100,
    "Samples that the end of a transaction carries; beyond, inner ones are left out evenly.", writable=READ_ONLY,
)  # fmt: skip
MEASURAND_SETTINGS = (
    METER_VALUES_SAMPLED_DATA,
    TX_STARTED_MEASURANDS,
    START_TXN_SAMPLED_DATA,
    STOP_TXN_SAMPLED_DATA,
    METER_VALUES_ALIGNED_DATA,
    STOP_TXN_ALIGNED_DATA,
)
