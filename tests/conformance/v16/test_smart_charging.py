"""Smart charging: profiles, composite schedules, and what the car is offered.

TC_056 to TC_060, TC_066, TC_067, TC_072 and TC_082.
"""

from datetime import datetime
from typing import Any

import pytest

from chargepoint.ocpp.instants import time_text
from tests.conformance.stage import MakeStage, Stage
from tests.conformance.transcript import answers
from tests.conformance.v16.words import TAG, accepted, rejected, start, status

FULL_A = 16  # what the EVSE can supply


def profile(s: Stage, *limits: tuple[int, float], purpose: str = "TxDefaultProfile", **more: Any) -> dict[str, Any]:
    """As a back office writes it; absolute from now on. `limits`: (second, amperes)."""
    schedule: dict[str, Any] = {
        "startSchedule": time_text(s.true_time()),
        "chargingRateUnit": more.pop("unit", "A"),
        "chargingSchedulePeriod": [{"startPeriod": at_s, "limit": limit} for at_s, limit in limits],
    }
    if "duration" in more:
        schedule["duration"] = more.pop("duration")
    told = {"chargingProfileId": 1, "stackLevel": 0, "chargingProfileKind": "Absolute"}
    return told | {"chargingProfilePurpose": purpose, "chargingSchedule": schedule} | more


async def install(s: Stage, connector: int, told: dict[str, Any]) -> None:
    await s.asks("SetChargingProfile", connectorId=connector, csChargingProfiles=told)
    await s.expect(accepted("SetChargingProfile"), quiet_s=0)


async def is_refused(s: Stage, connector: int, told: dict[str, Any]) -> None:
    await s.asks("SetChargingProfile", connectorId=connector, csChargingProfiles=told)
    await s.expect(rejected("SetChargingProfile"))


async def composite(s: Stage, *limits: tuple[int, float], connector: int = 1, duration: int = 600,
                    unit: str = "A") -> None:  # fmt: skip
    """The composite schedule from now on is exactly this."""
    await s.asks("GetCompositeSchedule", connectorId=connector, duration=duration, chargingRateUnit=unit)
    now = time_text(s.true_time())
    schedule = {
        "startSchedule": now,
        "duration": duration,
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": [{"startPeriod": at, "limit": limit, "numberPhases": 3} for at, limit in limits],
    }
    told = answers(
        "GetCompositeSchedule", status="Accepted", connectorId=connector, scheduleStart=now, chargingSchedule=schedule
    )
    await s.expect(told, quiet_s=0)


def offered(s: Stage, amps: float) -> bool:
    """By permit, by the duty cycle of the pilot (IEC 61851-1 annex A), and drawn by the car."""
    bay = s.yard.bays[1]
    bay.advance(s.daemon.clock.now().mono_s)
    drawn = max(bay.reading().current_a)
    duty = s.yard.pins[1].out.duty
    return (s.permit_a(), duty * 60, drawn) == pytest.approx((amps, amps, amps), abs=0.01)


async def charging(s: Stage) -> None:
    """Transaction 1001 runs, at a full second."""
    await s.charge(TAG, seconds=20)
    assert s.said("StatusNotification")[-1]["status"] == "Charging"
    s.transcript.skip()


async def follows(s: Stage, *limits: tuple[int, float]) -> None:
    """From now on the car is offered this much. (seconds from now, amperes)"""
    begun_s = 0
    for at_s, amps in limits:
        await s.wait(at_s + 5 - begun_s)
        begun_s = at_s + 5
        assert offered(s, amps), (at_s, amps, s.permit_a(), s.yard.pins[1].out.duty)
    s.transcript.skip()


# --- one profile ------------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_056_CS")
async def test_tc_056_default_profile_for_the_next_transaction(stage: MakeStage) -> None:
    async with stage() as s:
        await install(s, 1, profile(s, (0, 10), (120, 8), (300, 6), duration=480))
        await composite(s, (0, 10), (120, 8), (300, 6), (480, FULL_A))
        await s.plug()
        await s.card(TAG)
        await s.wait(16)  # 20 s since the profile came
        s.transcript.skip()
        await composite(s, (0, 10), (100, 8), (280, 6), (460, FULL_A))
        await composite(s, (0, 6900), (100, 5520), (280, 4140), (460, 11040), unit="W")
        await composite(s, (0, 10), duration=60)
        await follows(s, (0, 10), (100, 8), (280, 6), (460, FULL_A))


