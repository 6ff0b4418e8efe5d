"""The journal as a queue: in order, once each, and nothing is lost between two lives of the program."""

from datetime import timedelta
from pathlib import Path

from chargepoint.core.facts import FaultRaised, LogStatusChanged, Record, SecurityEvent, Token
from chargepoint.store.journal import SETTLE_COUNT, Journal
from tests.store.given import BOOT, CARD, NOON, charging, ended, idle_sample, record, started, suspended


def ids(records: list[Record]) -> list[int]:
    return [found.id for found in records]


async def put(journal: Journal, *records: Record) -> list[int]:
    return ids(await journal.append(records))


async def life_after(journal: Journal, path: Path, **options: object) -> Journal:
    """The next life of the program."""
    await journal.close()
    return Journal.open(path, boot=BOOT, inline=True, **options)  # type: ignore[arg-type]


async def test_facts_come_back_in_order_and_whole(journal: Journal) -> None:
    facts = [started("a"), charging("a", 1), suspended("a", 2), charging("a", 3), ended("a", 4)]

    appended = await journal.append([record(fact, 10.0 * place) for place, fact in enumerate(facts)])

    assert journal.undelivered() == appended
    assert [found.fact for found in appended] == facts
    assert ids(journal.undelivered(2)) == ids(appended)[:2]
    assert journal.undelivered_count() == 5


async def test_a_fact_nobody_is_owed_passes_through_unstored(journal: Journal) -> None:
    fault = record(FaultRaised(1, "earth_leakage", "critical", "Call an electrician."))

    assert await journal.append([fault]) == [fault]
    assert (journal.undelivered(), journal.undelivered_count()) == ([], 0)


async def test_a_delivered_fact_is_gone_from_the_queue_at_once(journal: Journal) -> None:
    first, second, third = await put(journal, record(started("a")), record(charging("a", 1)), record(ended("a")))

    await journal.deliver(first)
    assert ids(journal.undelivered()) == [second, third]
    await journal.deliver(second)
    assert ids(journal.undelivered()) == [third]
    await journal.deliver(third)

    assert (journal.undelivered(), journal.undelivered_count()) == ([], 0)


async def test_delivering_twice_counts_once(journal: Journal) -> None:
    start, sample, _ = await put(journal, record(started("a")), record(charging("a", 1)), record(suspended("a", 2)))

    for number in (start, sample, start, sample, 4711):
        await journal.deliver(number)

    assert journal.undelivered_count() == 1


async def test_what_is_owed_survives_the_program(journal: Journal, path: Path) -> None:
    numbers = await put(journal, record(started("a")), record(charging("a", 1)), record(ended("a")))
    await journal.deliver(numbers[0])

    later = await life_after(journal, path)

    assert ids(later.undelivered()) == numbers[1:]
    assert later.undelivered_count() == 2
    assert await put(later, record(started("b"))) == [numbers[-1] + 1]
    await later.close()


async def test_deliveries_of_samples_are_written_with_the_next_commit(journal: Journal, path: Path) -> None:
    _, sample = await put(journal, record(started("a")), record(idle_sample()))
    await journal.deliver(sample)
    await put(journal, record(suspended("a", 1)))

    stored = Journal.open(path, boot=BOOT, inline=True)  # as if the first had been killed here

    assert sample not in ids(stored.undelivered())
    await stored.close()


async def test_many_deliveries_of_samples_do_not_wait_for_another_commit(journal: Journal, path: Path) -> None:
    numbers = await put(journal, *(record(idle_sample()) for _ in range(SETTLE_COUNT)))
    for number in numbers:
        await journal.deliver(number)

    stored = Journal.open(path, boot=BOOT, inline=True)

    assert stored.undelivered_count() == 0
    await stored.close()


async def test_a_message_is_repeated_to_the_letter_in_the_next_life(journal: Journal, path: Path) -> None:
    start, sample = await put(journal, record(started("a")), record(charging("a", 1)))
    for number in (start, sample):
        await journal.freeze(number, f"message-{number}", "ocpp1.6", "StartTransaction", '{"connectorId": 1}')
        await journal.attempts(number, 2)

    later = await life_after(journal, path)

    for number in (start, sample):
        frozen = later.frozen(number)
        assert frozen is not None
        assert (frozen.message_id, frozen.subprotocol) == (f"message-{number}", "ocpp1.6")
        assert (frozen.action, frozen.text, frozen.attempts) == ("StartTransaction", '{"connectorId": 1}', 2)
    await later.close()


