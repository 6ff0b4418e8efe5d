"""Card reader with a PN532 on a serial line (its HSU mode): 13.56 MHz cards of ISO/IEC 14443 type A.

The chip is asked a few times a second whether a card is there, and answers within milliseconds: nothing waits on the
line between. A line that stays silent or talks nonsense is lost after three tries, and opened anew by the caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self

from hw.api import CardSeen
from hw.discovery import Place, option
from hw.errors import DeviceLost
from hw.readers.ids import IdForm
from hw.readers.pn532_frames import (
    ACK,
    FEW_RETRIES,
    GET_FIRMWARE,
    LIST_PASSIVE_TARGET,
    ONE_TYPE_A,
    RF_CONFIGURATION,
    SAM_CONFIGURATION,
    SAM_NORMAL,
    WAKE,
    Acknowledged,
    Answer,
    Complaint,
    Decoder,
    card_of,
    command,
    is_pn532,
)
from hw.readers.presented import looked, presented
from hw.serial.line import Line, open_line

BAUDRATE = 115_200  # what the chip starts with
ANSWER_S = 0.5
"""The chip acknowledges within 15 ms and looks for a card within 50; a USB adapter adds up to 16 for each."""
TRIES = 3

_SILENT = (
    "Check that its switches say HSU, that RX and TX are crossed, and that it has 5 V (or 3.3 V, as its maker says)."
)


class Chip:
    """The conversation with one PN532 over an open line."""

    def __init__(self, line: Line, where: str) -> None:
        self._line, self._where = line, where
        self._decoder = Decoder()

    async def start(self) -> None:
        """Wake it, and have it look for cards in short turns. Raises DeviceLost."""
        self._line.write(WAKE)
        await self.ask(SAM_CONFIGURATION, SAM_NORMAL)
        if not is_pn532(await self.ask(GET_FIRMWARE)):
            raise DeviceLost("another chip than a PN532 answers", where=self._where, fix="Check `port` and `driver`.")
        await self.ask(RF_CONFIGURATION, FEW_RETRIES)

    async def look(self) -> bytes | None:
        """The id of the card that lies there, None without one. Raises DeviceLost."""
        return card_of(await self.ask(LIST_PASSIVE_TARGET, ONE_TYPE_A))

    async def ask(self, code: int, data: bytes = b"") -> bytes:
        """The data of the answer to a command. Raises DeviceLost after three tries."""
        for _ in range(TRIES):
            self._decoder = Decoder()  # half a frame from before must not swallow the answer
            self._line.write(command(code, data))
            try:
                async with asyncio.timeout(ANSWER_S):
                    answer = await self._answer(code + 1)
            except TimeoutError:
                answer = None
            if answer is not None:
                return answer.data
            self._line.write(ACK)  # whatever it still does, it need not
        raise DeviceLost("the reader does not answer", where=self._where, fix=_SILENT)

    async def _answer(self, code: int) -> Answer | None:
        """Acknowledgement first, then the answer: one that comes before belongs to an earlier question."""
        acknowledged = False
        while True:
            for frame in self._decoder.feed(await self._line.read()):
                match frame:
                    case Acknowledged(again=True) | Complaint():
                        return None
                    case Acknowledged():
                        acknowledged = True
                    case Answer() if acknowledged and frame.code == code:
                        return frame


class Pn532:
    """PN532 card reader on a serial line (HSU), ISO 14443 type A cards."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(IdForm):
        port: str = option(help="the serial port, for example /dev/serial0 or /dev/serial/by-id/…")

    def __init__(self, options: Options, place: Place) -> None:
        self._options, self._place = options, place
        self._line: Line | None = None
        self._chip: Chip | None = None

    async def __aenter__(self) -> Self:
        where = f"[{self._place.where}]"
        self._line = open_line(self._options.port, BAUDRATE, where)
        self._chip = Chip(self._line, where)
        try:
            await self._chip.start()
        except BaseException:
            self._line.close()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._line is not None:
            self._line.close()
        self._line = self._chip = None

    def cards(self) -> AsyncIterator[CardSeen]:
        if self._chip is None:
            raise RuntimeError("the card reader is not open")
        return presented(looked(self._chip.look), self._options, self._place.number)
