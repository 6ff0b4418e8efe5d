"""OCPP-J frames, without I/O: what a text from the CSMS is, and how ours are written. Never raises past its caller."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from chargepoint.ocpp.dialect import Framing

Payload = dict[str, Any]

CALL, CALLRESULT, CALLERROR = 2, 3, 4
LENGTHS = {CALL: 4, CALLRESULT: 3, CALLERROR: 5}

MAX_ID = 36  # characters of a message id (OCPP-J 1.6 section 4.1.4)
MAX_DEPTH = 40  # nested lists and objects; the deepest schema needs 9, vendor data is free
MAX_INTEGER = 2**63 - 1  # what a database and another language can hold


class Reason(StrEnum):
    """Why a frame or request is refused. Each dialect's `errors` maps every reason to its code (timing notes 4.1)."""

    #                               1.6                          2.x
    NOT_JSON = "not JSON"  #        ProtocolError (not sent)     RpcFrameworkError
    BAD_FRAME = "bad frame"  #      ProtocolError                RpcFrameworkError
    BAD_ID = "bad id"  #            ProtocolError                RpcFrameworkError
    UNKNOWN_TYPE = "unknown type"  # GenericError (not sent)     MessageTypeNotSupported
    DUPLICATE = "duplicate id"  #   ProtocolError                ProtocolError
    UNKNOWN_ACTION = "unknown"  #   NotImplemented               NotImplemented
    NOT_SUPPORTED = "unsupported"  # NotSupported                NotSupported
    MISSING = "missing field"  #    ProtocolError                OccurrenceConstraintViolation
    EXTRA = "extra field"  #        FormationViolation           FormatViolation
    WRONG_TYPE = "wrong type"  #    TypeConstraintViolation      TypeConstraintViolation
    WRONG_VALUE = "wrong value"  #  PropertyConstraintViolation  PropertyConstraintViolation
    INTERNAL = "internal"  #        InternalError                InternalError
    SECURITY = "security"  #        SecurityError                SecurityError
    GENERIC = "generic"  #          GenericError                 GenericError


@dataclass(frozen=True, slots=True)
class Call:
    """A request."""

    id: str
    action: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a request."""

    id: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Error:
    """A CALLERROR, or an answer so malformed that it can only count as one."""

    id: str
    code: str
    description: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A frame that is none of these. `why` is ours and repeats nothing of the frame."""

    reason: Reason
    why: str
    id: str | None = None  # None: cannot be read

    def answer_to(self, framing: Framing) -> str | None:
        """The id under which this version answers such a frame with a CALLERROR; None: it says nothing."""
        if self.reason is Reason.UNKNOWN_TYPE and not framing.answers_unknown_types:
            return None
        return framing.unreadable_id if self.id is None else self.id


Message = Call | Result | Error | Unusable


# --- reading ----------------------------------------------------------------------------------------------------------


def parse(frame: str | bytes) -> Message:
    """What the CSMS sent. Total: any input gives a message."""
    if isinstance(frame, bytes):  # OCPP-J speaks in text frames only (RFC 6455 opcode 1)
        return Unusable(Reason.NOT_JSON, "a binary frame")
    try:
        value = _decode(frame)
    except RecursionError:
        return Unusable(Reason.NOT_JSON, "nested too deeply")
    except ValueError:  # not JSON, NaN, or an integer of thousands of digits
        return Unusable(Reason.NOT_JSON, "not JSON")
    message = _read(value)
    if not _SUSPICIOUS.search(frame) and frame.count("[") + frame.count("{") <= MAX_DEPTH:
        return message
    return _without_extremes(message, value)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode

# What only a close look can tell from harmless: surrogates, integers beyond 64 bits, floats beyond double precision.
_SUSPICIOUS = re.compile(r"\\u[dD][89a-fA-F]|\d{19}|[eE]\+?\d{3}")


def _read(value: Any) -> Message:
    if not isinstance(value, list):
        return Unusable(Reason.BAD_FRAME, "not an array")
    kind = value[0] if value else None
    if type(kind) is not int or kind not in LENGTHS:  # `type`: true and 2.0 are no message types
        return Unusable(Reason.UNKNOWN_TYPE, "unknown message type", _readable_id(value)) if value else _EMPTY
    if kind == CALL:
        return _read_call(value)
    return _read_answer(value)


_EMPTY = Unusable(Reason.BAD_FRAME, "an empty array")


