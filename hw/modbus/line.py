"""What a Modbus bus runs over: a serial port, or a host on the network."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

Parity = Literal["N", "E", "O"]

GAP_S = 0.01
"""Silence between two frames on RS-485: 3.5 characters (Modbus over serial line 1.02, 2.5.1.1), 16 ms at 2400 baud
and 4 ms at 9600; a little more lets the second half of a doubled answer pass by."""


@dataclass(frozen=True, slots=True)
class SerialLine:
    """RS-485 behind a serial port, Modbus RTU."""

    port: str
    baud: int = 9600
    parity: Parity = "N"
    stop_bits: int = 1

    def __str__(self) -> str:
        return self.port

    @property
    def key(self) -> str:
        """The same for every name of the same port."""
        return os.path.realpath(self.port)

    @property
    def settings(self) -> str:
        """As a meter's display shows them: "9600 8N1"."""
        return f"{self.baud} 8{self.parity}{self.stop_bits}"

    @property
    def tagged(self) -> bool:
        """Does an answer say which request it belongs to?"""
        return False

    @property
    def gap_s(self) -> float:
        return max(GAP_S, self.sending_s(4))

    def sending_s(self, characters: int) -> float:
        """How long so many bytes take on the wire."""
        return characters * 11 / self.baud


@dataclass(frozen=True, slots=True)
class TcpLine:
    """A device or gateway on the network: Modbus TCP, or RTU frames over TCP where `rtu`."""

    host: str
    port: int = 502
    rtu: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def key(self) -> str:
        return f"{self.host.lower()}:{self.port}"

    @property
    def settings(self) -> str:
        return "RTU over TCP" if self.rtu else "Modbus TCP"

    @property
    def tagged(self) -> bool:
        return not self.rtu

    @property
    def gap_s(self) -> float:
        return GAP_S if self.rtu else 0.0

    def sending_s(self, characters: int) -> float:
        """What a gateway needs for so many bytes on the slow side, which is seldom slower than 9600 baud."""
        return characters * 11 / 9600


Line = SerialLine | TcpLine
