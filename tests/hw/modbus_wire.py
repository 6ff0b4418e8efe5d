"""A wire for virtual time: slaves in memory, asked by the standard's own bytes."""

from __future__ import annotations

import asyncio
import struct

from hw.modbus.wire import Broken, Denied, Garbled, Request
from tests.hw.modbus_slave import Slave

ANSWERING_S = 0.05


class SlaveWire:
    """What `PymodbusWire` is, with `slave` at the far end. A silent unit never answers."""

    def __init__(self, slave: Slave) -> None:
        self.slave = slave
        self.up = self.heard = self.unplugged = False
        self.asked: list[tuple[float, Request]] = []

    async def open(self) -> None:
        if self.unplugged:
            raise Broken("/dev/ttyUSB0 is not there", "Plug the adapter in.")
        self.up = True

    def close(self) -> None:
        self.up = False

    async def ask(self, request: Request) -> list[int]:
        self.asked.append((asyncio.get_running_loop().time(), request))
        if self.unplugged:
            self.up = False
            raise Broken("/dev/ttyUSB0 is not there", "Plug the adapter in.")
        unit = self.slave.units.get(request.unit)
        if unit is None or unit.silent:
            await asyncio.Event().wait()
        await asyncio.sleep(ANSWERING_S)
        if unit is None:
            return []
        return _words(unit.garble(unit.answer(_pdu(request))))


def _pdu(request: Request) -> bytes:
    if request.values:
        count = len(request.values)
        return struct.pack(f">BHHB{count}H", 16, request.address, count, 2 * count, *request.values)
    return struct.pack(">BHH", 4 if request.kind == "input" else 3, request.address, request.count)


def _words(answer: bytes) -> list[int]:
    if answer[0] & 0x80:
        raise Denied(answer[1])
    if answer[0] == 16:
        return []
    if len(answer) != 2 + answer[1]:
        raise Garbled("half an answer")
    return list(struct.unpack(f">{answer[1] // 2}H", answer[2:]))
