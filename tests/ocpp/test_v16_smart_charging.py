"""Charging profiles of 1.6, from the CSMS's request to what the EVSE may supply. The phases of these EVSEs: one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chargepoint.core import schedule as schedules
from chargepoint.core import steering
from chargepoint.core.authorization import Verdict
from chargepoint.core.facts import Token
from chargepoint.core.observation import Observation
from chargepoint.core.profile import Schedule
from chargepoint.core.schedule import Segment
from chargepoint.core.shelf import Shelf
from chargepoint.ocpp.instants import time_text
from chargepoint.ocpp.v16 import DIALECT
from chargepoint.ocpp.v16.smart_charging import read_profile
from tests.ocpp.rig import CARD, NOON, READING, SUPPLYING, Rig

ACCEPTED, REJECTED = {"status": "Accepted"}, {"status": "Rejected"}
HOUR = 3600


def profile(*periods: tuple[int, float], purpose: str = "TxDefaultProfile", **more: Any) -> dict[str, Any]:
    """As the CSMS writes it: absolute from noon, in amperes."""
    schedule: dict[str, Any] = {
        "chargingRateUnit": more.pop("unit", "A"),
        "chargingSchedulePeriod": [{"startPeriod": start, "limit": limit} for start, limit in periods],
    }
    if more.get("chargingProfileKind") != "Relative":
        schedule["startSchedule"] = time_text(more.pop("start", NOON))
    if "duration" in more:
        schedule["duration"] = more.pop("duration")
    return {
        "chargingProfileId": more.pop("id", 1), "stackLevel": more.pop("level", 0),
        "chargingProfilePurpose": purpose, "chargingProfileKind": more.pop("chargingProfileKind", "Absolute"),
        "chargingSchedule": schedule, **more,
    }  # fmt: skip


async def install(rig: Rig, connector: int, told: dict[str, Any]) -> dict[str, Any]:
    return await rig.ask("SetChargingProfile", {"connectorId": connector, "csChargingProfiles": told})


async def schedule(
    rig: Rig, connector: int = 1, duration: int = 4 * HOUR, unit: str = "A"
) -> list[tuple[float, float]]:
    """(hour, limit) of the composite schedule."""
    asked = {"connectorId": connector, "duration": duration, "chargingRateUnit": unit}
    answer = await rig.ask("GetCompositeSchedule", asked)
    assert answer["status"] == "Accepted"
    told = answer["chargingSchedule"]
    assert (told["chargingRateUnit"], told["duration"], told["startSchedule"]) == (
        unit,
        duration,
        answer["scheduleStart"],
    )
    return [(each["startPeriod"] / HOUR, each["limit"]) for each in told["chargingSchedulePeriod"]]


def permits(rig: Rig, evse: int = 1) -> float:
    """After the next tick."""
    rig.act(lambda station, now: station.tick(now))
    return rig.station.evses[evse].permit_a()


# --- TC_056 to TC_060, TC_066, TC_067, TC_072, TC_082 -----------------------------------------------------------------


async def test_a_default_profile_limits_the_session_that_begins_later() -> None:
    rig = Rig(DIALECT)
    assert await install(rig, 1, profile((0, 10))) == ACCEPTED
    rig.charge(1)
    assert permits(rig) == 10
    assert await schedule(rig) == [(0, 10)]


async def test_a_default_profile_is_applied_at_once_to_a_session_that_runs() -> None:
    rig = Rig(DIALECT)
    rig.charge(1)
    assert permits(rig) == 16
    assert await install(rig, 0, profile((0, 8))) == ACCEPTED
    assert permits(rig) == 8


async def test_a_profile_for_the_transaction_is_followed_through_its_periods() -> None:
    rig = Rig(DIALECT)
    rig.charge(1, number=7)
    own = profile((0, 12), (HOUR, 8), (2 * HOUR, 0), purpose="TxProfile", transactionId=7)
    assert await install(rig, 1, own) == ACCEPTED
    assert await schedule(rig) == [(0, 12), (1, 8), (2, 0)]
    assert permits(rig) == 12
    rig.clock.advance(HOUR)
    assert permits(rig) == 8
    rig.clock.advance(HOUR)
    assert permits(rig) == 0
    assert [limit.source for limit in rig.station.evses[1].limits() if limit.amps == 0] == ["charging profile 1"]


async def test_a_profile_for_a_transaction_wants_one() -> None:
    rig = Rig(DIALECT)
    assert await install(rig, 1, profile((0, 12), purpose="TxProfile")) == REJECTED
    rig.charge(1, number=7)
    assert await install(rig, 1, profile((0, 12), purpose="TxProfile", transactionId=8)) == REJECTED
    assert await install(rig, 2, profile((0, 12), purpose="TxProfile", transactionId=7)) == REJECTED
    assert await install(rig, 0, profile((0, 12), purpose="TxProfile")) == REJECTED
    assert permits(rig) == 16


async def test_a_profile_for_a_transaction_ends_with_it() -> None:
    rig = Rig(DIALECT)
    rig.charge(1, number=7)
    await install(rig, 1, profile((0, 8), purpose="TxProfile", transactionId=7))
    await rig.ask("RemoteStopTransaction", {"transactionId": 7})
    rig.guard(1, Observation())
    rig.charge(1, number=8)
    assert permits(rig) == 16


async def test_a_remote_start_brings_its_profile() -> None:
    rig = Rig(DIALECT)
    rig.act(lambda station, now: station.meter_read(1, READING, now))
    started = profile((0, 9), purpose="TxProfile", chargingProfileKind="Relative")
    asked = {"idTag": CARD.value, "connectorId": 1, "chargingProfile": started}
    assert await rig.ask("RemoteStartTransaction", asked) == ACCEPTED
    rig.guard(1, SUPPLYING)
    assert permits(rig) == 9
    assert await schedule(rig) == [(0, 9)]


@pytest.mark.parametrize(
    "wrong",
    [profile((0, 9)), profile((0, 9), purpose="TxProfile", transactionId=7), profile((1, 9), purpose="TxProfile")],
    ids=["not for a transaction", "for another one", "without a beginning"],
)
async def test_a_remote_start_with_a_wrong_profile_starts_nothing(wrong: dict[str, Any]) -> None:
    rig = Rig(DIALECT)
    asked = {"idTag": CARD.value, "connectorId": 1, "chargingProfile": wrong}
    assert await rig.ask("RemoteStartTransaction", asked) == REJECTED
    assert rig.station.evses[1].session is None


async def test_the_composite_schedule_is_the_least_of_the_purposes() -> None:
    rig = Rig(DIALECT)
    rig.charge(1, number=7)
    await install(rig, 0, profile((0, 10), (3 * HOUR, 32), purpose="ChargePointMaxProfile", id=1))
    await install(rig, 0, profile((0, 6), id=2))
    await install(rig, 1, profile((0, 14), (HOUR, 7), (2 * HOUR, 12), purpose="TxProfile", transactionId=7, id=3))
    assert await schedule(rig) == [(0, 10), (1, 7), (2, 10), (3, 12)]


async def test_the_higher_level_counts_while_it_is_valid() -> None:
    rig = Rig(DIALECT)
    await install(rig, 1, profile((0, 8), id=1, level=0))
    await install(rig, 1, profile((0, 14), id=2, level=1, duration=2 * HOUR))
    assert await schedule(rig) == [(0, 14), (2, 8)]


async def crowd(rig: Rig) -> None:
    """Profiles of as many periods as a schedule may have, each day, all in one stack: more is installed nowhere."""
    for number in range(20):
        periods = [(96 * n + 5 * number, 6.0 + (n + number) % 20) for n in range(672)]
        told = profile((0, 32), *periods[1:], id=number, level=number, duration=4 * HOUR * (number + 1) // 4)
        kind = {"chargingProfileKind": "Recurring", "recurrencyKind": "Daily"}
        assert await install(rig, 1, {**told, **kind}) == ACCEPTED


async def test_a_composite_schedule_ends_where_it_has_as_many_periods_as_one_may_have() -> None:
    rig = Rig(DIALECT)
    await crowd(rig)
    for connector in (0, 1):
        answer = await rig.ask("GetCompositeSchedule", {"connectorId": connector, "duration": 7 * 24 * HOUR})
        told = answer["chargingSchedule"]
        assert len(told["chargingSchedulePeriod"]) == 672
        assert told["chargingSchedulePeriod"][-1]["startPeriod"] < told["duration"] < 7 * 24 * HOUR
        shorter = await rig.ask("GetCompositeSchedule", {"connectorId": connector, "duration": told["duration"]})
        assert shorter["chargingSchedule"] == told


async def test_the_work_of_a_schedule_is_as_long_as_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else is done while a schedule is worked out: the segments made are counted, no clock is looked at."""
    rig = Rig(DIALECT)
    made: list[int] = []
    run = schedules._run

    def counted(*args: Any) -> Iterator[Segment]:
        for segment in run(*args):
            made.append(0)
            yield segment

    monkeypatch.setattr(schedules, "_run", counted)
    await crowd(rig)
    assert len(made) <= 20 * 61  # what is near, at each installation
    made.clear()
    await rig.ask("GetCompositeSchedule", {"connectorId": 1, "duration": 7 * 24 * HOUR})
    assert len(made) <= 672 * 2 + 1