@pytest.mark.case("TC_057_CS")
@pytest.mark.parametrize("unit", ["A", "W"])
async def test_tc_057_profile_for_the_running_transaction(stage: MakeStage, unit: str) -> None:
    async with stage() as s:
        await charging(s)
        assert offered(s, FULL_A)
        each = 1 if unit == "A" else 690  # three phases of 230 V
        limits = ((0, 10 * each), (120, 8 * each), (300, 6 * each))
        await install(s, 1, profile(s, *limits, purpose="TxProfile", transactionId=1001, unit=unit))
        await composite(s, *limits, unit=unit)
        await composite(s, (0, 10), (120, 8), (300, 6))
        await follows(s, (0, 10), (120, 8), (300, 6))
        await s.card(TAG)
        await s.unplug()
        s.transcript.skip()
        await composite(s, (0, FULL_A))  # it was for that transaction alone
        await charging(s)
        assert offered(s, FULL_A)


@pytest.mark.case("TC_058_1_CS")
@pytest.mark.parametrize("number", [{}, {"transactionId": 1001}], ids=["of none", "of one that has ended"])
async def test_tc_058_1_profile_for_a_transaction_and_none_runs(stage: MakeStage, number: dict[str, int]) -> None:
    async with stage() as s:
        await charging(s)
        await s.card(TAG)
        await s.unplug()
        s.transcript.skip()
        await is_refused(s, 1, profile(s, (0, 6), purpose="TxProfile", **number))
        await composite(s, (0, FULL_A))
        await charging(s)
        assert offered(s, FULL_A)


@pytest.mark.case("TC_058_2_CS")
async def test_tc_058_2_profile_for_another_transaction(stage: MakeStage) -> None:
    async with stage(evses=2) as s:
        await charging(s)
        await is_refused(s, 1, profile(s, (0, 6), purpose="TxProfile", transactionId=1002))
        await is_refused(s, 2, profile(s, (0, 6), purpose="TxProfile", transactionId=1001))
        await composite(s, (0, FULL_A))
        assert offered(s, FULL_A)


@pytest.mark.case("TC_082_CS")
@pytest.mark.parametrize("connector", [0, 1])
async def test_tc_082_default_profile_during_a_transaction(stage: MakeStage, connector: int) -> None:
    async with stage() as s:
        await charging(s)
        assert offered(s, FULL_A)
        await install(s, connector, profile(s, (0, 6), (120, 10), (240, 8)))
        await s.wait(2)
        assert s.permit_a() == 6
        await composite(s, (0, 6), (118, 10), (238, 8))
        await follows(s, (3, 6), (118, 10), (238, 8))


# --- with a remote start ----------------------------------------------------------------------------------------------


@pytest.mark.case("TC_059_CS")
@pytest.mark.parametrize("kind", ["Absolute", "Relative"])
async def test_tc_059_remote_start_with_a_profile(stage: MakeStage, kind: str) -> None:
    async with stage() as s:
        told = profile(s, (0, 6), (120, 8), (240, 10), purpose="TxProfile", chargingProfileKind=kind)
        if kind == "Relative":
            del told["chargingSchedule"]["startSchedule"]
        await s.asks("RemoteStartTransaction", connectorId=1, idTag=TAG, chargingProfile=told)
        begun = s.true_time()
        await s.expect(accepted("RemoteStartTransaction"), status(1, "Preparing"), quiet_s=9)
        await s.plug()
        [started, _] = await s.expect(start(), status(1, "Charging"), quiet_s=10)
        begun = begun if kind == "Absolute" else datetime.fromisoformat(started["timestamp"])
        since_s = (s.true_time() - begun).total_seconds()
        await composite(s, (0, 6), (int(120 - since_s), 8), (int(240 - since_s), 10))
        await follows(s, (0, 6), (int(120 - since_s), 8), (int(240 - since_s), 10))


