"""Finds drivers by their entry point, checks their table of the configuration, and builds them.

A driver is a class with a nested dataclass `Options` (what its table may say, see `hw.options`); it is built as
`Driver(options, place)`. Groups: chargepoint.pilot, contactor, lock, sensors, indicator (the guard's) and
meter, card_reader, display (the daemon's).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, overload

from hw import entrypoints
from hw.errors import DriverMissing, OptionsWrong
from hw.hosting import GUARD_PARTS, INSIDE, guard_ports, is_hosted, is_inside
from hw.options import Bounds, Mistake, bounds_of, nearest, option, read_options, show
from hw.processes import command_of, ensure_guard, ensure_simulator

if TYPE_CHECKING:
    from hw.api import CardReader, Contactor, Display, Indicator, Lock, Meter, Pilot, SensorBoard
    from hw.mock.simulator import Simulator

__all__ = [
    "GROUPS",
    "GUARD_PARTS",
    "Bounds",
    "Group",
    "Mistake",
    "Place",
    "bounds_of",
    "check",
    "check_contactor",
    "check_inside",
    "check_outlet",
    "command_of",
    "defaults",
    "dims",
    "ensure_guard",
    "ensure_simulator",
    "guard_ports",
    "is_hosted",
    "is_inside",
    "line_settings",
    "load",
    "nearest",
    "option",
    "read_options",
    "show",
    "signs",
    "simulator",
]

Group = Literal["pilot", "contactor", "lock", "sensors", "indicator", "meter", "card_reader", "display"]
GROUPS: tuple[Group, ...] = get_args(Group)
SIMULATED = "mock"
"""The driver of simulated hardware."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a driver stands in this station."""

    where: str  # its table in the file: "evse.1.pilot"
    state_dir: Path
    evse: int = 0  # 0: it belongs to the whole station
    number: int = 0  # the n-th card reader, display or station meter, from 0
    phases: int = 3
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of a display, where it does not speak English

    @property
    def part(self) -> str:
        """The key of its table: "pilot", "phase_contactor"."""
        return self.where.rpartition(".")[2]


@overload
def load(group: Literal["pilot"], table: Mapping[str, Any], place: Place) -> Pilot: ...
@overload
def load(group: Literal["contactor"], table: Mapping[str, Any], place: Place) -> Contactor: ...
@overload
def load(group: Literal["lock"], table: Mapping[str, Any], place: Place) -> Lock: ...
@overload
def load(group: Literal["meter"], table: Mapping[str, Any], place: Place) -> Meter: ...
@overload
def load(group: Literal["sensors"], table: Mapping[str, Any], place: Place) -> SensorBoard: ...
@overload
def load(group: Literal["indicator"], table: Mapping[str, Any], place: Place) -> Indicator: ...
@overload
def load(group: Literal["display"], table: Mapping[str, Any], place: Place) -> Display: ...
@overload
def load(group: Literal["card_reader"], table: Mapping[str, Any], place: Place) -> CardReader: ...
def load(group: Group, table: Mapping[str, Any], place: Place) -> Any:
    """The driver that `table` describes.

    Raises:
        DriverMissing: no such driver, or it does not load here.
        OptionsWrong: its options cannot be used.
    """
    driver, mistakes = _find(group, table, place.where)
    if driver is None:
        raise DriverMissing(mistakes[0].what, where=f"[{place.where}]", fix=mistakes[0].fix)
    options, mistakes = _options(driver, table, place.where)
    if mistakes:
        raise OptionsWrong(mistakes[0].what, where=f"[{place.where}]", fix=mistakes[0].fix)
    return driver(options, place)


def check(group: Group, table: Mapping[str, Any], where: str) -> list[Mistake]:
    """Everything that is wrong with a driver's table; no device is touched."""
    driver, mistakes = _find(group, table, where)
    return mistakes if driver is None else _options(driver, table, where)[1]


def defaults(group: Group, table: Mapping[str, Any]) -> dict[str, Any]:
    """What the driver takes where its table is silent; {} where there is no such driver."""
    driver = _find(group, table, "")[0]
    fields = dataclasses.fields(driver.Options) if driver is not None else ()
    return {field.name: field.default for field in fields if field.default is not dataclasses.MISSING}


def line_settings(group: Group, table: Mapping[str, Any]) -> str:
    """Speed and framing of the bus this driver would share with others, "9600 8N1"; "" where it shares none."""
    settings: str = _told(group, table, "line_settings", "")
    return settings


def signs(table: Mapping[str, Any]) -> bool:
    """Does this meter sign its readings?"""
    return bool(_told("meter", table, "signs", False))


def dims(table: Mapping[str, Any]) -> bool:
    """Can the lamps of this indicator be less than fully lit?"""
    return bool(_told("indicator", table, "dims", False))


