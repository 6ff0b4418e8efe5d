"""What becomes of a line whose process is killed, looked at on the kernel's chip without disturbing it."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from hw.doctor.findings import Finding, Outcome
from hw.doctor.spare import spare_step
from hw.gpio.chip import read_chip
from tests.hw.gpio_wires import ChipWires, simulated_chip

FOLDER = simulated_chip() or Path()
SPARE = 26


def after_a_kill(table: dict[str, Any], folder: Path) -> Finding:
    return asyncio.run(spare_step(table, folder, has_pulse=False))


@pytest.mark.parametrize("library", ["gpiod", "lgpio"])
def test_the_level_after_a_kill_is_told_and_the_line_is_free_again(tmp_path: Path, library: str) -> None:
    wires = ChipWires(library, FOLDER)
    told = after_a_kill({"driver": "gpio", "line": SPARE, **wires.options}, tmp_path)
    assert (told.outcome, told.seen) == (Outcome.OK, "low 1 s after kill -9")  # this chip's driver gives lines back
    assert not read_chip(os.environ["GPIOSIM_CHIP"]).line(SPARE).used


@pytest.mark.parametrize("high", [True, False])
def test_a_level_is_looked_at_without_a_change(high: bool) -> None:
    wires = ChipWires("gpiod", FOLDER)
    wires.pull(SPARE, high)
    chip = read_chip(os.environ["GPIOSIM_CHIP"])
    assert chip.level(SPARE) is high
    assert wires.level(SPARE) is high
    assert not chip.line(SPARE).used


def test_a_line_that_somebody_holds_is_told_as_such(tmp_path: Path) -> None:
    table = {"driver": "gpio", "line": 3, "chip": os.environ["GPIOSIM_CHIP_2"]}
    told = after_a_kill(table, tmp_path)
    assert told.outcome is Outcome.FAILED
    assert "board-led" in told.seen
