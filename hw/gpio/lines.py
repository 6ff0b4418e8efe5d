"""Claims the lines of a driver and says in the words of its table what is wrong with them.

A driver names a line by its number on a chip or by the name the board gives it. Outputs are claimed off, in one step.
"""

from __future__ import annotations

import dataclasses
import errno
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from hw.discovery import Place
from hw.errors import DeviceLost, Fixable, OptionsWrong
from hw.gpio.chip import Chip
from hw.gpio.factories import FACTORIES, chosen, pins_of, where_is
from hw.options import nearest, option

T = TypeVar("T")
Pull = Literal["up", "down", "none"]
PULLS: Final = ("up", "down", "none")
_GPIOZERO_PULL = {"up": "up", "down": "down", "none": "floating"}


def wire(about: str) -> Any:
    """An option that names a line; None = not wired."""
    return option(None, help=f"{about}: its number on the chip, or its name")


def resistor(default: Pull, of: str) -> Any:
    return option(default, choices=PULLS, help=f"resistor of the chip at {of}")


def polarity(default: bool, about: str) -> Any:
    return option(default, help=about)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnChip:
    """What the tables of all GPIO drivers have in common."""

    chip: str = option("", help='device file, name or label of the GPIO chip; "" = the one behind the pin header')
    pin_factory: str = option(
        "auto", choices=("auto", *FACTORIES), help="library that drives the lines; auto = lgpio on a Raspberry Pi"
    )

    def __post_init__(self) -> None:
        for key, value in _lines(self):
            if isinstance(value, int) and value < 0:
                raise ValueError(f"{key} = {value} is no line", "Lines count from 0; `gpioinfo` lists them.")
            if value == "":
                raise ValueError(f'{key} = "" names no line', "Give its number or its name, or take the key away.")


def _lines(options: OnChip) -> list[tuple[str, int | str]]:
    """(key, number or name) of every line in the table."""
    keys = [field.name for field in dataclasses.fields(options) if is_line(field.name)]
    return [(key, value) for key in keys if (value := getattr(options, key)) is not None]


def is_line(key: str) -> bool:
    return key == "line" or key.endswith("_line")


class Output:
    """A line that drives something. `set()` raises DeviceLost."""

    __slots__ = ("_active_high", "_owner", "_pin")

    def __init__(self, pin: Any, active_high: bool, owner: Lines) -> None:
        self._pin, self._active_high, self._owner = pin, active_high, owner

    def set(self, on: bool) -> None:
        try:
            self._pin.state = on is self._active_high
        except OSError as error:
            raise self._owner.lost(error) from None


class Input:
    """A line that tells something. `active()` raises DeviceLost."""

    __slots__ = ("_active_high", "_owner", "_pin")

    def __init__(self, pin: Any, active_high: bool, owner: Lines) -> None:
        self._pin, self._active_high, self._owner = pin, active_high, owner

    def active(self) -> bool:
        try:
            return bool(self._pin.state) is self._active_high
        except OSError as error:
            raise self._owner.lost(error) from None


