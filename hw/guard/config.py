"""The guard's sections of the configuration file: the [[evse]] tables and the drivers of pilot, contactor and lock.

The rest of the file, and keys of these tables that are the daemon's, are checked by `chargepoint check`.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from hw.api import (
    SELFTEST_AT_MOST_S,
    Contactor,
    Cuttable,
    HostedMeter,
    Indicator,
    Lock,
    Pilot,
    SelfSwitching,
    SensorBoard,
    SlowTesting,
)
from hw.discovery import (
    Group,
    Mistake,
    Place,
    check,
    check_contactor,
    check_inside,
    check_outlet,
    guard_ports,
    is_hosted,
    is_inside,
    load,
    option,
    read_options,
)
from hw.errors import OptionsWrong
from hw.guard.hardware import Hardware
from hw.guard.signals import SELFTEST_S, Spec

SIMULATED: Mapping[str, Any] = {"driver": "mock"}
Part = Literal["pilot", "contactor", "lock", "phase_contactor", "sensors", "indicator"]
PARTS: tuple[Part, ...] = get_args(Part)
GROUPS: Mapping[Part, Group] = {part: "contactor" if part == "phase_contactor" else part for part in PARTS}
SENSORS = "sensors"  # the table of the inputs that concern every EVSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One [[evse]] table as far as the guard is concerned."""

    max_current_a: float = option(16.0, minimum=6, maximum=80)
    phases: int = option(3, choices=(1, 3))
    outlet: str = option("socket", choices=("socket", "cable"))
    pilot: Mapping[str, Any] | None = None  # without one the whole EVSE is simulated
    contactor: Mapping[str, Any] | None = None  # absent where the pilot's controller owns it
    lock: Mapping[str, Any] | None = None
    phase_contactor: Mapping[str, Any] | None = None
    sensors: Mapping[str, Any] | None = None
    indicator: Mapping[str, Any] | None = None
    meter: Mapping[str, Any] | None = None  # where the guard hosts it
    ventilation: bool = False
    simplified_cars: bool = True
    wake_up: bool = False
    phase_switching: bool = False  # takes effect once a charging profile asks for one phase
    phase_pause_s: float = option(10.0, minimum=10, maximum=600)

    @property
    def drivers(self) -> dict[Part, Mapping[str, Any]]:
        """Part -> its table."""
        simulated: tuple[Part, ...] = ()
        if self.pilot is None:
            simulated = ("pilot", "contactor", "lock") if self.outlet == "socket" else ("pilot", "contactor")
        elif self.pilot.get("driver") == "mock":
            simulated = ("contactor",)
        tables: dict[Part, Mapping[str, Any] | None] = {part: getattr(self, part) for part in PARTS}
        tables = {part: SIMULATED if tables[part] is None and part in simulated else tables[part] for part in PARTS}
        return {part: table for part, table in tables.items() if table is not None}

    @property
    def switches_mains(self) -> bool:
        parts: tuple[Part, ...] = ("pilot", "contactor")
        return any(self.drivers.get(part, {}).get("driver") != "mock" for part in parts)


@dataclass(frozen=True, slots=True)
class GuardConfig:
    """What the guard reads of the file."""

    sections: tuple[Section, ...]
    sensors: Mapping[str, Any] | None = None  # of the whole station

    @property
    def switches_mains(self) -> bool:
        """Is any contactor real, or any pilot that might own one?"""
        return any(section.switches_mains for section in self.sections)


