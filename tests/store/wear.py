"""How much the journal writes on the storage card, and how quickly it drains: measured, for the tests and the bench."""

import asyncio
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from chargepoint.store.journal import Journal
from tests.store.given import BOOT, charging, ended, record, started

SAMPLE_EVERY_S = 10.0
DAY_S = 86_400.0
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Wear:
    """Of a day of charging with a three-phase sample of eight values every 10 s, each delivered at once."""

    written_mb: float  # what the kernel was given to write, in whole pages, each commit's part counted (write_bytes)
    cpu_ms: float  # of one sample: append, freeze and deliver


async def measure_write_amplification(folder: Path | None = None, hours: float = 2.0) -> Wear:
    """Play some hours of charging through a journal in `folder` (on a disk: tmpfs counts nothing) and extrapolate."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        journal = Journal.open(Path(place) / "chargepoint.db", boot=BOOT, inline=True)
        (start,) = await journal.append([record(started("0b9c4a9e-7c86-4ef0-bd4f-2c8b3f1c1f7a"))])
        await journal.deliver(start.id)
        count = int(hours * 3600 / SAMPLE_EVERY_S)
        before, cpu_s = written_bytes(), time.process_time()
        for number in range(1, count + 1):
            await _sample(journal, number)
        written, cpu_s = written_bytes() - before, time.process_time() - cpu_s
        await journal.append([record(ended("0b9c4a9e-7c86-4ef0-bd4f-2c8b3f1c1f7a"))])
        await journal.close()
    share_of_day = count * SAMPLE_EVERY_S / DAY_S
    return Wear(written / MEGABYTE / share_of_day, cpu_s / count * 1000)


async def _sample(journal: Journal, number: int) -> None:
    fact = charging("0b9c4a9e-7c86-4ef0-bd4f-2c8b3f1c1f7a", number)
    (sample,) = await journal.append([record(fact, number * SAMPLE_EVERY_S)])
    await journal.freeze(sample.id, f"message {number}", "ocpp1.6", "MeterValues", "x" * 900)
    await journal.deliver(sample.id)


async def measure_draining(folder: Path | None = None, count: int = 100_000) -> float:
    """Facts a second that leave a long queue, one at a time as the outbox takes them."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        journal = Journal.open(Path(place) / "chargepoint.db", boot=BOOT, inline=True)
        await fill(journal, count)
        began_s = time.perf_counter()
        while owed := journal.undelivered(1):
            await journal.freeze(owed[0].id, f"message {owed[0].id}", "ocpp1.6", "MeterValues", "x" * 900)
            await journal.deliver(owed[0].id)
        rate = count / (time.perf_counter() - began_s)
        await journal.close()
    return rate


async def fill(journal: Journal, count: int, per_session: int = 50) -> None:
    """Sessions without a line: a start, samples and an end each."""
    for first in range(0, count, per_session):
        name = f"session {first}"
        facts = [started(name), *(charging(name, n) for n in range(1, per_session - 1)), ended(name, per_session - 1)]
        await journal.append([record(fact, first + place) for place, fact in enumerate(facts[: count - first])])


def written_bytes() -> int:
    """Bytes that this process caused to be written to storage so far (Linux, proc(5))."""
    for line in Path("/proc/self/io").read_text().splitlines():
        name, _, value = line.partition(": ")
        if name == "write_bytes":
            return int(value)
    raise OSError("/proc/self/io tells no write_bytes")


if __name__ == "__main__":
    here = Path(os.environ.get("FOLDER", "/tmp"))
    print(asyncio.run(measure_write_amplification(here)))
    print(f"{asyncio.run(measure_draining(here)):.0f} facts/s")
