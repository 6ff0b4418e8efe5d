"""What happened lately, for whoever asks from afar: the log, and apart from it the log of security events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TextIO

from chargepoint.core.facts import Record, SecurityEvent, SecurityNoted
from chargepoint.core.maintenance import Kind
from chargepoint.logfields import unsaid
from chargepoint.store.ring import Aside, Ring


class Memory(Protocol):
    """The part of `store.memory.Memory` that is needed here."""

    def get(self, space: str, key: str, /) -> Any: ...
    def put(self, space: str, key: str, value: Any, /) -> None: ...


SECURITY_FILES, SECURITY_FILE_BYTES = 4, 65_536
"""Some two thousand events (security whitepaper, A04.FR.03)."""


class _WithFields(logging.Formatter):
    """A line, and what it is about where its words do not say so: that is what it can be found by later."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        words = super().formatMessage(record)
        return words + unsaid(record, words)


class KeptLines(logging.Handler):
    """Log lines into a ring. Warnings survive a power cut, the rest the death of the program."""

    def __init__(self, ring: Ring, now: Callable[[], datetime]) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(_WithFields("%(levelname)-7s %(name)s: %(message)s"))
        self._ring, self._now = ring, now

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear what is logged meanwhile."""
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._ring.append(self._now(), self.format(record))
        except Exception:  # a line that cannot be put together is told by logging itself, and costs nothing else
            self.handleError(record)
            return
        if record.levelno >= logging.WARNING:
            self._ring.sync_soon()


class Logbook:
    """Keeps both logs and puts together what is sent."""

    def __init__(self, folder: Path, now: Callable[[], datetime], storage: Aside) -> None:
        """`storage`: does what takes as long as the storage takes, where it keeps nobody waiting."""
        self.log = Ring(folder, "log", aside=storage)
        self.security = Ring(
            folder, "security", files=SECURITY_FILES, file_bytes=SECURITY_FILE_BYTES, aside=storage
        )  # fmt: skip
        self.lines = KeptLines(self.log, now)
        self.aside: Callable[[Callable[[], None]], object] = asyncio.to_thread  # for megabytes
        self.head: Callable[[], str] = str  # what stands on top of diagnostics

    def heard(self, record: Record) -> None:
        """A fact: security events are kept."""
        if isinstance(record.fact, SecurityEvent | SecurityNoted):
            info = f": {record.fact.info}" if record.fact.info else ""
            self.security.append(record.at, f"{record.fact.event}{info}")
            self.security.sync_soon()

    def is_gone(self, memory: Memory) -> bool:
        """Has somebody deleted the security log since the last run? To be asked once, at the start."""
        kept_before = memory.get("security", "kept")
        memory.put("security", "kept", True)
        return bool(kept_before) and not self.security.is_there

    async def gather(self, kind: Kind, oldest: datetime | None, latest: datetime | None, into: Path) -> None:
        """The log between two times, as a file. Raises OSError."""
        head, ring = ("", self.security) if kind == "SecurityLog" else (self.head(), self.log)

        def write() -> None:
            into.parent.mkdir(parents=True, exist_ok=True)
            with into.open("w", encoding="utf-8") as sink:
                _write(sink, head, ring, oldest, latest)

        await self.aside(write)  # type: ignore[misc]

    def close(self) -> None:
        self.log.close()
        self.security.close()


def _write(sink: TextIO, head: str, ring: Ring, oldest: datetime | None, latest: datetime | None) -> None:
    if head:
        sink.write(head.rstrip("\n") + "\n\n== Log ==\n")
    for at, line in ring.lines():
        if at is None or ((oldest is None or at >= oldest) and (latest is None or at <= latest)):
            sink.write(line + "\n")
