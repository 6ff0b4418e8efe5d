"""Displays as their I2C pins show them: what is written goes into their memory, and can be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hw.errors import DeviceLost

WITH_ARGUMENT = {0x20, 0x81, 0x8D, 0xA8, 0xD3, 0xD5, 0xD9, 0xDA, 0xDB}


class I2cPanels:
    """A bus with one display at one address."""

    def __init__(self, panel: OledPanel | LcdPanel, address: int, where: str) -> None:
        self.panel, self._address, self._where = panel, address, where
        self.plugged_in = True
        self.closed = False

    def write_byte(self, address: int, value: int, /) -> None:
        self._check(address)
        self.panel.take([value])

    def write_i2c_block_data(self, address: int, register: int, data: Sequence[int], /) -> None:
        assert len(data) <= 32, "more than an SMBus block"
        self._check(address)
        self.panel.take([register, *data])

    def close(self) -> None:
        self.closed = True

    def _check(self, address: int) -> None:
        if self.closed or not self.plugged_in or address != self._address:
            raise DeviceLost(f"nothing answers at address 0x{address:02X}", where=self._where, fix="Check its wires.")


class OledPanel:
    """SSD1306 (windows, 128 columns) or SH1106 (pages, 132 columns of which the middle is seen)."""

    def __init__(self, height: int = 64, *, sh1106: bool = False) -> None:
        self.height, self._sh1106 = height, sh1106
        self._memory = [[0] * 132 for _ in range(8)]
        self.on = False
        self._page = self._column = 0
        self._window = (0, 127, 0, 7)

    def take(self, message: list[int]) -> None:
        kind, *data = message
        if kind == 0x40:
            for byte in data:
                self._store(byte)
        else:
            assert kind == 0x00
            self._obey(iter(data))

    def pixels(self) -> list[list[int]]:
        """Rows of 128, 1 = lit; all dark while it is off."""
        left = 2 if self._sh1106 else 0
        return [
            [(self._memory[y // 8][left + x] >> y % 8 & 1) if self.on else 0 for x in range(128)]
            for y in range(self.height)
        ]

    def _obey(self, commands: Iterator[int]) -> None:
        for command in commands:
            if command in (0xAE, 0xAF):
                self.on = command == 0xAF
            elif self._sh1106:
                self._move(command, commands)
            elif command == 0x21:
                self._window = (next(commands), next(commands), *self._window[2:])
                self._column = self._window[0]
            elif command == 0x22:
                self._window = (*self._window[:2], next(commands), next(commands))
                self._page = self._window[2]
            elif command in WITH_ARGUMENT:
                next(commands)

    def _move(self, command: int, commands: Iterator[int]) -> None:
        if 0xB0 <= command <= 0xB7:
            self._page = command - 0xB0
        elif command < 0x10:
            self._column = self._column & 0xF0 | command
        elif command < 0x20:
            self._column = self._column & 0x0F | (command & 0x0F) << 4
        elif command in WITH_ARGUMENT - {0x20}:
            next(commands)

    def _store(self, byte: int) -> None:
        self._memory[self._page][self._column] = byte
        self._column += 1
        if not self._sh1106 and self._column > self._window[1]:
            self._column = self._window[0]
            self._page = self._page + 1 if self._page < self._window[3] else self._window[2]


class LcdPanel:
    """HD44780 behind a PCF8574: P0 RS, P1 RW, P2 E, P3 backlight, P4 to P7 data."""

    def __init__(self, columns: int = 16, lines: int = 2) -> None:
        self._columns, self._starts = columns, (0x00, 0x40, columns, 0x40 + columns)[:lines]
        self._memory = [0x20] * 0x80
        self._at: int | None = 0  # None: the characters of one's own are written
        self._four_bits = False
        self._high: int | None = None
        self._pins = 0
        self.on = self.lit = False

    def take(self, message: list[int]) -> None:
        for pins in message:
            if self._pins & 0x04 and not pins & 0x04:  # E falls
                self._nibble(pins >> 4, register=bool(pins & 0x01))
            self._pins = pins
            self.lit = bool(pins & 0x08)

    def text(self) -> list[str]:
        if not self.on:
            return [""] * len(self._starts)
        lines = ["".join(map(chr, self._memory[start : start + self._columns])) for start in self._starts]
        return [line.rstrip() for line in lines]

    def _nibble(self, nibble: int, *, register: bool) -> None:
        if not self._four_bits:
            self._four_bits = nibble == 0x2
        elif self._high is None:
            self._high = nibble
        else:
            byte, self._high = self._high << 4 | nibble, None
            self._write(byte) if register else self._obey(byte)

    def _obey(self, command: int) -> None:
        if command & 0x80:
            self._at = command & 0x7F
        elif command & 0x40:
            self._at = None
        elif command & 0xF8 == 0x08:
            self.on = bool(command & 0x04)
        elif command == 0x01:
            self._memory, self._at = [0x20] * 0x80, 0

    def _write(self, byte: int) -> None:
        if self._at is not None:
            self._memory[self._at] = byte
            self._at = (self._at + 1) % 0x80
