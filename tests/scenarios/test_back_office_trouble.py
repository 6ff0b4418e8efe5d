"""The line is cut, the back office is mute, late or stubborn: cars charge on, and every bill arrives once."""

import asyncio
from itertools import pairwise

import pytest

from chargepoint.core.facts import Status
from tests.scenarios.conftest import MakeWorld
from tests.world import World


def stop_action(w: World) -> str:
    return "StopTransaction" if w.version == "1.6" else "TransactionEvent"


def retries(w: World, seconds: int, attempts: int = 3) -> None:
    w.given("TransactionMessageAttempts", str(attempts))
    w.given("TransactionMessageRetryInterval", str(seconds))


async def test_a_session_spent_offline_is_billed_after_reconnect(world: MakeWorld) -> None:
    async with world() as w:
        w.given_local_list("04A1B2C3")
        w.link.cut()
        await w.wait(2)
        await w.charge("04A1B2C3", hours=1)
        await w.unplug()
        assert w.bills() == []
        w.link.restore()
        await w.wait(minutes=15)
        [bill] = w.bills()
        assert bill.token == "04A1B2C3"
        assert bill.energy_wh == pytest.approx(11040, rel=0.01)
        assert w.csms.boots() == 1
        if w.version == "2.0.1":
            assert all(event["offline"] for event in w.said("TransactionEvent"))


async def test_a_line_lost_before_the_session_and_back_in_it(world: MakeWorld) -> None:
    async with world() as w:
        w.given_local_list("CARD1")
        w.link.cut()
        await w.charge("CARD1", minutes=5)
        w.link.restore()
        await w.wait(minutes=15)
        assert len(w.csms.open_transactions()) == 1
        assert w.closed()
        await w.card("CARD1")
        await w.wait(5)
        assert len(w.bills()) == 1


async def test_a_line_lost_during_the_session_and_back_in_it(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=2)
        w.link.cut()
        await w.wait(minutes=20)
        assert (w.closed(), w.permit_a()) == (True, 16.0)
        w.link.restore()
        await w.wait(minutes=15)
        assert w.csms.boots() == 1
        await w.unplug()
        [bill] = w.bills()
        assert bill.energy_wh == pytest.approx(w.register_wh() - 1000.7, abs=1)


async def test_a_line_lost_until_after_the_session(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=2)
        w.link.cut()
        await w.wait(minutes=2)
        await w.unplug()
        assert w.bills() == []
        w.link.restore()
        await w.wait(minutes=15)
        assert len(w.bills()) == 1


async def test_an_unknown_card_offline_is_refused_unless_the_settings_say_otherwise(world: MakeWorld) -> None:
    async with world() as w:
        w.link.cut()
        await w.plug()
        await w.card("STRANGER")
        await w.wait(15)
        assert not w.closed()
        w.given("AllowOfflineTxForUnknownId", "true")
        await w.card("STRANGER")
        await w.until(w.closed)


async def test_an_unknown_card_let_in_offline_is_stopped_when_the_back_office_refuses_it(world: MakeWorld) -> None:
    async with world() as w:
        w.given("AllowOfflineTxForUnknownId", "true")
        w.csms.tokens["STOLEN"] = "Blocked"
        w.link.cut()
        await w.charge("STOLEN", minutes=1)
        assert w.closed()
        w.link.restore()
        await w.wait(minutes=15)
        assert not w.closed()
        [bill] = w.bills()
        assert bill.reason == "DeAuthorized"


async def test_a_back_office_that_accepts_and_then_never_answers(world: MakeWorld) -> None:
    async with world() as w:
        w.given_local_list("CARD1")
        retries(w, 10)
        w.csms.mute |= {"Authorize", "StartTransaction", "StopTransaction", "TransactionEvent", "MeterValues"}
        await w.plug()
        await w.card("CARD1")
        await w.wait(20)
        assert w.closed()  # by the offline rules, after 10 s
        await w.wait(minutes=10)
        await w.unplug()
        await w.wait(minutes=20)
        assert w.status() is Status.AVAILABLE
        assert w.journal.sessions(1)[0]["energy_wh"] > 1000
        assert w.journal.undelivered_count() + len(w.journal.dead_letters()) > 0  # nothing is gone


