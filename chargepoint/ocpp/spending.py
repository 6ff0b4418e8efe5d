"""What a TCP connection has cost so far, asked of the kernel: with TLS, pings, acknowledgements and handshake.

Its own packets' heads are added as an estimate; what is sent twice is not in it.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

HEAD = 52
"""Bytes of IPv4 and TCP with time stamps in each packet; 20 more by IPv6."""

_COUNTED = struct.Struct("=QQII")
_AT = 120
"""In Linux's `struct tcp_info`: bytes_acked, bytes_received, segs_out, segs_in (Linux 4.2 and later)."""


class Spending:
    """`told` hears of bytes sent and received since it was told last."""

    def __init__(self, connection: Any, told: Callable[[int, int], None]) -> None:
        """`connection`: a socket, or what asyncio shows of one; None where there is none."""
        self._connection, self._told = connection, told
        self._sent = self._received = 0

    def look(self) -> None:
        """Where the connection is gone, there is nothing to be learnt any more."""
        if self._connection is None:
            return
        with suppress(OSError, struct.error):
            info = self._connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _AT + _COUNTED.size)
            out_bytes, in_bytes, out_packets, in_packets = _COUNTED.unpack_from(info, _AT)
            self._tell(out_bytes + out_packets * HEAD, in_bytes + in_packets * HEAD)

    def _tell(self, sent: int, received: int) -> None:
        self._told(sent - self._sent, received - self._received)
        self._sent, self._received = sent, received
