"""Core: meter values, sampled and at fixed times of day (TC_070, TC_071)."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.conformance.stage import MakeStage, Stage
from tests.conformance.transcript import Said, in_any_order, says
from tests.conformance.v16.words import TAG, accepted, authorize, start, status, stop

MEASURANDS = ["Energy.Active.Import.Register", "Power.Active.Import", "Voltage.L1-N"]
REGISTER = MEASURANDS[0]


def told(value: dict[str, Any]) -> list[str]:
    """The measurands of one meterValue, as a key would name them."""
    names = [(each.get("measurand", REGISTER), each.get("phase")) for each in value["sampledValue"]]
    return [f"{name}.{phase}" if phase and name == "Voltage" else name for name, phase in names]


def contexts(value: dict[str, Any]) -> set[str]:
    return {each.get("context", "Sample.Periodic") for each in value["sampledValue"]}


def when(value: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(value["timestamp"])


async def configure(s: Stage, **keys: str) -> None:
    for key, value in keys.items():
        await s.asks("ChangeConfiguration", key=key, value=value)
        await s.expect(accepted("ChangeConfiguration"), quiet_s=0)


async def begin(s: Stage) -> None:
    await s.plug()
    await s.card(TAG)
    await s.expect(status(1, "Preparing"), authorize(), start(), status(1, "Charging"), quiet_s=0)


def values_of(said: list[Said]) -> list[dict[str, Any]]:
    """The one meterValue of each MeterValues."""
    assert all(len(each["meterValue"]) == 1 for each in said)
    return [each["meterValue"][0] for each in said]


@pytest.mark.case("TC_070_CS")
async def test_tc_070_sampled_meter_values(stage: MakeStage) -> None:
    async with stage() as s:
        await configure(
            s,
            MeterValuesSampledData=",".join(MEASURANDS),
            StopTxnSampledData="Energy.Active.Import.Register,Voltage.L1-N",
            MeterValueSampleInterval="30",
            ClockAlignedDataInterval="0",
        )
        await begin(s)
        sampled = [says("MeterValues", connectorId=1, transactionId=1001)] * 3
        values = values_of(await s.expect(*sampled, within_s=100))
        assert [sorted(told(value)) for value in values] == [sorted(MEASURANDS)] * 3
        assert [contexts(value) for value in values] == [{"Sample.Periodic"}] * 3
        began = datetime.fromisoformat(s.last("StartTransaction")["timestamp"])
        assert [round((when(value) - began).total_seconds()) for value in values] == [30, 60, 90]
        await s.card(TAG)
        ended = await s.expect(in_any_order(stop("Local", tag=TAG), status(1, "Finishing")))
        [stopped] = [said for said in ended if said.action == "StopTransaction"]
        data = stopped["transactionData"]
        begin_, *between, end = data
        assert (contexts(begin_), contexts(end)) == ({"Transaction.Begin"}, {"Transaction.End"})
        assert [contexts(value) for value in between] == [{"Sample.Periodic"}] * 3
        assert [round((when(value) - began).total_seconds()) for value in between] == [30, 60, 90]
        assert all(told(value) == ["Energy.Active.Import.Register", "Voltage.L1-N"] for value in data)


@pytest.mark.case("TC_071_CS")
async def test_tc_071_clock_aligned_meter_values(stage: MakeStage) -> None:
    async with stage() as s:
        await configure(
            s,
            MeterValuesAlignedData=",".join(MEASURANDS),
            StopTxnAlignedData=REGISTER,
            StopTxnSampledData="",
            MeterValueSampleInterval="0",
            ClockAlignedDataInterval="60",
        )
        await begin(s)
        aligned = [says("MeterValues", connectorId=1, transactionId=1001)] * 3
        values = values_of(await s.expect(*aligned, within_s=200))
        assert [contexts(value) for value in values] == [{"Sample.Clock"}] * 3
        assert [sorted(told(value)) for value in values] == [sorted(MEASURANDS)] * 3
        assert [when(value).second for value in values] == [0, 0, 0]
        assert [later - earlier for earlier, later in pairwise(map(when, values))] == [timedelta(seconds=60)] * 2
        await s.card(TAG)
        ended = await s.expect(in_any_order(stop("Local", tag=TAG), status(1, "Finishing")))
        [stopped] = [said for said in ended if said.action == "StopTransaction"]
        data = [value for value in stopped["transactionData"] if contexts(value) == {"Sample.Clock"}]
        assert [when(value) for value in data] == [when(value) for value in values]
        assert all(told(value) == [REGISTER] for value in data)