class Lines:
    """The lines of one driver: claimed one by one, given back together."""

    def __init__(self, options: OnChip, place: Place) -> None:
        """Raises OptionsWrong, DeviceLost."""
        self.where = place.where
        self._claimed: dict[str, Any] = {}
        kind = chosen(options.pin_factory, self.where)
        self._chip = where_is(options.chip, self.where) if kind in FACTORIES else None
        self._pins = self._reached(lambda: pins_of(kind, self._chip, self.where))

    def __repr__(self) -> str:
        return f"[{self.where}]"

    def output(self, key: str, line: int | str, *, active_high: bool = True) -> Output:
        """Claimed, and off."""
        pin = self._claim(key, line, lambda pin: pin.output_with_state(not active_high))
        return Output(pin, active_high, self)

    def input(self, key: str, line: int | str, *, active_high: bool, pull: str) -> Input:
        pin = self._claim(key, line, lambda pin: pin.input_with_pull(_GPIOZERO_PULL[pull]))
        return Input(pin, active_high, self)

    def optional_output(self, key: str, line: int | str | None, *, active_high: bool = True) -> Output | None:
        return None if line is None else self.output(key, line, active_high=active_high)

    def optional_input(self, key: str, line: int | str | None, *, active_high: bool, pull: str) -> Input | None:
        return None if line is None else self.input(key, line, active_high=active_high, pull=pull)

    def close(self) -> None:
        """Give every line back at the level it has."""
        while self._claimed:
            name, pin = self._claimed.popitem()
            self._pins.release_pins(self, name)
            with suppress(OSError):  # a chip that is gone holds nothing
                pin.close()

    def lost(self, error: OSError) -> DeviceLost:
        """A line that could be used a moment ago."""
        told = error.strerror or str(error)
        return DeviceLost(f"the GPIO chip does not answer: {told}", where=f"[{self.where}]", fix=_GONE)

    def _claim(self, key: str, line: int | str, how: Callable[[Any], None]) -> Any:
        """What was claimed before is given back if this fails."""
        from gpiozero import GPIOZeroError  # 9 MiB, which nobody pays for checking a configuration

        try:
            number = line if self._chip is None else self._number(key, line, self._chip)
            self._pins.reserve_pins(self, number)
            pin = self._pins.pin(number)
            self._claimed[pin.info.name] = pin
            if hasattr(pin, "consumer"):
                pin.consumer = f"{self.where}.{key}"
            self._reached(lambda: how(pin), key, line, number)
        except GPIOZeroError as error:  # among them: somebody else in this process has the line
            self.close()
            raise OptionsWrong(f"{key} = {line!r}: {error}", where=f"[{self.where}]", fix=_ANOTHER) from None
        except Fixable:
            self.close()
            raise
        return pin

    def _conflicts_with(self, other: object) -> bool:
        """gpiozero asks whether two may use one pin."""
        return True

    def _number(self, key: str, line: int | str, chip: Chip) -> int:
        """Of a line on the chip. Raises OptionsWrong."""
        if isinstance(line, int):
            if line < chip.lines:
                return line
            what = f"{key} = {line} is out of range: {chip.path} ({chip.label}) has lines 0 to {chip.lines - 1}"
            raise OptionsWrong(what, where=f"[{self.where}]", fix=_ANOTHER)
        named = {info.name: info.number for info in self._reached(chip.all_lines) if info.name}
        if line in named:
            return named[line]
        fix = nearest(line, list(named)) if named else f"Give its number: the lines of {chip.path} have no names."
        raise OptionsWrong(
            f'{key} = "{line}" is no line of {chip.path} ({chip.label})', where=f"[{self.where}]", fix=fix
        )

    def _reached(self, act: Callable[[], T], key: str = "", line: int | str = "", number: int | str = "") -> T:
        try:
            return act()
        except OSError as error:
            raise self._refused(error, key, line, number) from None

    def _refused(self, error: OSError, key: str, line: int | str, number: int | str) -> DeviceLost:
        at = f"[{self.where}]"
        if error.errno == errno.EBUSY and self._chip is not None and isinstance(number, int):
            holder = self._chip.line(number).consumer or "the kernel"
            what = f'{key} = {line!r} is held by "{holder}"'
            return DeviceLost(what, where=at, fix=_BUSY.format(path=self._chip.path))
        told = error.strerror or str(error)
        subject = f"{key} = {line!r}" if key else "the GPIO chip"
        return DeviceLost(f"{subject} cannot be used: {told}", where=at, fix=_ANOTHER)


_GONE = "Check that the board is plugged in and powered; `gpiodetect` lists the chips that are there."
_ANOTHER = "`gpioinfo` lists the lines of every chip; choose one that is free and meant for this."
_BUSY = (
    "End that program, or take the overlay away that holds the line; `gpioinfo` shows who holds which line of {path}."
)