def _readable_id(value: list[Any]) -> str | None:
    return value[1] if len(value) > 1 and isinstance(value[1], str) and len(value[1]) <= MAX_ID else None


def _read_call(value: list[Any]) -> Call | Unusable:
    if len(value) < 2 or not isinstance(value[1], str):
        return Unusable(Reason.BAD_ID, "the message id is not a string")
    message_id = value[1]
    if len(message_id) > MAX_ID:
        return Unusable(Reason.BAD_ID, f"the message id is longer than {MAX_ID} characters", message_id)
    if len(value) != LENGTHS[CALL]:
        return Unusable(Reason.BAD_FRAME, f"a CALL has 4 elements, not {len(value)}", message_id)
    if not isinstance(value[2], str):
        return Unusable(Reason.BAD_FRAME, "the action is not a string", message_id)
    if not isinstance(value[3], dict):
        return Unusable(Reason.WRONG_TYPE, "the payload is not an object", message_id)
    return Call(message_id, value[2], value[3])


def _read_answer(value: list[Any]) -> Result | Error | Unusable:
    """What is wrong with an answer fails the call that it belongs to, if it says which."""
    message_id = _readable_id(value)
    if message_id is None:
        return Unusable(Reason.BAD_ID, "an answer without a usable message id")
    rest = value[2:]
    if value[0] == CALLRESULT:
        if rest and isinstance(rest[0], dict):
            return Result(message_id, rest[0])
        return Error(message_id, "FormatViolation", "the answer carries no object")
    code, description = ([item if isinstance(item, str) else "" for item in rest[:2]] + ["", ""])[:2]
    details = rest[2] if len(rest) > 2 and isinstance(rest[2], dict) else {}
    return Error(message_id, code or "GenericError", description, details)


def _without_extremes(message: Message, value: Any) -> Message:
    """`message`, or why it must not go further: what it holds would break databases, logs or other people's parsers."""
    if isinstance(message, Unusable):
        return message if message.id is None or _clean(message.id) else Unusable(message.reason, message.why)
    problem = _extreme(value)
    if problem is None:
        return message
    if not _clean(message.id):
        return Unusable(Reason.BAD_ID, "the message id is not Unicode")
    if isinstance(message, Call):
        return Unusable(problem[0], problem[1], message.id)
    return Error(message.id, "FormatViolation", problem[1])


def _extreme(value: Any) -> tuple[Reason, str] | None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            return Reason.GENERIC, f"nested more than {MAX_DEPTH} levels deep"
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item)
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            elif not _clean(item):
                return Reason.WRONG_VALUE, "a number out of range, or text that is not Unicode"
        level = below
    return None


def _clean(item: Any) -> bool:
    if isinstance(item, str):
        return item.isascii() or item.encode("utf-8", "replace") == item.encode("utf-8", "surrogatepass")
    if isinstance(item, float):
        return item - item == 0.0  # neither infinite nor NaN
    return not isinstance(item, int) or -MAX_INTEGER <= item <= MAX_INTEGER


# --- writing ----------------------------------------------------------------------------------------------------------

# ASCII only: whatever a string holds, the text can be encoded.
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode

VERBATIM = frozenset({"data", "customData"})  # vendor's own: nothing in there is ours to leave out


def new_id() -> str:
    """A random UUID. By hand: the standard library's module would load half a dozen others at start."""
    digits = os.urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def payload_text(payload: Payload) -> str:
    """JSON of a payload of ours, `without_empty`. Raises ValueError where it holds what JSON cannot say (our bug)."""
    return _encode(payload)


def without_empty(payload: Mapping[str, Any]) -> Payload:
    """Optional and empty fields are left out: no null, {} or [] (OCPP-J 1.6 section 4.1.5)."""
    kept: Payload = {}
    for name, value in payload.items():
        if name not in VERBATIM:
            value = _pruned(value)
        if value is not None and value != [] and value != {}:
            kept[name] = value
    return kept


def _pruned(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_empty(value)
    if isinstance(value, list | tuple):
        return [_pruned(item) for item in value]
    return value


def call_text(message_id: str, action: str, payload: str) -> str:
    """`payload` is JSON text already, because a retry repeats stored bytes."""
    return f'[{CALL},{_encode(message_id)},"{action}",{payload}]'


def result_text(message_id: str, payload: str) -> str:
    return f"[{CALLRESULT},{_encode(message_id)},{payload}]"


def error_text(message_id: str, code: str, description: str, framing: Framing) -> str:
    return _encode([CALLERROR, message_id, code, description[: framing.description_limit], {}])
