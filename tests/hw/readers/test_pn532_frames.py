"""PN532 frames, byte for byte as the chip's manual and other hosts have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw.readers.pn532_frames import (
    FEW_RETRIES,
    ONE_TYPE_A,
    SAM_NORMAL,
    WAKE,
    Acknowledged,
    Answer,
    Complaint,
    Decoder,
    Frame,
    card_of,
    command,
    is_pn532,
)

FIRMWARE = bytes.fromhex("00 00 FF 06 FA D5 03 32 01 06 07 E8 00")
FOUR_BYTE_CARD = bytes.fromhex("00 00 FF 0C F4 D5 4B 01 01 00 04 08 04 DE AD BE EF 96 00")
SEVEN_BYTE_CARD = bytes.fromhex("00 00 FF 0F F1 D5 4B 01 01 00 44 00 07 04 A1 B2 C3 D4 E5 F6 CA 00")
NO_CARD = bytes.fromhex("00 00 FF 03 FD D5 4B 00 E0 00")
ACK = bytes.fromhex("00 00 FF 00 FF 00")


def decoded(data: bytes) -> list[Frame]:
    return Decoder().feed(data)


@pytest.mark.parametrize(
    ("code", "data", "frame"),
    [
        (0x02, b"", "00 00 FF 02 FE D4 02 2A 00"),
        (0x14, SAM_NORMAL, "00 00 FF 05 FB D4 14 01 14 01 02 00"),
        (0x32, FEW_RETRIES, "00 00 FF 06 FA D4 32 05 FF 01 02 F3 00"),
        (0x4A, ONE_TYPE_A, "00 00 FF 04 FC D4 4A 01 00 E1 00"),
    ],
    ids=["firmware", "SAM configuration", "few retries", "list one type A"],
)
def test_a_command_is_framed(code: int, data: bytes, frame: str) -> None:
    assert command(code, data) == bytes.fromhex(frame)


def test_the_chip_is_woken_by_two_bytes_and_a_pause_of_zeros() -> None:
    assert bytes.fromhex("55 55") + bytes(14) == WAKE


@pytest.mark.parametrize(
    ("heard", "frame"),
    [
        (ACK, Acknowledged()),
        (bytes.fromhex("00 00 FF FF 00 00"), Acknowledged(again=True)),
        (FIRMWARE, Answer(0x03, bytes.fromhex("32 01 06 07"))),
        (bytes.fromhex("00 00 FF 02 FE D5 15 16 00"), Answer(0x15, b"")),
        (NO_CARD, Answer(0x4B, b"\x00")),
        (bytes.fromhex("00 00 FF 01 FF 7F 81 00"), Complaint()),
    ],
    ids=["ack", "nack", "firmware", "SAM configured", "no card", "error"],
)
def test_an_answer_is_understood(heard: bytes, frame: Frame) -> None:
    assert decoded(heard) == [frame]


@pytest.mark.parametrize(
    ("heard", "uid"),
    [
        (FOUR_BYTE_CARD, "DE AD BE EF"),
        (SEVEN_BYTE_CARD, "04 A1 B2 C3 D4 E5 F6"),
        (
            bytes.fromhex("00 00 FF 12 EE D5 4B 01 01 00 84 20 0A 04 01 02 03 04 05 06 07 08 09 FF 00"),
            "04 01 02 03 04 05 06 07 08 09",
        ),
        (  # an ISO 14443-4 card tells what it can (ATS) after its id
            bytes.fromhex("00 00 FF 11 EF D5 4B 01 01 00 04 20 04 DE AD BE EF 05 78 80 70 02 0F 00"),
            "DE AD BE EF",
        ),
    ],
    ids=["four bytes", "seven bytes", "ten bytes", "with ATS"],
)
def test_the_id_of_a_card_is_found(heard: bytes, uid: str) -> None:
    (frame,) = decoded(heard)

    assert isinstance(frame, Answer)
    assert card_of(frame.data) == bytes.fromhex(uid)


@pytest.mark.parametrize(
    "listed",
    ["", "00", "01", "01 01 00 04 08", "01 01 00 04 08 04 DE AD BE", "01 01 00 04 08 05 DE AD BE EF 22",
     "01 01 00 04 08 00"],
    ids=["nothing", "none found", "count alone", "no length", "cut short", "five bytes", "no bytes"],
)  # fmt: skip
def test_what_is_no_card_is_none(listed: str) -> None:
    assert card_of(bytes.fromhex(listed)) is None


def test_only_a_pn532_is_taken_for_one() -> None:
    assert is_pn532(bytes.fromhex("32 01 06 07"))
    assert not is_pn532(bytes.fromhex("33 01 06 07"))
    assert not is_pn532(b"")


def test_an_answer_in_pieces_is_put_together() -> None:
    decoder = Decoder()

    assert [frame for byte in ACK + FIRMWARE for frame in decoder.feed(bytes([byte]))] == [
        Acknowledged(),
        Answer(0x03, bytes.fromhex("32 01 06 07")),
    ]


@pytest.mark.parametrize("at", range(3, len(FOUR_BYTE_CARD) - 1))
@pytest.mark.parametrize("flip", [0x01, 0x80])
def test_a_frame_with_a_broken_byte_is_no_answer_and_the_next_is_heard(at: int, flip: int) -> None:
    broken = bytearray(FOUR_BYTE_CARD)
    broken[at] ^= flip

    frames = decoded(bytes(broken) + bytes(300) + FIRMWARE)

    assert [frame for frame in frames if isinstance(frame, Answer)] == [Answer(0x03, bytes.fromhex("32 01 06 07"))]


def test_half_a_frame_before_a_whole_one_is_skipped() -> None:
    assert decoded(FOUR_BYTE_CARD[:9] + NO_CARD + bytes(20)) == [Answer(0x4B, b"\x00")]


@given(st.lists(st.binary(max_size=40)))
def test_noise_never_raises_and_keeps_little(pieces: list[bytes]) -> None:
    decoder = Decoder()
    for piece in pieces:
        for frame in decoder.feed(piece):
            assert isinstance(frame, Acknowledged | Answer | Complaint)

    assert len(decoder._heard) < 4 + 256 + 1


@given(st.binary(max_size=60), st.integers(0, 0xFF), st.binary(max_size=253))
def test_a_frame_after_noise_and_a_pause_is_found(noise: bytes, code: int, data: bytes) -> None:
    """At the latest when as many bytes have gone by as the noise seemed to announce."""
    frames = decoded(noise + bytes(256) + command(code, data, tfi=0xD5))

    assert Answer(code, data) in frames
