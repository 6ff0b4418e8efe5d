"""What is told of a reading, and when a sample is due."""

from datetime import UTC, datetime, timedelta

import pytest

from chargepoint.core.facts import Moment
from chargepoint.core.metering import (
    MEASURANDS,
    MEASURANDS_BY_PHASE,
    AlignedSchedule,
    Reading,
    deliverable,
    grid_phases,
    quantities,
    rotation_of,
    slot_of,
)

READING = Reading(
    energy_wh=12_345.6, power_w=10_980.0, current_a=(15.9, 16.0, 16.1), voltage_v=(228.0, 229.0, 230.0)
)  # fmt: skip


def told(reading: Reading, *measurands: str, **how: object) -> list[tuple[str, str, float, str]]:
    return [(q.measurand, q.phase, q.value, q.unit) for q in quantities(reading, measurands, **how)]  # type: ignore[arg-type]


# --- measurands -------------------------------------------------------------------------------------------------------


def test_the_register_is_told_in_watt_hours_and_the_power_in_watts() -> None:
    assert told(READING, "Power.Active.Import", "Energy.Active.Import.Register") == [
        ("Power.Active.Import", "", 10_980.0, "W"),
        ("Energy.Active.Import.Register", "", 12_345.6, "Wh"),
    ]


def test_current_and_voltage_are_told_for_each_phase() -> None:
    assert told(READING, "Current.Import", "Voltage") == [
        ("Current.Import", "L1", 15.9, "A"),
        ("Current.Import", "L2", 16.0, "A"),
        ("Current.Import", "L3", 16.1, "A"),
        ("Voltage", "L1-N", 228.0, "V"),
        ("Voltage", "L2-N", 229.0, "V"),
        ("Voltage", "L3-N", 230.0, "V"),
    ]


def test_one_phase_can_be_asked_for() -> None:
    assert told(READING, "Current.Import.L2", "Voltage.L3-N") == [
        ("Current.Import", "L2", 16.0, "A"),
        ("Voltage", "L3-N", 230.0, "V"),
    ]


def test_the_same_value_is_told_once() -> None:
    assert len(told(READING, "Current.Import.L2", "Current.Import")) == 3


def test_phases_are_named_as_the_grid_sees_them() -> None:
    """Wired STR, the EVSE's first phase is the grid's L2, its second L3, its third L1."""
    assert told(READING, "Current.Import", rotation="STR") == [
        ("Current.Import", "L1", 16.1, "A"),
        ("Current.Import", "L2", 15.9, "A"),
        ("Current.Import", "L3", 16.0, "A"),
    ]


def test_a_single_phase_evse_on_the_third_grid_phase_tells_l3_only() -> None:
    assert told(READING, "Current.Import", phases=1, rotation="TRS") == [("Current.Import", "L3", 15.9, "A")]


def test_what_the_meter_does_not_tell_is_left_out() -> None:
    poor = Reading(energy_wh=1.0)
    assert told(poor, *MEASURANDS) == [("Energy.Active.Import.Register", "", 1.0, "Wh")]
    assert told(Reading(1.0, power_w=float("nan"), current_a=(float("nan"), 2.0)), "Power.Active.Import") == []
    assert told(Reading(1.0, current_a=(float("nan"), 2.0)), "Current.Import") == [("Current.Import", "L2", 2.0, "A")]
    assert told(READING, "SoC", "Current.Import.L4", "") == []


FULL = Reading(
    energy_wh=9000.0, export_wh=12.0, power_w=-700.0, phase_power_w=(-900.0, 300.0, -100.0),
    phase_energy_wh=(2000.0, 3000.0, 4000.0), reactive_power_var=-150.0, power_factor=0.98, frequency_hz=49.98,
)  # fmt: skip


