"""Frames as a careless, a hostile and an ordinary CSMS send them."""

import json
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.ocpp import rpc
from chargepoint.ocpp.dialect import FRAMING_16, FRAMING_21, FRAMING_201
from chargepoint.ocpp.rpc import Call, Error, Reason, Result, Unusable

LONG_ID = "x" * 37

# frame, reason, id under which 1.6 answers, id under which 2.0.1 answers (None: no answer)
ODD_FRAMES = {
    "malformed JSON": ('[2,"1","Heartbeat",{', Reason.NOT_JSON, None, "-1"),
    "empty text": ("", Reason.NOT_JSON, None, "-1"),
    "blank": ("   ", Reason.NOT_JSON, None, "-1"),
    "byte order mark": ('\ufeff[2,"1","Heartbeat",{}]', Reason.NOT_JSON, None, "-1"),
    "NaN": ('[2,"1","Heartbeat",{"a":NaN}]', Reason.NOT_JSON, None, "-1"),
    "minus Infinity": ('[2,"1","Heartbeat",{"a":-Infinity}]', Reason.NOT_JSON, None, "-1"),
    "object": ("{}", Reason.BAD_FRAME, None, "-1"),
    "number": ("3", Reason.BAD_FRAME, None, "-1"),
    "null": ("null", Reason.BAD_FRAME, None, "-1"),
    "string": ('"[2]"', Reason.BAD_FRAME, None, "-1"),
    "empty array": ("[]", Reason.BAD_FRAME, None, "-1"),
    "type alone": ("[2]", Reason.BAD_ID, None, "-1"),
    "short CALL": ('[2,"1"]', Reason.BAD_FRAME, "1", "1"),
    "CALL without payload": ('[2,"1","Heartbeat"]', Reason.BAD_FRAME, "1", "1"),
    "long CALL": ('[2,"1","Heartbeat",{},{}]', Reason.BAD_FRAME, "1", "1"),
    "message type 5": ('[5,"1","InternalError","",{}]', Reason.UNKNOWN_TYPE, None, "1"),
    "message type 6": ('[6,"1","NotifyPeriodicEventStream",{}]', Reason.UNKNOWN_TYPE, None, "1"),
    "message type 9": ('[9,"1",{}]', Reason.UNKNOWN_TYPE, None, "1"),
    "message type 9, unreadable id": ("[9,{}]", Reason.UNKNOWN_TYPE, None, "-1"),
    "message type true": ('[true,"1","Heartbeat",{}]', Reason.UNKNOWN_TYPE, None, "1"),
    "message type 2.0": ('[2.0,"1","Heartbeat",{}]', Reason.UNKNOWN_TYPE, None, "1"),
    "message type as text": ('["2","1","Heartbeat",{}]', Reason.UNKNOWN_TYPE, None, "1"),
    "message type as list": ('[[2],"1","Heartbeat",{}]', Reason.UNKNOWN_TYPE, None, "1"),
    "action is a list": ('[2,"1",["Heartbeat"],{}]', Reason.BAD_FRAME, "1", "1"),
    "action is a number": ('[2,"1",7,{}]', Reason.BAD_FRAME, "1", "1"),
    "payload is a list": ('[2,"1","Heartbeat",[]]', Reason.WRONG_TYPE, "1", "1"),
    "payload is null": ('[2,"1","Heartbeat",null]', Reason.WRONG_TYPE, "1", "1"),
    "100,000 brackets": ("[" * 100_000, Reason.NOT_JSON, None, "-1"),
    "100,000 closed brackets": ("[" * 100_000 + "]" * 100_000, Reason.NOT_JSON, None, "-1"),
    "41 levels": ('[2,"1","Heartbeat",' + '{"a":' * 41 + "1" + "}" * 42 + "]", Reason.NOT_JSON, None, "-1"),
    "deep payload": ('[2,"1","Heartbeat",{"a":' + "[" * 60 + "]" * 60 + "}]", Reason.GENERIC, "1", "1"),
    "integer of 5,000 digits": ('[2,"1","Heartbeat",{"a":' + "9" * 5000 + "}]", Reason.NOT_JSON, None, "-1"),
    "integer of 400 digits": ('[2,"1","Heartbeat",{"a":' + "9" * 400 + "}]", Reason.WRONG_VALUE, "1", "1"),
    "2 to the 63rd": ('[2,"1","Heartbeat",{"a":9223372036854775808}]', Reason.WRONG_VALUE, "1", "1"),
    "infinite float": ('[2,"1","Heartbeat",{"a":[1e999]}]', Reason.WRONG_VALUE, "1", "1"),
    "lone surrogate": ('[2,"1","Heartbeat",{"a":"\\ud800"}]', Reason.WRONG_VALUE, "1", "1"),
    "lone surrogate in a key": ('[2,"1","Heartbeat",{"\\udFFF":1}]', Reason.WRONG_VALUE, "1", "1"),
    "lone surrogate in the id": ('[2,"\\ud800","Heartbeat",{}]', Reason.BAD_ID, None, "-1"),
    "lone surrogate in an odd frame's id": ('[9,"\\ud800"]', Reason.UNKNOWN_TYPE, None, "-1"),
    "numeric id": ('[2,1,"Heartbeat",{}]', Reason.BAD_ID, None, "-1"),
    "object as id": ('[2,{"a":1},"Heartbeat",{}]', Reason.BAD_ID, None, "-1"),
    "null id": ('[2,null,"Heartbeat",{}]', Reason.BAD_ID, None, "-1"),
    "id of 37 characters": (f'[2,"{LONG_ID}","Heartbeat",{{}}]', Reason.BAD_ID, LONG_ID, LONG_ID),
    "binary frame with valid JSON": (b'[2,"1","Heartbeat",{}]', Reason.NOT_JSON, None, "-1"),
    "binary frame with rubbish": (b"\xff\x00", Reason.NOT_JSON, None, "-1"),
    "result without usable id": ("[3,7,{}]", Reason.BAD_ID, None, "-1"),
}