async def test_without_the_time_profiles_are_worked_out_once_and_not_at_every_tick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig(DIALECT)
    await crowd(rig)
    rig.station.around.clock_trusted = False
    looked: list[int] = []
    lowest = steering._lowest

    def counted(schedule: Schedule, phases: int) -> steering.Lowest:
        looked.append(0)
        return lowest(schedule, phases)

    monkeypatch.setattr(steering, "_lowest", counted)
    for _ in range(10):
        rig.act(lambda station, now: station.tick(now))
    assert len(looked) == 20  # profiles, each once


async def test_what_is_cleared_counts_no_more() -> None:
    rig = Rig(DIALECT)
    await install(rig, 1, profile((0, 8), id=1, level=0))
    await install(rig, 1, profile((0, 7), id=2, level=1))
    assert await rig.ask("ClearChargingProfile", {"id": 2}) == ACCEPTED
    assert await schedule(rig) == [(0, 8)]
    assert await rig.ask("ClearChargingProfile", {"id": 2}) == {"status": "Unknown"}


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({}, []),
        ({"connectorId": 1}, [2]),
        ({"connectorId": 0}, [1]),
        ({"chargingProfilePurpose": "TxDefaultProfile"}, [2]),
        ({"chargingProfilePurpose": "ChargePointMaxProfile", "stackLevel": 3}, [1]),
        ({"stackLevel": 3, "connectorId": 1}, [1, 2]),
        ({"id": 1, "connectorId": 0}, [2]),
    ],
)
async def test_profiles_are_cleared_by_what_is_said_of_them(asked: dict[str, Any], left: list[int]) -> None:
    rig = Rig(DIALECT)
    await install(rig, 1, profile((0, 8), id=1, level=0))
    await install(rig, 0, profile((0, 20), id=2, level=3, purpose="ChargePointMaxProfile"))
    answer = await rig.ask("ClearChargingProfile", asked)
    assert [each.id for each in rig.station.steering.shelf] == left
    assert answer == (ACCEPTED if len(left) < 2 else {"status": "Unknown"})


