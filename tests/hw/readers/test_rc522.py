"""The MFRC522: ids of every length, cards that answer together, and a chip that loses its supply."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw.errors import DeviceLost
from hw.readers.iso14443a import Heard, crc_a, find_card
from hw.readers.rc522 import Chip
from hw.readers.spi import open_spi
from tests.hw.readers.benches import Rc522Bench, listening
from tests.peers.mfrc522 import Mfrc522Chip
from tests.peers.type_a_card import TypeACard
from tests.virtual_time import VirtualTimeLoop

FOUR, SEVEN, TEN = "DEADBEEF", "04A1B2C3D4E5F6", "04010203040506070809"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rc522Bench:
    bench = Rc522Bench(tmp_path, monkeypatch)
    bench.plug()
    return bench


def run(chip: Mfrc522Chip, looks: int = 1) -> list[bytes | None]:
    async def look() -> list[bytes | None]:
        reader = Chip(chip, "[card_reader.1]")
        await reader.start()
        return [await reader.look() for _ in range(looks)]

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(look())


def with_cards(*uids: str) -> Mfrc522Chip:
    chip = Mfrc522Chip()
    chip.cards = [TypeACard(uid) for uid in uids]
    return chip


@pytest.mark.parametrize(
    ("said", "crc"),
    [("5000", "57CD"), ("0000", "A01E"), ("1234", "26CF"), ("08", "B6DD"), ("04", "DA17")],
    ids=["HLTA", "annex B, zeros", "annex B, 12 34", "SAK 08", "SAK 04"],
)
def test_crc_a(said: str, crc: str) -> None:
    assert crc_a(bytes.fromhex(said)) == bytes.fromhex(crc)


@pytest.mark.parametrize("uid", [FOUR, SEVEN, TEN], ids=["four bytes", "seven bytes", "ten bytes"])
def test_an_id_is_read_whole_and_without_its_check_bytes(uid: str) -> None:
    assert run(with_cards(uid)) == [bytes.fromhex(uid)]


def test_a_card_that_stays_is_read_at_every_look() -> None:
    """One that has been read and not put to sleep answers every second time only."""
    assert run(with_cards(SEVEN), looks=5) == [bytes.fromhex(SEVEN)] * 5


def test_no_card_is_none() -> None:
    assert run(with_cards(), looks=2) == [None, None]


@pytest.mark.parametrize(
    "uids",
    [(FOUR, "DEADBEEE"), (FOUR, "5EADBEEF"), (SEVEN, FOUR), (SEVEN, "04A1B2C3D4E5F7"), (TEN, "04010203040506070800")],
    ids=[
        "differ in the last byte",
        "differ in the first byte",
        "of two lengths",
        "in the second level",
        "in the third",
    ],
)
def test_of_two_cards_that_answer_together_one_is_read_well(uids: tuple[str, str]) -> None:
    [read] = run(with_cards(*uids))

    assert read in [bytes.fromhex(uid) for uid in uids]


def test_three_cards_at_once_are_read_as_soon_as_one_is_taken_away() -> None:
    """At the latest: with some ids one is read before."""
    chip = with_cards("00000000", "01000000", "03000000")
    assert run(chip) == [None]

    chip.cards.pop()
    assert run(chip)[0] is not None


def test_an_id_with_a_wrong_check_byte_is_not_believed() -> None:
    chip = with_cards(SEVEN)
    chip.cards[0].wrong_check = True

    assert run(chip, looks=3) == [None] * 3


async def test_check_bytes_are_checked_by_us_whatever_the_card_confirms() -> None:
    good = (bytes([0x08]) + crc_a(bytes([0x08])), None)
    atqa, right, wrong = (b"\x04\x00", None), (bytes.fromhex("DEADBEEF22"), None), (bytes.fromhex("DEADBEEF23"), None)

    assert await find_card(Noise([atqa, right, good])) == bytes.fromhex("DEADBEEF")
    assert await find_card(Noise([atqa, wrong, good])) is None
    assert await find_card(Noise([atqa, right, (b"\x08\0\0", None)])) is None


async def test_a_look_costs_few_system_calls(bench: Rc522Bench) -> None:
    async with listening(bench.reader()):
        await asyncio.sleep(1)
        before = bench.chip.calls
        await asyncio.sleep(3)

    assert (bench.chip.calls - before) / 10 <= 6


async def test_a_chip_that_was_without_supply_for_a_moment_is_set_up_again(bench: Rc522Bench) -> None:
    """It answers as before, and its antenna is off."""
    async with listening(bench.reader()) as heard:
        bench.chip.power_cycle()
        await asyncio.sleep(1)

    assert heard.lost is not None
    assert "lost its settings" in heard.lost.what


async def test_a_random_id_is_marked(bench: Rc522Bench) -> None:
    async with listening(bench.reader()) as heard:
        await bench.lay("08A1B2C3")
        await asyncio.sleep(1)

    assert [(card.uid, card.random) for card in heard.cards] == [("08A1B2C3", True)]


class Noise:
    """A field in which anything may be heard."""

    def __init__(self, heard: list[tuple[bytes, int | None] | None]) -> None:
        self._heard = list(heard)

    async def transceive(self, data: bytes, *, bits: int = 0, align: int = 0) -> Heard | None:
        said = self._heard.pop(0) if self._heard else None
        return None if said is None else Heard(*said)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.none() | st.tuples(st.binary(max_size=8), st.none() | st.integers(1, 32)), max_size=12))
def test_noise_in_the_field_never_raises(heard: list[tuple[bytes, int | None] | None]) -> None:
    uid = asyncio.run(find_card(Noise(heard)))

    assert uid is None or len(uid) in (4, 7, 10)


@pytest.mark.parametrize(
    ("path", "what"),
    [("/dev/spidev99.0", "dtparam=spi=on"), ("/dev/null", "Name an SPI device")],
    ids=["SPI is off", "no SPI device"],
)
def test_a_bus_that_cannot_be_used_says_what_to_do(path: str, what: str) -> None:
    with pytest.raises(DeviceLost, match=what):
        open_spi(path, "[card_reader.1]").exchange([b"\x82\x00"])


def test_the_kernels_request_is_what_its_header_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """SPI_IOC_MESSAGE(2): _IOW('k', 0, char[64]); chip select goes up between messages, not after the last."""
    asked: list[tuple[int, bytes]] = []
    monkeypatch.setattr("fcntl.ioctl", lambda fd, request, data: asked.append((request, data)))
    device = open_spi(os.devnull, "[card_reader.1]")
    assert device.exchange([b"\x82\x00", b"\x84"]) == [b"\0\0", b"\0"]
    device.close()

    [(request, data)] = asked
    assert (request, len(data)) == (0x40406B00, 64)
    assert [data[at + 16 : at + 20] for at in (0, 32)] == [b"\x02\0\0\0", b"\x01\0\0\0"]
    assert [data[at + 26 : at + 28] for at in (0, 32)] == [b"\x08\x01", b"\x08\x00"]