async def test_an_answer_after_the_time_out_settles_the_message(world: MakeWorld) -> None:
    async with world() as w:
        w.given("MessageTimeout", "10")
        start = "StartTransaction" if w.version == "1.6" else "TransactionEvent"
        w.csms.later[start] = 15.0
        await w.plug()
        await w.card("CARD1")
        await w.wait(40)
        w.csms.later.clear()
        await w.wait(minutes=5)
        await w.unplug()
        await w.wait(minutes=10)
        assert w.csms.transactions() == 1
        assert len(w.bills()) == 1
        if w.version == "1.6":
            assert len(w.said("StartTransaction")) == 1


async def test_a_late_authorization_counts(world: MakeWorld) -> None:
    async with world() as w:
        w.csms.later["Authorize"] = 14.0
        await w.plug()
        await w.card("CARD1")
        await w.wait(9)
        assert not w.closed()  # refused for now: nobody knows the card
        await w.wait(8)
        assert w.closed()


async def test_a_back_office_that_refuses_every_stop(world: MakeWorld) -> None:
    async with world() as w:
        retries(w, 10)
        await w.charge("CARD1", minutes=1)
        w.csms.refuse[stop_action(w)] = "InternalError"
        await w.unplug()
        await w.wait(minutes=5)
        letters = w.journal.dead_letters()
        assert letters
        assert w.journal.undelivered_count() == 0
        w.csms.refuse.clear()
        await w.charge("CARD2", minutes=1)
        await w.unplug()
        await w.wait(5)
        assert "CARD2" in [bill.token for bill in w.bills()]  # the queue has moved on


async def test_retries_wait_longer_each_time_and_repeat_the_same_bytes(world: MakeWorld) -> None:
    async with world() as w:
        retries(w, 10)
        await w.charge("CARD1", minutes=1)
        action = stop_action(w)
        w.csms.refuse[action] = "InternalError"
        before = len(w.csms.csms.all(action))
        await w.unplug()
        await w.wait(minutes=5)
        tries = w.csms.csms.all(action)[before:]
        tries = [told for told in tries if told.payload == tries[-1].payload]
        assert [round(later.at_s - earlier.at_s) for earlier, later in pairwise(tries)] == [10, 20]


async def test_a_link_that_swallows_everything_is_noticed(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        w.link.go_half_open(noticed_after_s=30)
        await w.wait(minutes=2)
        await w.unplug()
        await w.wait(minutes=10)
        assert len(w.bills()) == 1
        assert w.csms.boots() == 1


async def test_pending_sends_nothing_and_accepted_later_everything(world: MakeWorld) -> None:
    def pending(w: World) -> None:
        w.csms.boot_status, w.csms.interval_s = "Pending", 20

    async with world(before=pending) as w:
        assert w.said("StatusNotification") == []
        w.csms.boot_status = "Accepted"
        await w.wait(30)
        assert "Available" in w.csms.statuses()


async def test_rejected_is_silent_until_the_interval_is_over(world: MakeWorld) -> None:
    def rejected(w: World) -> None:
        w.csms.boot_status, w.csms.interval_s = "Rejected", 100

    async with world(before=rejected) as w:
        assert w.csms.boots() == 1
        await w.wait(85)
        assert w.csms.boots() == 1
        await w.wait(20)
        assert w.csms.boots() == 2
        assert w.said("StatusNotification") == []


async def test_only_what_changed_is_reported_after_a_short_outage_and_everything_after_a_long_one(
    world: MakeWorld,
) -> None:
    async with world(evses=2) as w:
        before = len(w.said("StatusNotification"))
        w.link.drop()
        await w.wait(60)
        assert len(w.said("StatusNotification")) == before
        w.link.cut()
        await w.wait(minutes=30)
        w.link.restore()
        await w.wait(minutes=15)
        due = 3 if w.version == "1.6" else 2
        assert len(w.said("StatusNotification")) == before + due


async def test_hours_without_a_line_never_end_the_attempts(world: MakeWorld) -> None:
    async with world() as w:
        w.link.cut()
        await w.wait(hours=3)
        assert 20 < len(w.link.attempts) < 80  # patient, and never silent for ever
        w.link.restore()
        await w.wait(minutes=12)
        assert w.daemon.built.station.online
        await asyncio.sleep(0)
