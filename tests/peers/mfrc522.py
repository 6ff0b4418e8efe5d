"""An MFRC522 as its SPI pins show it (data sheet chapters 8 to 10), with cards in its field."""

from __future__ import annotations

from collections.abc import Sequence

from tests.peers.type_a_card import Bits, TypeACard, bytes_of

RESET = {0x0D: 0x00, 0x0E: 0x80, 0x11: 0x3F, 0x14: 0x80, 0x37: 0x92}


class Mfrc522Chip:
    def __init__(self) -> None:
        self.cards: list[TypeACard] = []
        self.powered = True
        self.closed = False
        self.fifo = bytearray()
        self.registers = dict(RESET)
        self.calls = 0  # of the kernel

    # --- as hw.readers.spi.Spi ---

    def exchange(self, messages: Sequence[bytes]) -> list[bytes]:
        assert not self.closed
        self.calls += 1
        return [self._message(message) for message in messages]

    def close(self) -> None:
        self.closed = True

    # --- inside ---

    def power_cycle(self) -> None:
        self.registers = dict(RESET)
        for card in self.cards:
            card.leave_field()

    def _message(self, message: bytes) -> bytes:
        if not self.powered:
            return bytes(len(message))
        if message[0] & 0x80:  # each byte asks for the register whose value the next one brings
            return b"\0" + bytes(self._read(asked >> 1 & 0x3F) for asked in message[:-1])
        register = message[0] >> 1
        for value in message[1:]:
            self._write(register, value)
        return bytes(len(message))

    def _read(self, register: int) -> int:
        if register == 0x09:
            return self.fifo.pop(0) if self.fifo else 0
        if register == 0x0A:
            return len(self.fifo)
        return self.registers.get(register, 0)

    def _write(self, register: int, value: int) -> None:
        if register == 0x09:
            self.fifo.append(value)
        elif register == 0x0A and value & 0x80:
            self.fifo.clear()
        elif register == 0x04:
            self.registers[4] = self.registers.get(4, 0) & ~value if not value & 0x80 else value & 0x7F
        elif register == 0x01 and value == 0x0F:
            self.power_cycle()
        else:
            self.registers[register] = value
        if register == 0x0D and value & 0x80 and self.registers.get(1) == 0x0C:
            self._transceive(value & 7, value >> 4 & 7)

    def _transceive(self, last_bits: int, align: int) -> None:
        sent, self.fifo[:] = bytes(self.fifo), b""
        self.registers[6] = 0
        antenna = self.registers[0x14] & 3 == 3
        answers = [bits for card in self.cards if antenna and (bits := card.hears(sent, last_bits)) is not None]
        if not answers:
            self.registers[4] = self.registers.get(4, 0) | 0x01
            return
        self.fifo += bytes_of(self._on_air(answers, align), align)
        self.registers[4] = self.registers.get(4, 0) | 0x30

    def _on_air(self, answers: list[Bits], align: int) -> Bits:
        first = answers[0]
        for at, bits in enumerate(zip(*answers, strict=False)):
            if len(set(bits)) > 1:
                self.registers[6] = 0x08
                self.registers[0x0E] = (align + at + 1) % 32
                return first[:at] + [0] * (len(first) - at)
        return first
