"""Every frame the demo's back office heard or said, with its time: what the bill and the narration are made from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

CALL, RESULT, ERROR = 2, 3, 4  # OCPP-J message types


@dataclass(frozen=True, slots=True)
class Frame:
    """One OCPP-J message. `message` is the JSON array as it went over the wire."""

    at: datetime  # the back office's clock
    station: str
    ocpp: str  # "1.6", "2.0.1"
    direction: str  # "in": from the station; "out": from the back office
    message: tuple[Any, ...]

    @property
    def kind(self) -> int:
        return int(self.message[0])

    @property
    def id(self) -> str:
        return str(self.message[1])

    @property
    def action(self) -> str:
        """Only a call has one."""
        return str(self.message[2]) if self.kind == CALL else ""

    @property
    def payload(self) -> dict[str, Any]:
        """Of a call or its result; of an error, its details."""
        return dict(self.message[{CALL: 3, RESULT: 2, ERROR: 4}[self.kind]])


LENGTH = {CALL: 4, RESULT: 3, ERROR: 5}


def read(text: str | bytes) -> tuple[Any, ...] | None:
    """The message, or None for anything that the `ocpp` package's receive loop could die on."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return tuple(message) if _sound(message) else None


def _sound(message: Any) -> bool:
    if not isinstance(message, list) or not message or type(message[0]) is not int:
        return False
    words = message[1:3] if message[0] == CALL else message[1:2]
    return (
        len(message) == LENGTH.get(message[0])
        and all(isinstance(word, str) for word in words)
        and isinstance(message[{CALL: 3, RESULT: 2, ERROR: 4}[message[0]]], dict)
    )


@dataclass
class Tape:
    """Frames in the order they went by; `listener` hears each at once."""

    frames: list[Frame] = field(default_factory=list)
    listener: Callable[[Frame], None] = lambda frame: None

    def record(self, station: str, ocpp: str, direction: str, message: tuple[Any, ...]) -> None:
        frame = Frame(datetime.now(UTC), station, ocpp, direction, message)
        self.frames.append(frame)
        self.listener(frame)


def exchanges(frames: list[Frame]) -> list[tuple[Frame, Frame]]:
    """Each call of a station's that was answered with a result, beside that result, in order of the calls.

    A call repeated under the same id counts once, with its first answer.
    """
    calls: dict[tuple[str, str], Frame] = {}
    answered: dict[tuple[str, str], Frame] = {}
    for frame in frames:
        key = (frame.station, frame.id)
        if frame.direction == "in" and frame.kind == CALL:
            calls.setdefault(key, frame)
        elif frame.direction == "out" and frame.kind == RESULT and key in calls:
            answered.setdefault(key, frame)
    return [(call, answered[key]) for key, call in calls.items() if key in answered]