# --- other rules ------------------------------------------------------------------------------------------------------


async def test_the_same_id_or_the_same_place_in_the_stack_replaces() -> None:
    rig = Rig(DIALECT)
    await install(rig, 1, profile((0, 8), id=1))
    await install(rig, 1, profile((0, 9), id=1, level=2))
    await install(rig, 1, profile((0, 10), id=5, level=2))
    assert [each.id for each in rig.station.steering.shelf] == [5]


async def test_what_is_set_for_the_connector_comes_before_what_is_set_for_all() -> None:
    rig = Rig(DIALECT)
    await install(rig, 1, profile((0, 12), id=1))
    await install(rig, 0, profile((0, 8), id=2))
    assert await schedule(rig, 1) == [(0, 12)]
    assert await schedule(rig, 2) == [(0, 8)]


async def test_the_maximum_of_the_station_is_shared_by_its_connectors() -> None:
    rig = Rig(DIALECT)
    rig.charge(1, number=7)
    rig.charge(2, Token("0BADCAFE"), number=8)
    assert await install(rig, 0, profile((0, 20), (HOUR, 40), purpose="ChargePointMaxProfile")) == ACCEPTED
    assert [permits(rig, 1), permits(rig, 2)] == [10, 10]
    assert await schedule(rig, 0) == [(0, 20), (1, 32)]


