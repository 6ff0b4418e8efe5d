"""Card reader MFRC522 (the RC522 boards) over SPI: 13.56 MHz cards of ISO/IEC 14443 type A.

Registers and commands are those of the MFRC522 data sheet, chapters 9 and 10. The reset pin stays unconnected or high:
the chip is reset by command.
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
from hw.readers.iso14443a import Heard, find_card
from hw.readers.presented import looked, presented
from hw.readers.spi import Spi, open_spi

COMMAND, COM_IRQ, ERROR, FIFO_DATA, FIFO_LEVEL, CONTROL = 0x01, 0x04, 0x06, 0x09, 0x0A, 0x0C
BIT_FRAMING, COLL, MODE, TX_CONTROL, TX_ASK, RF_CFG = 0x0D, 0x0E, 0x11, 0x14, 0x15, 0x26
T_MODE, T_PRESCALER, T_RELOAD_HIGH, T_RELOAD_LOW, VERSION = 0x2A, 0x2B, 0x2C, 0x2D, 0x37

IDLE, TRANSCEIVE, SOFT_RESET = 0x00, 0x0C, 0x0F

SETTINGS = (
    (T_MODE, 0x80),  # the timer starts when we have sent
    (T_PRESCALER, 0xA9),  # at 40 kHz
    (T_RELOAD_HIGH, 0x00),
    (T_RELOAD_LOW, 0xC8),  # and gives up after 5 ms
    (TX_ASK, 0x40),  # 100 % modulation: type A
    (MODE, 0x3D),
    (RF_CFG, 0x60),  # 43 dB: cards in wallets
    (COLL, 0x00),  # bits after a collision read 0
    (TX_CONTROL, 0x83),  # antenna on
)
ANTENNA_ON = 0x03

RECEIVED, TIMED_OUT = 0x30, 0x01  # in COM_IRQ
COLLIDED, BROKEN = 0x08, 0x13  # in ERROR: and overflow, parity, protocol

RESET_S = 0.05
STEP_S = 0.001
STEPS = 25

_WIRING = "Check its wires (MISO, MOSI, SCK, SDA as chip select, 3.3 V), and dtparam=spi=on in config.txt."


class Chip:
    """One MFRC522, and the field of its antenna."""

    def __init__(self, spi: Spi, where: str) -> None:
        self._spi, self._where = spi, where

    async def start(self) -> None:
        """Raises DeviceLost."""
        self._write((COMMAND, SOFT_RESET))
        await asyncio.sleep(RESET_S)
        self._write(*SETTINGS)
        self._check()

    async def look(self) -> bytes | None:
        """The id of the card that lies there, None without one. Raises DeviceLost."""
        self._check()
        return await find_card(self)

    async def transceive(self, data: bytes, *, bits: int = 0, align: int = 0) -> Heard | None:
        framing = align << 4 | bits
        self._write((COMMAND, IDLE), (COM_IRQ, 0x7F), (FIFO_LEVEL, 0x80), (BIT_FRAMING, framing))
        self._spi.exchange([bytes([FIFO_DATA << 1]) + data])
        self._write((COMMAND, TRANSCEIVE), (BIT_FRAMING, 0x80 | framing))
        for _ in range(STEPS):
            (happened,) = self._read(COM_IRQ)
            if happened & RECEIVED:
                return self._heard()
            if happened & TIMED_OUT:
                return None
            await asyncio.sleep(STEP_S)
        return None

    def _heard(self) -> Heard | None:
        error, level, collision = self._read(ERROR, FIFO_LEVEL, COLL)
        if error & BROKEN or not level:
            return None
        asked = bytes([0x80 | FIFO_DATA << 1]) * min(level, 64)
        data = self._spi.exchange([asked + b"\0"])[0][1:]
        if not error & COLLIDED:
            return Heard(data)
        return Heard(data, (collision & 0x1F) or 32) if not collision & 0x20 else None

    def _check(self) -> None:
        """A chip that has lost its supply reads 00 or FF, or has forgotten its settings."""
        version, antenna = self._read(VERSION, TX_CONTROL)
        if version in (0x00, 0xFF):
            raise DeviceLost("no MFRC522 answers", where=self._where, fix=_WIRING)
        if antenna & ANTENNA_ON != ANTENNA_ON:
            raise DeviceLost("the MFRC522 has lost its settings", where=self._where, fix="Check its 3.3 V supply.")

    def _write(self, *settings: tuple[int, int]) -> None:
        self._spi.exchange([bytes([register << 1, value]) for register, value in settings])

    def _read(self, *registers: int) -> list[int]:
        return [heard[1] for heard in self._spi.exchange([bytes([0x80 | each << 1, 0]) for each in registers])]


class Rc522:
    """MFRC522 (RC522) card reader over SPI, ISO 14443 type A cards."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(IdForm):
        port: str = option(help="the SPI device, bus and chip select: /dev/spidev0.0")

    def __init__(self, options: Options, place: Place) -> None:
        self._options, self._place = options, place
        self._spi: Spi | None = None
        self._chip: Chip | None = None

    async def __aenter__(self) -> Self:
        where = f"[{self._place.where}]"
        self._spi = open_spi(self._options.port, where)
        self._chip = Chip(self._spi, where)
        try:
            await self._chip.start()
        except BaseException:
            self._spi.close()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._spi is not None:
            self._spi.close()
        self._spi = self._chip = None

    def cards(self) -> AsyncIterator[CardSeen]:
        if self._chip is None:
            raise RuntimeError("the card reader is not open")
        return presented(looked(self._chip.look), self._options, self._place.number)
