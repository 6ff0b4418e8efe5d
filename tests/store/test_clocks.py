"""A clock that was wrong is corrected when a fact is sent, and time never runs backwards within a transaction."""

from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chargepoint.core.facts import EPOCH, Fact, Record
from chargepoint.store.journal import Journal
from tests.store.given import BOOT, NOON, charging, ended, idle_sample, record, started


def in_1970(fact: Fact, after_s: float) -> Record:
    """Recorded before the clock was known, `after_s` after the machine's start (which was at NOON less 1000 s)."""
    return Record(fact, EPOCH + timedelta(seconds=after_s), after_s, BOOT, trusted=False)


async def test_facts_of_a_clock_that_starts_in_1970_get_their_true_time(journal: Journal) -> None:
    start, sample = await journal.append([in_1970(started("a"), 20.0), in_1970(charging("a", 1), 30.0)])
    assert journal.corrected_time(start).year == 1970

    await journal.note_clock(mono_s=1000.0, at=NOON)

    assert journal.corrected_time(start) == NOON - timedelta(seconds=980)
    assert journal.corrected_time(sample) == NOON - timedelta(seconds=970)


async def test_facts_of_a_clock_that_was_right_keep_their_time(journal: Journal) -> None:
    await journal.note_clock(mono_s=1000.0, at=NOON + timedelta(hours=3))
    (sample,) = await journal.append([record(idle_sample(), 5.0)])

    assert journal.corrected_time(sample) == NOON + timedelta(seconds=5)


async def test_facts_of_an_earlier_boot_are_corrected_with_that_boots_clock(journal: Journal, path: Path) -> None:
    await journal.append([in_1970(started("a"), 20.0)])
    await journal.note_clock(mono_s=1000.0, at=NOON)
    await journal.close()

    later = Journal.open(path, boot="another boot", inline=True)
    await later.note_clock(mono_s=77.0, at=NOON + timedelta(days=1))

    assert later.corrected_time(later.undelivered()[0]) == NOON - timedelta(seconds=980)
    assert later.sessions(1)[0]["started_at"] == NOON - timedelta(seconds=980)
    await later.close()


async def test_what_happened_before_a_power_cut_is_never_told_as_later(journal: Journal, path: Path) -> None:
    """The first boot's clock was ahead and nobody ever told the right time."""
    ahead = record(started("a"), trusted=False, at=NOON + timedelta(days=400))
    (start,) = await journal.append([ahead])
    await journal.deliver(start.id)
    await journal.close()

    later = Journal.open(path, boot="another boot", inline=True)
    sample, end = await later.append([record(charging("a", 1), boot="another boot"), record(ended("a"), 60.0)])

    assert later.corrected_time(end) == later.corrected_time(sample) == ahead.at
    await later.close()


async def test_asking_again_gives_the_same_answer(journal: Journal) -> None:
    records = await journal.append(
        [record(started("a"), 50.0), record(charging("a", 1), 40.0), record(ended("a"), 60.0)]
    )

    once = [journal.corrected_time(found) for found in records for _ in range(2)]

    seconds = [(at - NOON).total_seconds() for at in once]
    assert seconds == [50.0, 50.0, 50.0, 50.0, 60.0, 60.0]


async def test_a_time_that_was_only_looked_at_does_not_stand_in_the_way_of_its_correction(journal: Journal) -> None:
    (start,) = await journal.append([record(started("a"), trusted=False, at=NOON + timedelta(days=400))])
    assert journal.corrected_time(start) == NOON + timedelta(days=400)

    await journal.note_clock(mono_s=1000.0, at=NOON)

    assert journal.corrected_time(start) == NOON


async def test_a_note_that_agrees_with_the_last_is_not_written_again(journal: Journal) -> None:
    await journal.note_clock(1000.0, NOON)
    before = journal.database.read("SELECT * FROM boots")
    await journal.note_clock(2000.0, NOON + timedelta(seconds=1000.02))
    assert journal.database.read("SELECT * FROM boots") == before
    await journal.note_clock(3000.0, NOON + timedelta(seconds=2100))
    assert journal.database.read("SELECT * FROM boots") != before


@given(
    offsets_s=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=8),
    trusted=st.lists(st.booleans(), min_size=8, max_size=8),
    known_after=st.integers(0, 8),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_time_never_runs_backwards_within_a_transaction(
    journal: Journal, offsets_s: list[float], trusted: list[bool], known_after: int
) -> None:
    """Whatever the clock does, and whenever the right time becomes known."""
    name = str(journal.database.read("SELECT count(*) FROM transactions")[0][0])
    boot = f"boot {name}"
    records = [
        record(charging(name, number) if number else started(name), off_s, boot=boot, trusted=trusted[number])
        for number, off_s in enumerate(offsets_s)
    ]
    numbered = drive(journal.append(records))
    times = []
    for place, found in enumerate(numbered):
        if place == known_after:
            drive(journal.note_clock(0.0, NOON, boot))
        times.append(journal.corrected_time(found))
    assert times == sorted(times)


def drive(coroutine):  # type: ignore[no-untyped-def]
    """Inline, nothing ever waits."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waited")