async def test_when_the_maximum_of_the_station_has_ended_nothing_is_shared() -> None:
    rig = Rig(DIALECT)
    rig.charge(1, number=7)
    await install(rig, 0, profile((0, 8), purpose="ChargePointMaxProfile", duration=HOUR))
    assert permits(rig) == 8
    rig.clock.advance(HOUR)
    assert permits(rig) == 16


async def test_the_maximum_of_the_station_is_not_set_at_a_connector() -> None:
    assert await install(Rig(DIALECT), 1, profile((0, 20), purpose="ChargePointMaxProfile")) == REJECTED


async def test_watts_are_told_as_watts_and_as_amperes() -> None:
    rig = Rig(DIALECT)
    await install(rig, 1, profile((0, 2300.0), unit="W"))
    assert await schedule(rig, unit="W") == [(0, 2300)]
    assert await schedule(rig, unit="A") == [(0, 10)]


async def test_without_a_profile_the_schedule_is_what_the_connector_can_supply() -> None:
    assert await schedule(Rig(DIALECT)) == [(0, 16)]
    assert await schedule(Rig(DIALECT), 0) == [(0, 32)]


@pytest.mark.parametrize("asked", [{"connectorId": 3, "duration": 60}, {"connectorId": 1, "duration": 0}])
async def test_no_schedule_is_told_of_what_is_not_there(asked: dict[str, Any]) -> None:
    assert await Rig(DIALECT).ask("GetCompositeSchedule", asked) == REJECTED


@pytest.mark.parametrize(
    "wrong",
    [
        profile((60, 8)),
        profile((0, 8), level=21),
        profile(*[(second, 8) for second in range(673)]),
        profile((0, 8), (60, 9), (60, 10)),
        profile((0, 8), chargingProfileKind="Recurring"),
        profile((0, 8), validFrom=time_text(NOON), validTo=time_text(NOON - timedelta(hours=1))),
        profile((0, 8), transactionId=7),
    ],
)
async def test_a_profile_that_makes_no_sense_is_refused_and_changes_nothing(wrong: dict[str, Any]) -> None:
    rig = Rig(DIALECT)
    await install(rig, 1, profile((0, 10), id=9))
    assert await install(rig, 1, wrong) == REJECTED
    assert await schedule(rig) == [(0, 10)]


async def test_no_more_are_kept_than_is_told() -> None:
    rig = Rig(DIALECT)
    row = rig.services.settings.find("MaxChargingProfilesInstalled")
    assert row is not None
    rig.services.settings.derive(row, 2)
    assert await install(rig, 1, profile((0, 10), id=1)) == ACCEPTED
    assert await install(rig, 1, profile((0, 10), id=2, level=1)) == ACCEPTED
    assert await install(rig, 1, profile((0, 10), id=3, level=2)) == REJECTED
    assert await install(rig, 1, profile((0, 10), id=2, level=2)) == ACCEPTED  # in place of itself


def three_phases(rig: Rig, *, switching: bool) -> None:
    for evse in rig.station.evses.values():
        evse.spec = replace(evse.spec, phases=3, phase_switching=switching)


