"""Tables of the configuration file turned into frozen dataclasses, every mistake told at once.

One small reader for both processes, so that guard and daemon say the same sentence about the same mistake. (cattrs does
this too, for 20 ms of the start and 3 MiB in each process.) What a field may hold is said by its annotation and by
`option(...)`; rules that span fields are a ValueError in `__post_init__`: `ValueError(what)`, `ValueError(what, fix)`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong in the configuration: where, what, and the next thing to try."""

    where: str  # the table, dotted as in the file: "evse.1.pilot" ("" = top level)
    what: str  # a clause without a full stop
    fix: str  # a sentence
    key: str = ""  # the key in that table, so that its line can be found

    def __str__(self) -> str:
        place = f"[{self.where}] " if self.where else ""
        return f"{place}{self.what}. {self.fix}"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What `option()` says about a field beyond its type. Bounds are inclusive."""

    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = ()
    help: str = ""

    def span(self, value: Any) -> bool:
        """Does `value` lie within minimum and maximum?"""
        return (self.minimum is None or value >= self.minimum) and (self.maximum is None or value <= self.maximum)

    def describe(self) -> str:
        """The allowed values in words, "" where any will do."""
        if self.choices:
            return ", ".join(show(choice) for choice in self.choices)
        match self.minimum, self.maximum:
            case None, None:
                return ""
            case low, None:
                return f"{low:g} or more"
            case None, high:
                return f"{high:g} or less"
            case low, high:
                return f"{low:g} to {high:g}"


_KEY = "hw.options"  # of our entry in a field's metadata
_FREE = Bounds()


def option(
    default: Any = MISSING,
    *,
    default_factory: Any = MISSING,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Sequence[Any] = (),
    help: str = "",  # noqa: A002 - the word that argparse has taught everybody
) -> Any:
    """A dataclass field with the values it may hold (each of them, where the field is a tuple) and a word of help."""
    bounds = Bounds(minimum, maximum, tuple(choices), help)
    if default_factory is not MISSING:
        return dataclasses.field(default_factory=default_factory, metadata={_KEY: bounds})
    return dataclasses.field(default=default, metadata={_KEY: bounds})


def bounds_of(field: dataclasses.Field[Any]) -> Bounds:
    """What `option()` said about `field`."""
    bounds: Bounds = field.metadata.get(_KEY, _FREE)
    return bounds


def read_options(
    cls: type[T], table: Mapping[str, Any], where: str, *, given: Mapping[str, Any] | None = None
) -> tuple[T | None, list[Mistake]]:
    """An instance of the dataclass `cls` from a TOML table, or None and every mistake that was found.

    `given` holds fields that the program fills in; in the file they are unknown keys.
    """
    given = given or {}
    fields = {f.name: f for f in dataclasses.fields(cls) if f.init and f.name not in given}  # type: ignore[arg-type]
    kinds = get_type_hints(cls)
    mistakes = [_unknown(key, fields, where) for key in table if key not in fields]
    values: dict[str, Any] = dict(given)
    for name, field in fields.items():
        if name in table:
            values[name] = _Reader(where, name, bounds_of(field), mistakes).read(kinds[name], table[name], name)
        elif field.default is MISSING and field.default_factory is MISSING:
            mistakes.append(_missing(name, field, kinds[name], where))
    if mistakes:
        return None, mistakes
    try:
        return cls(**values), []
    except ValueError as error:
        return None, [_contradiction(error, where)]


def nearest(word: str, known: Sequence[str]) -> str:
    """The remedy for a misspelt name: the nearest spelling, else everything there is."""
    import difflib  # only a file with mistakes pays for it

    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    if close:
        return f'Did you mean "{folded[close[0]]}"?'
    return f"Known here: {', '.join(sorted(known))}." if known else "Remove it: nothing is known here."


def show(value: object) -> str:
    """A value as the file would write it."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() | Path():
            return f'"{value}"'
        case Enum():
            return show(value.value)
        case float():
            return f"{value:g}"
        case Mapping():
            return "{ … }"
        case list() | tuple():
            return "[" + ", ".join(show(item) for item in value) + "]"
        case _:
            return str(value)


def _unknown(key: str, known: Mapping[str, object], where: str) -> Mistake:
    return Mistake(where, f'"{key}" is not an option here', nearest(key, list(known)), key)


def _missing(name: str, field: dataclasses.Field[Any], kind: Any, where: str) -> Mistake:
    bounds = bounds_of(field)
    allowed = bounds.describe()
    about = f" ({bounds.help})" if bounds.help else ""
    fix = f"Add {name} = {_example(kind, bounds)}{about}" + (f"; allowed: {allowed}." if allowed else ".")
    return Mistake(where, f"{name} is missing", fix, name)


def _example(kind: Any, bounds: Bounds) -> str:
    if bounds.choices:
        return show(bounds.choices[0])
    if kind in (int, float):
        return f"{bounds.minimum:g}" if bounds.minimum is not None else "…"
    return '"…"' if kind in (str, Path) else "…"


def _contradiction(error: ValueError, where: str) -> Mistake:
    what, *rest = error.args or ("these values do not go together",)
    fix = str(rest[0]) if rest else "Correct this table."
    return Mistake(where, str(what).rstrip("."), fix)


