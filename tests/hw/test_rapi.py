"""RAPI frames, by the vectors of real controllers, and whatever else a serial line may bring."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw.serial.rapi import Answer, Message, Notification, Receiver, State, additive, after, checksum, request, state


def read(*parts: bytes) -> list[Message]:
    receiver = Receiver()
    return [message for part in parts for message in receiver.feed(part)]


@pytest.mark.parametrize(
    "frame",
    [
        "$GS^30", "$GE^26", "$GG^24", "$GP^33", "$GU^36", "$GF^25", "$GV^35", "$FE^27", "$FD^26", "$FS^31", "$FR^30",
        "$GC^20", "$GY^3A", "$SB^35", "$G0^53", "$SC 6 V^54", "$SC 16 V^65", "$SC 32 V^63", "$SY 30 6^1B",
        "$SY 165^3C", "$FF D 0^50", "$S4 1^52", "$SL A^5A", "$OK^20", "$NK^21", "$GS :01^2B", "$FE :2A^4E",
    ],
)  # fmt: skip
def test_the_xor_checksum_is_the_controllers(frame: str) -> None:
    body, _, digits = frame.partition("^")
    assert f"{checksum(body):02X}" == digits


@pytest.mark.parametrize("frame", ["$FE*AF", "$FD*AE", "$FS*BD", "$FR*BC"])
def test_the_additive_checksum_is_the_older_controllers(frame: str) -> None:
    body, _, digits = frame.partition("*")
    assert f"{additive(body):02X}" == digits


def test_a_request_carries_its_number_and_its_checksum() -> None:
    assert request("GS", 1) == b"$GS :01^2B\r"
    assert request("FE", 0x2A) == b"$FE :2A^4E\r"


def test_a_request_that_the_controller_would_drop_is_a_bug() -> None:
    assert len(request("F" * 22, 1)) == 31
    with pytest.raises(ValueError, match="32"):
        request("F" * 24, 1)


def test_numbers_come_round_without_the_one_that_means_none() -> None:
    assert [after(0), after(1), after(0xFE), after(0xFF)] == [1, 2, 0xFF, 1]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (b"$OK fe 21 03 0500^26\r", Answer(True, ("fe", "21", "03", "0500"))),
        (b"$OK 32 0001^20\r", Answer(True, ("32", "0001"))),
        (b"$OK 0 -1^0C\r", Answer(True, ("0", "-1"))),
        (b"$OK 335 -2560 -2560^35\r", Answer(True, ("335", "-2560", "-2560"))),
        (b"$OK 63512 226594^1D\r", Answer(True, ("63512", "226594"))),
        (b"$OK 0 0 0^30\r", Answer(True, ("0", "0", "0"))),
        (b"$OK 8.2.2.EU 5.2.1^10\r", Answer(True, ("8.2.2.EU", "5.2.1"))),
        (b"$OK^20\r", Answer(True)),
        (b"$NK^21\r", Answer(False)),
        (b"$OK 16^07\r", Answer(True, ("16",))),
        (b"$OK 03 754 03 0140 :01^08\r", Answer(True, ("03", "754", "03", "0140"), 1)),
        (b"$OK :2A^49\r", Answer(True, (), 0x2A)),
        (b"$NK :2A^48\r", Answer(False, (), 0x2A)),
        (b"$AT 03 03 16 0340^31\r", Notification("AT", ("03", "03", "16", "0340"))),
        (b"$AT 01 01 16 0000^36\r", Notification("AT", ("01", "01", "16", "0000"))),
        (b"$AB 00 8.2.2.EU^21\r", Notification("AB", ("00", "8.2.2.EU"))),
        (b"$AN 0^3B\r", Notification("AN", ("0",))),
        (b"$OK*BE\r", Answer(True)),
    ],
)
def test_what_controllers_say_is_understood(frame: bytes, message: Message) -> None:
    assert read(frame) == [message]
    assert read(*(bytes([byte]) for byte in frame)) == [message]  # however it arrives


def test_an_answer_is_found_among_noise_and_notifications() -> None:
    heard = read(b"\x00\xffOK$AT 03 03 16 0340^31\r\n\r$OK :2A^49\r$AN 0^3B\r")
    assert heard == [Notification("AT", ("03", "03", "16", "0340")), Answer(True, (), 0x2A), Notification("AN", ("0",))]


@pytest.mark.parametrize(
    "frame",
    [
        b"$OK 16^08\r",  # wrong checksum
        b"$OK 16\r",  # none
        b"$OK 16^0\r",  # half of one
        b"$OK 16^0G\r",
        b"$\r",
        b"$^24\r",
        b"$OK \xb016^07\r",  # a flipped bit
        b"$OK " + b"1" * 100 + b"^20\r",
        b"OK 16^07\r",
        b"$GS :01^2B\r",  # our own request, echoed
    ],
)
def test_what_is_broken_or_not_meant_for_us_says_nothing(frame: bytes) -> None:
    assert read(frame) == []


def test_a_new_start_ends_a_half_frame() -> None:
    receiver = Receiver()
    assert receiver.feed(b"$OK 03 75$OK^20\r") == [Answer(True)]
    assert receiver.garbage == 1


def test_a_state_is_read_strictly() -> None:
    assert state(("03", "754", "03", "0140")) == State(3, 3, 0x140, 754)
    for words in (
        ("03", "754", "03"),
        ("3", "754", "03", "0140"),
        ("0x3", "754", "03", "0140"),
        ("03", "x", "03", "0"),
    ):
        with pytest.raises(ValueError, match=r".+"):
            state(words)


FRAME = b"$OK 03 754 03 0140 :01^08\r"


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    assert isinstance(read(data, FRAME), list)


@given(st.binary(max_size=40).filter(lambda data: b"$" not in data))
def test_noise_before_a_frame_costs_nothing(noise: bytes) -> None:
    assert read(noise + FRAME)[-1] == Answer(True, ("03", "754", "03", "0140"), 1)


@given(st.integers(0, len(FRAME) - 2), st.integers(0, 7))
def test_one_flipped_bit_never_makes_another_answer(place: int, bit: int) -> None:
    frame = bytearray(FRAME)
    frame[place] ^= 1 << bit
    assert read(bytes(frame)) in ([], [Answer(True, ("03", "754", "03", "0140"), 1)])  # an upper-case digit stays one


@given(st.integers(0, len(FRAME) - 2))
def test_half_a_frame_makes_no_answer_and_the_next_one_counts(cut: int) -> None:
    assert read(FRAME[:cut] + FRAME) == [Answer(True, ("03", "754", "03", "0140"), 1)]
    assert read(FRAME[:cut] + b"\r") == []
