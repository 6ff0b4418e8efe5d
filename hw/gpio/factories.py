"""Which library drives the lines, and the chip they are on. One pin factory per chip and library in a process.

`auto` takes lgpio on a Raspberry Pi that has it, which is what gpiozero is tested with there, and libgpiod anywhere
else. The environment variable GPIOZERO_PIN_FACTORY overrules `auto`, as it does for every gpiozero program; this is how
tests run on mock pins.
"""

from __future__ import annotations

import errno
import os
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hw.errors import DeviceLost, DriverMissing
from hw.gpio.chip import DEV, HEADER_LABELS, Chip, chips, paths, read_chip
from hw.options import nearest

FACTORIES = {"lgpio": "hw.gpio.lgpio_pins:ClaimingFactory", "gpiod": "hw.gpio.gpiod_pins:GpiodFactory"}
_MODEL = Path("/proc/device-tree/model")
_PACKAGES = {"lgpio": "python3-lgpio", "gpiod": "python3-libgpiod"}


def chosen(wanted: str, where: str) -> str:
    """The name of a pin factory: ours, or one of gpiozero's own by way of the environment. Raises DriverMissing."""
    if wanted == "auto":
        wanted = os.environ.get("GPIOZERO_PIN_FACTORY", "") or _automatic()
    if wanted in FACTORIES and find_spec(wanted) is None:
        fix = f"Install it: sudo apt-get install {_PACKAGES[wanted]}, or pip install 'chargepoint[gpio]' for gpiod."
        raise DriverMissing(f"the library {wanted} is not installed", where=f"[{where}]", fix=fix)
    return wanted


def where_is(chip: str, where: str) -> Chip:
    """The chip that a table names. Raises DeviceLost."""
    if not chip:
        return next((known for known in chips() if known.label in HEADER_LABELS), None) or _first(where)
    path = DEV / chip if chip.startswith("gpiochip") else Path(chip)
    if path.is_absolute():
        return _read(path, chip, where)
    for known in chips():
        if known.label == chip:
            return known
    raise _no_such(chip, where)


def pins_of(kind: str, chip: Chip | None, where: str) -> Any:
    """The pin factory of a chip. Raises OSError, DriverMissing."""
    if chip is None:
        import gpiozero

        gpiozero.Device.ensure_pin_factory()
        return gpiozero.Device.pin_factory
    try:
        return _factory(kind, chip.path)
    except (ImportError, AttributeError) as error:  # AttributeError: gpiod of before version 2
        fix = f"Install {_PACKAGES[kind]} of this system, or pip install 'chargepoint[gpio]' for gpiod 2."
        raise DriverMissing(f"the library {kind} does not load: {error}", where=f"[{where}]", fix=fix) from None


@cache
def _factory(kind: str, path: str) -> Any:
    module, _, name = FACTORIES[kind].partition(":")
    return getattr(import_module(module), name)(path)


def _automatic() -> str:
    if find_spec("lgpio") is not None and (_is_raspberry_pi() or find_spec("gpiod") is None):
        return "lgpio"
    return "gpiod"


def _is_raspberry_pi() -> bool:
    try:
        return _MODEL.read_bytes().startswith(b"Raspberry Pi")
    except OSError:
        return False


def _first(where: str) -> Chip:
    found = paths()
    if not found:
        what = f"there is no GPIO chip: {DEV}/gpiochip* does not exist"
        raise DeviceLost(what, where=f"[{where}]", fix="Use a board with GPIO lines, or another driver.")
    return _read(Path(found[0]), found[0], where)


def _read(path: Path, named: str, where: str) -> Chip:
    try:
        return read_chip(os.path.realpath(path))
    except OSError as error:
        raise _unreadable(error, path, named, where) from None


def _unreadable(error: OSError, path: Path, named: str, where: str) -> DeviceLost:
    at = f"[{where}]"
    if error.errno in (errno.EACCES, errno.EPERM):
        return DeviceLost(f"{path}: permission denied", where=at, fix=_PERMISSION)
    if error.errno == errno.ENOTTY:
        return DeviceLost(f'chip = "{named}" is no GPIO chip', where=at, fix="`gpiodetect` lists the chips.")
    if error.errno == errno.ENOENT:
        return _no_such(named, where)
    return DeviceLost(f"{path}: {error.strerror}", where=at, fix="`gpiodetect` lists the chips that answer.")


def _no_such(named: str, where: str) -> DeviceLost:
    there = [word for chip in chips() for word in (chip.path, chip.label)]
    fix = nearest(named, there) if there else "There is no GPIO chip at all on this computer."
    return DeviceLost(f'there is no GPIO chip "{named}"', where=f"[{where}]", fix=fix)


_PERMISSION = (
    "Put the user into the group gpio (sudo usermod -aG gpio USER; a service: SupplementaryGroups=gpio), and give that "
    "group the chips by a udev rule: "
    'SUBSYSTEM=="gpio", KERNEL=="gpiochip*", GROUP="gpio", MODE="0660".'
)
