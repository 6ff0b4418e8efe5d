"""What happened lately, for whoever asks from afar: the last log lines, and the log of security events."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

from chargepoint.core.facts import Record, SecurityEvent, SecurityNoted
from chargepoint.core.maintenance import Kind

LINES_KEPT = 2_000
EVENTS_KEPT = 500


class Memory(Protocol):
    def get(self, space: str, key: str, /) -> Any: ...
    def put(self, space: str, key: str, value: Any, /) -> None: ...


class RecentLines(logging.Handler):
    """The last log lines of this run, with their times."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(levelname)-7s %(name)s: %(message)s"))
        self.lines: deque[tuple[float, str]] = deque(maxlen=LINES_KEPT)

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
        self.lines.append((record.created, self.format(record)))


class Logbook:
    """Puts together what is sent. `lines` are those of this run; security events survive it."""

    def __init__(self, memory: Memory, lines: RecentLines, head: str) -> None:
        """`head`: what stands on top of diagnostics, the nameplate."""
        self._memory, self._lines, self._head = memory, lines, head

    def heard(self, record: Record) -> None:
        """A fact: security events are kept, the oldest go (security whitepaper, A04.FR.03)."""
        if not isinstance(record.fact, SecurityEvent | SecurityNoted):
            return
        kept = self._memory.get("security", "log") or []
        kept.append([record.at.timestamp(), record.fact.event, record.fact.info])
        self._memory.put("security", "log", kept[-EVENTS_KEPT:])

    async def gather(self, kind: Kind, oldest: datetime | None, latest: datetime | None) -> str:
        """The log between two times, a line each."""
        lines = self._security() if kind == "SecurityLog" else list(self._lines.lines)
        wanted = [f"{_time(at_s)} {text}" for at_s, text in lines if _within(at_s, oldest, latest)]
        head = [] if kind == "SecurityLog" else [self._head]
        return "\n".join([*head, *wanted, ""])

    def _security(self) -> list[tuple[float, str]]:
        kept = self._memory.get("security", "log") or []
        return [(at_s, f"{event}{f': {info}' if info else ''}") for at_s, event, info in kept]


def _within(at_s: float, oldest: datetime | None, latest: datetime | None) -> bool:
    return (oldest is None or at_s >= oldest.timestamp()) and (latest is None or at_s <= latest.timestamp())


def _time(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
