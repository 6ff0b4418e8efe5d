"""The doctor on GPIO drivers: the pilot board on its bench, and the contactor's watchdog relay."""

from pathlib import Path
from typing import Any

import pytest

from hw.api import PilotLevels
from hw.discovery import Place
from hw.doctor.contactor import contactor_steps
from hw.doctor.pilot import pilot_steps
from hw.gpio import pilot as gpio_pilot
from hw.gpio.contactor import ContactorOptions, GpioContactor
from hw.gpio.sampling import Scale
from tests.hw.doctor.bench import failures, found
from tests.hw.gpio_wires import MockWires
from tests.hw.pilot_board import TICK_S, Board


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Board:
    board = Board(tmp_path, plug_channel=1)
    monkeypatch.setattr(gpio_pilot.time, "sleep", board.wait)
    return board


def pilot_of(board: Board) -> Any:
    """The driver; the board's time goes on with every look, as it does in the guard's loop."""
    driver = board.driver()
    look = driver.levels

    def levels() -> PilotLevels:
        board.wait(TICK_S)
        return look()

    driver.levels = levels  # type: ignore[method-assign]
    return driver


async def test_a_good_pilot_board_passes_and_tells_its_calibration(board: Board) -> None:
    told = await found(pilot_steps(pilot_of(board), socket=True, phases=3))
    assert failures(told) == {}
    assert list(told) == ["answers", "level", "pwm", "state_f", "proximity", "calibration", "sampling"]
    assert told["calibration"].seen == "code_plus_12v = 976, code_minus_12v = 108"
    assert told["sampling"].seen == "a sample every 34 us"
    assert board.duty() == 1.0


async def test_a_board_with_other_resistors_is_told_the_numbers_for_its_table(board: Board) -> None:
    board.scale = Scale.through(930, 150)
    told = await found(pilot_steps(pilot_of(board), socket=False, phases=3))
    assert "calibration" in failures(told)
    assert told["calibration"].remedy == "Write code_plus_12v = 930, code_minus_12v = 150 into [evse.1.pilot]."


async def test_a_generator_that_does_not_reach_the_input_is_found(board: Board) -> None:
    board.stuck = 976  # +12 V, whatever is driven
    told = failures(await found(pilot_steps(pilot_of(board), socket=False, phases=3)))
    assert {"pwm", "state_f", "check"} == set(told)
    assert told["check"] == "the level does not follow the PWM: code 976 at +12 V and 976 at -12 V"


@pytest.mark.parametrize("pulse_line", [22, None])
async def test_a_gpio_contactor_without_a_watchdog_relay_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pulse_line: int | None
) -> None:
    wires = MockWires(monkeypatch)
    options = ContactorOptions(line=17, feedback_line=27, feedback_active_high=False, pulse_line=pulse_line)
    contactor = GpioContactor(options, Place("evse.1.contactor", tmp_path, 1))
    told = await found(contactor_steps(contactor))
    contactor.close()
    assert failures(told) == ({} if pulse_line else {"pulse": "there is no pulse_line"})
    assert not wires.level(17)
    assert not wires.level(22)  # not one pulse: the watchdog relay stays open
