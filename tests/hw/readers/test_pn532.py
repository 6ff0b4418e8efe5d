"""The conversation with a PN532: start, bad lines, and how little it asks of the line."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw.errors import DeviceLost
from hw.readers.pn532 import Chip
from tests.hw.readers.benches import Pn532Bench, listening
from tests.peers.memory_line import MemoryLine
from tests.peers.pn532 import Pn532Chip
from tests.virtual_time import VirtualTimeLoop

CARD = "04A1B2C3D4E5F6"
Mangle = Callable[[bytes], bytes]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pn532Bench:
    bench = Pn532Bench(tmp_path, monkeypatch)
    bench.plug()
    return bench


async def test_the_chip_is_woken_configured_and_asked_a_few_times_a_second(bench: Pn532Bench) -> None:
    async with listening(bench.reader()):
        await asyncio.sleep(2.8)

    assert bench.chip.asked[:3] == [b"\x14\x01\x14\x01", b"\x02", b"\x32\x05\xff\x01\x02"]
    assert bench.chip.asked[3:] == [b"\x4a\x01\x00"] * 10


@pytest.mark.parametrize("uid", ["DEADBEEF", CARD, "04010203040506070809"], ids=["four", "seven", "ten"])
async def test_ids_of_every_length_are_read(bench: Pn532Bench, uid: str) -> None:
    async with listening(bench.reader()) as heard:
        await bench.lay(uid)
        await asyncio.sleep(1)

    assert heard.uids == [uid]


async def test_the_installer_chooses_how_ids_are_written(bench: Pn532Bench) -> None:
    async with listening(bench.reader(byte_order="reversed", id_format="lower_hex")) as heard:
        await bench.lay("DEADBEEF")
        await asyncio.sleep(1)

    assert heard.uids == ["efbeadde"]


async def test_a_random_id_is_marked_and_told_once_though_it_changes(bench: Pn532Bench) -> None:
    async with listening(bench.reader()) as heard:
        for shown in ("08A1B2C3", "08000001", "08FFEEDD"):
            await bench.lay(shown)
            await asyncio.sleep(0.7)

    assert [(card.uid, card.random) for card in heard.cards] == [("08A1B2C3", True)]


async def test_a_reader_that_stays_silent_is_lost_within_two_seconds(bench: Pn532Bench) -> None:
    bench.chip.silent = True
    async with listening(bench.reader()) as heard:
        await asyncio.sleep(2)

    assert heard.lost is not None
    assert "does not answer" in heard.lost.what
    assert "HSU" in heard.lost.fix


async def test_a_reader_that_falls_silent_while_it_waits_is_lost(bench: Pn532Bench) -> None:
    async with listening(bench.reader()) as heard:
        bench.chip.silent = True
        await asyncio.sleep(2)

    assert heard.lost is not None


async def test_one_lost_answer_is_asked_for_again(bench: Pn532Bench) -> None:
    async with listening(bench.reader()) as heard:
        bench.chip.mangles = once(lambda said: b"", bench.chip)
        await bench.lay(CARD)
        await asyncio.sleep(2)

    assert (heard.uids, heard.lost) == ([CARD], None)


def once(mangle: Mangle, chip: Pn532Chip) -> Mangle:
    def do(said: bytes) -> bytes:
        chip.mangles = bytes
        return mangle(said)

    return do


@pytest.mark.parametrize(
    "mangle",
    [
        lambda said: said + said,
        lambda said: b"\x00\xff\x0c\xf4\x13" + said,
        lambda said: said[:-4] + b"\x00\x00" + said[-4:],
        lambda said: said[:7],
        lambda said: bytes.fromhex("0000FFF010D5"),
        lambda said: said.replace(b"\xd5", b"\xd4"),
        lambda said: b"\x00\x00\xff\xff\x00\x00",
        lambda said: bytes.fromhex("0000FF01FF7F8100"),
        lambda said: bytes.fromhex("0000FF00FF00 0000FF00FF00"),
    ],
    ids=[
        "doubled",
        "noise before",
        "noise within",
        "cut short",
        "the beginning of a long frame",
        "from nobody",
        "not understood",
        "complaint",
        "nothing but acks",
    ],
)
async def test_one_bad_answer_costs_nothing(bench: Pn532Bench, mangle: Mangle) -> None:
    async with listening(bench.reader()) as heard:
        bench.chip.mangles = once(mangle, bench.chip)
        await bench.lay(CARD)
        await asyncio.sleep(3)

    assert (heard.uids, heard.lost) == ([CARD], None)


async def test_an_answer_that_comes_too_late_is_not_the_next_ones(bench: Pn532Bench) -> None:
    """Else every later answer would be one behind."""
    async with listening(bench.reader()) as heard:
        await bench.lay(CARD)
        await asyncio.sleep(1)
        bench.take_away()
        bench.chip.mangles = once(lambda said: b"", bench.chip)
        await asyncio.sleep(0.3)
        bench.lines[-1].says(bytes.fromhex("0000FF0CF4D54B0101000408 04DEADBEEF9600"))
        await asyncio.sleep(5)

    assert (heard.uids, heard.lost) == ([CARD], None)


async def test_another_chip_is_not_taken_for_a_pn532(bench: Pn532Bench) -> None:
    bench.chip.firmware = bytes.fromhex("33010607")
    async with listening(bench.reader()) as heard:
        await asyncio.sleep(1)

    assert heard.lost is not None
    assert "another chip" in heard.lost.what


async def test_a_line_that_could_not_be_started_is_closed(bench: Pn532Bench) -> None:
    bench.chip.silent = True
    async with listening(bench.reader()):
        await asyncio.sleep(3)

    assert [line.closed for line in bench.lines] == [True]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=30), max_size=6), st.integers(0, 40))
def test_a_line_full_of_noise_gives_a_card_that_is_there_or_is_lost(noises: list[bytes], keep: int) -> None:
    """Never another exception, never another card."""

    async def look() -> bytes | None:
        device = Pn532Chip(card=bytes.fromhex(CARD))
        said = iter(noises)
        device.mangles = lambda answer: next(said, b"") + answer[:keep] if keep % 2 else next(said, b"") + answer
        chip = Chip(MemoryLine(device.hears, "[card_reader.1]"), "[card_reader.1]")
        await chip.start()
        return await chip.look()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner, contextlib.suppress(DeviceLost):
        assert runner.run(look()) == bytes.fromhex(CARD)
