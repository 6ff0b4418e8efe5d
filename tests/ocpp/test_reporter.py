"""StatusNotification: changes in their order, after an outage only what holds then."""

import asyncio

from chargepoint.core.catalogue import MINIMUM_STATUS_DURATION, OFFLINE_THRESHOLD
from chargepoint.core.facts import Status
from tests.ocpp import fakes
from tests.ocpp.scripted_csms import MUTE, CallError
from tests.ocpp.talk import Talk, talk


def told(t: Talk, since: int = 3) -> list[tuple[int, str]]:
    """What was said after the report of everything."""
    return [(each.payload["connectorId"], each.payload["status"]) for each in t.csms.all("StatusNotification")[since:]]


async def test_each_change_is_told_in_its_order_with_its_time() -> None:
    async with talk() as t:
        await t.csms.until("StatusNotification", 3)
        first = t.happens(fakes.status(1, Status.PREPARING))
        t.happens(fakes.status(2, Status.PREPARING))
        t.happens(fakes.status(1, Status.CHARGING))
        await t.csms.until("StatusNotification", 6)
        assert told(t) == [(1, "Preparing"), (2, "Preparing"), (1, "Charging")]
        assert t.csms.told[4].payload["timestamp"] == fakes.text(first.at)


async def test_an_evse_that_nobody_has_looked_at_is_told_when_somebody_has() -> None:
    async with talk() as t:
        t.station.evses[1].shown = None
        t.conversation.services.settings.change(MINIMUM_STATUS_DURATION, "5", "csms")
        await t.csms.until("StatusNotification", 2)
        await asyncio.sleep(10)
        assert told(t, since=0) == [(0, "Available"), (2, "Available")]
        t.happens(fakes.status(1, Status.PREPARING))
        await asyncio.sleep(1)
        assert told(t, since=2) == [(1, "Preparing")]


async def test_what_reads_the_same_is_not_told_twice() -> None:
    async with talk() as t:
        await t.csms.until("StatusNotification", 3)
        t.happens(fakes.status(1, Status.AVAILABLE))
        t.happens(fakes.status(1, Status.AVAILABLE, "Warning"))
        t.happens(fakes.status(1, Status.AVAILABLE, "AnotherWarning"))
        await asyncio.sleep(10)
        assert told(t) == [(1, "Available")]
        assert t.csms.told[-1].payload["errorCode"] == "OtherError"


async def test_a_status_must_last_as_long_as_configured_but_a_fault_need_not_wait() -> None:
    async with talk() as t:
        t.conversation.services.settings.change(MINIMUM_STATUS_DURATION, "5", "csms")
        await t.csms.until("StatusNotification", 3)
        t.happens(fakes.status(1, Status.PREPARING))
        await asyncio.sleep(4)
        t.happens(fakes.status(1, Status.AVAILABLE))
        await asyncio.sleep(4)
        assert told(t) == []
        await asyncio.sleep(4)
        assert told(t) == []  # back where it was
        t.happens(fakes.status(1, Status.PREPARING))
        t.happens(fakes.status(2, Status.FAULTED, "Weld"))
        await asyncio.sleep(1)
        assert told(t) == [(2, "Faulted")]
        await asyncio.sleep(5)
        assert told(t) == [(2, "Faulted"), (1, "Preparing")]


async def test_the_time_a_status_must_last_begins_anew_with_each_change() -> None:
    async with talk() as t:
        t.conversation.services.settings.change(MINIMUM_STATUS_DURATION, "5", "csms")
        await t.csms.until("StatusNotification", 3)
        t.happens(fakes.status(1, Status.PREPARING))
        await asyncio.sleep(4)
        t.happens(fakes.status(1, Status.CHARGING))
        await asyncio.sleep(4)
        assert told(t) == []
        await asyncio.sleep(2)
        assert told(t) == [(1, "Charging")]


async def test_after_a_short_outage_only_the_present_status_of_what_changed_is_told() -> None:
    async with talk() as t:
        await t.csms.until("StatusNotification", 3)
        t.link.cut()
        await asyncio.sleep(1)
        for shown in (Status.PREPARING, Status.CHARGING, Status.FINISHING):
            t.happens(fakes.status(1, shown))
        t.happens(fakes.status(2, Status.PREPARING))
        t.happens(fakes.status(2, Status.AVAILABLE))
        await asyncio.sleep(60)
        t.link.restore()
        await asyncio.sleep(60)
        assert told(t) == [(1, "Finishing")]


async def test_after_an_outage_beyond_the_threshold_everything_is_told() -> None:
    async with talk() as t:
        await t.csms.until("StatusNotification", 3)
        t.conversation.services.settings.change(OFFLINE_THRESHOLD, "100", "csms")
        t.link.cut()
        await asyncio.sleep(150)
        t.link.restore()
        await asyncio.sleep(300)
        assert told(t) == [(0, "Available"), (1, "Available"), (2, "Available")]


async def test_what_was_not_answered_before_the_outage_is_told_again() -> None:
    async with talk() as t:
        await t.csms.until("StatusNotification", 3)
        t.csms.answers["StatusNotification"] = lambda payload: MUTE
        t.happens(fakes.status(1, Status.PREPARING))
        await t.csms.until("StatusNotification", 4)
        t.link.drop()
        t.csms.answers["StatusNotification"] = lambda payload: {}
        await t.csms.until("StatusNotification", 5)
        assert told(t) == [(1, "Preparing"), (1, "Preparing")]


async def test_what_was_refused_was_heard() -> None:
    def refuse(payload: object) -> object:
        raise CallError("GenericError")

    async with talk(answers={"StatusNotification": refuse}) as t:
        await t.csms.until("StatusNotification", 3)
        t.link.drop()
        await asyncio.sleep(60)
        assert len(t.link.attempts) == 2
        assert told(t) == []


async def test_the_csms_may_ask_for_a_status_that_it_knows() -> None:
    async with talk() as t:
        await t.csms.until("StatusNotification", 3)
        await t.csms.call("TriggerMessage", {"requestedMessage": "StatusNotification", "connectorId": 2})
        await t.csms.until("StatusNotification", 4)
        assert told(t) == [(2, "Available")]


async def test_changes_before_the_first_acceptance_are_told_as_they_are_then() -> None:
    async with talk() as t:
        t.happens(fakes.status(1, Status.PREPARING))
        await t.csms.until("StatusNotification", 3)
        assert told(t, since=0) == [(0, "Available"), (1, "Preparing"), (2, "Available")]
