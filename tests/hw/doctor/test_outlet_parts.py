"""Pilot, contactor, lock, inputs and lamps of one outlet: good ones, and each with what an installer gets wrong."""

import asyncio
from collections.abc import Sequence

import pytest

from hw.api import Colour, Sensors
from hw.doctor.contactor import contactor_steps
from hw.doctor.findings import Finding, ok
from hw.doctor.indicator import indicator_steps
from hw.doctor.lock import lock_steps
from hw.doctor.pilot import pilot_steps
from hw.doctor.proving import at
from hw.doctor.sensors import resting, sensor_steps
from tests.hw.doctor.bench import LOST, Stuck, a_bay, failures, found, pins, skips

# --- pilot ------------------------------------------------------------------------------------------------------------


async def test_a_good_pilot_is_driven_through_all_its_levels_and_left_at_twelve_volts() -> None:
    pilot = pins(a_bay())
    told = await found(pilot_steps(pilot, socket=True, phases=3))
    assert failures(told) == {}
    assert skips(told) == {}
    assert {step: finding.seen for step, finding in told.items()} == {
        "answers": "",
        "level": "12.0 V",
        "pwm": "12.0 V and -12.0 V at 50 %",
        "state_f": "-12.0 V",
        "proximity": "open",
    }
    assert pilot.out.duty == 1.0


@pytest.mark.parametrize(
    ("high_v", "failed", "remedy"),
    [
        (10.9, "10.9 V; wanted 11 to 13 V", "Calibrate the pilot input"),
        (13.1, "13.1 V; wanted 11 to 13 V", "Calibrate the pilot input"),
        (14.0, "14.0 V; wanted 11 to 13 V", "Check the wiring of the pilot input"),
        (0.1, "0.1 V; wanted 11 to 13 V", "Is CP connected to PE somewhere?"),
        (-5.0, "-5.0 V; wanted 11 to 13 V", "Check the wiring of the pilot input"),
        (-12.0, "-12.0 V; wanted 11 to 13 V", "The generator does not leave -12 V"),
    ],
)
async def test_a_level_that_nothing_plugged_in_can_explain_is_a_fault_of_the_board(
    high_v: float, failed: str, remedy: str
) -> None:
    told = await found(pilot_steps(Stuck(high_v), socket=False, phases=3))
    assert failures(told) == {"level": failed}
    assert told["level"].remedy.startswith(remedy)
    assert list(told) == ["answers", "level"]  # the generator is not tried: it shows nothing


@pytest.mark.parametrize(("high_v", "letter"), [(9.0, "B"), (6.0, "C"), (3.0, "D")])
async def test_with_a_car_plugged_in_the_pilot_is_left_alone(high_v: float, letter: str) -> None:
    pilot = Stuck(high_v)
    told = await found(pilot_steps(pilot, socket=False, phases=3))
    assert failures(told) == {}
    assert skips(told)["level"].startswith(f"{high_v} V, state {letter}: a car is plugged in.")
    assert pilot.offered == 1.0


async def test_a_generator_without_minus_twelve_volts_is_found() -> None:
    pilot = Stuck(12.0)
    told = await found(pilot_steps(pilot, socket=False, phases=3))
    assert failures(told) == {"pwm": "12.0 V and no low level at 50 %", "state_f": "12.0 V"}
    assert pilot.offered == 1.0


async def test_a_controller_that_makes_the_signal_by_itself_is_not_asked_for_pwm() -> None:
    class Controller(Stuck):
        switches_itself = True

    told = await found(pilot_steps(Controller(12.0), socket=False, phases=3))
    assert failures(told) == {}
    assert skips(told) == {"pwm": "the controller makes the signal by itself"}


@pytest.mark.parametrize(
    ("ohm", "outcome"),
    [
        (None, None),
        (2300.0, None),
        (40.0, "40 ohm"),
        (220.0, "220 ohm: a cable for 32 A is in the socket"),
    ],
)
async def test_the_proximity_contact_of_an_empty_socket_is_open(ohm: float | None, outcome: str | None) -> None:
    told = await found(pilot_steps(Stuck(12.0, -12.0, ohm), socket=True, phases=3))
    assert (failures(told) | skips(told)).get("proximity") == outcome


async def test_a_pilot_that_does_not_answer_is_told_with_its_own_remedy() -> None:
    told = await found(at("evse.1.pilot", pilot_steps(Stuck(0, lost=True), socket=True, phases=3)))
    assert failures(told) == {"evse.1.pilot.answers": "no answer"}
    assert told["evse.1.pilot.answers"].remedy == "Check the cable."


async def test_a_pilot_that_needs_a_moment_after_it_was_opened_gets_it() -> None:
    pilot = Stuck(12.0, -12.0, lost=True)

    async def wakes_up() -> None:
        await asyncio.sleep(2.0)
        pilot.lost = False

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(wakes_up())
        told = await found(pilot_steps(pilot, socket=False, phases=3))
    assert "level" in told


async def test_what_only_a_driver_knows_it_may_say() -> None:
    class Clever(Stuck):
        def check(self) -> Sequence[Finding]:
            return [ok("firmware", "firmware is new enough", "5.2.1")]

    told = await found(at("evse.1.pilot", pilot_steps(Clever(12.0, -12.0), socket=False, phases=3)))
    assert told["evse.1.pilot.firmware"].seen == "5.2.1"


# --- contactor --------------------------------------------------------------------------------------------------------