@pytest.mark.parametrize(("switching", "supplied"), [(True, 1), (False, 3)])
async def test_a_profile_for_one_phase_has_one_supplied_where_that_can_be(switching: bool, supplied: int) -> None:
    rig = Rig(DIALECT)
    three_phases(rig, switching=switching)
    told = profile((0, 10))
    told["chargingSchedule"]["chargingSchedulePeriod"][0]["numberPhases"] = 1
    await install(rig, 1, told)
    rig.charge(1)
    permits(rig)
    assert rig.station.evses[1].permit_phases() == supplied
    await rig.ask("ClearChargingProfile", {})
    assert rig.station.evses[1].permit_phases() == 3


async def test_a_car_that_uses_one_phase_is_not_switched_for_it() -> None:
    rig = Rig(DIALECT)
    three_phases(rig, switching=True)
    rig.charge(1)  # its meter shows current on one phase
    rig.act(lambda station, now: station.meter_read(1, replace(READING), now))
    permits(rig)
    rig.clock.advance(30)
    await install(rig, 1, profile((0, 2300.0), unit="W"))
    assert permits(rig) == 10
    assert rig.station.evses[1].permit_phases() == 3


async def test_who_does_not_know_the_time_keeps_to_the_least_of_the_schedule() -> None:
    rig = Rig(DIALECT)
    rig.charge(1)
    await install(rig, 1, profile((0, 16), (HOUR, 7)))
    rig.act(lambda station, now: station.trust_clock(False))
    assert permits(rig) == 7
    rig.act(lambda station, now: station.trust_clock(True))
    assert permits(rig) == 16


@pytest.mark.parametrize(("unit", "much", "little"), [("A", 16, 8), ("W", 3680, 1840)])
async def test_without_the_time_a_profile_does_not_hide_a_lower_one_below_it(unit: str, much: int, little: int) -> None:
    """Its time may be next week."""
    rig = Rig(DIALECT)
    rig.charge(1)
    rig.act(lambda station, now: station.trust_clock(False))
    later = {"validFrom": time_text(NOON + timedelta(days=7))}
    assert await install(rig, 1, profile((0, 8), id=1)) == ACCEPTED
    assert await install(rig, 1, profile((0, much), id=2, level=1, unit=unit, **later)) == ACCEPTED
    assert await install(rig, 1, profile((0, 14), id=3, purpose="TxProfile", **later)) == ACCEPTED
    assert permits(rig) == 8
    rig.act(lambda station, now: station.trust_clock(True))
    assert permits(rig) == 8
    assert await install(rig, 1, profile((0, 14), id=1)) == ACCEPTED
    assert await install(rig, 1, profile((0, little), id=2, level=1, unit=unit, **later)) == ACCEPTED
    rig.act(lambda station, now: station.trust_clock(False))
    assert permits(rig) == 8


async def test_an_expired_profile_is_forgotten() -> None:
    rig = Rig(DIALECT)
    rig.charge(1)
    await install(rig, 1, profile((0, 7), validTo=time_text(NOON + timedelta(hours=1))))
    assert permits(rig) == 7
    rig.clock.advance(HOUR)
    assert permits(rig) == 16
    assert list(rig.station.steering.shelf) == []


def started_nowhere(told: dict[str, Any]) -> dict[str, Any]:
    del told["chargingSchedule"]["startSchedule"]
    return told


@pytest.mark.parametrize("purpose", ["TxDefaultProfile", "TxProfile"])
async def test_a_schedule_without_a_start_begins_with_the_charging(purpose: str) -> None:
    rig = Rig(DIALECT)
    rig.charge(1, number=7)
    rig.clock.advance(HOUR)
    assert await install(rig, 1, started_nowhere(profile((0, 12), (2 * HOUR, 8), purpose=purpose))) == ACCEPTED
    assert await schedule(rig) == [(0, 12), (1, 8)]