async def test_every_id_ever_used_leads_to_the_fact_until_it_is_settled(journal: Journal) -> None:
    for number in await put(journal, record(started("a")), record(charging("a", 1))):
        await journal.freeze(number, "first", "ocpp1.6", "X", "{}")
        await journal.attempts(number, 3)
        await journal.freeze(number, "second", "ocpp2.0.1", "Y", "[]")

        for message in ("first", "second"):
            found = journal.record_of_message(message)
            assert found is not None
            assert found.id == number
        frozen = journal.frozen(number)
        assert frozen is not None
        assert (frozen.message_id, frozen.attempts) == ("second", 3)

        await journal.deliver(number)
        assert journal.record_of_message("first") is None
        assert journal.frozen(number) is None


async def test_what_is_settled_is_not_frozen_again(journal: Journal) -> None:
    """Its number may be used again in the next life: a message must not be found under it then."""
    for number in await put(journal, record(started("a")), record(idle_sample()), record(suspended("a", 1))):
        await journal.deliver(number)
        await journal.freeze(number, f"late {number}", "ocpp1.6", "X", "{}")
        await journal.attempts(number, 2)

    assert journal.frozen(1) is None
    assert journal.database.read("SELECT * FROM frozen") == journal.database.read("SELECT * FROM messages") == []


async def test_the_number_of_the_csms_is_remembered(journal: Journal, path: Path) -> None:
    await put(journal, record(started("a")))
    assert journal.csms_id("a") is None

    journal.learn_csms_id("a", 4711)
    later = await life_after(journal, path)

    assert later.csms_id("a") == 4711
    assert later.csms_id("never heard of") is None
    await later.close()


async def test_an_open_transaction_is_recovered_with_its_last_sequence_number(journal: Journal, path: Path) -> None:
    await put(journal, record(started("over")), record(ended("over")))
    numbers = await put(journal, record(started("a")), record(suspended("a", 1)))
    for seq_no in range(2, 30):
        numbers += await put(journal, record(charging("a", seq_no), seq_no))
    for number in numbers:
        await journal.deliver(number)

    later = await life_after(journal, path)

    (records,) = later.open_transactions()
    assert [found.fact for found in records] == [started("a"), suspended("a", 1), charging("a", 29)]
    await later.close()


async def test_samples_still_owed_are_part_of_the_recovery(journal: Journal, path: Path) -> None:
    await put(journal, record(started("a")), *(record(charging("a", n), n) for n in range(1, 5)))

    later = await life_after(journal, path)

    assert [[found.fact.seq_no for found in one] for one in later.open_transactions()] == [[0, 1, 2, 3, 4]]  # type: ignore[attr-defined]
    await later.close()


async def test_nothing_of_a_transaction_stays_in_the_queue_when_its_end_is_delivered(
    journal: Journal, path: Path
) -> None:
    for number in await put(
        journal, record(started("a")), record(charging("a", 1)), record(suspended("a", 2)), record(ended("a"))
    ):
        await journal.deliver(number)

    later = await life_after(journal, path)

    assert later.open_transactions() == []
    assert later.database.read("SELECT count(*) FROM facts") == [(0,)]
    assert later.database.read("SELECT count(*) FROM samples") == [(0,)]
    await later.close()


async def test_after_a_power_cut_sequence_numbers_that_may_have_been_used_are_skipped(
    journal: Journal, path: Path
) -> None:
    await put(journal, record(started("a")), record(charging("a", 1)))
    assert journal.samples_possibly_lost("a") == 0
    await journal.close()

    later = Journal.open(path, boot="another boot", inline=True)

    assert later.samples_possibly_lost("a") > 0
    await later.close()


