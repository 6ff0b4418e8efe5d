"""The guard's sections of the configuration file: the [[evse]] tables and the drivers of pilot, contactor and lock.

The rest of the file, and keys of these tables that are the daemon's, are checked by `chargepoint check`.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hw.api import Contactor, Pilot
from hw.discovery import Mistake, Place, check, load, option, read_options
from hw.errors import OptionsWrong
from hw.guard.outlet import Hardware
from hw.guard.signals import Spec

SIMULATED: Mapping[str, Any] = {"driver": "mock"}
Part = Literal["pilot", "contactor", "lock"]
PARTS: tuple[Part, ...] = ("pilot", "contactor", "lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One [[evse]] table as far as the guard is concerned."""

    max_current_a: float = option(16.0, minimum=6, maximum=80)
    phases: int = option(3, choices=(1, 3))
    outlet: str = option("socket", choices=("socket", "cable"))
    pilot: Mapping[str, Any] | None = None  # without one the whole EVSE is simulated
    contactor: Mapping[str, Any] | None = None  # absent where the pilot's controller owns it
    lock: Mapping[str, Any] | None = None

    @property
    def drivers(self) -> dict[Part, Mapping[str, Any]]:
        """Part -> its table."""
        simulated: tuple[Part, ...] = ()
        if self.pilot is None:
            simulated = PARTS if self.outlet == "socket" else ("pilot", "contactor")
        elif self.pilot.get("driver") == "mock":
            simulated = ("contactor",)
        tables: dict[Part, Mapping[str, Any] | None] = {
            "pilot": self.pilot,
            "contactor": self.contactor,
            "lock": self.lock,
        }
        tables = {part: SIMULATED if tables[part] is None and part in simulated else tables[part] for part in PARTS}
        return {part: table for part, table in tables.items() if table is not None}

    @property
    def switches_mains(self) -> bool:
        return any(self.drivers.get(part, {}).get("driver") != "mock" for part in ("pilot", "contactor"))


@dataclass(frozen=True, slots=True)
class GuardConfig:
    """What the guard reads of the file."""

    sections: tuple[Section, ...]

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
    sections, mistakes = [], []
    for number, table in enumerate(tables, 1):
        section, wrong = _section(table, f"evse.{number}")
        mistakes += wrong
        if section is not None:
            sections.append(section)
    if mistakes:
        raise ConfigWrong(mistakes)
    return GuardConfig(tuple(sections))


def build(config: GuardConfig, state_dir: Path) -> list[Hardware]:
    """Open the drivers of every EVSE. Raises a Fixable where a device is not there."""
    return [_hardware(section, number, state_dir) for number, section in enumerate(config.sections, 1)]


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # Windows editors begin with a mark
    except OSError as error:
        raise ConfigWrong([Mistake("", f"{path}: {error.strerror}", "Name the file with --config.")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigWrong([Mistake("", f"{path} is not TOML: {error}", "Correct that line.")]) from None


def _section(table: Mapping[str, Any], where: str) -> tuple[Section | None, list[Mistake]]:
    ours = {field.name for field in dataclasses.fields(Section)}
    section, mistakes = read_options(Section, {key: value for key, value in table.items() if key in ours}, where)
    if section is None:
        return None, mistakes
    for part, driver in section.drivers.items():
        mistakes += check(part, driver, f"{where}.{part}")
    return section, mistakes


def _hardware(section: Section, evse: int, state_dir: Path) -> Hardware:
    drivers = section.drivers

    def place(part: str) -> Place:
        return Place(f"evse.{evse}.{part}", state_dir, evse, phases=section.phases)

    spec = Spec(evse, section.max_current_a, section.phases, section.outlet == "socket", "lock" in drivers)
    pilot = load("pilot", drivers["pilot"], place("pilot"))
    if "contactor" in drivers:
        contactor = load("contactor", drivers["contactor"], place("contactor"))
    else:
        contactor = _own_contactor(pilot, evse)
    return Hardware(spec, pilot, contactor, load("lock", drivers["lock"], place("lock")) if "lock" in drivers else None)


def _own_contactor(pilot: Pilot, evse: int) -> Contactor:
    """Of a controller that drives pilot and contactor in one."""
    if isinstance(pilot, Contactor):
        return pilot
    what = "contactor is missing, and the pilot's driver has none of its own"
    raise OptionsWrong(what, where=f"[evse.{evse}]", fix='Add contactor = { driver = "…" }.')
