"""What the kernel sees of a line that our drivers claim, use and give back, with either library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gpiozero
import pytest
from gpiozero.pins.lgpio import LGPIOFactory

from hw.api import Colour
from hw.discovery import Place
from hw.errors import DeviceLost, OptionsWrong
from hw.gpio.chip import chips, read_chip
from hw.gpio.contactor import GpioContactor
from hw.gpio.indicator import GpioIndicator
from hw.gpio.lock import GpioLock
from hw.gpio.sensors import GpioSensors
from tests.gpio.witness import Witness, chip_of
from tests.hw.gpio_wires import ChipWires

COIL, MIRROR, PULSE, HOLD = 17, 27, 4, 22


class Bench:
    """Builds drivers on the first chip, and closes them again."""

    def __init__(self, library: str) -> None:
        self._common = {"pin_factory": library, "chip": chip_of()[0]}
        self._built: list[Any] = []

    def build(self, driver: Any, part: str, **table: Any) -> Any:
        options = driver.Options(**self._common | table)
        self._built.append(driver(options, Place(f"evse.1.{part}", Path("/nonexistent"), 1)))
        return self._built[-1]

    def contactor(self, **table: Any) -> GpioContactor:
        contactor: GpioContactor = self.build(GpioContactor, "contactor", **{"line": COIL} | table)
        return contactor

    def clear(self) -> None:
        while self._built:
            self._built.pop().close()


@pytest.fixture
def bench(library: str) -> Iterator[Bench]:
    bench = Bench(library)
    yield bench
    bench.clear()


# --- outputs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("active_high", "off", "on"), [(True, "low", "high"), (False, "high", "low")])
def test_a_coil_is_claimed_off_in_one_step(
    bench: Bench, witness: Witness, active_high: bool, off: str, on: str
) -> None:
    contactor = bench.contactor(active_high=active_high)
    assert witness.saw(COIL) == [off, "output"]

    contactor.switch(True)
    assert witness.saw(COIL) == [on]
    contactor.switch(False)
    assert witness.saw(COIL) == [off]


def test_the_witness_would_have_seen_a_click(witness: Witness) -> None:
    """gpiozero's own pin on lgpio drives an active-low relay for a moment."""
    factory = LGPIOFactory(chip=0)
    factory._get_revision = lambda: 0xC03114
    relay = gpiozero.OutputDevice(COIL, active_high=False, pin_factory=factory)
    assert witness.saw(COIL) == ["input", "low", "output", "high"]
    relay.close()
    factory.close()


def test_a_line_is_given_back_off_and_never_made_an_input(bench: Bench, witness: Witness) -> None:
    bench.contactor(active_high=False).switch(True)
    witness.forget()

    bench.clear()

    assert witness.saw(COIL) == ["high"]
    assert not read_chip(chip_of()[0]).line(COIL).used


def test_a_line_can_be_had_again(bench: Bench, wires: ChipWires) -> None:
    for closed in (True, False, True):
        contactor = bench.contactor()
        contactor.switch(closed)
        assert wires.level(COIL) is closed
        bench.clear()


def test_the_kernel_lists_who_holds_a_line(bench: Bench) -> None:
    bench.contactor(feedback_line="GPIO27")
    chip = read_chip(chip_of()[0])
    assert [chip.line(n).consumer for n in (COIL, MIRROR)] == [
        "evse.1.contactor.line",
        "evse.1.contactor.feedback_line",
    ]


def test_a_pulse_line_changes_with_every_beat_and_at_no_other_time(bench: Bench, witness: Witness) -> None:
    contactor = bench.contactor(pulse_line=PULSE)
    assert witness.saw(PULSE) == ["low", "output"]

    for _ in range(4):
        contactor.beat()
    assert witness.saw(PULSE) == ["high", "low", "high", "low"]

    contactor.switch(True)
    contactor.feedback()
    contactor.switch(False)
    assert witness.saw(PULSE) == []


def test_the_coil_is_never_without_power_while_it_goes_over_to_holding(library: str, witness: Witness) -> None:
    now_s = [0.0]
    options = GpioContactor.Options(pin_factory=library, line=COIL, hold_line=HOLD)
    contactor = GpioContactor(options, Place("evse.1.contactor", Path("/nonexistent"), 1), lambda: now_s[0])
    witness.forget()

    contactor.switch(True)
    now_s[0] = 0.11
    contactor.feedback()

    assert witness.saw(HOLD) == ["high"]
    contactor.switch(False)
    contactor.close()


