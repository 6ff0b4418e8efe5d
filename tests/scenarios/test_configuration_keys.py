"""Configuration keys of 1.6 do what they say: at a whole station, by what the back office and the guard get to hear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chargepoint.core.metering import MEASURANDS_BY_PHASE
from hw.api import Permit
from tests.world import World, a_world

SWITCHED_PHASES = {"phase_switching": True, "phase_contactor": {"driver": "mock"}}


async def changed(world: World, key: str, value: str) -> str:
    answer: str = (await world.ask("ChangeConfiguration", key=key, value=value))["status"]
    return answer


async def told(world: World, key: str) -> dict[str, Any] | None:
    """Value and readonly; None: the station does not know the key."""
    answer = await world.ask("GetConfiguration", key=[key])
    if "unknownKey" in answer:
        return None
    found: dict[str, Any] = answer["configurationKey"][0]
    return found


# --- lamps ------------------------------------------------------------------------------------------------------------


async def test_the_keys_for_lamps_exist_where_there_are_lamps(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path) as world:
        for key in ("BlinkRepeat", "LightIntensity"):
            assert await told(world, key) is None
            assert await changed(world, key, "3") == "NotSupported"


async def test_lamps_that_are_only_on_or_off_cannot_be_dimmed(tmp_path: Path) -> None:
    lamps = {"indicator": {"driver": "gpio", "green_line": 12}}
    async with a_world("1.6", tmp_path, boot=False, evse=lamps) as world:
        await world.switch_on()
        assert await told(world, "BlinkRepeat") == {"key": "BlinkRepeat", "readonly": False, "value": "0"}
        assert await told(world, "LightIntensity") is None


async def test_blinks_and_brightness_reach_the_guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_world("1.6", tmp_path, evse={"indicator": {"driver": "mock"}}) as world:
        permits: list[Permit] = []
        monkeypatch.setattr(world.yard.guard, "permit", permits.append)
        assert await changed(world, "BlinkRepeat", "3") == "Accepted"
        assert await changed(world, "LightIntensity", "40") == "Accepted"
        assert await changed(world, "LightIntensity", "101") == "Rejected"
        await world.wait(1)
        assert (permits[-1].blinks, permits[-1].light) == (3, 40)


# --- what the hardware decides ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("outlet", "readonly", "value"), [("socket", False, "true"), ("cable", True, "false")])
async def test_a_fixed_cable_is_never_unlocked(tmp_path: Path, outlet: str, readonly: bool, value: str) -> None:
    key = "UnlockConnectorOnEVSideDisconnect"
    async with a_world("1.6", tmp_path, outlet=outlet) as world:
        assert await told(world, key) == {"key": key, "readonly": readonly, "value": value}
        assert await changed(world, key, "true") == ("Rejected" if readonly else "Accepted")


@pytest.mark.parametrize(("options", "value"), [({}, "false"), (SWITCHED_PHASES, "true")])
async def test_whether_phases_can_be_switched_is_told(tmp_path: Path, options: dict[str, Any], value: str) -> None:
    key = "ConnectorSwitch3to1PhaseSupported"
    async with a_world("1.6", tmp_path, evse=options) as world:
        assert await told(world, key) == {"key": key, "readonly": True, "value": value}


@pytest.mark.parametrize("knows_hosts", [False, True])
async def test_the_protocols_that_really_carry_files_are_told(tmp_path: Path, knows_hosts: bool) -> None:
    """Without the keys of its servers nothing goes over SFTP."""
    link = {"known_hosts_file": tmp_path / "known_hosts"} if knows_hosts else {}
    async with a_world("1.6", tmp_path, link=link) as world:
        answer = await told(world, "SupportedFileTransferProtocols")
        assert answer is not None
        assert answer["readonly"]
        assert answer["value"].split(",") == ["HTTP", "HTTPS", "FTP", "FTPS"] + ["SFTP"] * knows_hosts


async def test_what_the_meter_does_not_tell_cannot_be_asked_for(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path) as world:
        assert await changed(world, "MeterValuesSampledData", "Energy.Active.Import.Register,Frequency") == "Rejected"
        assert await changed(world, "MeterValuesSampledData", "Energy.Active.Import.Register,SoC") == "Rejected"
        assert await changed(world, "MeterValuesSampledData", "Energy.Active.Import.Register,Voltage") == "Accepted"


# --- samples ----------------------------------------------------------------------------------------------------------


def contexts(stop: dict[str, Any]) -> list[str]:
    return [value["sampledValue"][0]["context"] for value in stop["transactionData"]]


async def test_the_samples_of_a_stop_are_taken_at_the_interval_of_all_samples(tmp_path: Path) -> None:
    """1.6 section 9.1: StopTxnSampledData every MeterValueSampleInterval, StopTxnAlignedData every
    ClockAlignedDataInterval.
    """
    async with a_world("1.6", tmp_path) as world:
        for key, value in {
            "MeterValueSampleInterval": "60", "StopTxnSampledData": "Energy.Active.Import.Register",
            "ClockAlignedDataInterval": "900", "StopTxnAlignedData": "Energy.Active.Import.Register",
        }.items():  # fmt: skip
            assert await changed(world, key, value) == "Accepted"
        await world.charge(minutes=20)
        await world.unplug()
        stop = world.said("StopTransaction")[0]
        assert contexts(stop)[0] == "Transaction.Begin"
        assert contexts(stop)[-1] == "Transaction.End"
        assert contexts(stop).count("Sample.Periodic") == 20
        assert contexts(stop).count("Sample.Clock") == 1


async def test_a_stop_carries_no_more_samples_than_is_told(tmp_path: Path) -> None:
    """1.6 errata 3.89: inner values go first, the first and the last stay."""
    async with a_world("1.6", tmp_path) as world:
        await changed(world, "MeterValueSampleInterval", "10")
        await changed(world, "StopTxnSampledData", "Energy.Active.Import.Register")
        answer = await told(world, "StopTransactionMaxMeterValues")
        assert answer is not None
        assert answer["readonly"]
        await world.charge(hours=2)
        await world.unplug()
        stop = world.said("StopTransaction")[0]
        assert 50 < len(stop["transactionData"]) <= int(answer["value"])
        assert (contexts(stop)[0], contexts(stop)[-1]) == ("Transaction.Begin", "Transaction.End")


async def test_an_interval_that_is_changed_while_somebody_charges_counts_from_then_on(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path, settings={"SampledDataCtrlr.TxUpdatedInterval": "0"}) as world:
        await world.charge(minutes=5)
        assert world.said("MeterValues") == []
        await changed(world, "MeterValueSampleInterval", "30")
        await world.wait(minutes=3)
        assert len(world.said("MeterValues")) in (5, 6)
        await changed(world, "MeterValueSampleInterval", "0")
        told = len(world.said("MeterValues"))
        await world.wait(minutes=3)
        assert len(world.said("MeterValues")) == told


async def test_the_first_sample_of_a_stop_outlives_a_restart(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path) as world:
        await changed(world, "StopTxnSampledData", "Energy.Active.Import.Register")
        await world.charge(minutes=5)
        await world.restart_program()
        await world.unplug()
        stop = world.said("StopTransaction")[0]
        assert (contexts(stop)[0], contexts(stop)[-1]) == ("Transaction.Begin", "Transaction.End")


# --- the clock on the wall --------------------------------------------------------------------------------------------


async def test_local_time_is_told_and_kept(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path) as world:
        assert await changed(world, "TimeOffset", "+01:00") == "Accepted"
        assert await changed(world, "TimeOffset", "an hour") == "Rejected"
        assert await changed(world, "TimeOffsetNextTransition", "+02:00") == "Accepted"
        assert await changed(world, "NextTimeOffsetTransitionDateTime", "2026-11-22T12:30:00Z") == "Accepted"
        await world.wait(minutes=31)
        assert await told(world, "TimeOffset") == {"key": "TimeOffset", "readonly": False, "value": "+02:00"}
        await world.restart_program()
        assert await told(world, "TimeOffset") == {"key": "TimeOffset", "readonly": False, "value": "+02:00"}
        wall = world.daemon.built.station.steering.wall
        assert [wall.ahead(at).total_seconds() / 3600 for at in (world.starts_in, world.true_time())] == [1, 2]


async def test_a_list_longer_than_a_value_may_be_is_told_in_whole_members(tmp_path: Path) -> None:
    everything = ",".join(MEASURANDS_BY_PHASE)
    async with a_world("1.6", tmp_path, settings={"SampledDataCtrlr.TxUpdatedMeasurands": everything}) as world:
        answer = await told(world, "MeterValuesSampledData")
        assert answer is not None
        assert 450 < len(answer["value"]) <= 500
        assert set(answer["value"].split(",")) < set(MEASURANDS_BY_PHASE)
