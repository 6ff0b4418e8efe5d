"""Datagrams between guard and daemon: what is sent is read, and nothing else is."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw.api import Command, Fault, Permit, Reading, Report, Result
from hw.guard.wire import LIMIT_BYTES, Garbage, Hello, decode, encode

PERMIT = Permit(1, 7, 16.0, 3, 6.0, True, False, (16.0, 15.9, 0.0), (230.0, 231.0, 0.0), 12.5, 13.0)
FAULT = Fault("MREC2GroundFailure", "high", True, "Unplug the car.", 12.0)
REPORT = Report(
    2,
    7,
    "C2",
    True,
    True,
    32.0,
    "closed",
    True,
    16.0,
    0.0,
    (FAULT,),
    Reading(1.5, 3680.0, (16.0,), (230.0,), 9.0),
    14.0,
)


@pytest.mark.parametrize(
    "message",
    [
        PERMIT,
        Permit(1, 7, 0.0),
        REPORT,
        Report(1, 7),
        Command(1, 2, "unlock"),
        Command(2, 1, "clear_fault", "MREC2GroundFailure"),
        Result(1, True),
        Result(2, False, "the lock does not let go", {"tried": "3"}),
        Hello(4711),
    ],
)
def test_a_message_that_was_sent_is_the_message_that_is_read(message: Any) -> None:
    assert decode(encode(message)) == message


def changed(**fields: Any) -> bytes:
    return json.dumps(json.loads(encode(PERMIT)) | fields).encode()


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"is":"permit"}',
        b'{"is":["permit"]}',
        b'{"is":"banana"}',
        b"[" * 5000,
        b" " * (LIMIT_BYTES + 1),
        changed(extra=1),
        changed(evse="1"),
        changed(evse=1.0),
        changed(evse=True),
        changed(limit_a="16"),
        changed(limit_a=None),
        changed(limit_a=True),
        changed(hold_lock=1),
        changed(hold_lock=None),
        changed(measured_a=16.0),
        changed(measured_a=["16"]),
        changed(measured_at_s="now"),
        changed(sent_at_s=[]),
        encode(PERMIT).replace(b"16.0", b"NaN", 1),
        encode(PERMIT).replace(b"16.0", b"Infinity", 1),
        encode(PERMIT).replace(b"16.0", b"1e999", 1),
        changed(limit_a=10**400),
        changed(measured_a=[-(10**400)]),
        encode(REPORT).replace(b'"latched":true', b'"latched":"true"'),
        encode(REPORT).replace(b'"faults":[', b'"faults":[3,'),
        encode(REPORT).replace(b'"faults":', b'"fault":'),
        b'{"is":"result","number":1,"ok":true,"detail":"","data":{"a":1}}',
        b'{"is":"result","number":1,"ok":true,"detail":"","data":[]}',
    ],
)
def test_anything_else_is_garbage(datagram: bytes) -> None:
    with pytest.raises(Garbage):
        decode(datagram)


@given(st.binary(max_size=200))
def test_no_datagram_does_more_harm_than_being_garbage(datagram: bytes) -> None:
    with contextlib.suppress(Garbage):
        decode(datagram)


@given(
    st.dictionaries(st.text(max_size=10), st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists))
)
def test_no_object_does_more_harm_than_being_garbage(body: dict[str, Any]) -> None:
    with pytest.raises(Garbage):
        decode(json.dumps({"is": "report"} | body).encode())


def test_whole_numbers_do_for_amperes() -> None:
    permit = decode(changed(limit_a=16))

    assert isinstance(permit, Permit)
    assert isinstance(permit.limit_a, float)


ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400)


@given(st.sampled_from(sorted(json.loads(encode(PERMIT)))), ANYTHING | st.lists(ANYTHING))
def test_a_permit_with_any_other_value_is_a_permit_or_garbage(key: str, value: Any) -> None:
    with contextlib.suppress(Garbage):
        assert isinstance(decode(changed(**{key: value})), Permit)
