"""Card reader behind PC/SC (the service pcscd), by way of pyscard, which is no part of the ordinary install.

Every call may wait for the service: all of them are made in a thread. The only door to pyscard.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Self

from hw.api import CardSeen
from hw.discovery import Place, option
from hw.errors import DeviceLost
from hw.readers.ids import ISO14443, ISO15693, IdForm
from hw.readers.presented import PERIOD_S, Sighting, presented

GET_ID = [0xFF, 0xCA, 0x00, 0x00, 0x00]
"""Get Data, the card's own id (PC/SC part 3, 3.2.2.1.3); the reader answers it, not the card."""
DONE = (0x90, 0x00)

STORAGE_CARD = bytes.fromhex("A000000306")
"""In the ATR of a card without a processor: the next byte names its standard (PC/SC part 3, supplemental document)."""
ISO15693_STANDARDS = range(0x09, 0x0D)


class PcscReader:
    """The reader's side of pyscard: blocking calls, made from one thread at a time."""

    def __init__(self, name: str, where: str) -> None:
        self._name, self._where = name, where
        self._system = import_module("smartcard.System")
        self._exceptions = import_module("smartcard.Exceptions")
        self._service = import_module("smartcard.pcsc.PCSCExceptions")

    def find(self) -> Any:
        """The first reader whose name contains ours. Raises DeviceLost."""
        try:
            readers = list(self._system.readers())
        except self._service.BaseSCardException:
            fix = "sudo apt install pcscd; sudo systemctl enable --now pcscd.socket."
            raise DeviceLost("the smart card service pcscd does not answer", where=self._where, fix=fix) from None
        for reader in readers:
            if self._name.casefold() in str(reader).casefold():
                return reader
        seen = ", ".join(f'"{reader}"' for reader in readers) or "none"
        what = f'there is no card reader "{self._name}"' if self._name else "there is no card reader"
        fix = f"Is it plugged in, and known to pcscd? It knows: {seen}."
        raise DeviceLost(what, where=self._where, fix=fix)

    def look(self) -> Sighting | None:
        """The card that lies there. Raises DeviceLost when the reader is gone."""
        connection = self.find().createConnection()
        try:
            connection.connect()
            data, *status = connection.transmit(GET_ID)
            atr = bytes(connection.getATR())
            connection.disconnect()
        except (self._exceptions.SmartcardException, self._service.BaseSCardException):
            return None  # no card, or it was taken away while we spoke
        return Sighting(bytes(data), kind_of(atr)) if tuple(status) == DONE and data else None


def kind_of(atr: bytes) -> str:
    """Which kind of card has this ATR."""
    _, found, rest = atr.partition(STORAGE_CARD)
    return ISO15693 if found and rest and rest[0] in ISO15693_STANDARDS else ISO14443


class Pcsc:
    """Card reader behind PC/SC (pcscd), for example an ACR122U."""

    needs = ("smartcard",)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(IdForm):
        name: str = option("", help="a part of the reader's name, where there are several; `pcsc_scan` lists them")

    def __init__(self, options: Options, place: Place) -> None:
        self._options, self._place = options, place
        self._reader: PcscReader | None = None

    async def __aenter__(self) -> Self:
        where = f"[{self._place.where}]"
        self._reader = await asyncio.to_thread(PcscReader, self._options.name, where)
        await asyncio.to_thread(self._reader.find)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._reader = None

    def cards(self) -> AsyncIterator[CardSeen]:
        return presented(self._sightings(), self._options, self._place.number)

    async def _sightings(self) -> AsyncIterator[Sighting]:
        while self._reader is not None:
            sighting = await asyncio.to_thread(self._reader.look)
            if sighting is not None:
                yield sighting
            await asyncio.sleep(PERIOD_S)
