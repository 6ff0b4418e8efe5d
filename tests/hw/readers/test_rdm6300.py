"""RDM6300 frames, and what a line that is no RDM6300's does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw.readers.rdm6300 import Decoder
from tests.hw.readers.benches import Rdm6300Bench, listening

ANNE = b"\x02100086F44426\x03"
BERT = b"\x02010063E9AE25\x03"
ANNES, BERTS = bytes.fromhex("100086F444"), bytes.fromhex("010063E9AE")


@pytest.mark.parametrize(
    ("heard", "cards"),
    [
        (ANNE, [ANNES]),
        (BERT, [BERTS]),
        (ANNE + BERT, [ANNES, BERTS]),
        (ANNE.lower(), [ANNES]),
        (ANNE[:7] + BERT, [BERTS]),
        (ANNE[:1] + ANNE, [ANNES]),
        (b"\xff\x00" + ANNE, [ANNES]),
        (b"\x02100086F44427\x03", []),
        (b"\x02100086F4442\x03", []),
        (b"\x02100086F4G426\x03", []),
        (b"", []),
    ],
    ids=[
        "one card", "another card", "two cards", "small letters", "half a frame before", "a doubled start",
        "noise before", "wrong check digits", "too short", "no hex digit", "nothing",
    ],
)  # fmt: skip
def test_a_frame_is_understood(heard: bytes, cards: list[bytes]) -> None:
    assert Decoder().feed(heard) == cards


def test_a_frame_in_pieces_is_put_together() -> None:
    decoder = Decoder()

    assert [card for byte in ANNE + BERT for card in decoder.feed(bytes([byte]))] == [ANNES, BERTS]


@given(st.lists(st.binary(max_size=40)))
def test_noise_gives_no_card_and_is_not_kept(pieces: list[bytes]) -> None:
    decoder = Decoder()

    assert [card for piece in pieces for card in decoder.feed(piece.replace(b"\x03", b""))] == []
    assert len(decoder._heard) < len(ANNE)


@given(st.binary(max_size=60))
def test_a_card_after_noise_is_read(noise: bytes) -> None:
    assert Decoder().feed(noise + ANNE)[-1:] == [ANNES]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rdm6300Bench:
    bench = Rdm6300Bench(tmp_path, monkeypatch)
    bench.plug()
    return bench


async def test_a_card_is_told_as_a_125_khz_card(bench: Rdm6300Bench) -> None:
    async with listening(bench.reader()) as heard:
        await bench.lay("100086F444")
        await asyncio.sleep(1)

    assert [(card.uid, card.kind) for card in heard.cards] == [("100086F444", "EM4100")]


async def test_the_number_printed_on_the_card_may_be_its_token(bench: Rdm6300Bench) -> None:
    async with listening(bench.reader(id_format="decimal")) as heard:
        await bench.lay("100086F444")
        await asyncio.sleep(1)

    assert heard.uids == ["0008844356"]


async def test_another_device_on_the_line_is_noticed(bench: Rdm6300Bench) -> None:
    """Or the right one at the wrong speed."""
    async with listening(bench.reader()) as heard:
        for _ in range(40):
            bench.lines[-1].says(b"\xf8\x80\x00\xf8" * 2)
            await asyncio.sleep(0.01)

    assert heard.lost is not None
    assert "is not said by an RDM6300" in heard.lost.what


async def test_frames_that_are_mostly_broken_still_tell_the_card(bench: Rdm6300Bench) -> None:
    """A card at the edge of the field."""
    async with listening(bench.reader()) as heard:
        for n in range(100):
            bench.lines[-1].says(ANNE if n % 10 == 9 else ANNE[:5] + b"?" + ANNE[6:])
            await asyncio.sleep(0.06)

    assert (heard.uids, heard.lost) == (["100086F444"], None)
