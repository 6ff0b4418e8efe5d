"""How the program itself is: processor, memory, loop, storage. Looked at only when somebody asks."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

LOOK_S = 1.0
"""How often the event loop's punctuality is tried, while somebody asks for it."""

KEPT = 60
"""Tries that count: the worst of the last minute."""

ASKED_S = 300.0
"""Nobody has asked for so long: nobody watches, and the loop is left alone."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """None where this system does not tell."""

    cpu_s: float | None = None
    resident_bytes: int | None = None
    virtual_bytes: int | None = None
    open_files: int | None = None
    most_files: int | None = None
    started_at_s: float | None = None  # seconds since 1970, by the system's clock
    written_bytes: int | None = None  # to the storage, by this process
    loop_delay_s: float = 0.0
    store_bytes: int | None = None
    store_commits: int = 0
    free_bytes: int | None = None  # where the state lives


@dataclass(slots=True)
class Punctuality:
    """How late the event loop is, at worst, in the last minute; costs nothing while nobody asks."""

    _late_s: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _asked_s: float = 0.0
    _due_s: float = 0.0
    _timer: asyncio.TimerHandle | None = None

    def worst_s(self) -> float:
        loop = asyncio.get_running_loop()
        self._asked_s = loop.time()
        if self._timer is None:
            self._wait(loop)
        return max(self._late_s, default=0.0)

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due_s = loop.time() + LOOK_S
        self._timer = loop.call_at(self._due_s, self._look)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._late_s.append(max(0.0, loop.time() - self._due_s))
        self._timer = None
        if loop.time() - self._asked_s < ASKED_S:
            self._wait(loop)
        else:
            self._late_s.clear()


def look(database: Path, commits: int, loop_delay_s: float) -> Vitals:
    """This process and its storage, now."""
    stat, io = _process_stat(), _pairs("/proc/self/io")
    return Vitals(
        cpu_s=stat.get("cpu_s"),
        resident_bytes=_whole(stat.get("resident_bytes")),
        virtual_bytes=_whole(stat.get("virtual_bytes")),
        open_files=_open_files(),
        most_files=_most_files(),
        started_at_s=stat.get("started_at_s"),
        written_bytes=io.get("write_bytes"),
        loop_delay_s=loop_delay_s,
        store_bytes=_sizes(database),
        store_commits=commits,
        free_bytes=_free(database.parent),
    )


def _process_stat() -> dict[str, float]:
    """proc(5), stat: fields after the program's name, which may hold anything."""
    try:
        fields = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
        return {
            "cpu_s": (int(fields[11]) + int(fields[12])) / ticks,
            "started_at_s": _booted_at_s() + int(fields[19]) / ticks,
            "virtual_bytes": int(fields[20]),
            "resident_bytes": int(fields[21]) * page,
        }
    except (OSError, ValueError, IndexError):
        return {}


def _booted_at_s() -> float:
    """Not from /proc/stat, which a service may not see (systemd's ProcSubset=pid)."""
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)


def _pairs(path: str) -> dict[str, int]:
    try:
        lines = Path(path).read_text(encoding="ascii").splitlines()
        return {name: int(value) for name, _, value in (line.partition(": ") for line in lines)}
    except (OSError, ValueError):
        return {}


def _open_files() -> int | None:
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return None


def _most_files() -> int | None:
    import resource  # only who is asked pays for it

    try:
        return int(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    except (OSError, ValueError):  # a service may not be let ask
        return None


def _sizes(database: Path) -> int | None:
    """The database and its write-ahead log."""
    try:
        return sum(path.stat().st_size for path in (database, Path(f"{database}-wal")) if path.exists())
    except OSError:
        return None


def _free(folder: Path) -> int | None:
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
