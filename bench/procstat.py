"""Memory and CPU of processes, from the kernel (Linux)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path


def private_mib(pid: int) -> float:
    """Memory that would be free if the process ended: its private pages, in MiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kib = sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
    return kib / 1024


def cpu_s(pid: int) -> float:
    """Seconds on CPU so far, all threads, those that have ended included."""
    # The kernel's id of another process's CPU clock: clock_getcpuclockid(3).
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e9


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def pin(pids: Iterable[int], cores: set[int]) -> None:
    """Bind every thread of these processes to these cores."""
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            os.sched_setaffinity(int(task), cores)
