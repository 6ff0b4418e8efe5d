"""What one setting is: its names, its coding, its range, and who may change it.

OCPP 1.6 keys and OCPP 2.x variables are names of the same setting. Each name has its own mutability, and where the two
worlds write a value differently, its own coding. The catalogue of all settings is `catalogue`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Generic, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MAX_INTEGER = 2**31 - 1  # the largest number every back office can hold


class Names(Enum):
    """The two families of names."""

    OCPP_1_6 = "1.6"  # keys: HeartbeatInterval
    OCPP_2_X = "2.x"  # variables: OCPPCommCtrlr.HeartbeatInterval


@dataclass(frozen=True, slots=True)
class Coding(Generic[T]):
    """How a value is written. `read` raises ValueError with a sentence fit for an installer."""

    read: Callable[[str], T]
    write: Callable[[T], str]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Setting(Generic[T_co]):
    """One row of the catalogue. `coding` is the station's own, and that of both families unless they deviate."""

    name_1_6: str | None = None
    name_2_x: str | None = None  # "Component.Variable" or "Component.Variable[Instance]"
    kind: str  # boolean, integer, string, choice, list, sequence (a list whose order counts), datetime
    default: T_co
    coding: Coding[Any]
    coding_1_6: Coding[Any] | None = None
    coding_2_x: Coding[Any] | None = None
    about: str = ""
    unit: str = ""
    minimum: float | None = None  # of the number
    maximum: float | None = None
    choices: tuple[str, ...] = ()  # allowed values, or members of a list
    choices_2_x: tuple[str, ...] = ()  # where they differ
    max_length: int | None = None  # characters, or members of a list
    writable_1_6: bool = True
    writable_2_x: bool = True
    by_installer: bool = False  # the file may say it although nobody may change it afterwards
    readable: bool = True  # False: a secret, only ever written
    reboot: bool = False  # takes effect after a restart

    @property
    def name(self) -> str:
        """The canonical name: the 2.x one where there is one."""
        return self.name_2_x or self.name_1_6 or ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.name_2_x, self.name_1_6) if name)

    @property
    def writable(self) -> bool:
        """Can anybody change it at all? If not, it is a property of this station."""
        return self.writable_as(Names.OCPP_1_6) or self.writable_as(Names.OCPP_2_X)

    @property
    def configurable(self) -> bool:
        """May the configuration file set it?"""
        return (self.writable or self.by_installer) and self.readable

    def name_as(self, names: Names) -> str | None:
        return self.name_1_6 if names is Names.OCPP_1_6 else self.name_2_x

    def writable_as(self, names: Names) -> bool:
        if names is Names.OCPP_1_6:
            return self.name_1_6 is not None and self.writable_1_6
        return self.name_2_x is not None and self.writable_2_x

    def coding_as(self, names: Names | None) -> Coding[Any]:
        own = {Names.OCPP_1_6: self.coding_1_6, Names.OCPP_2_X: self.coding_2_x, None: None}[names]
        return own or self.coding

    @property
    def component(self) -> str:
        """2.x: "OCPPCommCtrlr" of "OCPPCommCtrlr.MessageTimeout[Default]"."""
        return (self.name_2_x or "").partition(".")[0]

    @property
    def variable(self) -> str:
        return (self.name_2_x or "").partition(".")[2].partition("[")[0]

    @property
    def instance(self) -> str | None:
        return (self.name_2_x or "").partition("[")[2].rstrip("]") or None

    @property
    def max_limit(self) -> float | None:
        """2.x maxLimit: of a number its largest value, of everything else the length of its text."""
        if self.kind in ("list", "sequence"):
            return len(",".join(self.choices_2_x or self.choices)) or None
        return self.maximum if self.max_length is None else self.max_length

    @property
    def data_type(self) -> str:
        """2.x DataEnumType."""
        types = {"list": "MemberList", "sequence": "SequenceList", "datetime": "dateTime", "choice": "OptionList"}
        return types.get(self.kind, self.kind)


# --- codings ----------------------------------------------------------------------------------------------------------


def read_boolean(text: str) -> bool:
    match text.strip().casefold():
        case "true":
            return True
        case "false":
            return False
    raise ValueError(f'must be true or false, not "{text}"')


def write_boolean(value: bool) -> str:
    return "true" if value else "false"


def integer_coding(minimum: int, maximum: int, unit: str) -> Coding[int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,12}", text.strip()):
            raise ValueError(f'must be a whole number{" of " + unit if unit else ""}, not "{text}"')
        return within(int(text), minimum, maximum, unit)

    return Coding(read, str)


def within(value: int, minimum: int, maximum: int, unit: str) -> int:
    if not minimum <= value <= maximum:
        limits = f"at least {minimum}" if maximum == MAX_INTEGER else f"between {minimum} and {maximum}"
        raise ValueError(f"must be {limits}{' ' + unit if unit else ''}, not {value}")
    return value


def string_coding(max_length: int) -> Coding[str]:
    def read(text: str) -> str:
        if len(text) > max_length:
            raise ValueError(f"must have at most {max_length} characters, not {len(text)}")
        return text

    return Coding(read, str)


def choice_coding(choices: Collection[str]) -> Coding[str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f'knows no "{text}"; allowed are {", ".join(choices)}')
        return text

    return Coding(read, str)


def members(text: str) -> tuple[str, ...]:
    """The members of a comma separated list. Blanks around a member do not count."""
    return tuple(member.strip() for member in text.split(",")) if text.strip() else ()


def list_coding(choices: Collection[str], *, at_least: int, at_most: int) -> Coding[tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        values = members(text)
        check_members(values, choices)
        if not at_least <= len(values) <= at_most:
            raise ValueError(f"must have between {at_least} and {at_most} members, not {len(values)}")
        return values

    return Coding(read, ",".join)


def check_members(values: tuple[str, ...], choices: Collection[str]) -> None:
    for value in values:
        if choices and value not in choices:
            raise ValueError(f'knows no "{value}"; allowed are {", ".join(choices)}')
        if values.count(value) > 1:
            raise ValueError(f'names "{value}" twice')


def write_datetime(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
