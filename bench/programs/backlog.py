"""Puts facts into a journal as a station would that has no line.

    python -m bench.programs.backlog FILE COUNT    that many facts of ended sessions, all owed
    python -m bench.programs.backlog FILE day      a day of charging, a sample every 10 s, each told and answered

The second prints how many bytes were written, by the kernel's count of this process's write calls: all that SQLite
writes, whatever file system or cache lies below.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

from chargepoint.core.facts import (
    ChargingState,
    Fact,
    Quantity,
    Record,
    Sample,
    StopReason,
    Token,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
    Trigger,
)
from chargepoint.store.journal import Journal

BOOT = "bench"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
TOKEN = Token("BENCH01", "ISO14443")
SAMPLE_EVERY_S = 10
SAMPLES_A_SESSION = 3
BATCH = 500  # facts in one commit, to be done soon
DAY_S = 86_400
SESSIONS_A_DAY = 8
WH_A_SECOND = 11_040 / 3600  # 16 A on three phases


def main() -> None:
    path, what = Path(sys.argv[1]), sys.argv[2]
    asyncio.run(_day(path) if what == "day" else _fill(path, int(what)))


async def _fill(path: Path, wanted: int) -> None:
    journal = Journal.open(path, boot=BOOT, inline=True)
    batch: list[Record] = []
    for number, record in zip(range(wanted), _sessions(SAMPLES_A_SESSION), strict=False):
        batch.append(record)
        if len(batch) == BATCH or number == wanted - 1:
            await journal.append(batch)
            batch = []
    await journal.close()


async def _day(path: Path) -> None:
    journal = Journal.open(path, boot=BOOT, inline=True)
    samples = DAY_S // SAMPLE_EVERY_S
    before = _written_bytes()
    facts = _sessions(samples // SESSIONS_A_DAY)
    for _ in range(samples + 2 * SESSIONS_A_DAY):
        (record,) = await journal.append([next(facts)])
        await _tell(journal, record)
    await journal.close()
    print(_written_bytes() - before)


async def _tell(journal: Journal, record: Record) -> None:
    """As the outbox does, with a CSMS that answers at once."""
    message_id = str(uuid4())
    text = json.dumps([2, message_id, "TransactionEvent", {"padding": "x" * 600}])  # what such a message takes
    await journal.freeze(record.id, message_id, "ocpp2.0.1", "TransactionEvent", text)
    await journal.attempts(record.id, 1)
    await journal.deliver(record.id)


def _sessions(samples: int) -> Iterator[Record]:
    """One session after the other, without end, its sample every 10 s."""
    seconds = count(0, SAMPLE_EVERY_S)
    while True:
        name = str(uuid4())
        begin_s = next(seconds)
        yield _record(_start(name, begin_s), begin_s)
        for seq_no in range(1, samples + 1):
            now_s = next(seconds)
            yield _record(_update(name, seq_no, now_s), now_s)
        end_s = next(seconds)
        yield _record(_end(name, samples + 1, begin_s, end_s), end_s)


def _record(fact: Fact, now_s: int) -> Record:
    return Record(fact, BEGAN + timedelta(seconds=now_s), float(now_s), BOOT)


def _start(name: str, now_s: int) -> Fact:
    return TransactionStarted(
        1, name, f"session-{name}", 0, Trigger.AUTHORIZED, ChargingState.CHARGING, TOKEN, now_s * WH_A_SECOND,
        (_sample("Transaction.Begin", now_s),),
    )  # fmt: skip


def _update(name: str, seq_no: int, now_s: int) -> Fact:
    sample = _sample("Sample.Periodic", now_s)
    return TransactionUpdated(1, name, seq_no, Trigger.METER_VALUE_PERIODIC, ChargingState.CHARGING, None, (sample,))


def _end(name: str, seq_no: int, begin_s: int, end_s: int) -> Fact:
    return TransactionEnded(
        1, name, f"session-{name}", seq_no, Trigger.STOP_AUTHORIZED, ChargingState.EV_CONNECTED, StopReason.LOCAL,
        TOKEN, end_s * WH_A_SECOND, (_sample("Transaction.Begin", begin_s), _sample("Transaction.End", end_s)),
        BEGAN + timedelta(seconds=begin_s), (end_s - begin_s) * WH_A_SECOND,
    )  # fmt: skip


def _sample(context: str, now_s: int) -> Sample:
    """What a three-phase meter shows: register, power, three currents, three voltages."""
    whole = (
        Quantity("Energy.Active.Import.Register", round(now_s * WH_A_SECOND, 1), "Wh"),
        Quantity("Power.Active.Import", 11_040.0 + now_s % 7, "W"),
    )
    phases = [
        Quantity(name, value + now_s % 5 / 10, unit, f"L{phase}")
        for name, value, unit in (("Current.Import", 16.0, "A"), ("Voltage", 230.0, "V"))
        for phase in (1, 2, 3)
    ]
    return Sample(BEGAN + timedelta(seconds=now_s), context, (*whole, *phases))


def _written_bytes() -> int:
    """Bytes of this process's write calls so far."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("wchar"))


if __name__ == "__main__":
    main()
