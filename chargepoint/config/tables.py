"""The tables of `chargepoint.toml`, as `tomllib` read them, turned into a `Config`; every mistake in them collected."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from chargepoint.config import (
    AccessConfig,
    Config,
    CsmsConfig,
    DoctorConfig,
    EvseConfig,
    FirmwareConfig,
    MqttConfig,
    NetworkConfig,
    StationConfig,
    StationMeter,
    SupplyConfig,
    UpdateConfig,
    WebConfig,
    header,
    idlesettings,
    remarks,
    rules,
)
from chargepoint.config.csms import UNKNOWN
from chargepoint.config.inheritance import inherited
from chargepoint.config.maker import MAKER
from chargepoint.config.owners import Device, conflicts
from hw import discovery
from hw.discovery import Group, Mistake, nearest, read_options, show

if TYPE_CHECKING:
    from chargepoint.config.factory import Factory

T = TypeVar("T")

TABLES = (
    "station", "supply", "csms", "access", "evse", "card_reader", "meter", "display", "sensors", "settings", "web",
    "mqtt", "network",
    "doctor",
    "firmware", "update",
)  # fmt: skip

HEADS: Mapping[str, type] = {
    "[station]": StationConfig,
    "[supply]": SupplyConfig,
    "[csms]": CsmsConfig,
    "[access]": AccessConfig,
    "[[evse]]": EvseConfig,
    "[web]": WebConfig,
    "[mqtt]": MqttConfig,
    "[network]": NetworkConfig,
    "[doctor]": DoctorConfig,
    "[firmware]": FirmwareConfig,
    "[update]": UpdateConfig,
}
"""How each table begins in the file."""

PARTS: Mapping[str, Group] = {
    "pilot": "pilot",
    "contactor": "contactor",
    "phase_contactor": "contactor",
    "lock": "lock",
    "sensors": "sensors",
    "indicator": "indicator",
    "meter": "meter",
}
"""The drivers of one EVSE, and the group each is of."""

ROLES = ("main", "pv")
"""What a [[meter]] of the station may count."""

STATION_PARTS: tuple[Group, ...] = ("card_reader", "meter", "display")
"""The drivers of the station that may stand in the file several times."""

SIMULATED: Mapping[str, Any] = {"driver": "mock"}

FILES = (
    "password_file", "ca_file", "certificate_file", "key_file", "known_hosts_file", "install_program", "root_file",
    "version_file", "rauc_program", "proxy_password_file",
)  # fmt: skip
"""Options that are paths: a relative one counts from the folder of the configuration file."""


@dataclass
class Reader:
    """Reads the tables; what is wrong with them piles up in `mistakes` and `warnings`."""

    folder: Path
    factory: Factory | None = None
    mistakes: list[Mistake] = field(default_factory=list)
    warnings: list[Mistake] = field(default_factory=list)

    def read(self, document: Mapping[str, Any], path: Path) -> Config | None:
        """What the document says; None where not even a draft can be made. Mistakes pile up beside."""
        self._names(document)
        if self.factory is not None:
            document, differing = inherited(document, self.factory)
            self.warnings += differing
        station = self._table(StationConfig, document, "station", required=True)
        csms = self._table(CsmsConfig, document, "csms")
        supply = self._table(SupplyConfig, document, "supply") or SupplyConfig()
        web = self._table(WebConfig, document, "web")
        mqtt = self._table(MqttConfig, document, "mqtt")
        network = self._table(NetworkConfig, document, "network") or NetworkConfig()
        doctor = self._table(DoctorConfig, document, "doctor") or DoctorConfig()
        firmware = self._table(FirmwareConfig, document, "firmware") or FirmwareConfig()
        update = self._table(UpdateConfig, document, "update") or UpdateConfig()
        evses = [self._evse(number, table) for number, table in self._tables(document, "evse")]
        readers = [table for _, table in self._tables(document, "card_reader")]
        displays = [table for _, table in self._tables(document, "display")]
        meters = [self._meter(number, table) for number, table in self._tables(document, "meter")]
        sensors = self._sensors(document)
        access = self._access(document, bool(readers))
        self._drivers(document)
        draft = rules.Draft(
            station=station,
            supply=supply,
            csms=csms,
            has_csms="csms" in document,
            access=access,
            evses=tuple(evses),
            has_evse="evse" in document,
            has_card_reader=bool(readers),
            has_main_meter=any(meter is not None and meter.role == "main" for meter in meters),
            web=web,
            mqtt=mqtt,
            network=network,
        )
        told = {(mistake.where, mistake.key) for mistake in self.mistakes}  # their place in the draft holds a default
        self.mistakes += [each for each in rules.mistakes(draft) if (each.where, each.key) not in told]
        self.warnings += remarks.warnings(draft)
        settings = self._settings(document)
        self.warnings += idlesettings.idle(settings, list(filter(None, evses)))
        if self.mistakes or station is None:
            return None
        whole = tuple(filter(None, evses))
        return Config(
            station=station,
            evses=whole,
            supply=supply,
            csms=csms,
            access=access,
            card_readers=tuple(readers) or _simulated_readers(whole),
            meters=tuple(filter(None, meters)),
            displays=tuple(displays),
            sensors=sensors,
            settings=settings,
            web=web,
            mqtt=mqtt,
            network=network,
            doctor=doctor,
            firmware=firmware,
            update=update,
            maker=self.factory.maker if self.factory is not None else MAKER,
            path=path,
            mock=all(_is_simulated(evse) for evse in whole),
        )

    def _names(self, document: Mapping[str, Any]) -> None:
        for name, value in document.items():
            if name in TABLES:
                continue
            bracketed = f"[{name}]" if isinstance(value, Mapping) else f'"{name}"'
            verdict = (
                "is not a table of this file" if isinstance(value, Mapping | list) else "stands before any [table]"
            )
            self.mistakes.append(Mistake("", f"{bracketed} {verdict}", _remedy(name), name))

    def _table(self, cls: type[T], document: Mapping[str, Any], name: str, *, required: bool = False) -> T | None:
        table = document.get(name)
        if table is None and required:
            needed = [f.name for f in dataclasses.fields(cls) if f.default is dataclasses.MISSING]  # type: ignore[arg-type]
            self.mistakes.append(Mistake("", f"[{name}] is missing", f"Add [{name}] with {', '.join(needed)}."))
        if table is None:
            return None
        if not isinstance(table, Mapping):
            fix = f"Write [{name}], in single brackets, once."
            self.mistakes.append(Mistake("", f'"{name}" is not a table', fix, name))
            return None
        return self._options(cls, table, name)

    def _tables(self, document: Mapping[str, Any], name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        tables = document.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
            fix = f"Write [[{name}]], in double brackets, for each."
            self.mistakes.append(Mistake("", f"[{name}] is not a list of tables", fix, name))
            tables = [tables] if isinstance(tables, Mapping) else []
        yield from enumerate(tables, 1)

    def _options(self, cls: type[T], table: Mapping[str, Any], where: str, **given: Any) -> T | None:
        """The table as its dataclass; where it has mistakes, a draft made of what is right in it."""
        result, mistakes = read_options(cls, table, where, given=given)
        self.mistakes += [_at_home(mistake, cls) for mistake in mistakes]
        if result is None:
            result = _draft(cls, table, mistakes, given)
        return self._placed(result) if result is not None else None

    def _placed(self, table: T) -> T:
        paths = {key: getattr(table, key, None) for key in FILES}
        moved = {key: self.folder / path for key, path in paths.items() if path is not None}
        return dataclasses.replace(table, **moved) if moved else table  # type: ignore[type-var]

    def _evse(self, number: int, table: Mapping[str, Any]) -> EvseConfig | None:
        if "pilot" not in table:
            table = {**_simulation(table), **table}
        return self._options(EvseConfig, table, f"evse.{number}", id=number)

    def _meter(self, number: int, table: Mapping[str, Any]) -> StationMeter | None:
        """A meter of the station; its driver's options are checked with everybody else's."""
        role = table.get("role")
        if role in ROLES:
            return StationMeter(role, _driver_table(table))
        what = "role is missing" if role is None else f"role = {show(role)} is not one of the choices"
        words = ", ".join(show(word) for word in ROLES)
        self.mistakes.append(Mistake(f"meter.{number}", what, f"Allowed: {words}.", "role"))
        return None

    def _sensors(self, document: Mapping[str, Any]) -> Mapping[str, Any] | None:
        table = document.get("sensors")
        if table is None or isinstance(table, Mapping):
            return table
        fix = "Write [sensors], in single brackets, once."
        self.mistakes.append(Mistake("", '"sensors" is not a table', fix, "sensors"))
        return None

    def _access(self, document: Mapping[str, Any], has_reader: bool) -> AccessConfig:
        """Without a back office and without a word about it: the cards known here, where there is a reader."""
        if "access" not in document and "csms" not in document:
            return AccessConfig(mode="local" if has_reader else "free")
        return self._table(AccessConfig, document, "access") or AccessConfig()

    def _drivers(self, document: Mapping[str, Any]) -> None:
        devices = list(_devices(document))
        for device in devices:
            self.mistakes += _driver_mistakes(device, devices)
        for number, evse in _each(document, "evse"):
            if isinstance(evse.get("pilot"), Mapping):
                self.mistakes += _outlet_mistakes(evse["pilot"], evse, f"evse.{number}")
        self.warnings += header.warnings(devices)
        self.mistakes += conflicts([*devices, *_spare_line(document)])

    def _settings(self, document: Mapping[str, Any]) -> Mapping[str, str]:
        from chargepoint.core.settingsfile import check_file

        table = document.get("settings", {})
        if not isinstance(table, Mapping):
            self.mistakes.append(Mistake("", '"settings" is not a table', "Write [settings].", "settings"))
            return {}
        nested = {name for name, value in table.items() if isinstance(value, Mapping)}
        self.mistakes += [_unquoted(name, table[name]) for name in sorted(nested)]
        canonical, wrong = check_file({name: value for name, value in table.items() if name not in nested})
        self.mistakes += [_setting_mistake(name, sentence) for name, sentence in wrong]
        return canonical


def _draft(cls: type[T], table: Mapping[str, Any], mistakes: list[Mistake], given: Mapping[str, Any]) -> T | None:
    """What is right in a table with mistakes, so that the rules can look at it too."""
    wrong = {mistake.key for mistake in mistakes}
    right = {key: value for key, value in table.items() if key not in wrong}
    needed = [f.name for f in dataclasses.fields(cls) if f.default is f.default_factory is dataclasses.MISSING]  # type: ignore[arg-type]
    unknown = {key: UNKNOWN for key in needed if key not in right and key not in given}
    return read_options(cls, right, "", given={**given, **unknown})[0]


def _simulation(table: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of an EVSE without a pilot: a lock only where a socket needs one."""
    parts = ["contactor", "meter"] + (["lock"] if table.get("outlet", "socket") == "socket" else [])
    return dict.fromkeys(parts, SIMULATED)


