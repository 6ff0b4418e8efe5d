"""Readers behind pcscd."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from hw import libraries
from hw.discovery import Place, load
from hw.errors import DeviceLost, DriverMissing
from hw.readers.pcsc import kind_of
from tests.hw.readers.benches import PcscBench, listening


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PcscBench:
    bench = PcscBench(tmp_path, monkeypatch)
    bench.plug()
    return bench


async def test_the_reader_is_asked_for_the_id(bench: PcscBench) -> None:
    async with listening(bench.reader()) as heard:
        await bench.lay("04A1B2C3D4E5F6")
        await asyncio.sleep(0.5)

    assert bench.service.asked[0] == [0xFF, 0xCA, 0, 0, 0]
    assert [(card.uid, card.kind) for card in heard.cards] == [("04A1B2C3D4E5F6", "ISO14443")]


@pytest.mark.parametrize(
    ("atr", "kind"),
    [
        ("3B8F8001804F0CA000000306030001000000006A", "ISO14443"),
        ("3B8F8001804F0CA0000003060B00140000000077", "ISO15693"),
        ("3B8180018080", "ISO14443"),
        ("3B8F8001804F0CA000000306", "ISO14443"),
        ("", "ISO14443"),
    ],
    ids=["MIFARE Classic", "ICODE SLI", "a DESFire", "cut short", "none"],
)
def test_the_kind_of_card_is_known_by_its_atr(atr: str, kind: str) -> None:
    assert kind_of(bytes.fromhex(atr)) == kind


async def test_an_answer_that_is_no_success_is_no_card(bench: PcscBench) -> None:
    bench.service.status = (0x6A, 0x81)
    async with listening(bench.reader()) as heard:
        await bench.lay("DEADBEEF")
        await asyncio.sleep(1)

    assert (heard.uids, heard.lost) == ([], None)


async def test_of_several_readers_one_is_chosen_by_its_name(bench: PcscBench) -> None:
    bench.service.readers.insert(0, "Yubico YubiKey 00 00")
    async with listening(bench.reader(name="acr122")) as heard:
        await asyncio.sleep(0.1)
    assert heard.lost is None

    async with listening(bench.reader(name="omnikey")) as heard:
        await asyncio.sleep(0.1)
    assert heard.lost is not None
    assert 'It knows: "Yubico YubiKey 00 00", "ACS ACR122U' in heard.lost.fix


async def test_a_service_that_does_not_run_is_named(bench: PcscBench) -> None:
    bench.service.running = False
    with pytest.raises(DeviceLost, match="pcscd does not answer"):
        async with bench.reader():
            pytest.fail("it opened")


def test_without_pyscard_the_driver_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    with pytest.raises(DriverMissing, match="smartcard"):
        load("card_reader", {"driver": "pcsc"}, Place("card_reader.1", tmp_path))

    assert 'sudo apt install python3-pyscard, or pip install "chargepoint[pcsc]"' in libraries.remedy("smartcard")