async def test_a_maximum_of_the_station_without_a_start_begins_when_it_comes() -> None:
    rig = Rig(DIALECT)
    told = started_nowhere(profile((0, 20), (2 * HOUR, 10), purpose="ChargePointMaxProfile"))
    assert await install(rig, 0, told) == ACCEPTED
    rig.clock.advance(HOUR)
    assert await schedule(rig, 0) == [(0, 20), (1, 10)]


async def test_a_relative_schedule_has_no_use_for_a_start() -> None:
    rig = Rig(DIALECT)
    told = profile((0, 12), (HOUR, 8), chargingProfileKind="Relative")
    told["chargingSchedule"]["startSchedule"] = time_text(NOON - timedelta(hours=9))
    assert await install(rig, 1, told) == ACCEPTED
    rig.charge(1)
    assert await schedule(rig) == [(0, 12), (1, 8)]


def test_profiles_are_kept_as_they_are() -> None:
    rig = Rig(DIALECT)
    told = profile(
        (0, 16), (HOUR, 7), chargingProfileKind="Recurring", recurrencyKind="Weekly", duration=2 * HOUR,
        validFrom=time_text(NOON), validTo=time_text(NOON + timedelta(days=9)),
    )  # fmt: skip
    shelf, again = Shelf(), Shelf()
    shelf.install(read_profile(rig.services, 1, told))
    again.load(shelf.dump())
    assert list(again) == list(shelf)


# --- watts, phases, and all connectors together -----------------------------------------------------------------------


async def test_a_maximum_in_watts_bounds_the_sum_and_not_each_phase() -> None:
    """Both connectors are single-phase ones, on one phase: 6900 W are 30 A there."""
    rig = Rig(DIALECT)
    rig.charge(1, number=7)
    rig.charge(2, Token("0BADCAFE"), number=8)
    assert await install(rig, 0, profile((0, 6900.0), purpose="ChargePointMaxProfile", unit="W")) == ACCEPTED
    assert [permits(rig, 1), permits(rig, 2)] == [15, 15]
    assert await schedule(rig, 0, unit="W") == [(0, 6900)]
    assert await schedule(rig, 0) == [(0, 30)]


async def test_the_whole_station_is_told_in_watts_of_the_phases_that_its_connectors_have() -> None:
    assert await schedule(Rig(DIALECT), 0, unit="W") == [(0, 7360)]
    rig = Rig(DIALECT)
    three_phases(rig, switching=False)
    permits(rig)
    assert await schedule(rig, 0, unit="W") == [(0, 22080)]
    assert await schedule(rig, 0, unit="A") == [(0, 32)]


async def test_connectors_on_different_phases_do_not_add_up() -> None:
    rig = Rig(DIALECT)
    rig.station.evses[2].spec = replace(rig.station.evses[2].spec, phase_rotation="STR")
    assert await schedule(rig, 0, unit="A") == [(0, 16)]
    assert await schedule(rig, 0, unit="W") == [(0, 7360)]


async def test_the_whole_station_expects_what_its_connectors_profiles_leave() -> None:
    rig = Rig(DIALECT)
    await install(rig, 1, profile((0, 10), (HOUR, 6), id=1))
    await install(rig, 2, profile((0, 8), (2 * HOUR, 16), id=2))
    assert await schedule(rig, 0) == [(0, 18), (1, 14), (2, 22)]


async def test_the_fuse_in_front_bounds_the_whole_station_and_each_connector() -> None:
    rig = Rig(DIALECT)
    rig.station.sharing.supply.max_current_a = 20.0
    permits(rig)
    assert await schedule(rig, 0) == [(0, 20)]
    assert await schedule(rig, 1) == [(0, 16)]
    rig.charge(1, number=7)
    rig.charge(2, Token("0BADCAFE"), number=8)
    permits(rig)
    assert await schedule(rig, 0) == [(0, 20)]
    assert await schedule(rig, 1) == [(0, 10)], "the other one takes as much"