def test_power_flows_one_way_at_a_time_in_each_phase() -> None:
    assert told(FULL, "Power.Active.Import", "Power.Active.Export") == [
        ("Power.Active.Import", "", 0.0, "W"),
        ("Power.Active.Import", "L1", 0.0, "W"),
        ("Power.Active.Import", "L2", 300.0, "W"),
        ("Power.Active.Import", "L3", 0.0, "W"),
        ("Power.Active.Export", "", 700.0, "W"),
        ("Power.Active.Export", "L1", 900.0, "W"),
        ("Power.Active.Export", "L2", 0.0, "W"),
        ("Power.Active.Export", "L3", 100.0, "W"),
    ]


def test_power_by_phase_is_named_as_the_grid_sees_it() -> None:
    phases = told(FULL, "Power.Active.Import.L3", rotation="TRS")  # the EVSE's L1 is the grid's L3
    assert phases == [("Power.Active.Import", "L3", 0.0, "W")]
    assert told(FULL, "Power.Active.Import.L1", rotation="TRS") == [("Power.Active.Import", "L1", 300.0, "W")]


def test_a_register_is_told_by_phase_only_when_a_phase_is_asked_for() -> None:
    assert told(FULL, "Energy.Active.Import.Register") == [("Energy.Active.Import.Register", "", 9000.0, "Wh")]
    assert told(FULL, "Energy.Active.Import.Register.L2", rotation="STR") == [
        ("Energy.Active.Import.Register", "L2", 2000.0, "Wh")
    ]


def test_what_else_a_meter_may_tell() -> None:
    wanted = (
        "Energy.Active.Export.Register", "Power.Reactive.Import", "Power.Reactive.Export", "Power.Factor", "Frequency",
    )  # fmt: skip
    assert told(FULL, *wanted) == [
        ("Energy.Active.Export.Register", "", 12.0, "Wh"),
        ("Power.Reactive.Import", "", 0.0, "var"),
        ("Power.Reactive.Export", "", 150.0, "var"),
        ("Power.Factor", "", 0.98, ""),
        ("Frequency", "", 49.98, "Hz"),
    ]


def test_the_offer_is_told_in_amperes_per_phase_and_in_watts_of_all_phases() -> None:
    assert told(READING, "Current.Offered", "Power.Offered", offered_a=10.0) == [
        ("Current.Offered", "", 10.0, "A"),
        ("Power.Offered", "", 6_870.0, "W"),  # 10 A x (228 + 229 + 230) V
    ]
    assert told(Reading(1.0), "Power.Offered", offered_a=6.0, phases=1) == [("Power.Offered", "", 1_380.0, "W")]
    assert told(Reading(1.0), "Power.Offered", offered_a=6.0) == [("Power.Offered", "", 4_140.0, "W")]
    half_blind = Reading(1.0, voltage_v=(float("nan"), 229.0, 230.0))
    assert told(half_blind, "Power.Offered", offered_a=10.0) == [("Power.Offered", "", 6_900.0, "W")]
    assert told(READING, "Power.Offered", offered_a=10.0, phases=1) == [("Power.Offered", "", 2_280.0, "W")]


@pytest.mark.parametrize(
    ("rotation", "phases", "grid"),
    [
        ("RST", 3, (0, 1, 2)),
        ("RTS", 3, (0, 2, 1)),
        ("SRT", 3, (1, 0, 2)),
        ("STR", 3, (1, 2, 0)),
        ("TRS", 3, (2, 0, 1)),
        ("TSR", 3, (2, 1, 0)),
        ("TSR", 1, (2,)),
        ("Unknown", 3, (0, 1, 2)),
        ("RRT", 3, (0, 1, 2)),
    ],
)
def test_rotations(rotation: str, phases: int, grid: tuple[int, ...]) -> None:
    assert grid_phases(rotation, phases) == grid


def test_an_evse_finds_its_rotation_in_the_list_of_1_6() -> None:
    rotations = ("0.RST", "1.STR", "2.Unknown", "11.TSR")
    assert rotation_of(1, rotations) == "STR"
    assert rotation_of(2, rotations, "TRS") == "TRS"
    assert rotation_of(3, rotations, "TRS") == "TRS"
    assert rotation_of(3, rotations) == "RST"


