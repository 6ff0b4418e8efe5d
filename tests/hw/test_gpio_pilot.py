"""The GPIO pilot as a whole, on a board whose PWM and converter obey their rules."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from hw.api import PilotLevels
from hw.discovery import check
from hw.errors import DeviceLost
from hw.gpio.detector import RENEW_S, STUCK_BURSTS
from hw.gpio.pilot import GpioPilot, PilotOptions
from hw.gpio.resistors import Proximity, Thermistor
from hw.guard.pilot import cable_rating_a, diode_shows, duty_for, letter_of
from tests.hw.pilot_board import TICK_S, Board


def ticks(driver: GpioPilot, board: Board, count: int) -> list[PilotLevels]:
    told = []
    for _ in range(count):
        board.wait(TICK_S)
        told.append(driver.levels())
    return told


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


# --- levels -----------------------------------------------------------------------------------------------------------


def test_at_start_a_steady_12_v_is_driven_and_seen(board: Board) -> None:
    levels = board.driver().levels()

    assert board.chip.high_ns() == 1_000_000
    assert (letter_of(levels.high_v), levels.low_v, levels.proximity_ohm) == ("A", None, None)


@pytest.mark.parametrize("amps", [6, 16, 32, 63, 80])
@pytest.mark.parametrize("letter", ["A", "B", "C", "D"])
def test_every_state_is_seen_behind_every_offer(board: Board, amps: float, letter: str) -> None:
    driver = board.driver()
    driver.offer(duty_for(amps))
    board.letter = letter

    levels = ticks(driver, board, 80)[-1]

    assert letter_of(levels.high_v) == letter
    assert diode_shows(levels.low_v)
    assert levels.duty == pytest.approx(duty_for(amps), abs=0.03)


def test_state_f_is_a_steady_minus_12_v(board: Board) -> None:
    driver = board.driver()
    driver.offer(0.0)

    levels = ticks(driver, board, 2)[-1]

    assert (letter_of(levels.high_v), levels.low_v) == ("F", None)


def test_an_inverting_stage_makes_the_same_pilot(tmp_path: Path) -> None:
    board = Board(tmp_path, inverted=True)
    driver = board.driver()
    driver.offer(duty_for(16.0))
    board.letter = "C"

    levels = ticks(driver, board, 80)[-1]

    assert letter_of(levels.high_v) == "C"
    assert levels.duty == pytest.approx(duty_for(16.0), abs=0.03)


def test_a_car_that_leaves_state_c_is_told_at_the_next_tick(board: Board) -> None:
    driver = board.driver()
    driver.offer(duty_for(16.0))
    board.letter = "C"
    ticks(driver, board, 20)

    board.letter = "B"

    assert letter_of(ticks(driver, board, 1)[0].high_v, "C") == "B"


def test_a_burst_is_one_system_call_and_shorter_than_a_fifth_of_a_tick(board: Board) -> None:
    driver = board.driver()
    driver.offer(duty_for(16.0))
    ticks(driver, board, 3)
    board.converter.calls.clear()
    began_s = board.now_s

    driver.levels()

    assert len(board.converter.calls) == 1
    assert board.now_s - began_s < 0.0016


def test_bursts_begin_at_different_fractions_of_a_sample(board: Board) -> None:
    driver = board.driver()
    driver.offer(duty_for(16.0))
    board.converter.leads.clear()

    ticks(driver, board, 20)

    assert len(set(board.converter.leads)) > 10
    assert max(board.converter.leads) <= 36


def test_ticks_that_find_nothing_new_say_the_same_and_the_age_tells_that_they_measure(board: Board) -> None:
    driver = board.driver()
    driver.offer(duty_for(16.0))
    board.letter = "B"
    ticks(driver, board, 100)

    told = ticks(driver, board, 100)

    assert len({id(levels) for levels in told}) <= 8  # of 100; noise makes one more now and then
    assert board.now_s - told[-1].taken_s <= RENEW_S + TICK_S


# --- plug and temperature ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ohm", "rating_a"), [(1500.0, 13.0), (680.0, 20.0), (220.0, 32.0), (100.0, 63.0), (None, None), (40.0, None)]
)
def test_the_resistor_of_a_plug_is_measured(tmp_path: Path, ohm: float | None, rating_a: float | None) -> None:
    board = Board(tmp_path)
    driver = board.driver()

    volts = 5.0 if ohm is None else 5.0 * ohm / (ohm + 330.0)
    board.plug_code = round(volts / 5.5 * 1023)
    measured = ticks(driver, board, 2)[-1].proximity_ohm

    assert measured == (None if ohm is None else pytest.approx(ohm, rel=0.05))
    assert cable_rating_a(measured, 3) == rating_a


def test_a_thermistor_is_read_once_a_second(tmp_path: Path) -> None:
    board = Board(tmp_path, temperature_channel=7)
    driver = board.driver()
    assert driver.sensors().temperature_degc == pytest.approx(25.0, abs=0.1)

    board.warm_code = 200
    ticks(driver, board, 50)
    assert driver.sensors().temperature_degc == pytest.approx(25.0, abs=0.1)
    ticks(driver, board, 51)
    assert driver.sensors().temperature_degc == pytest.approx(60.0, abs=3.0)


@pytest.mark.parametrize("code", [0, 1023])
def test_a_broken_thermistor_is_a_device_lost(tmp_path: Path, code: int) -> None:
    board = Board(tmp_path, temperature_channel=7)
    driver = board.driver()
    board.warm_code = code
    board.wait(1.1)

    with pytest.raises(DeviceLost, match="thermistor is broken or shorted"):
        driver.sensors()


def test_without_a_thermistor_there_is_no_temperature(board: Board) -> None:
    assert board.driver().sensors().temperature_degc is None


@pytest.mark.parametrize(("share", "degc"), [(0.5, 25.0), (0.7654, 0.0), (0.0644, 100.0)])
def test_a_thermistor_of_10_k_and_3950(share: float, degc: float) -> None:
    assert Thermistor(10_000, 3950, 10_000).degc(share) == pytest.approx(degc, abs=1.0)


def test_a_contact_above_its_supply_is_open() -> None:
    assert Proximity(330, 5.0, 0.005).ohm(1023) is None


# --- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [0, 1023])
def test_a_converter_at_the_end_of_its_range_is_refused_at_start(board: Board, code: int) -> None:
    board.stuck = code

    with pytest.raises(DeviceLost) as told:
        board.driver()

    assert str(told.value) == (
        f"[evse.1.pilot]: the converter shows nothing but {code}, the end of its range. Check the pilot's input stage "
        "and its supply, pilot_channel, and the data line of the converter."
    )
    assert board.chip.high_ns() == 1_000_000  # whatever the converter says


@pytest.mark.parametrize("duty", [1.0, 0.3])
@pytest.mark.parametrize("code", [0, 1023])
def test_a_converter_that_sticks_is_a_device_lost_within_three_ticks_and_comes_back(
    board: Board, duty: float, code: int
) -> None:
    driver = board.driver()
    driver.offer(duty)
    ticks(driver, board, 5)
    board.stuck = code

    ticks(driver, board, STUCK_BURSTS - 1)
    with pytest.raises(DeviceLost, match="the end of its range"):
        ticks(driver, board, 1)

    board.stuck = None
    assert letter_of(ticks(driver, board, 3)[-1].high_v) == "A"


def test_minus_12_v_below_the_range_of_a_board_is_no_fault(tmp_path: Path) -> None:
    board = Board(tmp_path, code_plus_12v=1000, code_minus_12v=-0.0)
    driver = board.driver()
    driver.offer(0.0)
    board.sampler.noise_v = 0.0

    assert letter_of(ticks(driver, board, 10)[-1].high_v) == "F"


def test_a_frozen_converter_shows_a_duty_that_was_never_driven(board: Board) -> None:
    driver = board.driver()
    driver.offer(duty_for(16.0))
    board.letter = "C"
    ticks(driver, board, 80)
    board.stuck = 760

    levels = ticks(driver, board, 60)[-1]

    assert levels.low_v is None
    assert levels.duty is not None
    assert levels.duty > 0.8


def test_a_converter_that_goes_is_looked_for_once_a_second_and_found_again(board: Board) -> None:
    driver = board.driver()
    board.converter.fails = errno.ESHUTDOWN
    with pytest.raises(DeviceLost, match="shutdown"):
        ticks(driver, board, 1)
    opened = board.opened
    for _ in range(99):
        with pytest.raises(DeviceLost):
            ticks(driver, board, 1)
    assert board.opened <= opened + 1

    board.converter.fails = None
    board.wait(1.0)

    assert letter_of(driver.levels().high_v) == "A"


def test_a_converter_that_is_too_slow_is_refused(tmp_path: Path) -> None:
    board = Board(tmp_path, spi_hz=500_000)
    board.converter.select_us = 60.0

    with pytest.raises(DeviceLost) as told:
        board.driver()

    assert str(told.value).endswith("the converter takes 109 us for a sample, 80 at most are needed. Raise spi_hz.")


def test_closing_leaves_a_steady_12_v(board: Board) -> None:
    driver = board.driver()
    driver.offer(0.5)

    driver.close()

    assert board.chip.high_ns() == 1_000_000


# --- calibration ------------------------------------------------------------------------------------------------------


def test_a_calibration_tells_the_values_to_write(tmp_path: Path) -> None:
    board = Board(tmp_path)
    board.scale = board.scale.through(930, 140)  # the board differs from the drawing
    driver = board.driver()

    measured = driver.calibrate(board.wait)

    assert str(measured) == "code_plus_12v = 930, code_minus_12v = 140"
    assert measured.spacing_us == pytest.approx(34.5, abs=1.0)
    assert board.chip.high_ns() == 1_000_000


def test_a_level_that_does_not_follow_is_not_calibrated(board: Board) -> None:
    driver = board.driver()
    board.stuck = 500

    with pytest.raises(DeviceLost, match="does not follow the PWM: code 500 at "):
        driver.calibrate(board.wait)


def test_a_level_that_trembles_is_not_calibrated(board: Board) -> None:
    driver = board.driver()
    board.sampler.noise_v = 1.0

    with pytest.raises(DeviceLost, match="does not stay still"):
        driver.calibrate(board.wait)


# --- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"pwm_gpio": 17}, "pwm_gpio = 17 has no hardware PWM. "
         "Use one of 12, 13, 18, 19; on another board name pwm_chip and pwm_channel."),
        ({"pwm_chip": "pwmchip0"}, "pwm_chip and pwm_channel go together. "
         "Give both, or neither on a Raspberry Pi."),
        ({"pwm_channel": 1}, "pwm_chip and pwm_channel go together. Give both, or neither on a Raspberry Pi."),
        ({"adc": "mcp3004", "pilot_channel": 4}, "pilot_channel = 4, but mcp3004 has 4 inputs. They count from 0."),
        ({"plug_channel": 0}, "plug_channel = 0 is pilot_channel already. Give each its own input."),
        ({"code_plus_12v": 300, "code_minus_12v": 200}, "code_plus_12v = 300 and code_minus_12v = 200 "
         "lie too close together. Measure them: chargepoint doctor shows both."),
        ({"adc": "ads1115"}, 'adc = "ads1115" is not one of the choices. Allowed: "mcp3004", "mcp3008", '),
    ],
)  # fmt: skip
def test_mistakes_in_the_table(table: dict[str, Any], sentence: str) -> None:
    [mistake] = check("pilot", {"driver": "gpio", **table}, "evse.1.pilot")

    assert str(mistake).startswith(f"[evse.1.pilot] {sentence}")


def test_another_board_names_its_chip_and_channel() -> None:
    assert check("pilot", {"driver": "gpio", "pwm_gpio": 99, "pwm_chip": "pwmchip3", "pwm_channel": 2}, "x") == []


def test_the_scale_of_twelve_bits_is_that_of_ten() -> None:
    ten, twelve = PilotOptions(adc="mcp3008"), PilotOptions(adc="mcp3208")

    assert twelve.inputs().scale.volts(4095) == pytest.approx(ten.inputs().scale.volts(1023), abs=0.05)