async def test_an_end_without_its_start_is_still_owed(journal: Journal) -> None:
    """The file was damaged and moved aside in mid-session."""
    numbers = await put(journal, record(charging("lost", 7)), record(ended("lost", 8)))

    assert ids(journal.undelivered()) == numbers
    for number in numbers:
        await journal.deliver(number)
    assert journal.undelivered() == []


async def test_business_is_open_while_a_transaction_runs_or_a_fact_waits(journal: Journal) -> None:
    assert not journal.open_business
    (start,) = await put(journal, record(started("a")))
    await journal.deliver(start)
    assert journal.open_business
    (end,) = await put(journal, record(ended("a")))
    assert journal.open_business
    await journal.deliver(end)
    assert not journal.open_business


async def test_security_events_are_no_open_business(journal: Journal) -> None:
    event, other = await put(
        journal, record(SecurityEvent(0, "ResetOrReboot")), record(LogStatusChanged(0, "Uploaded"))
    )
    assert journal.open_business
    await journal.deliver(other)
    assert not journal.open_business
    assert ids(journal.undelivered()) == [event]


async def test_without_a_csms_nothing_is_owed_and_sessions_are_recovered_all_the_same(path: Path) -> None:
    journal = Journal.open(path, boot=BOOT, inline=True, has_csms=False)
    await put(journal, record(idle_sample()), record(started("a")), record(charging("a", 1)), record(charging("a", 2)))
    assert (journal.undelivered(), journal.undelivered_count()) == ([], 0)

    later = await life_after(journal, path, has_csms=False)

    assert [[found.fact for found in one] for one in later.open_transactions()] == [[started("a"), charging("a", 2)]]
    await put(later, record(ended("a", 3)))
    (session,) = later.sessions(10)
    assert (session["energy_wh"], session["delivered"]) == (3500.0, None)
    assert later.database.read("SELECT count(*) FROM facts") == [(0,)]
    assert later.database.read("SELECT count(*) FROM samples") == [(0,)]
    await later.close()


async def test_sessions_tell_what_a_driver_asks_for_newest_first(journal: Journal) -> None:
    await put(
        journal, record(started("a")), record(ended("a"), 3600.0), record(started("b", evse=2, token=None), 5000.0)
    )
    await put(journal, record(suspended("b", 1, CARD), 5010.0), record(suspended("b", 2, Token("another")), 5020.0))
    await journal.deliver(journal.undelivered()[0].id)
    await journal.deliver(journal.undelivered()[0].id)

    newest, oldest = journal.sessions(10)

    assert (newest["id"], newest["evse"], newest["token"], newest["ended_at"]) == ("b", 2, CARD, None)
    assert oldest == {
        "id": "a",
        "evse": 1,
        "csms_id": None,
        "token": CARD,
        "started_at": NOON,
        "ended_at": NOON + timedelta(hours=1),
        "clock": "right",
        "energy_wh": 3500.0,
        "begin_wh": 1000.0,
        "end_wh": 4500.0,
        "reason": "EVDisconnected",
        "cost": None,
        "cost_final": False,
        "signed": False,
        "delivered": True,
    }
    assert journal.sessions(1, offset=1) == [oldest]


async def test_history_is_forgotten_after_a_year_unless_it_is_owed(journal: Journal) -> None:
    for number in await put(journal, record(started("paid")), record(ended("paid"))):
        await journal.deliver(number)
    await put(journal, record(started("owed")), record(ended("owed")), record(started("running")))

    assert await journal.prune(NOON + timedelta(days=365)) == 0
    assert await journal.prune(NOON + timedelta(days=370)) == 1

    assert [session["id"] for session in journal.sessions(10)] == ["running", "owed"]
    assert await put(journal, record(ended("running")))  # its boot is still known


async def test_only_periodic_samples_may_be_lost_or_thinned(journal: Journal) -> None:
    await put(journal, record(suspended("a", 1)), record(charging("a", 2)), record(idle_sample()), record(ended("a")))

    assert journal.database.read("SELECT kind FROM facts ORDER BY id") == [
        ("TransactionUpdated",),
        ("TransactionEnded",),
    ]
    assert journal.database.read("SELECT count(*) FROM samples") == [(2,)]
