"""The comparison that all cases rest on: nothing missing, nothing more, nothing in another order."""

from typing import Any

import pytest

from tests.conformance.transcript import (
    ABSENT,
    ANY,
    Expected,
    Transcript,
    answers,
    in_any_order,
    maybe,
    refuses,
    says,
    side_by_side,
)

A, B, C = (says("StatusNotification", connectorId=1, status=word) for word in ("Available", "Preparing", "Charging"))
BEAT = ("Heartbeat",)


def heard(*words: str) -> Transcript:
    """A station that has said these: a status, or the name of another message."""
    told = Transcript("1.6")
    for number, word in enumerate(words):
        frame = [2, str(number), "StatusNotification", {"connectorId": 1, "status": word, "errorCode": "NoError"}]
        told.heard("station", [2, str(number), word, {}] if word == "Heartbeat" else frame, float(number))
    return told


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", []),
        ("Available Preparing", [A, B]),
        ("Available Heartbeat Preparing", [A, B]),
        ("Preparing Available", [in_any_order(A, B)]),
        ("Preparing Available Charging", [in_any_order(A, B), C]),
        ("Available Charging Preparing", [side_by_side([A, B], [C])]),
        ("Available", [A, maybe(B)]),
        ("Available Preparing", [A, maybe(B)]),
    ],
)
def test_what_was_said_as_expected(words: str, expected: list[Expected]) -> None:
    assert heard(*words.split()).difference(expected, BEAT) == ""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Available", []),
        ("", [A]),
        ("Preparing Available", [A, B]),
        ("Available Preparing Charging", [A, B]),
        ("Available", [in_any_order(A, B)]),
        ("Preparing Available Charging", [side_by_side([A, B], [C])]),
        ("Available Charging", [A, maybe(B)]),
        ("Available", [answers("StatusNotification", status="Available")]),
    ],
)
def test_what_was_not(words: str, expected: list[Expected]) -> None:
    assert "and the station said" in heard(*words.split()).difference(expected, BEAT)


def test_fields_are_compared_judged_wanted_or_unwanted() -> None:
    told = heard("Available")
    for value in ("Available", ANY, lambda word: word.startswith("A")):
        assert told.difference([says("StatusNotification", status=value)], ()) == ""
    assert told.difference([says("StatusNotification", info=ABSENT)], ()) == ""
    for name, value in (("status", ABSENT), ("status", "Charging"), ("info", ANY), ("info", lambda text: True)):
        assert told.difference([says("StatusNotification", **{name: value})], ()) != ""


def test_answers_and_errors_belong_to_the_request_of_their_id() -> None:
    told = Transcript("1.6")
    told.heard("csms", [2, "7", "ClearCache", {}], 0.0)
    told.heard("station", [3, "7", {"status": "Accepted"}], 0.0)
    told.heard("csms", [2, "8", "Reset", {"type": "Hard"}], 0.0)
    told.heard("station", [4, "8", "InternalError", "", {}], 0.0)
    assert told.difference([answers("ClearCache", status="Accepted"), refuses("Reset", "InternalError")], ()) == ""


REGISTER = {"connectorId": 1, "status": "Available", "errorCode": "NoError"}


def complaints(*frames: tuple[str, list[Any], float]) -> list[str]:
    told = Transcript("1.6")
    for sender, frame, at_s in frames:
        told.heard(sender, frame, at_s)
    return told.complaints


def asks(number: str, at_s: float = 0.0, **more: Any) -> tuple[str, list[Any], float]:
    return "station", [2, number, "StatusNotification", REGISTER | more], at_s


def test_one_request_at_a_time_each_under_an_id_of_its_own() -> None:
    answered = ("csms", [3, "1", {}], 0.0)
    assert complaints(asks("1"), answered, asks("2")) == []
    assert len(complaints(asks("1"), asks("2"))) == 1
    assert complaints(asks("1"), asks("2", 30.0)) == []  # the first was given up
    assert len(complaints(asks("1"), answered, asks("1"))) == 1
    assert len(complaints(asks("1" * 37))) == 1


def test_what_was_asked_is_answered_once() -> None:
    request, answer = ("csms", [2, "7", "ClearCache", {}], 0.0), ("station", [3, "7", {"status": "Accepted"}], 0.0)
    assert complaints(request, answer) == []
    assert len(complaints(request, answer, answer)) == 1


@pytest.mark.parametrize("at", ["2026-11-22T12:00:00Z", "2026-11-22T12:00:00.123Z"])
def test_times_in_utc(at: str) -> None:
    assert complaints(asks("1", timestamp=at)) == []


@pytest.mark.parametrize("at", ["2026-11-22T12:00:00", "2026-11-22T12:00:00+01:00", "2026-11-22T12:00:00.123456Z"])
def test_times_that_are_none(at: str) -> None:
    assert len(complaints(asks("1", timestamp=at))) == 1


def test_what_is_empty_is_left_out() -> None:
    empty = ("station", [2, "1", "MeterValues", {"connectorId": 1, "meterValue": []}], 0.0)
    assert [why for why in complaints(empty) if "left out" in why]
    assert complaints(("station", [2, "1", "Heartbeat", {}], 0.0)) == []


def test_frames_that_no_schema_allows_are_complained_about() -> None:
    told = heard("Resting")
    told.heard("csms", [2, "7", "Reset", {"type": "Warm"}], 0.0)
    assert [complaint.partition(":")[0] for complaint in told.complaints] == ["station", "csms"]
