"""Sends logs where the back office wants them: diagnostics (what happened here) and the security log.

One upload at a time; a new one takes the place of the one that runs (2.0.1 N01.FR.12, .20).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from chargepoint.core.facts import LogStatusChanged
from chargepoint.core.maintenance import Kind, Upload
from chargepoint.desk import Desk
from chargepoint.transfer import Refused, TransferFailed, Trust

log = logging.getLogger(__name__)

TRIES, PAUSE_S = 3, 60.0
"""Where the back office leaves the choice to us."""

Gather = Callable[[Kind, datetime | None, datetime | None], Awaitable[str]]
Send = Callable[[Path, str, Trust], Awaitable[None]]


@dataclass(slots=True)
class Uploader:
    """Carries out uploads; its `status` answers who asks."""

    desk: Desk
    gather: Gather
    send: Send
    trust: Trust
    folder: Path
    name: str  # of the station, for file names
    status: str = "Idle"
    request_id: int | None = None
    _asked: asyncio.Queue[tuple[Upload, str]] = field(default_factory=asyncio.Queue)
    _work: asyncio.Task[None] | None = None

    def request(self, upload: Upload) -> tuple[bool, str]:
        """Begin it: whether another one had to go for it, and the name of the file that will come."""
        replaces = self._work is not None and not self._work.done()
        if replaces and self._work is not None:
            self._work.cancel()
        kind = "security" if upload.kind == "SecurityLog" else "diagnostics"
        filename = f"{self.name}-{kind}-{self.desk.clock.now().at.astimezone(UTC):%Y%m%dT%H%M%SZ}.log"
        self._asked.put_nowait((upload, filename))
        return replaces, filename

    async def run(self) -> None:
        """Never returns."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                upload, filename = await self._asked.get()
                if self._work is not None:
                    await asyncio.wait([self._work])
                self._work = tasks.create_task(self._carry_out(upload, filename), name="log upload")

    async def _carry_out(self, upload: Upload, filename: str) -> None:
        self.request_id = upload.request_id
        file = self.folder / filename
        try:
            text = await self.gather(upload.kind, upload.oldest, upload.latest)
            _write(file, text)
            self._tell("Uploading")
            self._tell(await self._upload(upload, file))
        except asyncio.CancelledError:
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
        tries = TRIES if upload.retries is None else upload.retries + 1
        for left in reversed(range(tries)):
            try:
                await self.send(file, upload.url, self.trust)
                return "Uploaded"
            except Refused as refusal:
                log.warning("log upload: %s", refusal)
                break
            except TransferFailed as failure:
                log.warning("log upload: %s%s", failure, "" if left else "; given up")
            if left:
                await asyncio.sleep(PAUSE_S if upload.retry_interval_s is None else upload.retry_interval_s)
        return "UploadFailure"

    def _tell(self, status: str) -> None:
        self.status = status
        fact = LogStatusChanged(0, status, self.request_id)
        self.desk.act(lambda station, now: station.around.emit(fact))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