@pytest.mark.case("TC_060_CS")
@pytest.mark.parametrize("purpose", ["TxDefaultProfile", "ChargePointMaxProfile"])
async def test_tc_060_remote_start_with_a_profile_of_another_purpose(stage: MakeStage, purpose: str) -> None:
    async with stage() as s:
        told = profile(s, (0, 6), purpose=purpose)
        await s.asks("RemoteStartTransaction", connectorId=1, idTag=TAG, chargingProfile=told)
        await s.expect(rejected("RemoteStartTransaction"))
        await composite(s, (0, FULL_A))
        await s.plug()
        await s.expect(status(1, "Preparing"), quiet_s=10)
        assert not s.closed()


# --- several profiles -------------------------------------------------------------------------------------------------


@pytest.mark.case("TC_066_CS")
async def test_tc_066_composite_schedule_of_three_purposes(stage: MakeStage) -> None:
    async with stage() as s:
        await has_at_least(s, MaxChargingProfilesInstalled=3, ChargingScheduleMaxPeriods=5)
        await charging(s)
        most = profile(s, (0, 10), (300, 14), purpose="ChargePointMaxProfile", chargingProfileId=1)
        default = profile(s, (0, 6), chargingProfileId=2)
        own = profile(
            s, (0, 16), (60, 8), (120, 12), (180, 7), (240, 16),
            purpose="TxProfile", transactionId=1001, chargingProfileId=3, duration=480,
        )  # fmt: skip
        for connector, told in ((0, most), (1, default), (1, own)):
            await install(s, connector, told)
        whole = ((0, 10), (60, 8), (120, 10), (180, 7), (240, 10), (300, 14), (480, 6))
        await composite(s, *whole)
        await composite(s, (0, 10), (60, 8), (120, 10), (180, 7), duration=200)
        await composite(s, *whole, connector=0)  # what it expects to take from the grid
        await follows(s, *whole)


async def has_at_least(s: Stage, **keys: int) -> None:
    """The case's own question to the station."""
    for entry in (await s.asks("GetConfiguration", key=list(keys)))["configurationKey"]:
        assert int(entry["value"]) >= keys[entry["key"]], entry
        assert entry["readonly"]
    s.transcript.skip()


@pytest.mark.case("TC_067_CS")
async def test_tc_067_clear_charging_profile(stage: MakeStage) -> None:
    async with stage() as s:
        await charging(s)
        await install(s, 1, profile(s, (0, 14), chargingProfileId=1, stackLevel=0))
        await install(s, 1, profile(s, (0, 12), chargingProfileId=2, stackLevel=1))
        await install(s, 1, profile(s, (0, 10), chargingProfileId=3, stackLevel=2))
        own = profile(s, (0, 8), purpose="TxProfile", transactionId=1001, chargingProfileId=4, stackLevel=2)
        await install(s, 1, own)
        most = profile(s, (0, 6), purpose="ChargePointMaxProfile", chargingProfileId=5)
        await install(s, 0, most)
        for asked, left_a in (
            ({"connectorId": 0}, 8),
            ({"chargingProfilePurpose": "TxProfile"}, 10),
            ({"id": 3}, 12),
            ({"connectorId": 1, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1}, 14),
            ({}, FULL_A),
        ):
            await s.asks("ClearChargingProfile", **asked)
            await s.expect(accepted("ClearChargingProfile"))
            await composite(s, (0, left_a))
            assert offered(s, left_a)
            await s.asks("ClearChargingProfile", **asked)  # there is none left that this means
            await s.expect(answers("ClearChargingProfile", status="Unknown"))


@pytest.mark.case("TC_072_CS")
async def test_tc_072_stacked_profiles(stage: MakeStage) -> None:
    async with stage() as s:
        await has_at_least(s, ChargeProfileMaxStackLevel=1)
        await install(s, 1, profile(s, (0, 6), (400, 7), chargingProfileId=1, stackLevel=0))
        await install(s, 1, profile(s, (0, 10), (150, 8), chargingProfileId=2, stackLevel=1, duration=300))
        await composite(s, (0, 10), (150, 8), (300, 6), (400, 7))
        await s.plug()
        await s.card(TAG)
        await s.wait(16)
        s.transcript.skip()
        await composite(s, (0, 10), (130, 8), (280, 6), (380, 7))
        await follows(s, (0, 10), (130, 8), (280, 6), (380, 7))
