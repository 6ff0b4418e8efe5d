"""Our pin factory serves any gpiozero program, found by its entry point."""

from __future__ import annotations

import os
import subprocess
import sys

import gpiozero
import pytest

from hw.gpio.gpiod_pins import GpiodFactory
from tests.gpio.witness import Witness, chip_of
from tests.hw.gpio_wires import ChipWires


def test_a_lamp_and_a_button(witness: Witness) -> None:
    wires = ChipWires("gpiod", chip_of()[1])
    with GpiodFactory() as factory:
        wires.pull(22, True)
        with gpiozero.LED(17, pin_factory=factory) as lamp, gpiozero.LED("GPIO4", pin_factory=factory):
            assert witness.saw(17) == ["low", "output"]
            lamp.on()
            assert wires.level(17)
        wires.pull(22, False)
        with gpiozero.DigitalInputDevice(22, pull_up=None, active_state=True, pin_factory=factory) as button:
            assert not button.is_active
            wires.pull(22, True)
            assert button.wait_for_active(timeout=10)
            wires.pull(22, False)
            assert button.wait_for_inactive(timeout=10)


def test_an_output_without_its_level_is_refused(witness: Witness) -> None:
    with GpiodFactory() as factory, pytest.raises(gpiozero.PinInvalidFunction):
        gpiozero.OutputDevice(17, initial_value=None, pin_factory=factory)
    assert witness.saw(17) == []


def test_gpiozero_finds_it_by_name() -> None:
    program = "import gpiozero; lamp = gpiozero.LED(17); lamp.on(); print(lamp.pin_factory, lamp.value)"
    told = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"GPIOZERO_PIN_FACTORY": "gpiod"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "GpiodFactory" in told.stdout
    assert told.stdout.split()[-1] == "1"
