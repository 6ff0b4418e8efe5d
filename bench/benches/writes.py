"""What a day of charging writes to the storage card: a sample every 10 s, told to the CSMS and answered."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from bench.kit import Kit
from bench.results import Measured
from bench.stations import ROOT


async def measure(kit: Kit) -> list[Measured]:
    """One run: the count of bytes is the same every time."""
    with tempfile.TemporaryDirectory(prefix="chargepoint-bench-") as folder:
        day = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.programs.backlog", str(Path(folder) / "journal.db"), "day",
            cwd=ROOT, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told, _ = await day.communicate()
        return [Measured("writes", [int(told) / 1e6])]
