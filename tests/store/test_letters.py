"""What the standard tells us to give up is kept for people, and what depends on it goes with it."""

from pathlib import Path

from chargepoint.store.journal import Journal
from tests.store.given import BOOT, charging, ended, idle_sample, record, started, suspended


async def test_a_buried_sample_is_a_dead_letter_and_the_queue_moves_on(journal: Journal) -> None:
    start, sample, after = await journal.append(
        [record(started("a")), record(charging("a", 1)), record(suspended("a", 2))]
    )
    await journal.freeze(sample.id, "m-1", "ocpp1.6", "MeterValues", '{"meterValue": []}')

    assert await journal.bury(sample.id, "refused 5 times: FormatViolation") == [sample.id]

    assert journal.undelivered() == [start, after]
    assert journal.undelivered_count() == 2
    (letter,) = journal.dead_letters()
    assert (letter.record, letter.why) == (sample, "refused 5 times: FormatViolation")
    assert (letter.message_id, letter.action, letter.text) == ("m-1", "MeterValues", '{"meterValue": []}')
    assert journal.record_of_message("m-1") is None


async def test_with_a_start_goes_everything_of_its_transaction(journal: Journal) -> None:
    others = await journal.append([record(started("b", evse=2)), record(idle_sample())])
    mine = await journal.append([record(started("a")), record(charging("a", 1)), record(suspended("a", 2))])
    more = await journal.append([record(charging("b", 1, evse=2))])

    assert await journal.bury(mine[0].id, "no") == [found.id for found in mine]

    assert journal.undelivered() == others + more
    assert {letter.record for letter in journal.dead_letters()} == set(mine)


async def test_what_happens_later_in_a_buried_transaction_is_not_owed_and_its_bill_is_not_lost(
    journal: Journal, path: Path
) -> None:
    (start,) = await journal.append([record(started("a"))])
    await journal.bury(start.id, "no")
    await journal.append([record(charging("a", 1))])
    await journal.close()
    later = Journal.open(path, boot=BOOT, inline=True)
    await later.append([record(charging("a", 2)), record(suspended("a", 3))])

    assert later.undelivered_count() == 0
    ((*kept,),) = later.open_transactions()
    assert [found.fact for found in kept] == [started("a"), charging("a", 2), suspended("a", 3)]

    (end,) = await later.append([record(ended("a", 4))])

    assert (later.undelivered(), later.open_business) == ([], False)
    assert later.dead_letters()[0].record == end
    assert later.sessions(1)[0]["delivered"] is False
    assert later.database.read("SELECT (SELECT count(*) FROM facts), (SELECT count(*) FROM samples)") == [(0, 0)]
    await later.close()


async def test_a_buried_end_is_not_a_delivered_bill(journal: Journal) -> None:
    start, end = await journal.append([record(started("a")), record(ended("a"))])
    await journal.deliver(start.id)
    await journal.bury(end.id, "no")

    assert journal.sessions(1)[0]["delivered"] is False


async def test_what_is_settled_cannot_be_buried(journal: Journal) -> None:
    start, sample = await journal.append([record(started("a")), record(charging("a", 1))])
    for number in (start.id, sample.id):
        await journal.deliver(number)

    assert await journal.bury(start.id, "too late") == []
    assert await journal.bury(sample.id, "too late") == []
    assert await journal.bury(4711, "never was") == []
    assert journal.dead_letters() == []


async def test_dead_letters_survive_the_program(journal: Journal, path: Path) -> None:
    (sample,) = await journal.append([record(idle_sample())])
    await journal.bury(sample.id, "no")
    await journal.close()

    later = Journal.open(path, boot=BOOT, inline=True)

    assert [letter.record for letter in later.dead_letters()] == [sample]
    assert later.undelivered_count() == 0
    await later.close()
