"""Facts as JSON and back, driven by their type hints.

A fact is an object with its fields by name. The small values inside (tokens, samples, quantities) are arrays in the
order of their fields, because a sample holds many of them. What equals its default is left out. Hence three promises to
older files: a default never changes, a field is never renamed, and a small value gets new fields at its end only.

Reading forgives: unknown fields, which a newer version may have written, are ignored; missing ones get their default.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from chargepoint.core.facts import Fact

Turn = Callable[[Any], Any]
"""One direction for one type; None stands for: JSON has this type itself."""

_dump = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_NO_DEFAULT = object()


class Undecodable(ValueError):
    """This version cannot read the fact: it knows no such kind, or no such word in it."""


class _Coder(NamedTuple):
    encode: Turn | None = None
    decode: Turn | None = None


_AS_IT_IS = _Coder()
_NATIVE = (str, int, float, bool)


def encode(fact: Fact) -> str:
    """The fact without its kind, as compact JSON."""
    cls: type = type(fact)
    return _dump(_object_coder(cls)[0](fact))


def decode(kind: str, text: str) -> Fact:
    """The fact of the class named `kind`.

    Raises:
        Undecodable: no such kind, a field that is needed is missing, or a word this version does not know.
    """
    cls: type = _kind(kind)
    try:
        stored = json.loads(text)
        if not isinstance(stored, dict):
            raise TypeError("not an object")
        fact: Fact = _object_coder(cls)[1](stored)
    except (KeyError, TypeError, ValueError) as error:
        raise Undecodable(f"{kind}: {error}") from error
    return fact


# --- kinds of facts ---------------------------------------------------------------------------------------------------


@cache
def kinds() -> dict[str, type[Fact]]:
    """Every class of facts by its name."""
    return {kind.__name__: kind for kind in _descendants(Fact)}


def _descendants(parent: type[Fact]) -> Iterator[type[Fact]]:
    for child in parent.__subclasses__():
        yield child
        yield from _descendants(child)


def _kind(name: str) -> type[Fact]:
    try:
        return kinds()[name]
    except KeyError:
        raise Undecodable(f"{name}: unknown kind of fact") from None


# --- objects and arrays -----------------------------------------------------------------------------------------------


class _Slot(NamedTuple):
    """One field of a dataclass."""

    name: str
    default: Any
    coder: _Coder


@cache
def _slots(cls: type) -> tuple[_Slot, ...]:
    hints = get_type_hints(cls)
    return tuple(_Slot(field.name, _default(field), _coder(hints[field.name])) for field in fields(cls))


def _default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        raise TypeError(f"{field.name}: a default that is made anew each time cannot be left out of the file")
    return _NO_DEFAULT if field.default is MISSING else field.default


@cache
def _object_coder(cls: type) -> tuple[Turn, Turn]:
    slots = _slots(cls)
    steps = tuple((slot.name, slot.default, slot.coder.encode) for slot in slots)
    turns = {slot.name: slot.coder.decode for slot in slots}

    def encode_object(value: Any) -> dict[str, Any]:
        encoded = {}
        for name, default, turn in steps:
            item = getattr(value, name)
            if item != default:
                encoded[name] = item if turn is None else turn(item)
        return encoded

    def decode_object(stored: dict[str, Any]) -> Any:
        known = {}
        for name, item in stored.items():
            if name in turns:
                turn = turns[name]
                known[name] = item if turn is None else turn(item)
        return cls(**known)

    return encode_object, decode_object


def _array_coder(cls: type) -> _Coder:
    """Fields in their order; those at the end that equal their default are left out."""
    slots = _slots(cls)
    steps = tuple((slot.name, slot.coder.encode) for slot in slots)
    turns = tuple(slot.coder.decode for slot in slots)
    defaults = tuple(slot.default for slot in slots)

    def encode_array(value: Any) -> list[Any]:
        items = [getattr(value, name) for name, _ in steps]
        while items and items[-1] == defaults[len(items) - 1]:
            items.pop()
        return [item if turn is None else turn(item) for item, (_, turn) in zip(items, steps, strict=False)]

    def decode_array(stored: Sequence[Any]) -> Any:
        return cls(*[item if turn is None else turn(item) for item, turn in zip(stored, turns, strict=False)])

    return _Coder(encode_array, decode_array)


# --- types ------------------------------------------------------------------------------------------------------------


@cache
def _coder(hint: Any) -> _Coder:
    if hint in _NATIVE:
        return _AS_IT_IS
    if hint is datetime:
        return _Coder(datetime.isoformat, datetime.fromisoformat)
    if get_origin(hint) is tuple:
        return _tuple_coder(hint)
    if get_origin(hint) in (Union, UnionType):
        return _optional_coder(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _Coder(lambda word: word.value, hint)
    if isinstance(hint, type) and is_dataclass(hint):
        return _array_coder(hint)
    raise TypeError(f"facts cannot hold {hint}")


def _tuple_coder(hint: Any) -> _Coder:
    arguments = get_args(hint)
    if len(arguments) != 2 or arguments[1] is not Ellipsis:
        raise TypeError(f"facts hold tuples of any length only, not {hint}")
    inner = _coder(arguments[0])
    encode_item, decode_item = inner.encode, inner.decode
    return _Coder(
        list if encode_item is None else lambda items: [encode_item(item) for item in items],
        tuple if decode_item is None else lambda items: tuple([decode_item(item) for item in items]),
    )


def _optional_coder(hint: Any) -> _Coder:
    inner = [_coder(part) for part in get_args(hint) if part is not NoneType]
    if all(coder is _AS_IT_IS for coder in inner):
        return _AS_IT_IS
    if len(inner) != 1:
        raise TypeError(f"facts hold one type or None, not {hint}")
    return _Coder(_unless_none(inner[0].encode), _unless_none(inner[0].decode))


def _unless_none(turn: Turn | None) -> Turn:
    if turn is None:
        raise TypeError("one direction of a coder is missing")
    return lambda value: None if value is None else turn(value)