def _simulated_readers(evses: tuple[EvseConfig, ...]) -> tuple[Mapping[str, Any], ...]:
    return (SIMULATED,) if all(_is_simulated(evse) for evse in evses) else ()


def _is_simulated(evse: EvseConfig) -> bool:
    parts = [evse.pilot, evse.contactor or SIMULATED]
    return all(part.get("driver") == "mock" for part in parts)


def _driver_mistakes(device: Device, devices: list[Device]) -> list[Mistake]:
    if device.part != "meter" or not device.evse or not discovery.is_inside(device.table):
        return discovery.check(device.part, device.table, device.where)
    pilots = [other.table for other in devices if other.part == "pilot" and other.evse == device.evse]
    return discovery.check_inside(device.table, pilots[0] if pilots else None, device.where)


def _outlet_mistakes(pilot: Mapping[str, Any], evse: Mapping[str, Any], where: str) -> list[Mistake]:
    """What the guard says too (hw.guard.config)."""
    outlet = discovery.check_outlet(pilot, evse.get("outlet", "socket"), where)
    return outlet + discovery.check_contactor(pilot, evse.get("contactor"), where)


def _devices(document: Mapping[str, Any]) -> Iterator[Device]:
    for number, evse in _each(document, "evse"):
        for key, part in PARTS.items():
            table = evse.get(key)
            if isinstance(table, Mapping):
                yield Device(part, f"evse.{number}.{key}", number, table)
    for part in STATION_PARTS:
        for number, table in _each(document, part):
            yield Device(part, f"{part}.{number}", 0, _driver_table(table))
    if isinstance(document.get("sensors"), Mapping):
        yield Device("sensors", "sensors", 0, document["sensors"])


