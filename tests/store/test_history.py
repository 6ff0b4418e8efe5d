"""What is kept of each session for a year: windows, costs, signed values, clocks that were wrong, older files."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chargepoint.core.facts import Sample, TransactionEnded
from chargepoint.store.journal import Journal
from tests.store.given import BOOT, NOON, VERSION_1, ended, record, restore_dump, started

BEGIN = Sample(NOON, "Transaction.Begin", (), "OCMF|begin|{}", "3059")
PERIODIC = Sample(NOON, "Sample.Periodic", (), "OCMF|between|{}")
END = Sample(NOON, "Transaction.End", (), "OCMF|end|{}", "3059")


async def a_session(journal: Journal, name: str, after: timedelta, end: TransactionEnded | None = None) -> None:
    after_s = after.total_seconds()
    await journal.append([record(started(name), after_s), record(end or ended(name), after_s + 3600.0)])


def names(journal: Journal, since: datetime | None, until: datetime | None, limit: int = 1000) -> list[str]:
    return [session["id"] for session in journal.sessions(limit, 0, since, until)]


async def test_a_session_belongs_to_the_window_in_which_it_began(journal: Journal) -> None:
    for day in range(3):
        await a_session(journal, f"day {day}", timedelta(days=day))
    assert names(journal, NOON + timedelta(days=1), None) == ["day 2", "day 1"]
    assert names(journal, None, NOON + timedelta(days=1)) == ["day 0"]
    assert names(journal, NOON + timedelta(days=1), NOON + timedelta(days=2)) == ["day 1"]


async def test_a_window_holds_more_than_is_read_at_once(journal: Journal) -> None:
    await journal.append([record(fact, n) for n in range(450) for fact in (started(f"{n}"), ended(f"{n}"))])
    assert len(names(journal, NOON + timedelta(seconds=10), None)) == 440
    assert names(journal, None, NOON + timedelta(seconds=240), limit=2) == ["239", "238"]


async def test_a_session_of_a_clock_in_1970_is_found_where_it_really_was(journal: Journal) -> None:
    wrong = datetime(1970, 1, 2, tzinfo=UTC)
    facts = [record(started("a"), trusted=False, at=wrong), record(ended("a"), 60.0, trusted=False, at=wrong)]
    await journal.append(facts)
    assert [(each["clock"], each["started_at"]) for each in journal.sessions(9)] == [("unknown", wrong)]
    await journal.note_clock(1000.0, NOON)
    (session,) = journal.sessions(9, 0, NOON, NOON + timedelta(seconds=1))
    assert (session["clock"], session["ended_at"]) == ("corrected", NOON + timedelta(seconds=60))


async def test_what_the_meter_signed_of_begin_and_end_is_kept(journal: Journal) -> None:
    await a_session(journal, "a", timedelta(), replace(ended("a"), samples=(BEGIN, PERIODIC, END)))
    await a_session(journal, "b", timedelta(hours=2))
    assert journal.signed_values("a") == {
        "Transaction.Begin": ("OCMF|begin|{}", "3059"),
        "Transaction.End": ("OCMF|end|{}", "3059"),
    }
    assert journal.signed_values("b") == {}
    assert [session["signed"] for session in journal.sessions(2)] == [False, True]


async def test_signed_values_go_with_their_session(path: Path) -> None:
    journal = Journal.open(path, boot=BOOT, inline=True, has_csms=False)
    await a_session(journal, "a", timedelta(), replace(ended("a"), samples=(END,)))
    assert await journal.prune(NOON + timedelta(days=365)) == 0
    assert await journal.prune(NOON + timedelta(days=400)) == 1
    assert journal.database.read("SELECT count(*) FROM signed_values") == [(0,)]
    await journal.close()


async def sessions_of_a_wrong_clock(journal: Journal, *names: str) -> None:
    wrong = datetime(1970, 1, 2, tzinfo=UTC)
    for name in names:
        facts = [record(started(name), boot=name, trusted=False, at=wrong)]
        await journal.append([*facts, record(ended(name), 60.0, boot=name, trusted=False, at=wrong)])


async def test_a_session_that_seems_to_be_of_1970_is_not_forgotten_for_that(path: Path) -> None:
    journal = Journal.open(path, boot=BOOT, inline=True, has_csms=False)
    await sessions_of_a_wrong_clock(journal, "put right", "unknown")
    await journal.note_clock(1000.0, NOON, boot="put right")
    assert await journal.prune(NOON + timedelta(days=365)) == 0
    assert await journal.prune(NOON + timedelta(days=367)) == 1
    assert names(journal, None, None) == ["unknown"]
    await journal.close()


async def test_a_session_whose_time_nobody_knows_goes_with_a_later_one(path: Path) -> None:
    journal = Journal.open(path, boot=BOOT, inline=True, has_csms=False)
    await sessions_of_a_wrong_clock(journal, "unknown")
    await a_session(journal, "right", timedelta())
    await sessions_of_a_wrong_clock(journal, "later")
    assert await journal.prune(NOON + timedelta(days=367)) == 2
    assert names(journal, None, None) == ["later"]
    await journal.close()


async def test_the_last_word_of_a_cost_stands(journal: Journal) -> None:
    await a_session(journal, "a", timedelta())
    journal.note_cost("a", "1.10 EUR", final=False)
    journal.note_cost("a", "1.20 EUR", final=True)
    journal.note_cost("a", "1.15 EUR", final=False)
    session = journal.session("a")
    assert session is not None
    assert (session["cost"], session["cost_final"]) == ("1.20 EUR", True)
    journal.note_cost("a", "1.00 EUR", final=True)  # a correction
    session = journal.session("a")
    assert session is not None
    assert session["cost"] == "1.00 EUR"
    assert journal.session("b") is None


async def test_a_file_of_the_first_version_goes_on_as_it_was(path: Path) -> None:
    """Delivered, owed (of a boot whose clock was put right) and running."""
    restore_dump(VERSION_1, path)
    journal = Journal.open(path, boot=BOOT, inline=True)
    assert journal.damaged is None
    told = [(s["id"], s["ended_at"] is not None, s["delivered"], s["clock"]) for s in journal.sessions(9)]
    assert told == [
        ("third", False, False, "right"),
        ("second", True, False, "corrected"),
        ("first", True, True, "right"),
    ]
    assert [len(records) for records in journal.open_transactions()] == [2]
    assert journal.undelivered_count() == 4
    await journal.append([record(replace(ended("third"), samples=(END,)), 7 * 3600.0)])
    assert journal.signed_values("third") == {"Transaction.End": ("OCMF|end|{}", "3059")}
    await journal.close()
