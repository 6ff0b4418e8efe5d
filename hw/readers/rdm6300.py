"""Card reader RDM6300 (and RDM630) on a serial line: 125 kHz cards of the kind EM4100.

While a card is near it says the same 14 bytes every 50 to 65 ms, without being asked: 02, the five bytes of the id as
ten hex digits, their exclusive or as two, 03. Otherwise it is silent, so that only a port that goes away tells that the
reader has.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Self

from hw.api import CardSeen
from hw.discovery import Place, option
from hw.errors import DeviceLost
from hw.readers.ids import EM4100, IdForm
from hw.readers.presented import Sighting, presented
from hw.serial.line import Line, open_line

BAUDRATE = 9600
FRAME_BYTES = 14
FRAME = re.compile(rb"\x02([0-9A-Fa-f]{12})\x03")

NONSENSE_BYTES = 20 * FRAME_BYTES
"""So much without a single good frame is no bad reception: it is another device, or another speed."""


@dataclass(slots=True)
class Decoder:
    """Finds cards in what comes over the line. Pure."""

    unreadable: int = 0  # bytes since the last card
    _heard: bytes = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The ids, five bytes each, of the frames that are complete and whose check digits are right."""
        self._heard += data
        self.unreadable += len(data)
        found = [(match.end(), bytes.fromhex(match[1].decode())) for match in FRAME.finditer(self._heard)]
        cards = [said[:5] for _, said in found if reduce(xor, said) == 0]
        self._heard = self._heard[found[-1][0] if found else 0 :][-(FRAME_BYTES - 1) :]
        if cards:
            self.unreadable = 0
        return cards


class Rdm6300:
    """RDM6300 card reader on a serial line, 125 kHz cards (EM4100)."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(IdForm):
        port: str = option(help="the serial port, for example /dev/serial0 or /dev/serial/by-id/…")

    def __init__(self, options: Options, place: Place) -> None:
        self._options, self._place = options, place
        self._line: Line | None = None

    async def __aenter__(self) -> Self:
        self._line = open_line(self._options.port, BAUDRATE, f"[{self._place.where}]")
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

    def cards(self) -> AsyncIterator[CardSeen]:
        return presented(self._sightings(), self._options, self._place.number)

    async def _sightings(self) -> AsyncIterator[Sighting]:
        decoder = Decoder()
        while self._line is not None:
            for uid in decoder.feed(await self._line.read()):
                yield Sighting(uid, EM4100)
            if decoder.unreadable > NONSENSE_BYTES:
                raise self._nonsense()

    def _nonsense(self) -> DeviceLost:
        what = f'what comes from "{self._options.port}" is not said by an RDM6300'
        fix = "Check `port` and `driver`, and that the line has a common ground."
        return DeviceLost(what, where=f"[{self._place.where}]", fix=fix)