def _spare_line(document: Mapping[str, Any]) -> Iterator[Device]:
    """It drives nothing, so it must not be anybody's."""
    if isinstance(document.get("doctor"), Mapping):
        yield Device("contactor", "doctor", 0, document["doctor"])


def _driver_table(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without the key that is the station's."""
    return {key: value for key, value in table.items() if key != "role"}


def _each(document: Mapping[str, Any], name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    tables = document.get(name)
    for number, table in enumerate(tables if isinstance(tables, list) else [], 1):
        if isinstance(table, Mapping):
            yield number, table


def _remedy(name: str) -> str:
    """Where a name at the top of the file belongs."""
    return _home(name) or nearest(name, TABLES)


def _home(option: str) -> str:
    """The tables that have such an option: often just their own lines are still commented out."""
    homes = [
        head for head, cls in HEADS.items() if option != "id" and option in {f.name for f in dataclasses.fields(cls)}
    ]
    return f"Put it below {' or '.join(homes)}." if homes else ""


def _at_home(mistake: Mistake, cls: type) -> Mistake:
    """An unknown option that another table knows, with that table for a remedy."""
    if mistake.key in {f.name for f in dataclasses.fields(cls)}:
        return mistake
    home = _home(mistake.key)
    return dataclasses.replace(mistake, fix=home) if home else mistake


def _unquoted(name: str, value: Mapping[str, Any]) -> Mistake:
    full = f"{name}.{next(iter(value), '…')}"
    return Mistake("settings", f"{full} has a dot in its name and no quotes", f'Write "{full}" = …', name)


def _setting_mistake(name: str, sentence: str) -> Mistake:
    what, fix = _halves(sentence)
    plain = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in what)  # a report is one line
    return Mistake("settings", f"{name} {plain}", fix if fix.endswith(("?", ".")) else fix + ".", name)


def _halves(sentence: str) -> tuple[str, str]:
    """What is wrong and what to do, told in one sentence with a semicolon or a colon between."""
    plain = sentence.partition('"')[0]  # a value in quotes may hold anything
    for mark in ("; ", ": "):
        what, found, fix = sentence.partition(mark)
        if found and (mark == "; " or mark in plain):
            return what, fix[:1].upper() + fix[1:]
    return sentence, "Correct the value."
