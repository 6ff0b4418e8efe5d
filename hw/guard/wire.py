"""What guard and daemon say to each other: one JSON object a datagram, decoded strictly.

A datagram that is not exactly one of these messages is Garbage: the receiver counts it and goes on.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hw.api import Command, Fault, Permit, Reading, Report, Result

LIMIT_BYTES = 8192  # of one datagram; the longest honest message is a report with every fault, under 4 kB


class Garbage(ValueError):
    """A datagram that no honest peer sends."""


@dataclass(frozen=True, slots=True)
class Hello:
    """A daemon introduces itself: reports go to whoever said hello."""

    pid: int


Message = Permit | Report | Command | Result | Hello


def encode(message: Message) -> bytes:
    """The datagram that carries `message`."""
    body = {"is": _NAMES[type(message)]} | _plain(message)
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode()


def decode(datagram: bytes) -> Message:
    """The message in a datagram.

    Raises:
        Garbage: too long, not JSON, an unknown kind, a key too many or too few, or a value of the wrong type.
    """
    if len(datagram) > LIMIT_BYTES:
        raise Garbage(f"{len(datagram)} bytes")
    try:
        body = json.loads(datagram)
    except (ValueError, RecursionError) as error:
        raise Garbage("not JSON") from error
    if not isinstance(body, dict):
        raise Garbage("not an object")
    kind = body.pop("is", None)
    if not isinstance(kind, str) or kind not in _KINDS:
        raise Garbage("unknown kind")
    message: Message = _build(_KINDS[kind], body)
    return message


def _plain(message: Any) -> dict[str, Any]:
    """Like dataclasses.asdict, which copies deeply and is ten times slower."""
    body = {name: getattr(message, name) for name in _FIELDS[type(message)]}
    if isinstance(message, Report):
        body["faults"] = [_plain(fault) for fault in message.faults]
        body["reading"] = None if message.reading is None else _plain(message.reading)
    return body


def _build(cls: Any, body: dict[str, Any]) -> Any:
    fields = _FIELDS[cls]
    if body.keys() != fields.keys():
        raise Garbage("a key too many or too few")
    return cls(**{name: read(body[name]) for name, read in fields.items()})


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise Garbage("not a whole number")
    return value


def _number(value: Any) -> float:
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:
            raise Garbage("not a number of this size") from None
    if type(value) is not float or not math.isfinite(value):
        raise Garbage("not a finite number")
    return value


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise Garbage("not true or false")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise Garbage("not text")
    return value


def _numbers(value: Any) -> tuple[float, ...]:
    if type(value) is not list:
        raise Garbage("not a list")
    return tuple(_number(item) for item in value)


def _words(value: Any) -> dict[str, str]:
    if type(value) is not dict:
        raise Garbage("not an object")
    return {key: _text(item) for key, item in value.items()}


def _maybe(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


def _fault(value: Any) -> Fault:
    if type(value) is not dict:
        raise Garbage("not a fault")
    fault: Fault = _build(Fault, value)
    return fault


def _faults(value: Any) -> tuple[Fault, ...]:
    if type(value) is not list:
        raise Garbage("not a list")
    return tuple(_fault(item) for item in value)


def _reading(value: Any) -> Reading:
    if type(value) is not dict:
        raise Garbage("not a reading")
    reading: Reading = _build(Reading, value)
    return reading


# annotation of a field -> how to read its value; every field of every message has its kind here, or the import fails
_READERS: dict[str, Callable[[Any], Any]] = {
    "int": _whole,
    "float": _number,
    "bool": _flag,
    "str": _text,
    "float | None": _maybe(_number),
    "bool | None": _maybe(_flag),
    "str | None": _maybe(_text),
    "tuple[float, ...]": _numbers,
    "dict[str, str]": _words,
    "tuple[Fault, ...]": _faults,
    "Reading | None": _maybe(_reading),
}
_KINDS: dict[str, Any] = {"permit": Permit, "report": Report, "command": Command, "result": Result, "hello": Hello}
_NAMES: dict[Any, str] = {cls: name for name, cls in _KINDS.items()}
_FIELDS: dict[Any, dict[str, Callable[[Any], Any]]] = {
    cls: {field.name: _READERS[str(field.type)] for field in dataclasses.fields(cls)}
    for cls in (*_KINDS.values(), Fault, Reading)
}
