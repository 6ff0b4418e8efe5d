"""Libraries that a driver may need and not every station has: which are missing here, and how to get them.

A driver that imports its library only when the device is opened names it in a class attribute, such as
`needs = ("smartcard",)`, so that `chargepoint drivers` can tell before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, slots=True)
class Library:
    """Where a Python module comes from."""

    extra: str = ""  # of the package chargepoint: pip install "chargepoint[extra]"
    apt: str = ""  # Debian's package


KNOWN = {
    "evdev": Library(apt="python3-evdev"),
    "gpiod": Library("gpio", "python3-libgpiod"),
    "gpiozero": Library(apt="python3-gpiozero"),
    "lgpio": Library(apt="python3-lgpio"),
    "PIL": Library("display", "python3-pil"),
    "luma.lcd": Library("display", "python3-luma.lcd"),
    "luma.oled": Library("display", "python3-luma.oled"),
    "pymodbus": Library(apt="python3-pymodbus"),
    "segno": Library(apt="python3-segno"),
    "serial": Library(apt="python3-serial"),
    "smartcard": Library("pcsc", "python3-pyscard"),
    "spidev": Library(apt="python3-spidev"),
    "systemd": Library("systemd", "python3-systemd"),
}
"""Module, in full or its top, -> where to get it."""


def missing(modules: Iterable[str]) -> str:
    """The first of these modules that is not installed; "" where all are."""
    return next((module for module in modules if not _is_there(module)), "")


def remedy(module: str, package: str = "chargepoint", extras: Iterable[str] = ()) -> str:
    """How to install what `package` misses. `extras`: of that package, where it is somebody else's."""
    top = module.partition(".")[0]
    known = KNOWN.get(module) or KNOWN.get(top, Library())
    if package == "chargepoint" and known.extra:
        pip = f'pip install "chargepoint[{known.extra}]"'
    elif extras:
        pip = f'pip install "{package}[{",".join(sorted(extras))}]"'
    else:
        pip = f"pip install --upgrade {package}" if top not in KNOWN else ""
    ways = [way for way in (f"sudo apt install {known.apt}" if known.apt else "", pip) if way]
    return f"Install it: {', or '.join(ways)}."


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):  # a parent package that is missing, or half loaded
        return False
