"""The factory file: what a maker knows of one station for life. `chargepoint provision` writes it, nobody edits it.

It lies in the state directory, holds no secret, and is checked like the configuration, which takes over what it says. A
model file, from which many of them are made, is the same without what belongs to one station.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

from chargepoint.config.csms import IDENTITY_LENGTH
from chargepoint.config.file import Unreadable, found, read_toml
from chargepoint.config.maker import MAKER, Maker
from chargepoint.config.rules import NAME_LENGTHS
from chargepoint.errors import ConfigMistakes, Finding
from hw.discovery import Mistake, nearest, option, read_options

NAME = "factory.toml"
HEAD = "# Written by `chargepoint provision`, once. It holds no secret, and nothing an installer should change.\n"

LONGEST_ORGANIZATION = 64  # characters (X.520: ub-organization-name)

SERIAL_MARK, HOST_MARK = "{serial_number}", "{host_name}"
"""Stand in a model file for the serial number of each station, and for the name that the image gives its machine."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactoryStation:
    """The nameplate."""

    vendor: str = option(help="the maker's name")
    model: str = option(help="the model's name")
    serial_number: str = option(help="no other station of this maker has it; in no model file")
    hardware_revision: str = option("", help="of the boards inside")
    identity: str = option("", help="the station's name at the back office; empty: the serial number. In no model file")
    operator: str = option("", help="who runs its back office, as certificates name them (CpoName); empty: the vendor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """What the label says about electricity and weather."""

    voltage_v: int = option(minimum=100, maximum=480, help="between phases where there are three, 230 or 400 in Europe")
    current_a: float = option(minimum=6, maximum=80, help="rated, per phase")
    phases: int = option(3, choices=(1, 3), help="of the supply")
    frequency_hz: str = option("50", choices=("50", "60", "50/60"), help="of the supply")
    ip_code: str = option("", help='protection against dust and water, such as "IP54" (IEC 60529)')
    ambient: str = option("", help='temperatures it may work in, such as "-25 to +40 °C"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What was read from the board when the station was made."""

    serial_number: str = option("", help="of the board")
    mac_address: str = option("", help="of its first network interface")


@dataclass(frozen=True, slots=True, kw_only=True)
class Factory:
    """The whole file."""

    station: FactoryStation
    ratings: Ratings | None = None
    maker: Maker = MAKER
    board: Board = Board()
    made_at: str = ""
    folder: Path | None = None  # it was read from there

    @property
    def identity(self) -> str:
        """The station's name at the back office."""
        return self.station.identity or self.station.serial_number

    @property
    def operator(self) -> str:
        """The organization in the station's certificate."""
        return self.station.operator or self.station.vendor

    @property
    def page(self) -> str:
        from chargepoint.firstboot.hostname import host_name

        number = self.station.serial_number
        return self.maker.page.replace(SERIAL_MARK, number).replace(HOST_MARK, host_name(number))

    @property
    def password_file(self) -> Path | None:
        """The password for the back office, where one was made."""
        file = self.folder / "secrets" / "csms-password" if self.folder else None
        return file if file is not None and file.exists() else None

    @property
    def digest(self) -> str:
        return f"{crc32(as_toml(self).encode()):08x}"


TABLES: Mapping[str, type] = {"station": FactoryStation, "ratings": Ratings, "maker": Maker, "board": Board}
OF_ONE = {"serial_number": "Leave it out: each station gets its own with --serial.",
          "identity": "Leave it out: each station gets its own with --identity."}  # fmt: skip


# --- reading ----------------------------------------------------------------------------------------------------------


def factory_of(state: Path) -> Factory | None:
    """What the maker has written; None on a station nobody has provisioned.

    Raises:
        ConfigMistakes: the file is damaged.
    """
    file = state / NAME
    return dataclasses.replace(read(file), folder=state) if file.exists() else None


def read(path: Path) -> Factory:
    """A factory file. Raises ConfigMistakes."""
    return _read(path, {})


def read_model(path: Path, serial_number: str, identity: str = "", hardware_revision: str = "") -> Factory:
    """What a model file makes of one station. Raises ConfigMistakes."""
    given = {"serial_number": serial_number, "identity": identity}
    return _read(path, given | ({"hardware_revision": hardware_revision} if hardware_revision else {}))


def _read(path: Path, given: Mapping[str, str]) -> Factory:
    try:
        text, document = read_toml(path)
    except Unreadable as trouble:
        raise ConfigMistakes(path, [trouble.finding]) from None
    mistakes: list[Mistake] = [] if not given else list(_of_one_station(document))
    if given and isinstance(document.get("station", {}), Mapping):
        document = {**document, "station": {**document.get("station", {}), **given}}
    factory = _built(document, mistakes)
    if factory is None:
        raise ConfigMistakes(path, _lined(text, mistakes))
    return factory


def _lined(text: str, mistakes: list[Mistake]) -> list[Finding]:
    return found(text, {(each.where, each.key, each.what): each for each in mistakes}.values())


def _of_one_station(document: Mapping[str, Any]) -> Iterator[Mistake]:
    station = document.get("station", {})
    for key in OF_ONE:
        if isinstance(station, Mapping) and key in station:
            yield Mistake("station", f"{key} belongs to one station, and this is a model file", OF_ONE[key], key)


def _built(document: Mapping[str, Any], mistakes: list[Mistake]) -> Factory | None:
    for name in document:
        if name not in (*TABLES, "made_at"):
            mistakes.append(Mistake("", f'"{name}" is nothing of this file', nearest(name, list(TABLES)), name))
    station = _table(FactoryStation, document, "station", mistakes)
    ratings = _table(Ratings, document, "ratings", mistakes) if "ratings" in document else None
    maker = _table(Maker, document, "maker", mistakes) if "maker" in document else MAKER
    board = _table(Board, document, "board", mistakes) if "board" in document else Board()
    if station is not None:
        mistakes += _names(station)
    if maker is not None:
        mistakes += _contacts(maker)
    if mistakes or station is None or maker is None or board is None:
        return None
    return Factory(station=station, ratings=ratings, maker=maker, board=board, made_at=str(document.get("made_at", "")))


def _table(cls: type[T], document: Mapping[str, Any], name: str, mistakes: list[Mistake]) -> T | None:
    table = document.get(name, {})
    if not isinstance(table, Mapping):
        mistakes.append(Mistake("", f'"{name}" is not a table', f"Write [{name}], in single brackets, once.", name))
        return None
    told, wrong = read_options(cls, table, name)
    mistakes += wrong
    return told


# --- rules ------------------------------------------------------------------------------------------------------------


def _names(station: FactoryStation) -> Iterator[Mistake]:
    """What every version of OCPP, a label and a certificate have room for."""
    for key in ("vendor", "model", "serial_number"):
        value, room = getattr(station, key), min(NAME_LENGTHS[key].values())
        if not value.strip():
            yield Mistake("station", f"{key} is empty", "Write what the nameplate says.", key)
        elif len(value) > room:
            yield Mistake(
                "station", f'{key} = "{value}" has {len(value)} characters', f"OCPP has room for {room}.", key
            )
        elif not value.isprintable():
            yield Mistake("station", f"{key} has a character in it that cannot be printed", "Type it anew.", key)
    if len(station.operator) > LONGEST_ORGANIZATION:
        fix = f"A certificate has room for {LONGEST_ORGANIZATION}."
        yield Mistake("station", f"operator has {len(station.operator)} characters", fix, "operator")
    yield from _identity(station.identity or station.serial_number, "identity" if station.identity else "serial_number")


def _identity(name: str, key: str) -> Iterator[Mistake]:
    if len(name) > IDENTITY_LENGTH:
        yield Mistake(
            "station", f'{key} = "{name}" has {len(name)} characters', f"OCPP has room for {IDENTITY_LENGTH}.", key
        )
    odd = sorted({letter for letter in name if letter in ":/?#%" or letter.isspace()})
    if odd:
        what = f'{key} = "{name}" has {" and ".join(map(repr, odd))} in it'
        yield Mistake("station", what, "It is part of web addresses: letters, digits and - _ . @ only.", key)


def _contacts(maker: Maker) -> Iterator[Mistake]:
    allowed = {"security_contact": ("https://", "mailto:", "tel:"), "security_policy": ("https://",),
               "page": ("http://", "https://")}  # fmt: skip
    for key, beginnings in allowed.items():
        value = getattr(maker, key)
        if value and (not value.startswith(beginnings) or value.split() != [value]):
            fix = f"Begin with {' or '.join(beginnings)}, and leave no blanks in it."
            yield Mistake("maker", f'{key} = "{value}" is no such address', fix, key)
    if maker.support_until and not _is_day(maker.support_until):
        fix = "Write year, month and day: 2031-12-31."
        yield Mistake("maker", f'support_until = "{maker.support_until}" is no day', fix, "support_until")


def _is_day(text: str) -> bool:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


# --- writing ----------------------------------------------------------------------------------------------------------


def as_toml(factory: Factory) -> str:
    """The file's text; `read` gives the same again."""
    parts = [HEAD, f"made_at = {_quoted(factory.made_at)}\n"]
    for name in TABLES:
        table = getattr(factory, name)
        if table is not None:
            values = {field.name: getattr(table, field.name) for field in dataclasses.fields(table)}
            parts.append(
                f"\n[{name}]\n" + "".join(f"{key} = {_value(value)}\n" for key, value in values.items() if value != "")
            )
    return "".join(parts)


def _value(value: str | float) -> str:
    return _quoted(value) if isinstance(value, str) else f"{value!r}"


def _quoted(text: str) -> str:
    """A basic string of TOML: quotes, backslashes and control characters escaped."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in plain) + '"'
