"""Every installed driver with its options, where it comes from, and why it cannot be used where it cannot.

Only `chargepoint drivers` and the doctor pay for this: it asks `importlib.metadata`, which is slow, and imports every
driver there is.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import MISSING, dataclass
from enum import Enum
from importlib.metadata import Distribution, distributions
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from hw import entrypoints, libraries
from hw.discovery import GROUPS, Group
from hw.options import bounds_of, show


@dataclass(frozen=True, slots=True)
class OptionTold:
    """One option of a driver's table, in words."""

    name: str
    default: str | None  # as the file would write it; None: it has to be there
    kind: str  # "whole number"
    allowed: str  # "0 to 53"; "" = any of its kind
    help: str


@dataclass(frozen=True, slots=True)
class Installed:
    """A driver as `chargepoint drivers` lists it."""

    group: Group
    name: str
    target: str  # "module:Class"
    package: str
    version: str
    about: str = ""  # first line of its docstring
    options: tuple[OptionTold, ...] = ()
    broken: str = ""  # why it cannot be used here; "" = it can
    remedy: str = ""  # a sentence, where it is broken


@dataclass(frozen=True, slots=True)
class _Entry:
    group: Group
    name: str
    target: str
    package: str
    version: str
    extras: tuple[str, ...]


def installed() -> list[Installed]:
    """Every driver of every group, the broken ones with the reason."""
    first: dict[tuple[Group, str], _Entry] = {}
    found = []
    for entry in sorted(_entries(), key=lambda entry: (GROUPS.index(entry.group), entry.name)):
        winner = first.setdefault((entry.group, entry.name), entry)
        if winner is entry:
            found.append(_described(entry))
        elif winner.package != entry.package:
            found.append(_hidden(entry, winner))
    return found


def _entries() -> Iterator[_Entry]:
    for distribution in distributions():
        for point in distribution.entry_points:
            group = point.group.removeprefix(entrypoints.PREFIX)
            if point.group.startswith(entrypoints.PREFIX) and group in GROUPS:
                extras = tuple(distribution.metadata.get_all("Provides-Extra") or ())
                yield _Entry(group, point.name, _target(point.value), _name(distribution), distribution.version, extras)


def _target(value: str) -> str:
    """Without the extras that an entry point may name in brackets."""
    return value.partition("[")[0].strip()


def _name(distribution: Distribution) -> str:
    return str(distribution.metadata["Name"] or "?")


def _described(entry: _Entry) -> Installed:
    try:
        driver = entrypoints.imported(entry.target)
        about = (driver.__doc__ or "").strip().partition("\n")[0]
        return _told(entry, about=about, options=tuple(_options(driver.Options)))
    except ModuleNotFoundError as error:
        lacking = error.name or ""
        return _told(entry, broken=f"the Python module {lacking} is missing", remedy=_remedy(entry, lacking))
    except Exception as error:  # a stranger's module may raise anything; the list has to be whole
        why = f"{entry.target} does not load ({type(error).__name__}: {error})"
        return _told(entry, broken=why, remedy=f"Ask the maker of {entry.package}.")


def _told(entry: _Entry, **more: Any) -> Installed:
    return Installed(entry.group, entry.name, entry.target, entry.package, entry.version, **more)


def _hidden(entry: _Entry, winner: _Entry) -> Installed:
    broken = f"{winner.package} has a {entry.group} driver of the same name, which comes first"
    return _told(entry, broken=broken, remedy=f"Uninstall one: pip uninstall {winner.package}.")


def _remedy(entry: _Entry, module: str) -> str:
    if module.partition(".")[0] == re.split("[.:]", entry.target)[0]:  # its own: not a library that one could install
        return f"Install it again: pip install --force-reinstall {entry.package}."
    return libraries.remedy(module, entry.package, entry.extras)


def _options(options: Any) -> Iterator[OptionTold]:
    kinds = get_type_hints(options)
    for field in dataclasses.fields(options):
        kind, bounds = kinds[field.name], bounds_of(field)
        yield OptionTold(field.name, _default(field), kind_of(kind), bounds.describe() or _choices(kind), bounds.help)


def _default(field: dataclasses.Field[Any]) -> str | None:
    if field.default is not MISSING:
        return "none" if field.default is None else show(field.default)
    return None if field.default_factory is MISSING else show(field.default_factory())


def _choices(annotation: Any) -> str:
    """Of an annotation that names them."""
    named = [kind for kind in (annotation, *get_args(annotation)) if get_origin(kind) is Literal]
    return ", ".join(show(word) for kind in named for word in get_args(kind))


_KINDS = {bool: "true or false", int: "whole number", float: "number", str: "text", Path: "path"}


def kind_of(annotation: Any) -> str:
    """What a value of that type is called in the file."""
    if annotation in _KINDS:
        return _KINDS[annotation]
    inner = [kind for kind in get_args(annotation) if kind not in (NoneType, Ellipsis)]
    if get_origin(annotation) is tuple:
        return f"list ({kind_of(inner[0])})"
    if get_origin(annotation) is Literal or (isinstance(annotation, type) and issubclass(annotation, Enum)):
        return "text"
    if inner and NoneType in get_args(annotation):
        return " or ".join(dict.fromkeys(map(kind_of, inner)))
    return "table"