async def test_watts_for_one_phase_are_spread_over_three_as_long_as_three_are_supplied() -> None:
    """6900 W on one phase would be 30 A; until it is one, they are 10 A on each."""
    rig = Rig(DIALECT)
    three_phases(rig, switching=True)
    for evse in rig.station.evses.values():
        evse.spec = replace(evse.spec, max_current_a=32.0)
    told = profile((0, 6900.0), unit="W")
    told["chargingSchedule"]["chargingSchedulePeriod"][0]["numberPhases"] = 1
    await install(rig, 1, told)
    rig.charge(1)
    assert (permits(rig), rig.station.evses[1].permit_phases()) == (10, 1)
    rig.guard(1, replace(SUPPLYING, phases=1))
    assert (permits(rig), rig.station.evses[1].permit_phases()) == (30, 1)


async def test_the_number_of_phases_told_is_the_one_that_will_be() -> None:
    for switching, phases in ((True, 1), (False, 3)):
        rig = Rig(DIALECT)
        three_phases(rig, switching=switching)
        permits(rig)
        told = profile((0, 10))
        told["chargingSchedule"]["chargingSchedulePeriod"][0]["numberPhases"] = 1
        await install(rig, 1, told)
        answer = await rig.ask("GetCompositeSchedule", {"connectorId": 1, "duration": HOUR})
        [period] = answer["chargingSchedule"]["chargingSchedulePeriod"]
        assert (period["limit"], period["numberPhases"]) == (10, phases)


async def test_a_least_rate_is_told_and_kept_to_where_the_supply_is_shared() -> None:
    """Section 7.13: for a local algorithm, where charging is inefficient below it."""
    rig = Rig(DIALECT)
    rig.station.sharing.supply.max_current_a = 20.0
    told = profile((0, 16))
    told["chargingSchedule"]["minChargingRate"] = 12.0
    await install(rig, 1, told)
    rig.charge(2, Token("0BADCAFE"), number=8)
    rig.charge(1, number=7)
    assert permits(rig, 2) == 8
    rig.guard(2, replace(SUPPLYING, offered_a=8.0))
    rig.clock.advance(5)
    assert [permits(rig, 1), permits(rig, 2)] == [12, 8]
    answer = await rig.ask("GetCompositeSchedule", {"connectorId": 1, "duration": HOUR})
    assert answer["chargingSchedule"]["minChargingRate"] == 12


async def test_local_limits_bound_the_schedule() -> None:
    rig = Rig(DIALECT)
    await install(rig, 1, profile((0, 14), (HOUR, 8)))
    rig.act(lambda station, now: station.limit(1, 10.0, now))
    assert await schedule(rig) == [(0, 10), (1, 8)]


async def test_a_random_delay_is_in_the_schedule() -> None:
    rig = Rig(DIALECT)
    row = rig.services.settings.find("RandomDelay")
    assert row is not None
    rig.services.settings.derive(row, 600)
    rig.station.evses[1].delay.draw = lambda span_s: 540.0
    rig.guard(1, replace(SUPPLYING, pilot="B1", contactor="open", offered_a=0.0))
    rig.act(lambda station, now: station.start(1, CARD, now))
    rig.act(lambda station, now: station.authorization_answered(1, Verdict("Accepted"), now))
    permits(rig)
    assert next(limit.source for limit in rig.station.evses[1].limits() if limit.amps == 0) == "random delay"
    assert await schedule(rig) == [(0, 0), (0.15, 16)]


# --- every filter of ClearChargingProfile -----------------------------------------------------------------------------

FILTERS = [{}, {"connectorId": 0}, {"connectorId": 1}, {"connectorId": 2}]
PURPOSES = [None, "TxDefaultProfile", "ChargePointMaxProfile", "TxProfile"]
INSTALLED = {1: (1, "TxDefaultProfile", 0), 2: (2, "TxDefaultProfile", 3), 3: (0, "ChargePointMaxProfile", 3),
             4: (0, "TxDefaultProfile", 0), 5: (1, "TxProfile", 3)}  # fmt: skip


