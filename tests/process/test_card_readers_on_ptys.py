"""Card readers on serial lines as the kernel has them: pseudo-terminals with a simulated device at the far end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hw.api import CardReader, CardSeen
from hw.discovery import Place, load
from hw.errors import DeviceLost
from hw.serial.port import open_port
from tests.peers.pn532 import Pn532Chip
from tests.peers.pty_device import PtyDevice

CARD = "04A1B2C3D4E5F6"
PATIENCE_S = 10.0


@asynccontextmanager
async def a_pn532(folder: Path) -> AsyncIterator[tuple[Pn532Chip, PtyDevice, CardReader]]:
    chip = Pn532Chip()
    device = PtyDevice(folder / "reader", chip.hears)
    table = {"driver": "pn532", "port": str(device.link)}
    try:
        device.plug()
        yield chip, device, load("card_reader", table, Place("card_reader.1", folder))
    finally:
        device.close()


async def next_card(reader: CardReader) -> CardSeen:
    async with asyncio.timeout(PATIENCE_S), reader as opened:
        async for card in opened.cards():
            return card
    raise AssertionError("no card came")


async def test_a_card_on_a_pn532_is_read(tmp_path: Path) -> None:
    async with a_pn532(tmp_path) as (chip, _, reader):
        chip.card = bytes.fromhex(CARD)

        assert (await next_card(reader)).uid == CARD


async def test_a_pn532_that_is_plugged_out_is_lost_at_once_and_works_when_it_is_back(tmp_path: Path) -> None:
    async with a_pn532(tmp_path) as (chip, device, reader):
        waiting = asyncio.create_task(next_card(reader))
        while not any(asked[0] == 0x4A for asked in chip.asked):  # noqa: ASYNC110 - the chip is no task of ours
            await asyncio.sleep(0.01)
        device.unplug()
        with pytest.raises(DeviceLost, match="has gone"):
            await waiting
        with pytest.raises(DeviceLost, match="there is no port"):
            await next_card(reader)

        chip.power_cycle()
        chip.card = bytes.fromhex(CARD)
        device.plug()
        assert (await next_card(reader)).uid == CARD


async def test_a_line_that_has_hung_up_costs_no_time(tmp_path: Path) -> None:
    """A dead file descriptor is ready for ever: a loop that goes on watching it never rests."""
    async with a_pn532(tmp_path) as (_, device, reader), reader:
        device.unplug()
        before_s = time.process_time()
        await asyncio.sleep(0.5)
        spent_s = time.process_time() - before_s

    assert spent_s < 0.1


def test_a_port_in_use_is_refused_with_the_way_to_find_the_other(tmp_path: Path) -> None:
    device = PtyDevice(tmp_path / "reader", lambda data: b"")
    device.plug()
    port = open_port(str(device.link), baudrate=9600, where="[card_reader.1]")
    try:
        with pytest.raises(DeviceLost, match=r'\[card_reader.2\]: ".*/reader" is in use. Stop the other program'):
            open_port(str(device.link), baudrate=9600, where="[card_reader.2]")
    finally:
        port.close()
        device.close()


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/dev/null", r"no serial port that can be used"),
        ("/dev/ttyAMA99", r"enable_uart=1"),
        ("/dev/ttyUSB99", r"ls /dev/serial/by-id"),
    ],
)
def test_a_port_that_is_none_says_what_to_do(path: str, what: str) -> None:
    with pytest.raises(DeviceLost, match=what):
        open_port(path, baudrate=9600, where="[card_reader.1]")
