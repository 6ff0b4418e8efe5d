"""A simulated slave at the far end of a real pty or a real socket."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.hw.modbus_slave import Slave


class PtyLine:
    """A serial port `path` whose other end is `slave`; it can be unplugged and plugged in again."""

    def __init__(self, path: Path, slave: Slave) -> None:
        self.path, self.slave = path, slave
        self._ours = self._kept = -1

    def plug(self) -> None:
        self._ours, self._kept = pty.openpty()  # a port that nobody has open would hang up at our end
        tty.setraw(self._kept)
        os.set_blocking(self._ours, False)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(self._kept))
        asyncio.get_running_loop().add_reader(self._ours, self._heard)

    def unplug(self) -> None:
        if self._ours >= 0:
            asyncio.get_running_loop().remove_reader(self._ours)
            os.close(self._ours)
            os.close(self._kept)
            self.path.unlink(missing_ok=True)
            self._ours = -1

    def say(self, data: bytes) -> None:
        os.write(self._ours, data)

    def _heard(self) -> None:
        for answer in self.slave.heard(os.read(self._ours, 1024)):
            self.say(answer)


@asynccontextmanager
async def on_a_pty(folder: Path, slave: Slave) -> AsyncIterator[PtyLine]:
    line = PtyLine(folder / "ttyUSB0", slave)
    line.plug()
    try:
        yield line
    finally:
        line.unplug()


@asynccontextmanager
async def on_a_socket(slave: Slave, *, rtu: bool = False) -> AsyncIterator[int]:
    """Yields the port on which the slave listens."""
    writers = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while data := await reader.read(1024):
            for answer in slave.heard(data) if rtu else slave.heard_tcp(data):
                writer.write(answer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for writer in writers:
            writer.close()
