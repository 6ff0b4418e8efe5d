"""When a Heartbeat is sent (timing notes, section 3)."""

import asyncio

import pytest

from chargepoint.core.catalogue import HEARTBEAT_INTERVAL
from chargepoint.core.facts import SettingChanged
from tests.ocpp.scripted_csms import MUTE, accepted
from tests.ocpp.talk import Talk, talk


def times(t: Talk) -> list[float]:
    return [told.at_s for told in t.csms.all("Heartbeat")]


async def test_heartbeats_come_at_the_interval_of_the_boot_answer_and_correct_the_clock() -> None:
    async with talk(answers={"BootNotification": accepted(interval=60)}) as t:
        await t.accepted()
        await asyncio.sleep(181)
        first, second, third = times(t)
        assert [second - first, third - second] == pytest.approx([60, 60])
        assert len(t.conversation.services.clock.corrections) == 4  # type: ignore[attr-defined]


async def test_any_other_request_restarts_the_timer() -> None:
    async with talk(answers={"BootNotification": accepted(interval=60)}) as t:
        await t.accepted()
        for _ in range(10):
            await asyncio.sleep(50)
            t.conversation.say("DataTransfer", {"vendorId": "x"})
        assert times(t) == []


async def test_once_a_day_the_clock_is_asked_for_although_others_keep_the_link_busy() -> None:
    async with talk(answers={"BootNotification": accepted(interval=60)}) as t:
        await t.accepted()
        for _ in range(3 * 24 * 60 * 2 + 10):
            await asyncio.sleep(30)
            t.conversation.say("DataTransfer", {"vendorId": "x"})
        assert len(times(t)) == 3


async def test_a_changed_interval_counts_at_once() -> None:
    async with talk(answers={"BootNotification": accepted(interval=3600)}) as t:
        await t.accepted()
        await asyncio.sleep(100)
        t.conversation.services.settings.change(HEARTBEAT_INTERVAL, "120", "csms")
        t.happens(SettingChanged(0, HEARTBEAT_INTERVAL.name, "120", "csms"))
        await asyncio.sleep(25)
        assert len(times(t)) == 1


async def test_an_unanswered_heartbeat_is_followed_by_the_next_in_its_time() -> None:
    answers = {"BootNotification": accepted(interval=60), "Heartbeat": lambda payload: MUTE}
    async with talk(answers=answers) as t:
        await t.accepted()
        await asyncio.sleep(150)
        first, second = times(t)
        assert second - first == pytest.approx(60)


async def test_an_answer_without_a_time_harms_nothing() -> None:
    async with talk(answers={"BootNotification": accepted(60), "Heartbeat": lambda payload: {"currentTime": "x"}}) as t:
        await t.accepted()
        await asyncio.sleep(130)
        assert len(times(t)) == 2
        assert len(t.link.attempts) == 1
