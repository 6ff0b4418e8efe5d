"""The budgets: what a day of samples writes on the storage card, and how a long queue drains."""

import tracemalloc
from pathlib import Path

from chargepoint.store.journal import Journal
from tests.store.given import BOOT
from tests.store.wear import fill, measure_write_amplification


async def test_a_sample_every_ten_seconds_writes_less_than_twenty_megabytes_a_day(tmp_path: Path) -> None:
    assert (await measure_write_amplification(tmp_path, hours=1.0)).written_mb < 20.0


async def test_a_long_queue_is_read_by_the_page_and_its_memory_stays_flat(journal: Journal) -> None:
    await fill(journal, 3000)
    tracemalloc.start()
    try:
        await _drain(journal, 500)
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        await _drain(journal, 2000)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak - before < 200_000
    assert after - before < 50_000  # the last times of 64 transactions are remembered
    assert journal.undelivered_count() == 500


async def _drain(journal: Journal, count: int) -> None:
    for _ in range(count):
        (owed,) = journal.undelivered(1)
        journal.corrected_time(owed)
        await journal.freeze(owed.id, f"message {owed.id}", "ocpp1.6", "MeterValues", "{}" * 400)
        await journal.deliver(owed.id)


async def test_what_has_drained_leaves_no_row_behind(path: Path) -> None:
    journal = Journal.open(path, boot=BOOT, inline=True)
    await fill(journal, 150)
    await _drain(journal, 150)
    await journal.close()

    again = Journal.open(path, boot=BOOT, inline=True)
    for table in ("facts", "samples", "frozen", "messages", "dead_letters"):
        assert again.database.read(f"SELECT count(*) FROM {table}") == [(0,)]
    await again.close()