@pytest.mark.parametrize("level", [None, 0, 3])
@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("connector", FILTERS, ids=str)
async def test_only_what_all_of_the_filters_mean_is_cleared(
    connector: dict[str, Any], purpose: str | None, level: int | None
) -> None:
    rig = Rig(DIALECT)
    rig.charge(1, number=7)
    for number, (place, kind, stack) in INSTALLED.items():
        more = {"transactionId": 7} if kind == "TxProfile" else {}
        assert await install(rig, place, profile((0, 10), id=number, level=stack, purpose=kind, **more)) == ACCEPTED
    asked = {**connector}
    if purpose is not None:
        asked["chargingProfilePurpose"] = purpose
    if level is not None:
        asked["stackLevel"] = level
    meant = {
        number
        for number, (place, kind, stack) in INSTALLED.items()
        if asked.get("connectorId", place) == place and purpose in (None, kind) and level in (None, stack)
    }
    answer = await rig.ask("ClearChargingProfile", asked)
    assert answer == (ACCEPTED if meant else {"status": "Unknown"})
    assert {each.id for each in rig.station.steering.shelf} == INSTALLED.keys() - meant


# --- what a TxProfile is for, and what outlives what ------------------------------------------------------------------


async def test_a_profile_without_a_transaction_s_number_is_for_the_one_that_runs() -> None:
    rig = Rig(DIALECT)
    rig.charge(1, number=7)
    assert await install(rig, 1, profile((0, 8), purpose="TxProfile")) == ACCEPTED
    assert permits(rig) == 8
    await rig.ask("RemoteStopTransaction", {"transactionId": 7})
    rig.guard(1, Observation())
    assert list(rig.station.steering.shelf) == []


async def test_the_profile_of_a_remote_start_that_nobody_uses_is_forgotten() -> None:
    rig = Rig(DIALECT)
    own = profile((0, 9), purpose="TxProfile", chargingProfileKind="Relative")
    asked = {"idTag": CARD.value, "connectorId": 1, "chargingProfile": own}
    assert await rig.ask("RemoteStartTransaction", asked) == ACCEPTED
    rig.clock.advance(61)
    permits(rig)
    rig.charge(1, Token("0BADCAFE"), number=9)
    assert permits(rig) == 16


async def test_when_the_transaction_s_profile_has_ended_the_default_counts_again() -> None:
    rig = Rig(DIALECT)
    rig.charge(1, number=7)
    await install(rig, 1, profile((0, 8), id=1))
    await install(rig, 1, profile((0, 12), id=2, purpose="TxProfile", transactionId=7, duration=HOUR))
    assert permits(rig) == 12
    rig.clock.advance(HOUR)
    assert permits(rig) == 8


async def test_a_weekly_profile_counts_on_its_day_and_a_daily_one_on_every() -> None:
    rig = Rig(DIALECT)
    rig.charge(1, number=7)
    weekly = {"chargingProfileKind": "Recurring", "recurrencyKind": "Weekly"}
    daily = {"chargingProfileKind": "Recurring", "recurrencyKind": "Daily"}
    await install(rig, 1, profile((0, 12), id=1, duration=HOUR, level=0, **daily))
    await install(rig, 1, profile((0, 7), id=2, duration=HOUR, level=1, **weekly))
    seen = []
    for day in (0, 1, 7, 8):
        rig.clock.advance(day * 24 * HOUR - (rig.clock.at - NOON).total_seconds())
        seen.append(permits(rig))
    assert seen == [7, 12, 7, 12]


async def test_amperes_and_watts_are_told_with_one_decimal_rounded_down() -> None:
    rig = Rig(DIALECT)
    await install(rig, 1, profile((0, 10.0), id=1))
    assert await schedule(rig, unit="W") == [(0, 2300)]
    await install(rig, 1, profile((0, 1975.0), id=1, unit="W"))
    assert await schedule(rig, unit="A") == [(0, 8.5)], "8.587"