@pytest.mark.parametrize("name", ODD_FRAMES)
def test_an_odd_frame_is_refused_for_its_reason_under_the_id_of_its_version(name: str) -> None:
    frame, reason, id_16, id_201 = ODD_FRAMES[name]
    message = rpc.parse(frame)
    assert isinstance(message, Unusable)
    assert message.reason is reason
    assert message.answer_to(FRAMING_16) == id_16
    assert message.answer_to(FRAMING_201) == id_201


def test_version_2_1_ignores_unknown_message_types_but_answers_unreadable_frames() -> None:
    assert rpc.parse('[9,"1"]').answer_to(FRAMING_21) is None  # type: ignore[union-attr]
    assert rpc.parse("{").answer_to(FRAMING_21) == "-1"  # type: ignore[union-attr]


def test_an_id_of_ten_thousand_characters_is_refused() -> None:
    message = rpc.parse(f'[2,"{"x" * 10_000}","Heartbeat",{{}}]')
    assert isinstance(message, Unusable)
    assert message.reason is Reason.BAD_ID


def test_ordinary_frames_are_read() -> None:
    assert rpc.parse('[2,"1","Reset",{"type":"Soft"}]') == Call("1", "Reset", {"type": "Soft"})
    assert rpc.parse('[3,"1",{"a":[1,2.5,true,null]}]') == Result("1", {"a": [1, 2.5, True, None]})
    assert rpc.parse('[4,"1","GenericError","no",{"a":1}]') == Error("1", "GenericError", "no", {"a": 1})


def test_large_but_sound_payloads_are_read() -> None:
    payload = {"periods": [{"start": n, "token": "1234567890123456789012"} for n in range(500)], "text": "\U0001f600"}
    assert rpc.parse(json.dumps([2, "1", "SetChargingProfile", payload])) == Call("1", "SetChargingProfile", payload)


@pytest.mark.parametrize("frame", ['[4,"1"]', '[4,"1",7,8,9]', '[4,"1","","",[]]', '[4,"1","GenericError"]'])
def test_a_malformed_error_still_fails_its_call(frame: str) -> None:
    assert rpc.parse(frame) == Error("1", "GenericError", "", {})


@pytest.mark.parametrize("frame", ['[3,"1"]', '[3,"1",[]]', '[3,"1",null]', '[3,"1",{"a":1e999}]'])
def test_a_malformed_result_fails_its_call(frame: str) -> None:
    message = rpc.parse(frame)
    assert isinstance(message, Error)
    assert (message.id, message.code) == ("1", "FormatViolation")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=300)
@given(st.lists(st.one_of(st.sampled_from([2, 3, 4, 5, 6]), json_values), max_size=6))
def test_no_json_array_raises(value: list[object]) -> None:
    message = rpc.parse(json.dumps(value))
    if isinstance(message, Unusable):  # and every refusal can be written
        for framing in (FRAMING_16, FRAMING_201, FRAMING_21):
            answered = message.answer_to(framing)
            if answered is not None:
                rpc.error_text(answered, "GenericError", message.why, framing).encode()


@settings(max_examples=300)
@given(st.text() | st.binary() | st.text(alphabet='[]{}",:0123456789eE-+.\\u\ud800tfn \n'))
def test_no_text_and_no_bytes_raise(frame: str | bytes) -> None:
    assert rpc.parse(frame) is not None


def test_a_refusal_repeats_nothing_of_the_frame() -> None:
    for frame, *_ in ODD_FRAMES.values():
        message = rpc.parse(frame)
        assert isinstance(message, Unusable)
        assert "Heartbeat" not in message.why


# --- writing ----------------------------------------------------------------------------------------------------------


def test_empty_and_absent_fields_are_left_out_but_vendor_data_stays() -> None:
    payload = {
        "a": None, "b": [], "c": {}, "d": {"e": None}, "f": [{"g": None, "h": 0}], "i": "", "j": False,
        "customData": {"vendorId": "x", "none": None}, "data": {"empty": []},
    }  # fmt: skip
    assert json.loads(rpc.payload_text(rpc.without_empty(payload))) == {
        "f": [{"h": 0}], "i": "", "j": False, "customData": {"vendorId": "x", "none": None}, "data": {"empty": []},
    }  # fmt: skip


def test_frames_are_written_compactly_and_in_ascii() -> None:
    assert rpc.call_text("1", "Heartbeat", "{}") == '[2,"1","Heartbeat",{}]'
    assert rpc.result_text("1", rpc.payload_text({"a": "ü\ud800"})) == '[3,"1",{"a":"\\u00fc\\ud800"}]'


def test_a_description_is_cut_to_what_the_version_allows() -> None:
    text = rpc.error_text("1", "GenericError", "x" * 300, FRAMING_201)
    assert json.loads(text) == [4, "1", "GenericError", "x" * 255, {}]


def test_what_json_cannot_say_is_a_bug_that_shows() -> None:
    with pytest.raises(ValueError):
        rpc.payload_text({"power": float("nan")})


def test_message_ids_are_short_and_never_the_same() -> None:
    ids = {rpc.new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {uuid.UUID(each).version for each in ids} == {4}
    assert {str(uuid.UUID(each)) for each in ids} == ids
    assert {len(each) for each in ids} == {rpc.MAX_ID}