class ConfigWrong(Exception):
    """The file cannot be used; `mistakes` says all that is wrong with the guard's part of it."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = list(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def read_config(path: Path) -> GuardConfig:
    """Raises ConfigWrong."""
    document = _parsed(path)
    tables = document.get("evse", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigWrong([Mistake("", '"evse" is not a list of tables', "Write [[evse]], with two brackets.", "evse")])
    if not tables:
        raise ConfigWrong([Mistake("", "there is no [[evse]] table", "Add one for every outlet.")])
    sensors = document.get(SENSORS)
    ports = guard_ports(tables, sensors if isinstance(sensors, dict) else None)
    sections, mistakes = [], []
    for number, table in enumerate(tables, 1):
        section, wrong = _section(_without_the_daemons(table, ports), f"evse.{number}")
        mistakes += wrong
        if section is not None:
            sections.append(section)
    if sensors is not None and not isinstance(sensors, dict):
        mistakes.append(Mistake("", '"sensors" is not a table', "Write [sensors], in single brackets.", SENSORS))
    elif sensors is not None:
        mistakes += check("sensors", sensors, SENSORS)
    if mistakes:
        raise ConfigWrong(mistakes)
    return GuardConfig(tuple(sections), sensors)


def build(config: GuardConfig, state_dir: Path) -> list[Hardware]:
    """Open the drivers of every EVSE. Raises a Fixable where a device is not there."""
    common = None if config.sensors is None else load("sensors", config.sensors, Place(SENSORS, state_dir))
    return [_hardware(section, number, state_dir, common) for number, section in enumerate(config.sections, 1)]


def open_part(section: Section, part: Part, evse: int, state_dir: Path) -> Any:
    """One driver of an EVSE. Raises a Fixable where it cannot be used, or its device is not there."""
    place = Place(f"evse.{evse}.{part}", state_dir, evse, phases=section.phases)
    return load(cast(Any, GROUPS[part]), section.drivers[part], place)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # Windows editors begin with a mark
    except OSError as error:
        raise ConfigWrong([Mistake("", f"{path}: {error.strerror}", "Name the file with --config.")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigWrong([Mistake("", f"{path} is not TOML: {error}", "Correct that line.")]) from None


def _without_the_daemons(table: Mapping[str, Any], ports: frozenset[str]) -> Mapping[str, Any]:
    """An [[evse]] table without a meter that is none of ours."""
    meter = table.get("meter")
    if isinstance(meter, Mapping) and is_hosted(meter, ports):
        return table
    return {key: value for key, value in table.items() if key != "meter"}


def _section(table: Mapping[str, Any], where: str) -> tuple[Section | None, list[Mistake]]:
    ours = {field.name for field in dataclasses.fields(Section)}
    section, mistakes = read_options(Section, {key: value for key, value in table.items() if key in ours}, where)
    if section is None:
        return None, mistakes
    for part, driver in section.drivers.items():
        mistakes += check(GROUPS[part], driver, f"{where}.{part}")
    if section.pilot is not None:
        mistakes += check_outlet(section.pilot, section.outlet, where)
        mistakes += check_contactor(section.pilot, section.contactor, where)
    if section.meter is not None:
        mistakes += _meter_mistakes(section.meter, section.pilot, f"{where}.meter")
    return section, mistakes + _contradictions(section, where)


def _meter_mistakes(meter: Mapping[str, Any], pilot: Mapping[str, Any] | None, where: str) -> list[Mistake]:
    return check_inside(meter, pilot, where) if is_inside(meter) else check("meter", meter, where)


def _contradictions(section: Section, where: str) -> list[Mistake]:
    mistakes = []
    if section.phase_switching and section.phase_contactor is None:
        what, fix = "phase_switching = true needs a second contactor", 'Add phase_contactor = { driver = "…" }.'
        mistakes.append(Mistake(where, what, fix, "phase_switching"))
    if section.phase_switching and section.phases == 1:
        what, fix = "phase_switching = true makes no sense with one phase", "Write phases = 3, or take it away."
        mistakes.append(Mistake(where, what, fix, "phase_switching"))
    return mistakes


def _hardware(section: Section, evse: int, state_dir: Path, common: SensorBoard | None) -> Hardware:
    def opened(part: Part) -> Any:
        return open_part(section, part, evse, state_dir) if part in section.drivers else None

    pilot: Pilot = opened("pilot")
    contactor: Contactor = opened("contactor") or _own_contactor(pilot, evse)
    lock: Lock | None = opened("lock")
    sensors: SensorBoard | None = opened("sensors")
    indicator: Indicator | None = opened("indicator")
    phase_contactor: Contactor | None = opened("phase_contactor")
    spec = _spec(section, evse, pilot, contactor, sensors)
    meter = hosted_meter(section.meter, pilot, Place(f"evse.{evse}.meter", state_dir, evse, phases=section.phases))
    return Hardware(spec, pilot, contactor, lock, sensors, common, indicator, phase_contactor, meter)


def hosted_meter(table: Mapping[str, Any] | None, pilot: Pilot, place: Place) -> HostedMeter | None:
    """The one that the guard reads; None where there is none. Raises a Fixable."""
    if table is None:
        return None
    if is_inside(table):
        if isinstance(pilot, HostedMeter):
            return pilot
        fix = "Name the driver of the meter that is wired."
        raise OptionsWrong("the pilot's controller has no meter inside", where=f"[{place.where}]", fix=fix)
    from hw.background import Background
    from hw.background import HostedMeter as Hosted

    return Hosted(load("meter", table, place), Background.of(table["port"]))


def _spec(section: Section, evse: int, pilot: Pilot, contactor: Contactor, sensors: SensorBoard | None = None) -> Spec:
    boards: tuple[object, ...] = (pilot, sensors)
    slow = [board.selftest_s for board in boards if isinstance(board, SlowTesting)]
    return Spec(
        evse,
        section.max_current_a,
        section.phases,
        socket=section.outlet == "socket",
        lock="lock" in section.drivers,
        ventilation=section.ventilation,
        simplified_cars=section.simplified_cars,
        wake_up=section.wake_up,
        phase_contactor="phase_contactor" in section.drivers,
        phase_switching=section.phase_switching,
        phase_pause_s=section.phase_pause_s,
        cuttable=isinstance(pilot, Cuttable),
        selftest_s=min(max(slow, default=SELFTEST_S), SELFTEST_AT_MOST_S),
        metered=section.meter is not None,
        self_switching=id(contactor) == id(pilot) and isinstance(pilot, SelfSwitching) and pilot.switches_itself,
    )


def _own_contactor(pilot: Pilot, evse: int) -> Contactor:
    """Of a controller that drives pilot and contactor in one."""
    if isinstance(pilot, Contactor):
        return pilot
    what = "contactor is missing, and the pilot's driver has none of its own"
    raise OptionsWrong(what, where=f"[evse.{evse}]", fix='Add contactor = { driver = "…" }.')