async def test_a_contactor_is_open_and_never_closed() -> None:
    bay = a_bay()
    contactor = pins(bay)
    contactor.switch(True)  # as somebody left it
    told = await found(contactor_steps(contactor, contactor.levels))
    assert failures(told) == {}
    assert told["open"].seen == "open"
    assert not contactor.out.coil


async def test_a_mirror_contact_that_says_closed_while_the_coil_is_off_is_told_as_weld_or_wrong_wiring() -> None:
    contactor = pins(a_bay("contactor_welded"))
    told = await found(contactor_steps(contactor, contactor.levels))
    assert failures(told) == {"open": "closed, and the coil is off"}
    assert "welded" in told["open"].remedy
    assert "polarity" in told["open"].remedy


async def test_without_a_mirror_contact_nothing_is_proven() -> None:
    class Blind:
        def switch(self, closed: bool) -> None: ...
        def feedback(self) -> bool | None:
            return None

        def close(self) -> None: ...

    assert "welded contactor cannot be noticed" in skips(await found(contactor_steps(Blind())))["open"]


# --- lock -------------------------------------------------------------------------------------------------------------


async def test_a_lock_moves_both_ways_and_is_left_unlocked() -> None:
    bay = a_bay()
    lock = pins(bay)
    told = await found(lock_steps(lock, lock.levels))
    assert (told["answers"].seen, told["moves"].seen) == ("unlocked", "both ways")
    assert bay.locked() is False


class Bolt:
    """A lock whose sense switch says what a test wants."""

    def __init__(self, senses: dict[bool, bool | None]) -> None:
        self._senses, self._wanted, self.driven = senses, False, list[bool]()

    def drive(self, locked: bool) -> None:
        self._wanted = locked
        self.driven.append(locked)

    def sense(self) -> bool | None:
        return self._senses[self._wanted]

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("senses", "seen"),
    [
        ({True: False, False: False}, "does not lock"),
        ({True: True, False: True}, "does not unlock"),
        ({True: False, False: True}, "senses locked when unlocked, and the other way round"),
    ],
)
async def test_a_lock_that_jams_or_is_sensed_the_wrong_way_round_is_found(
    senses: dict[bool, bool | None], seen: str
) -> None:
    bolt = Bolt(senses)
    assert failures(await found(lock_steps(bolt))) == {"moves": seen}
    assert bolt.driven == [True, False]


async def test_a_lock_without_a_sense_switch_has_to_be_listened_to() -> None:
    assert "listen" in skips(await found(lock_steps(Bolt({True: None, False: None}))))["moves"]


async def test_a_lock_that_is_lost_half_way_is_still_told_to_unlock() -> None:
    class Loose(Bolt):
        def sense(self) -> bool | None:
            if self._wanted:
                raise LOST
            return False

    bolt = Loose({True: True, False: False})
    told = await found(at("evse.1.lock", lock_steps(bolt)))
    assert failures(told) == {"evse.1.lock.stays": "no answer"}
    assert bolt.driven == [True, False]


# --- inputs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "step", "seen"),
    [
        ("earth_leakage", "residual_current", "tripped"),
        ("emergency_stop", "emergency_stop", "pressed, or its wire is broken"),
        ("overtemperature", "temperature", "80 °C"),
        ("rcd_selftest", "selftest", "failed"),
    ],
)
async def test_each_input_that_would_stop_a_car_is_told_before_there_is_one(fault: str, step: str, seen: str) -> None:
    board = pins(a_bay(fault))
    assert failures(await found(sensor_steps(board, board.levels))) == {step: seen}


async def test_inputs_at_rest_are_in_order_and_the_self_test_is_run() -> None:
    board = pins(a_bay())
    told = await found(sensor_steps(board, board.levels, own=True))
    assert failures(told) == {}
    assert told["selftest"].seen == "passed"
    assert board.out.selftests == 1


async def test_a_self_test_that_never_ends_has_not_passed() -> None:
    class Silent(Stuck):
        def sensors(self) -> Sensors:
            return Sensors(rcd_selftest_fitted=True)

    assert failures(await found(sensor_steps(Silent(12.0)))) == {"selftest": "did not end"}


def test_inputs_that_are_not_wired_are_not_mentioned() -> None:
    assert resting(Sensors()) == []


def test_of_door_and_key_either_is_fine() -> None:
    told = {finding.step: finding.seen for finding in resting(Sensors(enclosure_open=True, key_locked=False))}
    assert told == {"enclosure_open": "open", "key_locked": "free"}


def test_earth_and_the_faults_of_a_controller_are_told_by_name() -> None:
    told = resting(Sensors(earth_missing=True, pen_fault=True, reported_faults=("MREC2GroundFailure",)))
    assert failures({finding.step: finding for finding in told}) == {
        "earth_missing": "missing",
        "pen_fault": "the detector has tripped",
        "fault_MREC2GroundFailure": "MREC2GroundFailure",
    }


# --- lamps ------------------------------------------------------------------------------------------------------------


async def test_lamps_are_shown_one_after_the_other_and_put_out() -> None:
    class Lamps:
        def __init__(self) -> None:
            self.shown = list[object]()

        def show(self, colour: Colour) -> None:
            self.shown.append(colour)

        def sound(self, on: bool) -> None:
            self.shown.append(on)

        def close(self) -> None: ...

    lamps = Lamps()
    await found(indicator_steps(lamps))
    assert lamps.shown == [Colour.GREEN, Colour.BLUE, Colour.RED, True, False, Colour.OFF]
