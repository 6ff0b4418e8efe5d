"""The settings of this station: which value holds now, and where it came from.

A dialect may fix a value while it is spoken; else the back office or somebody on site has set it; else the
configuration file has; else the station knows it of itself; else the catalogue's default holds. The file's line at the
time of a change is remembered, so that only a *changed* line wins again over the back office.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from chargepoint.core import catalogue
from chargepoint.core.setting import Names as Names
from chargepoint.core.setting import Setting as Setting

T = TypeVar("T")

ACCEPTED = "Accepted"
REBOOT_REQUIRED = "RebootRequired"
REJECTED = "Rejected"

BY_NAME: Mapping[str, Setting[Any]] = {name.casefold(): row for row in catalogue.ALL for name in row.names}


@dataclass(frozen=True, slots=True)
class Change:
    """The answer to a change, in OCPP's words; `why` explains a refusal."""

    status: str
    why: str = ""

    @property
    def accepted(self) -> bool:
        return self.status != REJECTED


@dataclass(frozen=True, slots=True)
class Stored:
    """A value set by `origin` ("csms", "local"), and the file's line of that moment."""

    text: str
    origin: str
    file: str | None


def _ignore(setting: Setting[Any], text: str, origin: str) -> None:
    """Nobody listens."""


class Settings:
    """`settings[HEARTBEAT_INTERVAL]` is the typed value that holds now."""

    def __init__(self, file: Mapping[str, str] | None = None) -> None:
        """`file`: canonical name -> text in the station's own coding, as `check_file` returns it."""
        self._file = dict(file or {})
        self._stored: dict[str, Stored] = {}
        self._overlay: dict[str, str] = {}
        self._derived: dict[Setting[Any], Any] = {}
        self._computed: dict[Setting[Any], Callable[[], Any]] = {}
        self._withdrawn: set[Setting[Any]] = set()
        self._fixed: dict[Setting[Any], Any] = {}
        self._required: dict[Setting[Any], Callable[[Any], str]] = {}
        self._deliverable: Callable[[], Collection[str]] | None = None
        self._values: dict[Setting[Any], Any] = {}
        self.on_change: Callable[[Setting[Any], str, str], None] = _ignore
        """Called with setting, text ("" for a secret) and origin after each accepted change."""
        self._work_out()

    # --- reading ------------------------------------------------------------------------------------------------------

    def __getitem__(self, setting: Setting[T]) -> T:
        computed = self._computed.get(setting)
        value: T = computed() if computed is not None else self._values[setting]
        return value

    def __iter__(self) -> Iterator[Setting[Any]]:
        return (row for row in catalogue.ALL if row not in self._withdrawn)

    def known_as(self, names: Names) -> Iterator[Setting[Any]]:
        """All settings that have a name of that family, in the catalogue's order."""
        return (row for row in self if row.name_as(names) is not None)

    def text(self, setting: Setting[Any], names: Names | None = None) -> str:
        """The value as text, in the coding of that family of names; "" for a secret."""
        return setting.coding_as(names).write(self[setting]) if setting.readable else ""

    def find(self, name: str, names: Names | None = None) -> Setting[Any] | None:
        """By either name, or only by one of that family. Names compare without case."""
        row = BY_NAME.get(name.casefold())
        if row is None or row in self._withdrawn:
            return None
        if names is None:
            return row
        spoken = row.name_as(names)
        return row if spoken is not None and name.casefold() == spoken.casefold() else None

    # --- changing -----------------------------------------------------------------------------------------------------

    def change(self, setting: Setting[Any], text: str, origin: str, names: Names | None = None) -> Change:
        """Set a value, if it is one and may be set under that family of names (None: on site, under any)."""
        if not self.writable(setting, names):
            return Change(REJECTED, f"{setting.name} is read-only")
        if setting.name in self._overlay:
            return Change(REJECTED, f"{setting.name} is fixed by the OCPP version in use")
        try:
            value = setting.coding_as(names).read(text)
        except ValueError as mistake:
            return Change(REJECTED, f"{setting.name} {mistake}")
        beyond = self._beyond(setting, value)
        if beyond:
            return Change(REJECTED, f"{setting.name}: this station cannot deliver {beyond}")
        missing = self._required[setting](value) if setting in self._required else ""
        if missing:
            return Change(REJECTED, f"{setting.name} {missing}")
        self._stored[setting.name] = Stored(setting.coding.write(value), origin, self._file.get(setting.name))
        self._values[setting] = value
        if setting.name in self._overlay.values():
            self._work_out()
        self.on_change(setting, self.text(setting), origin)
        return Change(REBOOT_REQUIRED if setting.reboot else ACCEPTED)

    def writable(self, setting: Setting[Any], names: Names | None = None) -> bool:
        """May it be changed under that family of names (None: under any), and does this station have a choice?"""
        may = setting.writable if names is None else setting.writable_as(names)
        return may and setting not in self._fixed

    def _beyond(self, setting: Setting[Any], value: Any) -> str:
        allowed = self._allowed(setting)
        return ", ".join(member for member in value if member not in allowed) if allowed is not None else ""

    def kept(self, setting: Setting[Any]) -> Stored | None:
        """What somebody has set; None: nobody has."""
        return self._stored.get(setting.name)

    def value_if(self, setting: Setting[T], kept: Stored | None) -> T:
        """The value that holds while this is what somebody has set."""
        text = kept.text if kept is not None else self._file.get(setting.name)
        value: T = self._derived.get(setting, setting.default) if text is None else setting.coding.read(text)
        return value

    def put_back(self, before: Mapping[Setting[Any], Stored | None]) -> None:
        """Take changes back, all at once: `before` is what `kept` gave then."""
        undone = [setting for setting, kept in before.items() if self.kept(setting) != kept]
        for setting in undone:
            kept = before[setting]
            self._stored.pop(setting.name, None)
            if kept is not None:
                self._stored[setting.name] = kept
        self._work_out()
        for setting in undone:
            self.on_change(setting, self.text(setting), self.origin(setting))

    def _allowed(self, setting: Setting[Any]) -> Collection[str] | None:
        """What the hardware leaves of a setting's choices; None: all of them."""
        if self._deliverable is None or setting not in catalogue.MEASURAND_SETTINGS:
            return None
        return self._deliverable()

    # --- what the station knows of itself -----------------------------------------------------------------------------

    def derive(self, setting: Setting[T], value: T) -> None:
        """A fact of this station (NumberOfConnectors), or its own default where the setting is writable."""
        self._derived[setting] = value
        self._work_out()

    def fix(self, setting: Setting[T], value: T) -> None:
        """The only value that this station can deliver, whatever anybody has set."""
        self._fixed[setting] = value
        self._work_out()

    def withdraw(self, settings: Iterable[Setting[Any]]) -> None:
        """This station has nothing behind them: it is as if there were no such settings."""
        self._withdrawn.update(settings)

    @property
    def shape(self) -> tuple[frozenset[Setting[Any]], frozenset[Setting[Any]]]:
        """What of the catalogue is there at this station, and what of that has only one value."""
        return frozenset(self), frozenset(self._fixed)

    def compute(self, setting: Setting[T], value: Callable[[], T]) -> None:
        """A value that is asked for at every reading (DateTime)."""
        self._computed[setting] = value

    def deliver(self, measurands: Callable[[], Collection[str]]) -> None:
        """Tells which measurands (and phases) the meters of this station have: others are refused."""
        self._deliverable = measurands

    def choices(self, setting: Setting[Any], names: Names | None = None) -> tuple[str, ...]:
        """The values (or members) allowed here and now."""
        offered = setting.choices_2_x if names is Names.OCPP_2_X and setting.choices_2_x else setting.choices
        allowed = self._allowed(setting)
        return offered if allowed is None else tuple(choice for choice in offered if choice in allowed)

    def require(self, setting: Setting[T], missing: Callable[[T], str]) -> None:
        """Let `missing` judge each change: what stands against that value, as the end of a sentence, or ""."""
        self._required[setting] = missing

    def overlay(self, fixed: Mapping[str, str]) -> None:
        """Lay a dialect's fixed values over everything; replaces the ones before.

        `fixed`: canonical name -> text, or the canonical name of the setting whose value it has then.
        """
        self._overlay = dict(fixed)
        self._work_out()

    # --- keeping ------------------------------------------------------------------------------------------------------

    def stored(self) -> dict[str, dict[str, str | None]]:
        """What was changed, for the memory: canonical name -> text, origin and the file's line of then."""
        return {
            name: {"text": kept.text, "origin": kept.origin, "file": kept.file} for name, kept in self._stored.items()
        }

    def restore(self, stored: Mapping[str, Mapping[str, str | None]]) -> list[str]:
        """Take up what `stored` gave before a restart.

        Returns the names that are to be forgotten (store again): the file's line was changed since and wins, or the
        value is not one any more.
        """
        dropped = [name for name, kept in stored.items() if not self._restore(name, kept)]
        self._work_out()
        return dropped

    def _restore(self, name: str, kept: Mapping[str, str | None]) -> bool:
        setting, text, line = BY_NAME.get(name.casefold()), kept.get("text"), self._file.get(name)
        if setting is None or text is None or not readable(setting, text):
            return False
        if line is not None and line != kept.get("file"):
            return False
        self._stored[setting.name] = Stored(text, kept.get("origin") or "csms", kept.get("file"))
        return True

    def origin(self, setting: Setting[Any]) -> str:
        """Where the value comes from: version, csms, local, file, station or default."""
        name = setting.name
        if name in self._overlay:
            return "version"
        if setting in self._fixed:
            return "station"
        if name in self._stored:
            return self._stored[name].origin
        if name in self._file:
            return "file"
        return "station" if setting in self._derived or setting in self._computed else "default"

    def _work_out(self) -> None:
        self._values = {setting: self._value(setting) for setting in catalogue.ALL}

    def _value(self, setting: Setting[Any]) -> Any:
        name = setting.name
        if name in self._overlay:
            followed = BY_NAME.get(self._overlay[name].casefold())
            return self._value(followed) if followed is not None else setting.coding.read(self._overlay[name])
        if setting in self._fixed:
            return self._fixed[setting]
        if name in self._stored:
            return setting.coding.read(self._stored[name].text)
        if name in self._file:
            return setting.coding.read(self._file[name])
        return self._derived.get(setting, setting.default)


def readable(setting: Setting[Any], text: str) -> bool:
    try:
        setting.coding.read(text)
    except ValueError:
        return False
    return True
