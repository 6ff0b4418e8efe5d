"""A conversation with the simulated hardware's process: a Unix stream socket, one JSON object a line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from pathlib import Path
from typing import Any, Self

from hw.errors import DeviceLost, Refused

SOCKET = "mock.sock"
ANSWER_WITHIN_S = 2.0
OPEN_WITHIN_S = 3.0  # a process that was started together with us needs a moment
_FIX = "The simulated hardware runs as `python -m hw.mock`; `chargepoint run` starts it."


class Line:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, where: str) -> None:
        self._reader, self._writer, self._where = reader, writer, where
        self._turn = asyncio.Lock()

    @classmethod
    async def open(cls, state_dir: Path, where: str) -> Self:
        """Raises DeviceLost when nobody answers at the socket of `state_dir`."""
        deadline_s = asyncio.get_running_loop().time() + OPEN_WITHIN_S
        while True:
            try:
                return cls(*await _connected(state_dir), where)
            except OSError as error:
                if asyncio.get_running_loop().time() > deadline_s:
                    what = f"the simulated hardware does not answer ({error.strerror})"
                    raise DeviceLost(what, where=where, fix=_FIX) from None
                await asyncio.sleep(0.05)

    async def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer to one question.

        Raises:
            DeviceLost: no answer, or the simulated device is told to be dead.
            Refused: what was asked cannot be done now.
        """
        try:
            async with self._turn, asyncio.timeout(ANSWER_WITHIN_S):
                self._writer.write(json.dumps(question).encode() + b"\n")  # short: no need to wait until it is out
                answer = await self.hear()
        except asyncio.CancelledError:
            self._writer.close()  # the answer, when it comes, must not be taken for the next question's
            raise
        except TimeoutError:
            self._writer.close()
            raise DeviceLost("no answer in time", where=self._where, fix=_FIX) from None
        if "refused" in answer:
            raise Refused(answer["refused"])
        if "lost" in answer:
            raise DeviceLost(answer["lost"], where=self._where, fix="Mend it: `chargepoint sim fault`.")
        return answer

    async def hear(self) -> dict[str, Any]:
        """The next line that the other side says."""
        try:
            line = await self._reader.readline()
        except OSError as error:
            raise DeviceLost(f"the line broke ({error})", where=self._where, fix=_FIX) from None
        if not line:
            raise DeviceLost("the simulated hardware has gone", where=self._where, fix=_FIX)
        told: dict[str, Any] = json.loads(line)
        return told

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


async def _connected(state_dir: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """By way of an open folder, because a socket's path may have 107 bytes only and state directories may be deep."""
    folder = os.open(state_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return await asyncio.open_unix_connection(f"/proc/self/fd/{folder}/{SOCKET}")
    finally:
        os.close(folder)