def _told(group: Group, table: Mapping[str, Any], name: str, otherwise: Any) -> Any:
    """What a driver's options say of themselves, where they are right and say it."""
    driver = _find(group, table, "")[0]
    options = None if driver is None else _options(driver, table, "")[0]
    return getattr(options, name, otherwise)


def check_inside(meter: Mapping[str, Any], pilot: Mapping[str, Any] | None, where: str) -> list[Mistake]:
    """Everything that is wrong with `meter = { driver = "pilot" }`, the meter inside the pilot's controller."""
    mistakes = [
        Mistake(where, f'"{key}" is not an option here', f'Write driver = "{INSIDE}" alone.', key)
        for key in meter
        if key != "driver"
    ]
    driver = None if pilot is None else _find("pilot", pilot, where)[0]  # what is wrong with it is told elsewhere
    if driver is not None and pilot is not None and not hasattr(driver, "reading"):
        what = f'driver = "{INSIDE}" finds no meter in a pilot with driver = {show(pilot["driver"])}'
        mistakes.append(Mistake(where, what, "Name the driver of the meter that is wired.", "driver"))
    return mistakes


def check_outlet(pilot: Mapping[str, Any], outlet: object, where: str) -> list[Mistake]:
    """A pilot that does not see the plug of a socket (`sees_plug = False` in its class) is for fixed cables."""
    driver = _find("pilot", pilot, where)[0]
    if outlet == "cable" or getattr(driver, "sees_plug", True):
        return []
    what = f"driver = {show(pilot['driver'])} does not see whether a plug is in the socket"
    fix = 'Write outlet = "cable" for a fixed cable; a socket needs a pilot that reads the proximity contact.'
    return [Mistake(where, what, fix, "outlet")]


def check_contactor(pilot: Mapping[str, Any], contactor: Mapping[str, Any] | None, where: str) -> list[Mistake]:
    """Somebody has to switch the mains, and one only: a pilot's controller that does it by itself, or a contactor."""
    driver = _find("pilot", pilot, where)[0]
    if driver is None or pilot["driver"] == SIMULATED:  # whose contactor is simulated too, where none is named
        return []
    if contactor is None and not hasattr(driver, "switch"):
        what = f"contactor is missing, and a pilot with driver = {show(pilot['driver'])} has none of its own"
        return [Mistake(where, what, 'Add contactor = { driver = "…" }.', "pilot")]
    if contactor is not None and hasattr(driver, "switches_itself"):
        what = f"a pilot with driver = {show(pilot['driver'])} switches its own contactor, and never with another one"
        fix = "Take contactor away: its coil hangs on the controller's relay."
        return [Mistake(where, what, fix, "contactor")]
    return []


def simulator(state_dir: Path) -> Simulator:
    """The hand that plugs simulated cars in, by way of the mock hardware process of `state_dir`."""
    from hw.mock.simulator import Simulator

    return Simulator(state_dir)


def _known(group: Group) -> dict[str, str]:
    return entrypoints.drivers(group)


def _find(group: Group, table: Mapping[str, Any], where: str) -> tuple[Any, list[Mistake]]:
    name = table.get("driver")
    if not isinstance(name, str):
        names = ", ".join(f'"{known}"' for known in sorted(_known(group)))
        return None, [Mistake(where, "driver is missing", f"Add driver = one of {names}.", "driver")]
    target = _known(group).get(name) or entrypoints.uncommon_drivers(group).get(name)
    if target is None:
        what = f'driver = "{name}" is not an installed {group.replace("_", " ")} driver'
        return None, [Mistake(where, what, nearest(name, list(_known(group))), "driver")]
    try:
        return entrypoints.imported(target), []
    except (ImportError, AttributeError, OSError) as error:  # OSError: a shared library that is not there
        what = f'driver = "{name}" does not load here: {error}'
        return None, [Mistake(where, what, f"`chargepoint drivers {name}` says what it needs.", "driver")]


def _options(driver: Any, table: Mapping[str, Any], where: str) -> tuple[Any, list[Mistake]]:
    given = {key: value for key, value in table.items() if key != "driver"}
    options, mistakes = read_options(driver.Options, given, where)
    mistakes += [_empty(field, where) for field in dataclasses.fields(driver.Options) if _is_empty(field, given)]
    return (None if mistakes else options), mistakes


def _is_empty(field: dataclasses.Field[Any], given: Mapping[str, Any]) -> bool:
    """Is there nothing between the quotes of a text that has to say something?"""
    value = given.get(field.name)
    wordless = isinstance(value, str) and not value.strip()
    return wordless and field.type == "str" and field.default != "" and not bounds_of(field).choices


def _empty(field: dataclasses.Field[Any], where: str) -> Mistake:
    about = bounds_of(field).help
    return Mistake(where, f"{field.name} is empty", f"Write {about or 'what it is'}.", field.name)
