"""A simulated Iskra WM3M4C: keeps its record, signs it for real, loses time and identification with its supply."""

from __future__ import annotations

import asyncio
import json
import struct
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.hw.meter_families import FAMILIES, text
from tests.hw.modbus_slave import Unit


@dataclass
class Iskra:
    """The meter; `unit` is its side of the bus."""

    unit: Unit = field(default_factory=next(each for each in FAMILIES if each.model == "iskra-wm3m4c").unit)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    slow_s: float = 0.0  # from a command to its signature
    refuses: int = 0  # a status from 128 on that it answers commands with
    readings: list[dict[str, object]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.unit.holding.update(dict.fromkeys(range(7000, 8300), 0))
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.put(8124, point[1:])
        self.unit.on_write = self.written

    def put(self, at: int, data: bytes) -> None:
        padded = data + b"\0" * (len(data) % 2)
        self.unit.holding.update(enumerate(struct.unpack(f">{len(padded) // 2}H", padded), at))

    def get(self, at: int, length: int) -> bytes:
        words = [self.unit.holding[at + step] for step in range((length + 1) // 2)]
        return struct.pack(f">{len(words)}H", *words)[:length]

    def written(self, at: int, values: list[int]) -> None:
        if at != 7051:
            return
        letter = chr(values[0] >> 8)
        self.commands.append(letter)
        if self.refuses or self.unit.holding[7071] != 2:  # 128: the time is not set
            self.unit.holding[7052] = self.refuses or 128
            return
        if letter == "B":
            self.readings, self.unit.holding[7000] = [], 1
        else:
            self.unit.holding[7000] = 0
        what = "B" if letter == "B" else "E"
        if self.slow_s:
            asyncio.get_running_loop().call_later(self.slow_s, self._sign, what)
        else:
            self._sign(what)

    def lose_power(self) -> None:
        self.unit.holding[7000] = 2
        self.unit.holding.update(dict.fromkeys([7052, 7056, 7071], 0))

    def _sign(self, what: str) -> None:
        self.readings.append({"TX": what, "RV": 12345.6, "RU": "kWh", "ST": "G"})
        document = json.loads(self.get(7100, self.unit.holding[7056])) | {"MV": "Iskra", "RD": self.readings}
        data = json.dumps(document, separators=(",", ":")).encode()
        signature = self.key.sign(data, ec.ECDSA(hashes.SHA256()))
        self.put(7612, data)
        self.put(8188, signature)
        self.unit.holding.update({7057: len(data), 7058: len(signature), 7052: 15})

    def rename(self, serial: str) -> None:
        self.unit.input.update(enumerate(text(serial, 4), 9))