@dataclass(slots=True)
class _Reader:
    """Reads the value of one key; what is wrong with it goes to `mistakes` and the value is None."""

    where: str
    key: str
    bounds: Bounds
    mistakes: list[Mistake]

    def read(self, kind: Any, value: Any, label: str) -> Any:
        origin = get_origin(kind)
        if kind is Any:
            return value
        if origin in (UnionType, Union):
            return self._optional(kind, value, label)
        if origin is tuple:
            return self._many(get_args(kind)[0], value, label)
        if origin is Literal:
            return self._one_of(get_args(kind), value, label)
        if dataclasses.is_dataclass(kind):
            return self._table(kind, value, label)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return self._one_of(tuple(kind), value, label)
        if (origin is not None and issubclass(origin, Mapping)) or kind in (dict, Mapping):
            return self._mapping(get_args(kind), value, label)
        return self._plain(kind, value, label)

    def wrong(self, label: str, value: Any, verdict: str, fix: str) -> None:
        self.mistakes.append(Mistake(self.where, f"{label} = {show(value)} {verdict}", fix, self.key))

    def _optional(self, kind: Any, value: Any, label: str) -> Any:
        """`X | None`: TOML has no null, so a value that stands there is an X."""
        inner = [choice for choice in get_args(kind) if choice is not NoneType]
        inner = [each for each in inner if (get_origin(each) is tuple) == isinstance(value, list)] or inner
        for choice in inner[:-1]:
            attempt = _Reader(self.where, self.key, self.bounds, [])
            result = attempt.read(choice, value, label)
            if not attempt.mistakes:
                return result
        return self.read(inner[-1], value, label)

    def _many(self, kind: Any, value: Any, label: str) -> Any:
        if not isinstance(value, list | tuple):
            self.wrong(label, value, "is not a list", f"Write {label} = [ … ].")
            return None
        return tuple(self.read(kind, item, f"{label}[{place}]") for place, item in enumerate(value))

    def _one_of(self, choices: tuple[Any, ...], value: Any, label: str) -> Any:
        for choice in choices:
            plain = choice.value if isinstance(choice, Enum) else choice
            if plain == value and type(plain) is type(value):
                return choice
        self._not_among([c.value if isinstance(c, Enum) else c for c in choices], value, label)
        return None

    def _table(self, kind: Any, value: Any, label: str) -> Any:
        if not self._is_table(value, label):
            return None
        result, mistakes = read_options(kind, value, f"{self.where}.{label}" if self.where else label)
        self.mistakes += mistakes
        return result

    def _mapping(self, kinds: tuple[Any, ...], value: Any, label: str) -> Any:
        if not self._is_table(value, label):
            return None
        inner = kinds[1] if len(kinds) == 2 else Any
        return {key: self.read(inner, item, f"{label}.{key}") for key, item in value.items()}

    def _is_table(self, value: Any, label: str) -> bool:
        if isinstance(value, Mapping):
            return True
        self.wrong(label, value, "is not a table", f"Write {label} = {{ … }}.")
        return False

    def _plain(self, kind: Any, value: Any, label: str) -> Any:
        if kind not in _PLAIN:
            raise TypeError(f"{self.where}.{self.key}: the option reader does not know {kind!r}")  # a bug of the class
        accepts, convert, noun, advice = _PLAIN[kind]
        if not accepts(value):
            self.wrong(label, value, f"is not {noun}", advice)
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self.wrong(label, value, "is not a finite number", "Give an ordinary number.")
            return None
        return self._within(convert(value), label)

    def _within(self, value: Any, label: str) -> Any:
        bounds = self.bounds
        if bounds.choices and value not in bounds.choices:
            self._not_among(bounds.choices, value, label)
        elif (bounds.minimum is not None and value < bounds.minimum) or (
            bounds.maximum is not None and value > bounds.maximum
        ):
            self._outside(value, label)
        return value

    def _outside(self, value: Any, label: str) -> None:
        self.wrong(label, value, "is out of range", f"Allowed: {self.bounds.describe()}.")

    def _not_among(self, choices: Sequence[Any], value: Any, label: str) -> None:
        words = ", ".join(show(choice) for choice in choices)
        close = nearest(value, [str(c) for c in choices]) if isinstance(value, str) else ""
        self.wrong(label, value, "is not one of the choices", f"Allowed: {words}." + _only_if_close(close))


def _only_if_close(remedy: str) -> str:
    return f" {remedy}" if remedy.startswith("Did") else ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


# kind -> (accepts it?, conversion, what it should have been, what to do)
_PLAIN: dict[Any, tuple[Callable[[Any], bool], Callable[[Any], Any], str, str]] = {
    bool: (lambda value: isinstance(value, bool), bool, "true or false", "Write true or false, without quotes."),
    int: (_is_whole, int, "a whole number", "Write a whole number, without quotes."),
    float: (_is_number, float, "a number", "Write a number, without quotes."),
    str: (_is_text, str, "text", "Put it between quotes."),
    Path: (lambda value: _is_text(value) and value != "", Path, "a path", "Write the path between quotes."),
}
