"""Sends logs where the back office wants them: diagnostics (what happened here) and the security log.

One upload at a time; a new one takes the place of the one that runs (2.0.1 N01.FR.12, .20).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from chargepoint.core.facts import LogStatusChanged, Record
from chargepoint.core.maintenance import Kind, Upload
from chargepoint.desk import Desk
from chargepoint.tasks.patience import try_often
from chargepoint.transfer import NotAllowed, Refused, TransferFailed, Trust, read_address

log = logging.getLogger(__name__)

Gather = Callable[[Kind, datetime | None, datetime | None, Path], Awaitable[None]]
Send = Callable[[Path, str, Trust], Awaitable[None]]

SPACE, KEY = "uploads", "begun"
FINAL = frozenset({"Uploaded", "UploadFailure", "PermissionDenied", "AcceptedCanceled"})


class Memory(Protocol):
    def get(self, space: str, key: str, /) -> Any: ...
    def put(self, space: str, key: str, value: Any, /) -> None: ...


@dataclass(slots=True)
class Uploader:
    """Carries out uploads; its `status` answers who asks."""

    desk: Desk
    memory: Memory
    gather: Gather
    send: Send
    trust: Trust
    folder: Path
    name: str  # of the station, for file names
    status: str = "Idle"
    request_id: int | None = None
    _next: tuple[Upload, str] | None = None
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _work: asyncio.Task[None] | None = None

    def request(self, upload: Upload) -> tuple[bool, str]:
        """Begin it: whether another one had to go for it, and the name of the file that will come."""
        replaces = self._next is not None or (self._work is not None and not self._work.done())
        self._next = upload, self._filename(upload)
        if self._work is not None:
            self._work.cancel()
        self._woken.set()
        return replaces, self._next[1]

    def takes(self, url: str) -> bool:
        """Is that an address to which a file may go at all?"""
        try:
            read_address(url, self.trust)
        except Refused as error:
            log.warning("a log is refused for its address: %s", error)
            return False
        return True

    def started(self) -> None:
        """The program runs: an upload that the last run had begun will not come any more."""
        begun = self.memory.get(SPACE, KEY)
        if begun is not None:
            self._emit(LogStatusChanged(0, "UploadFailure", begun["request_id"]))

    def heard(self, record: Record) -> None:
        """A status of ours is recorded."""
        if isinstance(record.fact, LogStatusChanged):
            begun = {"request_id": record.fact.request_id}
            self.memory.put(SPACE, KEY, None if record.fact.status in FINAL else begun)

    async def run(self) -> None:
        """Never returns."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._woken.wait()
                self._woken.clear()
                if self._work is not None:
                    await asyncio.wait([self._work])
                if self._next is not None:
                    (upload, filename), self._next = self._next, None
                    self._work = tasks.create_task(self._carry_out(upload, filename), name="log upload")

    async def _carry_out(self, upload: Upload, filename: str) -> None:
        self.request_id = upload.request_id
        file = self.folder / filename
        try:
            self._tell("Uploading")
            await self.gather(upload.kind, upload.oldest, upload.latest, file)
            self._tell(await self._upload(upload, file))
        except asyncio.CancelledError:
            if self._next is not None:
                self._tell("AcceptedCanceled")
            raise
        except OSError as error:  # a full disk costs the upload and nothing else
            log.error("log upload: %s", error)
            self._tell("UploadFailure")
        finally:
            self.status = "Idle"
            with suppress(OSError):  # what cannot be removed is overwritten by one of the same second, or stays
                file.unlink(missing_ok=True)

    async def _upload(self, upload: Upload, file: Path) -> str:
        """The status that says how it has ended."""
        try:
            await try_often(
                "log upload", lambda: self.send(file, upload.url, self.trust), upload.retries, upload.retry_interval_s
            )
        except NotAllowed:
            return "PermissionDenied"
        except TransferFailed:
            return "UploadFailure"
        return "Uploaded"

    def _filename(self, upload: Upload) -> str:
        """No path: a serial number may hold anything."""
        kind = "security" if upload.kind == "SecurityLog" else "diagnostics"
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", self.name).lstrip(".")[:100]
        return f"{name}-{kind}-{self.desk.clock.now().at.astimezone(UTC):%Y%m%dT%H%M%SZ}.log"

    def _tell(self, status: str) -> None:
        self.status = status
        self._emit(LogStatusChanged(0, status, self.request_id))

    def _emit(self, fact: LogStatusChanged) -> None:
        self.desk.act(lambda station, now: station.around.emit(fact))
