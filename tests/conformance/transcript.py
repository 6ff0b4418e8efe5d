"""What the station said, as it arrived at the back office's end of the wire, and the comparison with what a case wants.

    expected = (answers("Reset", status="Accepted"), says("StopTransaction", reason="HardReset"))

compares with all that was said since the last comparison: nothing may be missing, be more, or come in another order.
A field's value is compared, or judged where a function of one argument stands in its place; `ABSENT` wants it left out,
`ANY` wants it to be there; fields that are not named are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import ANY as ANY

from jsonschema import ValidationError

from chargepoint.ocpp.dialects import load, subprotocol_of
from tests.conformance.wire import Wire
from tests.ocpp.rig import check

REQUEST, ANSWER, ERROR = "request", "answer", "error"
KINDS = {2: REQUEST, 3: ANSWER, 4: ERROR}


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


@dataclass(frozen=True)
class Said:
    """One message of the station."""

    at_s: float  # of the loop
    kind: str  # request, answer, error
    action: str  # of an answer or an error: of the request that it belongs to
    payload: dict[str, Any]  # of an error: its code and description

    def __getitem__(self, name: str) -> Any:
        return self.payload[name]

    def __str__(self) -> str:
        return f"{self.at_s:10.2f}  {_shown(self.kind, self.action, self.payload)}"


@dataclass(frozen=True)
class Message:
    kind: str
    action: str
    fields: dict[str, Any]

    def fits(self, said: Said) -> bool:
        same = (self.kind, self.action) == (said.kind, said.action)
        return same and all(_fits(wanted, said.payload.get(name, ABSENT)) for name, wanted in self.fields.items())

    def __str__(self) -> str:
        return _shown(self.kind, self.action, self.fields)


@dataclass(frozen=True)
class Interleaved:
    """Each sequence in its order, and between them any."""

    sequences: tuple[tuple[Message, ...], ...]

    @property
    def members(self) -> tuple[Message, ...]:
        return tuple(message for sequence in self.sequences for message in sequence)

    def __str__(self) -> str:
        return f"side by side: {' | '.join('; '.join(map(str, sequence)) for sequence in self.sequences)}"


@dataclass(frozen=True)
class Maybe:
    message: Message

    def __str__(self) -> str:
        return f"maybe: {self.message}"


Expected = Message | Interleaved | Maybe


def says(action: str, **fields: Any) -> Message:
    """A request of the station."""
    return Message(REQUEST, action, fields)


def answers(action: str, **fields: Any) -> Message:
    """Its answer to the back office's request of that name."""
    return Message(ANSWER, action, fields)


def refuses(action: str, code: str) -> Message:
    """Its CALLERROR to the back office's request of that name."""
    return Message(ERROR, action, {"code": code})


def in_any_order(*messages: Message) -> Interleaved:
    return Interleaved(tuple((message,) for message in messages))


def side_by_side(*sequences: Iterable[Message]) -> Interleaved:
    """Each sequence in its order; nothing is said about the order between them."""
    return Interleaved(tuple(map(tuple, sequences)))


def maybe(message: Message) -> Maybe:
    """Where a case allows both."""
    return Maybe(message)


@dataclass
class Transcript:
    """`complaints`: frames that are not what the standard's schemas say, from either end, and what else is wrong with
    those of the station."""

    version: str
    said: list[Said] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    wire: Wire = field(default_factory=Wire)
    _read: int = 0  # how much of it has been compared
    _actions: dict[tuple[str, str], str] = field(default_factory=dict)  # who asked, id -> action

    def __post_init__(self) -> None:
        self._dialect, _ = load(subprotocol_of(self.version))

    def heard(self, sender: str, frame: list[Any], at_s: float) -> None:
        """A frame of "station" or "csms", as it went over the wire."""
        kind = KINDS[frame[0]]
        other = {"station": "csms", "csms": "station"}[sender]
        action = frame[2] if kind == REQUEST else self._actions.get((other, frame[1]), "?")
        payload = {"code": frame[2], "description": frame[3]} if kind == ERROR else frame[-1]
        if kind == REQUEST:
            self._actions[sender, frame[1]] = action
        if kind != ERROR:
            self._check(sender, kind, action, payload)
        if sender == "station":
            self.complaints += [f"{action}: {why}" for why in self.wire.station_said(frame, at_s)]
            self.said.append(Said(at_s, kind, action, payload))
        else:
            self.wire.back_office_said(frame)

    def _check(self, sender: str, kind: str, action: str, payload: Any) -> None:
        try:
            check(self._dialect, action, payload, answer=kind == ANSWER)
        except (ValidationError, FileNotFoundError) as error:
            self.complaints.append(f"{sender}: {kind} {action} {payload}: {error}")

    # --- comparing ----------------------------------------------------------------------------------------------------

    def new(self, without: Sequence[str] = ()) -> list[Said]:
        """What was said since the last comparison, without the requests named."""
        return [said for said in self.said[self._read :] if said.kind != REQUEST or said.action not in without]

    def skip(self) -> None:
        self._read = len(self.said)

    def difference(self, expected: Sequence[Expected], without: Sequence[str]) -> str:
        """ "" where it was said as expected."""
        said = self.new(without)
        if any(rest == 0 for rest in _matches(list(expected), said)):
            return ""
        wanted = "\n".join(f"            {each}" for each in expected) or "            nothing"
        heard = "\n".join(map(str, said)) or "            nothing"
        return f"expected was\n{wanted}\nand the station said\n{heard}"


def _matches(expected: list[Expected], said: list[Said]) -> Iterator[int]:
    """Each way in which the beginning of `said` fits: how many messages are left over."""
    if not expected:
        yield len(said)
        return
    first, rest = expected[0], expected[1:]
    match first:
        case Message() if said and first.fits(said[0]):
            yield from _matches(rest, said[1:])
        case Maybe(message):
            yield from _matches([message, *rest], said)
            yield from _matches(rest, said)
        case Interleaved(sequences) if any(sequences):
            for place, sequence in enumerate(sequences):
                if sequence:
                    others = Interleaved((*sequences[:place], sequence[1:], *sequences[place + 1 :]))
                    yield from _matches([sequence[0], others, *rest], said)
        case Interleaved():
            yield from _matches(rest, said)


def _fits(wanted: Any, value: Any) -> bool:
    if wanted is ABSENT or value is ABSENT:
        return wanted is value
    return bool(wanted(value)) if callable(wanted) else wanted == value


def _shown(kind: str, action: str, fields: dict[str, Any]) -> str:
    told = ", ".join(f"{name}={_named(value)}" for name, value in fields.items())
    return f"{action}{'' if kind == REQUEST else f' {kind}'}({told})"


def _named(value: Any) -> str:
    return getattr(value, "__name__", "a value that passes") if callable(value) and value is not ANY else repr(value)
