"""A link that is made anew because something it begins with has changed; refusals that security must hear of; and when
the station may ask for its certificate."""

import asyncio

from chargepoint.core.facts import SecurityEvent, SecurityNoted
from chargepoint.ocpp.services import Registration
from tests.ocpp import fakes
from tests.ocpp.scripted_csms import MUTE, registered
from tests.ocpp.talk import talk


async def test_a_changed_link_is_left_with_a_close_frame_and_made_at_once_without_a_second_boot() -> None:
    async with talk() as t:
        await t.accepted()
        first = t.link.peer
        assert first is not None
        t.conversation.reconnect()
        await asyncio.sleep(1)
        assert first.other.closed_with == (1000, "")
        assert len(t.link.attempts) == 2
        await t.accepted()
        assert [told.action for told in t.csms.told].count("BootNotification") == 1


async def test_what_is_being_answered_is_answered_before_the_link_is_left() -> None:
    unlocked: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    async with talk(services=fakes.services(unlock=lambda evse: unlocked)) as t:
        await t.accepted()
        asked = asyncio.create_task(t.csms.call("UnlockConnector", {"connectorId": 1}))
        await asyncio.sleep(1)
        t.conversation.reconnect()
        await asyncio.sleep(1)
        assert len(t.link.attempts) == 1
        unlocked.set_result("Unlocked")
        assert (await asked)[2] == {"status": "Unlocked"}
        await asyncio.sleep(1)
        assert len(t.link.attempts) == 2


async def test_what_has_been_said_is_answered_or_given_up_before_the_link_is_left() -> None:
    async with talk() as t:
        await t.accepted()
        t.csms.answers["Heartbeat"] = lambda payload: MUTE
        t.conversation.send_heartbeat()
        await asyncio.sleep(1)
        t.conversation.reconnect()
        t.conversation.send_heartbeat()
        await asyncio.sleep(20)
        assert len(t.link.attempts) == 1
        await asyncio.sleep(20)
        assert len(t.link.attempts) == 2
        assert [told.action for told in t.csms.told].count("Heartbeat") == 1


async def test_a_change_while_there_is_no_link_ends_the_wait_for_the_next_try() -> None:
    async with talk() as t:
        t.link.up = False
        await asyncio.sleep(100)
        tries = len(t.link.attempts)
        t.link.up = True
        t.conversation.reconnect()
        await asyncio.sleep(0.1)
        assert len(t.link.attempts) == tries + 1
        await t.accepted()


async def test_a_refused_server_is_a_security_event_and_its_repetitions_are_counted() -> None:
    async with talk() as t:
        t.link.refuse(sentence="the certificate has expired", event="InvalidCsmsCertificate")
        await asyncio.sleep(600)
        why = "the certificate has expired"
        events = [SecurityEvent(0, "InvalidCsmsCertificate", why), SecurityNoted(0, "CsmsFailedToAuthenticate", why)]
        assert t.station.emitted == events
        await asyncio.sleep(3600)
        assert len(t.station.emitted) == 4
        assert "more since the last notice" in t.station.emitted[2].info  # type: ignore[attr-defined]


async def test_a_dead_network_is_no_security_event() -> None:
    async with talk() as t:
        t.link.up = False
        await asyncio.sleep(600)
        assert t.station.emitted == []


async def test_before_the_station_is_accepted_only_a_request_that_was_asked_for_is_sent() -> None:
    async with talk(answers={"BootNotification": registered("Pending", 1000)}) as t:
        await t.becomes(Registration.PENDING)
        assert await t.conversation.sign_certificate("PEM", own=True) is None
        t.csms.answers["SignCertificate"] = lambda payload: {"status": "Accepted"}
        assert await t.conversation.sign_certificate("PEM", own=False) is True
        t.csms.answers["SignCertificate"] = lambda payload: {"status": "Rejected"}
        assert await t.conversation.sign_certificate("PEM", own=False) is False
        assert [told.action for told in t.csms.told].count("SignCertificate") == 2


async def test_nobody_takes_a_request_while_there_is_no_link() -> None:
    async with talk() as t:
        t.link.up = False
        t.link.drop()
        await asyncio.sleep(1)
        assert await t.conversation.sign_certificate("PEM", own=False) is None
