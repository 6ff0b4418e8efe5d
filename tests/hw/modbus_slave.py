"""A Modbus slave written from the standard, with the habits of real ones: silent, noisy, half, doubled, misnumbered."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Registers = dict[int, int]

FUNCTIONS = {3: "holding", 4: "input"}


def crc16(data: bytes) -> bytes:
    """Modbus over serial line 1.02, 6.2.2: polynomial A001, low byte first."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


def framed(body: bytes) -> bytes:
    return body + crc16(body)


@dataclass
class Unit:
    """One device: its registers by kind, and how it behaves. A register that is not there is exception 2."""

    holding: Registers = field(default_factory=dict)
    input: Registers = field(default_factory=dict)
    most: int = 125  # registers in one answer; more is exception 3
    silent: bool = False
    garble: Callable[[bytes], bytes] = lambda frame: frame  # what becomes of each frame it sends
    written: list[tuple[int, list[int]]] = field(default_factory=list)
    on_write: Callable[[int, list[int]], None] = lambda address, values: None

    def answer(self, pdu: bytes) -> bytes:
        function = pdu[0]
        if function in FUNCTIONS:
            address, count = struct.unpack(">HH", pdu[1:5])
            return self._read(function, address, count)
        if function == 16:
            address, count = struct.unpack(">HH", pdu[1:5])
            return self._write(address, list(struct.unpack(f">{count}H", pdu[6 : 6 + 2 * count])))
        return bytes([function | 0x80, 1])

    def _read(self, function: int, address: int, count: int) -> bytes:
        registers: Registers = getattr(self, FUNCTIONS[function])
        if count > self.most:
            return bytes([function | 0x80, 3])
        wanted = range(address, address + count)
        if not all(each in registers for each in wanted):
            return bytes([function | 0x80, 2])
        return bytes([function, 2 * count]) + struct.pack(f">{count}H", *(registers[each] for each in wanted))

    def _write(self, address: int, values: list[int]) -> bytes:
        self.written.append((address, values))
        self.holding.update(enumerate(values, address))
        self.on_write(address, values)
        return struct.pack(">BHH", 16, address, len(values))


@dataclass
class Slave:
    """The devices of one line."""

    units: dict[int, Unit] = field(default_factory=dict)
    requests: list[bytes] = field(default_factory=list)  # as they came, checksum included
    _buffer: bytes = b""

    def heard(self, data: bytes) -> Iterator[bytes]:
        """RTU: what comes over the line; yields what goes back."""
        self._buffer += data
        while (size := self._size()) and len(self._buffer) >= size:
            frame, self._buffer = self._buffer[:size], self._buffer[size:]
            self.requests.append(frame)
            if framed(frame[:-2]) == frame and (sent := self._answer(frame[0], frame[1:-2])) is not None:
                yield self.units[frame[0]].garble(framed(bytes([frame[0]]) + sent))

    def heard_tcp(self, data: bytes) -> Iterator[bytes]:
        """Modbus TCP: the same with the header of the application protocol (1.1b3, section 4.1)."""
        self._buffer += data
        while len(self._buffer) >= 7 and len(self._buffer) >= (size := 6 + struct.unpack(">H", self._buffer[4:6])[0]):
            frame, self._buffer = self._buffer[:size], self._buffer[size:]
            unit = frame[6]
            if (sent := self._answer(unit, frame[7:])) is not None:
                head = frame[:4] + struct.pack(">HB", len(sent) + 1, unit)
                yield self.units[unit].garble(head + sent)

    def _answer(self, unit: int, pdu: bytes) -> bytes | None:
        device = self.units.get(unit)
        return None if device is None or device.silent else device.answer(pdu)

    def _size(self) -> int:
        """Of the request at the front; 0 while that cannot be told."""
        if len(self._buffer) < 8:
            return 0
        return 9 + self._buffer[6] if self._buffer[1] == 16 else 8
