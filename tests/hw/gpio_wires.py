"""What the lines of a board are wired to in a test: gpiozero's mock pins, or the kernel's simulated chip.

Both are looked at from outside: the level of a line as a relay would see it, a contact that pulls a line up or down.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Protocol

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory, MockPin

LIBRARIES = ("gpiod", "lgpio")


def simulated_chip() -> Path | None:
    """The sysfs folder of the kernel's simulated chip, inside the virtual machine only."""
    folder = os.environ.get("GPIOSIM_DIR")
    return Path(folder) if folder else None


class Wires(Protocol):
    options: dict[str, object]  # of every driver's table

    def level(self, line: int) -> bool: ...
    def pull(self, line: int, high: bool) -> None: ...


class BreakingPin(MockPin):
    """A mock pin on a chip that stops answering where a test says so."""

    def _get_state(self) -> bool:
        self._answer()
        return bool(super()._get_state())

    def _set_state(self, value: bool) -> None:
        self._answer()
        super()._set_state(value)

    def _answer(self) -> None:
        if self._number in getattr(self.factory, "broken", ()):
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))


class MockWires:
    """gpiozero's mock pins. A line that nobody has claimed as an input takes no pull."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.options: dict[str, object] = {}
        self.factory = MockFactory(pin_class=BreakingPin)
        self.factory.broken = set()
        patch.setenv("GPIOZERO_PIN_FACTORY", "mock")
        patch.setattr(gpiozero.Device, "pin_factory", self.factory)

    def breaks(self, *lines: int) -> None:
        """From now on the chip does not answer for these lines."""
        self.factory.broken.update(lines)

    def level(self, line: int) -> bool:
        return bool(self.factory.pin(line)._state)

    def pull(self, line: int, high: bool) -> None:
        pin = self.factory.pin(line)
        if pin.function == "input":
            (pin.drive_high if high else pin.drive_low)()


class ChipWires:
    """The kernel's simulated chip."""

    def __init__(self, library: str, folder: Path) -> None:
        self.options: dict[str, object] = {"pin_factory": library, "chip": os.environ["GPIOSIM_CHIP"]}
        self._folder = folder
        self._pulls: dict[int, bool] = {}

    def level(self, line: int) -> bool:
        return (self._folder / f"sim_gpio{line}" / "value").read_text().strip() == "1"

    def pull(self, line: int, high: bool) -> None:
        if self._pulls.get(line) is not high:
            self._pulls[line] = high
            (self._folder / f"sim_gpio{line}" / "pull").write_text("pull-up" if high else "pull-down")
