"""Delivery: in order, once, with the same bytes, and never dropped in silence (timing notes, section 5)."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest

from chargepoint.core.catalogue import TRANSACTION_MESSAGE_ATTEMPTS
from chargepoint.core.facts import Token, TransactionStarted
from tests.ocpp import fakes
from tests.ocpp.scripted_csms import MUTE, CallError, accepted, registered
from tests.ocpp.talk import Talk, restarted, talk

BOTH = pytest.mark.parametrize("version", ["1.6", "2.0.1"])

BILLED = frozenset({"StartTransaction", "StopTransaction", "MeterValues"})


def number(payload: dict[str, Any]) -> dict[str, Any]:
    return {"transactionId": 77, "idTagInfo": {"status": "Accepted"}}


def bills(t: Talk) -> list[str]:
    return [action for action in t.csms.actions() if action in BILLED]


async def test_facts_are_delivered_in_order_and_the_number_is_learned_on_the_way() -> None:
    async with talk(answers={"StartTransaction": number}) as t:
        await t.accepted()
        for fact in (fakes.started(), fakes.sampled(), fakes.ended()):
            t.happens(fact)
        stop = await t.csms.until("StopTransaction")
        await asyncio.sleep(1)
        assert bills(t) == ["StartTransaction", "MeterValues", "StopTransaction"]
        assert stop.payload["transactionId"] == 77
        assert t.journal.delivered == [1, 2, 3]


async def test_what_happened_while_the_clock_was_wrong_is_told_with_its_true_time() -> None:
    async with talk(answers={"StartTransaction": number}) as t:
        await t.accepted()
        t.journal.late = timedelta(hours=1)
        record = t.happens(fakes.started())
        start = await t.csms.until("StartTransaction")
        assert start.payload["timestamp"] == fakes.text(record.at + timedelta(hours=1))


async def test_a_message_over_which_the_link_is_lost_each_time_is_put_aside_in_the_end() -> None:
    async with talk(answers={"MeterValues": lambda payload: MUTE}) as t:
        await t.accepted()
        t.conversation.services.settings.change(TRANSACTION_MESSAGE_ATTEMPTS, "1", "csms")
        t.happens(fakes.sampled())
        for _ in range(3):
            await t.csms.until("MeterValues", len(t.csms.all("MeterValues")) + 1)
            t.link.drop()
        await asyncio.sleep(60)
        assert list(t.journal.dead) == [1]


async def test_a_fact_for_which_a_version_has_no_word_is_settled_in_silence() -> None:
    async with talk() as t:
        await t.accepted()
        t.happens(fakes.updated())
        t.happens(fakes.sampled())
        await t.csms.until("MeterValues")
        await asyncio.sleep(1)
        assert bills(t) == ["MeterValues"]
        assert t.journal.delivered == [1, 2]


async def test_nothing_is_remembered_of_what_a_link_has_delivered() -> None:
    async with talk() as t:
        await t.accepted()
        for _ in range(20):
            t.happens(fakes.sampled())
        await t.csms.until("MeterValues", 20)
        await asyncio.sleep(1)
        assert t.conversation._outbox._used == set()


async def test_what_happened_offline_is_delivered_after_reconnect_and_marked_as_offline() -> None:
    async with talk(answers={"StartTransaction": number}) as t:
        await t.accepted()
        t.link.cut()
        await asyncio.sleep(60)
        for fact in (fakes.started(), fakes.sampled(), fakes.ended()):
            t.happens(fact)
        await asyncio.sleep(600)
        t.link.restore()
        start = await t.csms.until("StartTransaction")
        await t.csms.until("StopTransaction")
        assert start.payload["idTag"].endswith("-offline")
        assert bills(t) == ["StartTransaction", "MeterValues", "StopTransaction"]


async def test_what_is_still_queued_when_the_link_drops_is_marked_as_offline() -> None:
    async with talk(answers={"MeterValues": lambda payload: MUTE, "StartTransaction": number}) as t:
        await t.accepted()
        t.happens(fakes.sampled())
        t.happens(fakes.started())
        await t.csms.until("MeterValues")
        t.link.drop()
        t.csms.answers["MeterValues"] = lambda payload: {}
        assert (await t.csms.until("StartTransaction")).payload["idTag"].endswith("-offline")


async def test_what_happens_online_is_not_marked() -> None:
    async with talk(answers={"StartTransaction": number}) as t:
        await t.accepted()
        await asyncio.sleep(1)
        t.happens(fakes.started())
        assert not (await t.csms.until("StartTransaction")).payload["idTag"].endswith("-offline")


@BOTH
async def test_a_refused_message_is_tried_again_with_growing_waits_and_then_put_aside(version: str) -> None:
    def refuse(payload: object) -> object:
        raise CallError("InternalError")

    async with talk(version, answers={"MeterValues": refuse, "StartTransaction": number}) as t:
        await t.accepted()
        t.happens(fakes.sampled())
        t.happens(fakes.started())
        await t.csms.until("StartTransaction")
        tries = t.csms.all("MeterValues")
        waits = [round(b.at_s - a.at_s) for a, b in itertools.pairwise(tries)]
        assert waits == [60, 120, 180, 240]
        assert len({str(each.payload) for each in tries}) == 1
        assert len({each.id for each in tries}) == (5 if version == "1.6" else 1)
        assert list(t.journal.dead) == [1]
        assert "InternalError" in t.journal.dead[1]


async def test_an_unanswered_message_is_tried_again_after_time_out_and_wait() -> None:
    async with talk(answers={"MeterValues": lambda payload: MUTE}) as t:
        await t.accepted()
        t.happens(fakes.sampled())
        await t.csms.until("MeterValues", 3)
        tries = [told.at_s for told in t.csms.all("MeterValues")]
        assert [round(tries[1] - tries[0]), round(tries[2] - tries[1])] == [30 + 60, 30 + 120]


async def test_an_answer_that_makes_no_sense_counts_as_a_failed_try() -> None:
    answers = iter([{"transactionId": "x", "idTagInfo": {"status": "Accepted"}}, {"idTagInfo": {"status": "Accepted"}}])
    async with talk(answers={"StartTransaction": lambda payload: next(answers, number(payload))}) as t:
        await t.accepted()
        t.happens(fakes.started())
        t.happens(fakes.ended())
        await t.csms.until("StopTransaction")
        assert len(t.csms.all("StartTransaction")) == 3


async def test_a_settler_that_finds_no_sense_in_an_answer_fails_the_try(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = 0

    async def settle(services: object, record: object, answer: dict[str, Any]) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise KeyError("status")

    monkeypatch.setitem(fakes.TINY_16.answers, "MeterValues", settle)  # type: ignore[arg-type]
    async with talk() as t:
        await t.accepted()
        t.happens(fakes.sampled())
        await t.csms.until("MeterValues", 3)
        await asyncio.sleep(1)
        assert t.journal.delivered == [1]
        assert t.journal.words[1].attempts == 2


async def test_not_being_accepted_any_more_is_no_try() -> None:
    async with talk(answers={"DataTransfer": lambda payload: MUTE}) as t:
        await t.csms.until("StatusNotification", 3)
        t.csms.answers["BootNotification"] = registered("Pending", 20)
        await t.csms.call("TriggerMessage", {"requestedMessage": "BootNotification"})
        t.happens(fakes.sampled())  # queued behind the boot, and refused by our own gate
        await asyncio.sleep(15)
        assert t.csms.actions()[-1] == "BootNotification"
        assert t.journal.words[1].attempts == 0
        t.csms.answers["BootNotification"] = accepted()
        await t.csms.until("MeterValues")


async def test_a_start_that_is_put_aside_takes_along_what_depends_on_it_and_the_queue_moves_on() -> None:
    def refuse(payload: object) -> object:
        raise CallError("InternalError")

    async with talk(answers={"StartTransaction": refuse}) as t:
        t.conversation.services.settings.change(TRANSACTION_MESSAGE_ATTEMPTS, "2", "csms")
        await t.accepted()
        for fact in (fakes.started(), fakes.ended(), fakes.sampled()):
            t.happens(fact)
        await t.csms.until("MeterValues")
        assert bills(t) == ["StartTransaction", "StartTransaction", "MeterValues"]
        assert list(t.journal.dead) == [1, 2]


async def test_an_end_whose_number_cannot_come_any_more_is_put_aside() -> None:
    async with talk() as t:
        await t.accepted()
        t.happens(fakes.ended("unknown"))
        t.happens(fakes.sampled())
        await t.csms.until("MeterValues")
        assert list(t.journal.dead) == [1]


async def test_a_fact_that_cannot_be_put_into_words_does_not_hold_up_the_others(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(services: object, record: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(fakes.TINY_16.reports, TransactionStarted, crash)  # type: ignore[arg-type]
    async with talk() as t:
        await t.accepted()
        t.happens(fakes.started())
        t.happens(fakes.sampled())
        await t.csms.until("MeterValues")
        assert list(t.journal.dead) == [1]
        assert "ZeroDivisionError" in caplog.text


@BOTH
async def test_a_late_answer_is_a_delivery_and_cancels_the_retry(version: str) -> None:
    async with talk(version, answers={"StartTransaction": lambda payload: MUTE}) as t:
        await t.accepted()
        t.happens(fakes.started())
        t.happens(fakes.ended())
        asked = await t.csms.until("StartTransaction")
        await asyncio.sleep(45)  # timed out, waiting for the retry
        await t.csms.send([3, asked.id, {"transactionId": 5, "idTagInfo": {"status": "Accepted"}}])
        stop = await t.csms.until("StopTransaction")
        assert stop.at_s - asked.at_s == pytest.approx(45, abs=0.1)  # at once: the wait is over
        await asyncio.sleep(300)
        assert stop.payload["transactionId"] == 5
        assert bills(t) == ["StartTransaction", "StopTransaction"]
        assert t.journal.delivered == [1, 2]


async def test_two_answers_to_one_start_count_once() -> None:
    async with talk(answers={"StartTransaction": lambda payload: MUTE}) as t:
        await t.accepted()
        t.happens(fakes.started())
        first = await t.csms.until("StartTransaction")
        second = await t.csms.until("StartTransaction", 2)
        for told, csms_id in ((first, 5), (second, 6)):
            await t.csms.send([3, told.id, {"transactionId": csms_id, "idTagInfo": {"status": "Accepted"}}])
        await asyncio.sleep(300)
        assert t.journal.numbers == {"tx": 5}
        assert t.journal.delivered == [1]
        assert len(t.csms.all("StartTransaction")) == 2


async def test_an_answer_after_a_restart_still_settles_its_fact() -> None:
    async with talk("2.0.1", answers={"StartTransaction": lambda payload: MUTE}) as t:
        await t.accepted()
        t.happens(fakes.started())
        first = await t.csms.until("StartTransaction")
    async with talk("2.0.1", memory=t.memory, services=restarted(t), answers={"StartTransaction": lambda p: MUTE}) as u:
        again = await u.csms.until("StartTransaction")
        assert (again.id, again.payload) == (first.id, first.payload)
        await asyncio.sleep(40)
        await u.csms.send([3, first.id, {"transactionId": 5, "idTagInfo": {"status": "Accepted"}}])
        await asyncio.sleep(100)
        assert u.journal.delivered == [1]
        assert len(u.csms.all("StartTransaction")) == 1


@BOTH
async def test_after_a_lost_link_the_stored_bytes_go_out_again_at_once(version: str) -> None:
    async with talk(version, answers={"MeterValues": lambda payload: MUTE}) as t:
        await t.accepted()
        t.happens(fakes.sampled())
        first = await t.csms.until("MeterValues")
        t.link.drop()
        again = await t.csms.until("MeterValues", 2)
        assert (again.id, again.payload) == (first.id, first.payload)  # the id is new to this connection
        assert t.journal.words[1].attempts == 0  # a lost link is no try


async def test_a_new_link_ends_the_wait_for_a_retry() -> None:
    def refuse(payload: object) -> object:
        raise CallError("InternalError")

    async with talk(answers={"MeterValues": refuse}) as t:
        await t.accepted()
        t.happens(fakes.sampled())
        await t.csms.until("MeterValues", 3)
        await asyncio.sleep(1)
        t.link.drop()
        fourth = await t.csms.until("MeterValues", 4)
        assert fourth.at_s - t.csms.all("MeterValues")[2].at_s == pytest.approx(11, abs=0.1)
        assert t.journal.words[1].attempts == 3


async def test_other_messages_go_out_while_a_retry_waits_and_new_facts_do_not() -> None:
    def refuse(payload: object) -> object:
        raise CallError("InternalError")

    async with talk(answers={"MeterValues": refuse}) as t:
        await t.accepted()
        t.happens(fakes.sampled())
        await t.csms.until("MeterValues")
        t.happens(fakes.started())
        t.conversation.say("DataTransfer", {"vendorId": "x"})
        await t.csms.until("DataTransfer")
        await asyncio.sleep(50)
        assert bills(t) == ["MeterValues"]


async def test_a_long_queue_drains_in_order_with_one_unanswered_at_a_time() -> None:
    async with talk() as t:
        t.link.up = False
        await asyncio.sleep(1)
        for _ in range(1000):
            t.happens(fakes.sampled())
        t.link.restore()
        await t.csms.until("MeterValues", 1000)
        await asyncio.sleep(1)
        assert t.journal.delivered == list(range(1, 1001))


async def test_a_card_shown_while_a_long_queue_drains_is_asked_about_next() -> None:
    async with talk(answers={"Authorize": lambda payload: {"idTagInfo": {"status": "Accepted"}}}) as t:
        t.link.up = False
        await asyncio.sleep(1)
        for _ in range(500):
            t.happens(fakes.sampled())
        t.link.restore()
        await t.csms.until("MeterValues", 100)
        before = len(t.csms.told)
        t.conversation.authorize(Token("04A1B2C3"), lambda verdict: None)
        await t.csms.until("Authorize")
        assert t.csms.actions().index("Authorize") - before <= 1


async def test_stations_do_not_all_start_to_drain_at_the_same_instant() -> None:
    async with talk(random=lambda: 0.5) as t:
        for _ in range(30):
            t.happens(fakes.sampled())
        await t.csms.until("MeterValues")
        boot = t.csms.all("BootNotification")[0]
        assert t.csms.all("MeterValues")[0].at_s - boot.at_s == pytest.approx(0.5, abs=0.01)


async def test_a_fact_frozen_in_another_version_is_put_into_new_words() -> None:
    async with talk("2.0.1", answers={"MeterValues": lambda payload: MUTE}) as t:
        await t.accepted()
        t.happens(fakes.sampled())
        first = await t.csms.until("MeterValues")
    async with talk("1.6", memory=t.memory, services=restarted(t)) as u:
        again = await u.csms.until("MeterValues")
        await asyncio.sleep(1)
        assert again.id != first.id
        assert u.journal.words[1].subprotocol == "ocpp1.6"


@pytest.mark.parametrize("when", ["freezing", "settling"])
async def test_while_the_journal_does_not_record_nothing_is_lost_and_the_link_lives(when: str) -> None:
    def answer(payload: object) -> object:
        t.journal.broken = when == "settling"
        return {}

    async with talk(answers={"MeterValues": answer}) as t:
        await t.accepted()
        t.journal.broken = when == "freezing"
        t.happens(fakes.sampled())
        await asyncio.sleep(25)
        assert t.journal.delivered == []
        when, t.journal.broken = "", False
        await asyncio.sleep(25)
        assert t.journal.delivered == [1]
        assert len(t.link.attempts) == 1


# --- what nothing waits for -------------------------------------------------------------------------------------------


@BOTH
async def test_a_back_office_that_knows_no_security_events_is_told_once_and_then_billed(version: str) -> None:
    def unheard_of(payload: object) -> object:
        raise CallError("NotImplemented")

    async with talk(version, answers={"SecurityEventNotification": unheard_of, "StartTransaction": number}) as t:
        await t.accepted()
        t.happens(fakes.noticed())
        t.happens(fakes.sampled())
        await t.csms.until("MeterValues")
        await asyncio.sleep(600)
        assert len(t.csms.all("SecurityEventNotification")) == 1
        assert t.journal.delivered == [1, 2]
        assert t.journal.dead == {}


async def test_a_security_event_that_is_not_taken_holds_up_no_bill_and_is_tried_again() -> None:
    answers = iter([MUTE, MUTE])
    async with talk(answers={"SecurityEventNotification": lambda payload: next(answers, {})}) as t:
        await t.accepted()
        t.happens(fakes.noticed())
        t.happens(fakes.sampled())
        metered = await t.csms.until("MeterValues")
        first, second, third = [await t.csms.until("SecurityEventNotification", count) for count in (1, 2, 3)]
        assert round(metered.at_s - first.at_s) == 30
        assert [round(second.at_s - first.at_s), round(third.at_s - second.at_s)] == [30 + 60, 30 + 120]
        await asyncio.sleep(1)
        assert t.journal.delivered == [2, 1]


async def test_a_security_event_that_nobody_takes_stays_owed() -> None:
    taking = asyncio.Event()

    def refuse(payload: object) -> object:
        if not taking.is_set():
            raise CallError("InternalError")
        return {}

    async with talk(answers={"SecurityEventNotification": refuse}) as t:
        await t.accepted()
        t.happens(fakes.noticed())
        await asyncio.sleep(24 * 3600)
        tries = t.csms.all("SecurityEventNotification")
        waits = [round(later.at_s - earlier.at_s) for earlier, later in itertools.pairwise(tries)]
        assert waits[:4] == [60, 120, 180, 240]
        assert max(waits) <= 3601
        assert t.journal.dead == {}
        taking.set()
        await asyncio.sleep(3601)
        assert t.journal.delivered == [1]


async def test_many_security_events_that_nobody_answers_hold_up_no_bill() -> None:
    async with talk(
        answers={"SecurityEventNotification": lambda payload: MUTE, "MeterValues": lambda payload: {}}
    ) as t:
        await t.accepted()
        for _ in range(150):
            t.happens(fakes.noticed())
        await asyncio.sleep(3600)
        t.link.drop()
        begun_s = asyncio.get_running_loop().time()
        t.happens(fakes.sampled())
        metered = await t.csms.until("MeterValues")
        assert metered.at_s - begun_s < 120
        t.happens(fakes.sampled())
        again = await t.csms.until("MeterValues", 2)
        assert again.at_s - metered.at_s <= 31  # no more than the one that was under way


async def test_a_new_link_tries_a_security_event_at_once() -> None:
    answers = iter([MUTE])
    async with talk(answers={"SecurityEventNotification": lambda payload: next(answers, {})}) as t:
        await t.accepted()
        t.happens(fakes.noticed())
        await t.csms.until("SecurityEventNotification")
        await asyncio.sleep(40)
        t.link.drop()
        await t.csms.until("SecurityEventNotification", 2)
        await asyncio.sleep(1)
        assert t.journal.delivered == [1]
