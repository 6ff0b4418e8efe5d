"""Reads the JSON body of a request: every field is named, of the right kind and in range, or the request is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chargepoint.web.http import Malformed

MAX_TEXT = 2500
"""Characters of the longest text field, a setting's value (OCPP 2.0.1 ConfigurationValueSize, at most 2500)."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body. `read` raises ValueError with the words that follow "must be"."""

    read: Callable[[Any], Any]
    required: bool = False
    nullable: bool = False


def body(raw: bytes, fields: Mapping[str, Field]) -> dict[str, Any]:
    """The fields that the body holds. An empty body is an empty object.

    Raises:
        Malformed: not JSON, not an object, an unknown or missing field, a wrong type or range.
    """
    given = _object(raw)
    for name in given:
        if name not in fields:
            known = ", ".join(fields) or "none"
            raise Malformed(f"unknown field {json.dumps(name[:60])}; known here: {known}")
    for name, field in fields.items():
        if field.required and name not in given:
            raise Malformed(f'the field "{name}" is missing')
    return {name: _read(name, fields[name], value) for name, value in given.items()}


def _object(raw: bytes) -> dict[str, Any]:
    try:
        given = json.loads(raw or b"{}", parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(given, dict):
        raise Malformed("the body is not a JSON object")
    return given


def _refuse_constant(word: str) -> float:
    raise ValueError(word)  # NaN and the infinities are Python's idea of JSON


def _read(name: str, field: Field, value: Any) -> Any:
    if value is None and field.nullable:
        return None
    try:
        return field.read(value)
    except ValueError as mistake:
        also = " or null" if field.nullable else ""
        raise Malformed(f'"{name}" must be {mistake}{also}') from None


# --- kinds of fields --------------------------------------------------------------------------------------------------


def number(least: float, most: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"a number from {least:g} to {most:g}")
        return float(value)

    return read


def whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return value

    return read


def several(read: Callable[[Any], float], count: int) -> Callable[[Any], list[float]]:
    """A list of so many."""

    def read_all(value: Any) -> list[float]:
        if not isinstance(value, list) or len(value) != count:
            raise ValueError(f"a list of {count} numbers")
        return [read(each) for each in value]

    return read_all


def boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def text(longest: int = MAX_TEXT, *, shortest: int = 0) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not shortest <= len(value) <= longest or not value.isprintable():
            raise ValueError(f"a text of {shortest} to {longest} printable characters")
        return value

    return read


def identifier(longest: int) -> Callable[[Any], str]:
    """OCPP's identifierString (2.0.1 part 2, 3.1), of which ids of cards, remote starts and groups are made."""
    allowed = re.compile(rf"[A-Za-z0-9*\-_=:+|@.]{{1,{longest}}}")

    def read(value: Any) -> str:
        if not isinstance(value, str) or allowed.fullmatch(value) is None:
            raise ValueError(f"1 to {longest} letters A to Z, digits or * - _ = : + | @ . and nothing else, no blanks")
        return value

    return read


def one_of(choices: Sequence[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError("one of " + ", ".join(choices))
        return str(value)

    return read


def moment(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError("a date and time with a time zone, such as 2026-12-31T23:00:00Z")
    return at