def test_a_motor_is_claimed_with_both_lines_off(bench: Bench, witness: Witness, wires: ChipWires) -> None:
    lock = bench.build(GpioLock, "lock", open_line=5, close_line=6, active_high=False)
    assert witness.saw(5) == ["high", "output"]
    lock.drive(True)
    assert (wires.level(5), wires.level(6)) == (True, False)


def test_lamps_are_claimed_dark(bench: Bench, witness: Witness, wires: ChipWires) -> None:
    lamps = bench.build(GpioIndicator, "indicator", red_line=18, green_line=19, active_high=False)
    assert witness.saw(18) == ["high", "output"]
    lamps.show(Colour.RED)
    assert (wires.level(18), wires.level(19)) == (False, True)


# --- inputs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pull", ["up", "down"])
def test_an_input_has_the_pull_that_the_table_asks_for(bench: Bench, pull: str) -> None:
    sensors = bench.build(GpioSensors, "sensors", emergency_stop_line=8, emergency_stop_pull=pull)
    assert sensors.sensors().emergency_stop is (pull == "up")


def test_a_feedback_follows_its_contact(bench: Bench, wires: ChipWires) -> None:
    contactor = bench.contactor(feedback_line=MIRROR, feedback_pull="none")
    for closed in (True, False, True):
        wires.pull(MIRROR, closed)
        assert contactor.feedback() is closed


# --- what is wrong ----------------------------------------------------------------------------------------------------


def what_is_wrong(bench: Bench, **table: Any) -> str:
    with pytest.raises((OptionsWrong, DeviceLost)) as caught:
        bench.contactor(**table)
    return str(caught.value)


def test_a_line_that_somebody_holds_is_named_with_its_holder(bench: Bench) -> None:
    chip, _ = chip_of(second=True)
    assert what_is_wrong(bench, chip="gpio-sim-second", line=3) == (
        '[evse.1.contactor]: line = 3 is held by "board-led". End that program, or take the overlay away that holds '
        f"the line; `gpioinfo` shows who holds which line of {chip}."
    )


def test_after_a_mistake_no_line_is_held(bench: Bench) -> None:
    what_is_wrong(bench, feedback_line=99)
    assert not any(line.used for line in read_chip(chip_of()[0]).all_lines())


def test_a_line_is_out_of_range(bench: Bench) -> None:
    assert what_is_wrong(bench, line=28).startswith(
        f"[evse.1.contactor]: line = 28 is out of range: {chip_of()[0]} (gpio-sim-test) has lines 0 to 27."
    )


def test_a_misspelt_name_gets_the_nearest(bench: Bench) -> None:
    assert what_is_wrong(bench, line="GPIO_17") == (
        f'[evse.1.contactor]: line = "GPIO_17" is no line of {chip_of()[0]} (gpio-sim-test). Did you mean "GPIO17"?'
    )


def test_a_name_on_a_chip_without_names(bench: Bench) -> None:
    chip, _ = chip_of(second=True)
    assert what_is_wrong(bench, chip=chip, line="GPIO1") == (
        f'[evse.1.contactor]: line = "GPIO1" is no line of {chip} (gpio-sim-second). '
        f"Give its number: the lines of {chip} have no names."
    )


def test_a_line_used_twice(bench: Bench) -> None:
    assert "feedback_line = 17: pin GPIO17 is already in use by [evse.1.contactor]" in what_is_wrong(
        bench, feedback_line=COIL
    )


def test_a_line_that_another_driver_has(bench: Bench) -> None:
    bench.build(GpioIndicator, "indicator", red_line=COIL)
    assert "pin GPIO17 is already in use by [evse.1.indicator]" in what_is_wrong(bench)


@pytest.mark.parametrize(
    ("chip", "sentence"),
    [
        ("gpiochip7", 'there is no GPIO chip "gpiochip7". Did you mean '),
        ("gpio-sim-tset", 'there is no GPIO chip "gpio-sim-tset". Did you mean "gpio-sim-test"?'),
        ("/dev/null", 'chip = "/dev/null" is no GPIO chip. `gpiodetect` lists the chips.'),
    ],
)
def test_a_chip_that_is_not_there(bench: Bench, chip: str, sentence: str) -> None:
    assert sentence in what_is_wrong(bench, chip=chip)


def test_a_chip_has_many_names() -> None:
    labels = [chip.label for chip in chips()]
    assert labels == ["gpio-sim-test", "gpio-sim-second"]