# --- times ------------------------------------------------------------------------------------------------------------


def day(hours: int, minutes: int = 0, seconds: float = 0.0) -> datetime:
    return datetime(2024, 5, 1, tzinfo=UTC) + timedelta(hours=hours, minutes=minutes, seconds=seconds)


@pytest.mark.parametrize(
    ("at", "interval_s", "slot"),
    [
        (day(10, 7), 900, day(10, 0)),
        (day(10, 15), 900, day(10, 15)),
        (day(10, 14, 59.999), 900, day(10, 0)),
        (day(0), 3600, day(0)),
        (day(23, 59, 59), 900, day(23, 45)),
        (day(21), 36_000, day(20)),  # ten hours do not divide the day: 0, 10, 20,
        (day(25), 36_000, day(24)),  # and midnight again
        (day(5), 86_400, day(0)),
        (day(0, 0, 1.5), 1, day(0, 0, 1)),
    ],
)
def test_slots_are_counted_from_midnight(at: datetime, interval_s: int, slot: datetime) -> None:
    assert slot_of(at, interval_s) == slot


def test_an_interval_of_0_switches_sampling_off() -> None:
    schedule = AlignedSchedule()
    schedule.due(0, Moment(0.0, day(10, 14, 59)))
    assert schedule.due(0, Moment(2.0, day(10, 15, 1))) is None


def slots(*looks: tuple[float, datetime], interval_s: int = 900) -> list[datetime]:
    schedule = AlignedSchedule()
    due = [schedule.due(interval_s, Moment(mono_s, at)) for mono_s, at in looks]
    return [slot for slot in due if slot is not None]


def test_each_slot_is_due_once() -> None:
    looks = [(s / 4, day(10) + timedelta(seconds=s / 4)) for s in range(4 * 1900)]
    assert slots(*looks) == [day(10, 15), day(10, 30)]


def test_a_slot_may_be_as_short_as_a_second() -> None:
    looks = [(s / 4, day(10) + timedelta(seconds=s / 4)) for s in range(13)]
    assert slots(*looks, interval_s=1) == [day(10, 0, 1), day(10, 0, 2), day(10, 0, 3)]


def test_after_a_long_sleep_only_the_latest_slot_is_due() -> None:
    assert slots((0.0, day(10, 14)), (4000.0, day(11, 20, 40))) == [day(11, 15)]


def test_a_clock_that_jumps_forward_does_not_make_slots_due() -> None:
    assert slots((0.0, datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC)), (1.0, day(10, 20))) == []


def test_a_clock_put_back_repeats_no_slot_and_does_not_silence_us() -> None:
    assert slots(
        (0.0, day(10, 14, 59)),
        (2.0, day(10, 15, 1)),  # due
        (3.0, day(10, 14, 58)),  # put back by four seconds
        (6.0, day(10, 15, 1)),  # the same slot again
        (906.0, day(10, 30, 1)),  # due
        (907.0, day(8, 14, 59)),  # put back by hours
        (909.0, day(8, 15, 1)),  # due
    ) == [day(10, 15), day(10, 30), day(8, 15)]


# --- what meters can tell ---------------------------------------------------------------------------------------------


def test_what_no_meter_tells_cannot_be_delivered() -> None:
    one_phase = Reading(1.0, 2.0, (3.0,), (230.0,))
    three_phases = Reading(1.0, None, (1.0, 2.0, 3.0), ())
    told = deliverable([(one_phase, 1), (three_phases, 3)])
    assert {"Voltage.L1-N", "Current.Import.L3", "Power.Active.Import", "Current.Offered"} <= told
    assert not {"Voltage.L2-N", "Frequency", "Energy.Active.Export.Register"} & told


def test_as_long_as_a_meter_has_said_nothing_everything_is_thought_possible() -> None:
    assert deliverable([(READING, 3), (None, 3)]) == set(MEASURANDS_BY_PHASE) == deliverable([])
