"""Boot: accepted, pending, rejected, and what a link loss does not change (timing notes, section 1)."""

import asyncio
import itertools

import pytest

from chargepoint.core.catalogue import HEARTBEAT_INTERVAL
from chargepoint.core.facts import Status
from chargepoint.ocpp.services import Registration
from tests.ocpp import fakes
from tests.ocpp.scripted_csms import MUTE, CallError, accepted, registered
from tests.ocpp.talk import restarted, talk


async def test_the_first_thing_said_is_boot_and_once_accepted_every_connector_is_reported() -> None:
    async with talk() as t:
        await t.csms.until("StatusNotification", 3)
        assert t.csms.actions() == ["BootNotification"] + ["StatusNotification"] * 3
        assert [told.payload["connectorId"] for told in t.csms.all("StatusNotification")] == [0, 1, 2]
        assert t.csms.told[-1].at_s - t.csms.told[0].at_s < 0.01
        assert t.station.online


async def test_acceptance_sets_clock_and_heartbeat_interval() -> None:
    async with talk(answers={"BootNotification": accepted(interval=77)}) as t:
        await t.accepted()
        assert len(t.conversation.services.clock.corrections) == 1  # type: ignore[attr-defined]
        assert t.conversation.services.settings[HEARTBEAT_INTERVAL] == 77


async def test_an_interval_of_zero_leaves_the_heartbeat_as_it_was() -> None:
    async with talk(answers={"BootNotification": accepted(interval=0)}) as t:
        await t.accepted()
        assert t.conversation.services.settings[HEARTBEAT_INTERVAL] == 300


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
async def test_while_not_accepted_nothing_else_is_said_and_the_interval_is_kept(status: str) -> None:
    async with talk(answers={"BootNotification": registered(status, 40)}) as t:
        t.happens(fakes.started())
        t.happens(fakes.status(1, Status.PREPARING))
        await asyncio.sleep(100)
        assert t.csms.actions() == ["BootNotification"] * 3
        times = [told.at_s for told in t.csms.told]
        assert [times[1] - times[0], times[2] - times[1]] == pytest.approx([40, 40], abs=0.1)
        assert not t.station.online
        assert t.conversation.registration == status.lower()


async def test_without_an_interval_the_station_picks_growing_waits_of_its_own() -> None:
    async with talk(answers={"BootNotification": registered("Pending", 0)}) as t:
        await asyncio.sleep(4000)
        times = [told.at_s for told in t.csms.told]
        waits = [after - before for before, after in itertools.pairwise(times)]
        assert waits == pytest.approx([60, 120, 240, 480, 900, 900, 900], abs=0.1)


async def test_boot_without_an_answer_or_with_an_error_is_tried_again_later() -> None:
    answers = iter([MUTE, CallError("InternalError"), {"status": "Maybe"}])

    def boot(payload: object) -> object:
        answer = next(answers, None)
        if isinstance(answer, CallError):
            raise answer
        return accepted()({}) if answer is None else answer

    async with talk(answers={"BootNotification": boot}) as t:
        await t.accepted()
        times = [told.at_s for told in t.csms.all("BootNotification")]
        waits = [after - before for before, after in itertools.pairwise(times)]
        assert waits == pytest.approx([30 + 60, 120, 240], abs=0.1)


async def test_after_acceptance_what_waited_is_said() -> None:
    async with talk(answers={"BootNotification": registered("Pending", 10)}) as t:
        t.happens(fakes.sampled())
        await t.becomes(Registration.PENDING)
        t.csms.answers["BootNotification"] = accepted()
        await t.csms.until("MeterValues")
        assert t.csms.actions()[:2] == ["BootNotification", "BootNotification"]
        assert t.csms.actions().index("StatusNotification") < t.csms.actions().index("MeterValues")


async def test_while_pending_requests_are_answered_and_only_triggered_messages_go_out() -> None:
    async with talk(answers={"BootNotification": registered("Pending", 1000)}) as t:
        await t.becomes(Registration.PENDING)
        assert (await t.csms.call("GetConfiguration", {"key": ["x"]}))[2] == {"unknownKey": ["x"]}
        await t.csms.call("TriggerMessage", {"requestedMessage": "StatusNotification", "connectorId": 2})
        await t.csms.call("TriggerMessage", {"requestedMessage": "Heartbeat"})
        await t.csms.call("TriggerMessage", {"requestedMessage": "MeterValues"})  # not in the dialect's list
        await asyncio.sleep(100)
        assert t.csms.actions() == ["BootNotification", "StatusNotification", "Heartbeat"]
        assert t.csms.told[1].payload["connectorId"] == 2


async def test_while_pending_a_triggered_boot_beats_the_interval() -> None:
    async with talk(answers={"BootNotification": registered("Pending", 1000)}) as t:
        await t.becomes(Registration.PENDING)
        t.csms.answers["BootNotification"] = accepted()
        answer = await t.csms.call("TriggerMessage", {"requestedMessage": "BootNotification"})
        await t.accepted()
        assert answer[2] == {"status": "Accepted"}
        assert t.csms.frames[1][:2] == [3, "csms-1"]  # answered first, then the boot
        assert t.csms.told[1].at_s - t.csms.told[0].at_s < 1
        assert [told.payload["chargePointSerialNumber"] for told in t.csms.told[:2]] == ["PowerUp", "Triggered"]


async def test_while_rejected_requests_get_a_security_error() -> None:
    async with talk(answers={"BootNotification": registered("Rejected", 1000)}) as t:
        await t.becomes(Registration.REJECTED)
        answer = await t.csms.call("TriggerMessage", {"requestedMessage": "BootNotification"})
        assert answer[0] == 4
        assert answer[2] == "SecurityError"
        await asyncio.sleep(900)
        assert t.csms.actions() == ["BootNotification"]


async def test_before_boot_is_answered_requests_get_a_security_error() -> None:
    async with talk(answers={"BootNotification": lambda payload: MUTE}) as t:
        await t.csms.until("BootNotification")
        assert (await t.csms.call("GetConfiguration"))[2] == "SecurityError"


async def test_a_triggered_boot_while_accepted_is_said_once_and_nothing_else_with_it() -> None:
    async with talk() as t:
        await t.csms.until("StatusNotification", 3)
        await t.csms.call("TriggerMessage", {"requestedMessage": "BootNotification"})
        await t.csms.until("BootNotification", 2)
        await asyncio.sleep(1)
        assert t.csms.actions()[4:] == ["BootNotification"]
        assert t.conversation.registration is Registration.ACCEPTED


async def test_a_triggered_boot_may_end_the_acceptance() -> None:
    async with talk() as t:
        await t.csms.until("StatusNotification", 3)
        t.csms.answers["BootNotification"] = registered("Pending", 50)
        await t.csms.call("TriggerMessage", {"requestedMessage": "BootNotification"})
        await t.becomes(Registration.PENDING)
        t.happens(fakes.sampled())
        await asyncio.sleep(40)
        assert not t.station.online
        assert t.csms.actions()[-1] == "BootNotification"
        t.csms.answers["BootNotification"] = accepted()
        await t.csms.until("MeterValues")
        assert t.station.online


async def test_what_waits_behind_a_boot_that_ends_the_acceptance_is_not_said() -> None:
    async with talk() as t:
        await t.csms.until("StatusNotification", 3)
        t.csms.answers["BootNotification"] = registered("Pending", 50)
        await t.csms.call("TriggerMessage", {"requestedMessage": "BootNotification"})
        t.happens(fakes.status(1, Status.PREPARING))  # nobody has asked for it
        await t.becomes(Registration.PENDING)
        await asyncio.sleep(40)
        assert t.csms.actions()[-1] == "BootNotification"


async def test_a_lost_link_is_no_reboot() -> None:
    async with talk() as t:
        await t.csms.until("StatusNotification", 3)
        t.link.drop()
        await t.becomes(Registration.OFFLINE)
        assert not t.station.online
        await t.accepted()
        await asyncio.sleep(100)
        assert len(t.csms.all("BootNotification")) == 1
        assert t.station.online


async def test_after_a_lost_link_changed_content_is_announced() -> None:
    async with talk() as t:
        await t.accepted()
        t.link.drop()
        await t.becomes(Registration.OFFLINE)
        fakes.TINY_16.phrases.model = "Wall 2"  # type: ignore[attr-defined]
        try:
            await t.csms.until("BootNotification", 2)
        finally:
            del fakes.TINY_16.phrases.model  # type: ignore[attr-defined]


async def test_a_rejection_outlasts_a_lost_link() -> None:
    async with talk(answers={"BootNotification": registered("Rejected", 500)}) as t:
        await t.becomes(Registration.REJECTED)
        t.link.drop()
        await asyncio.sleep(490)
        assert t.conversation.registration is Registration.REJECTED
        assert len(t.csms.all("BootNotification")) == 1
        await t.csms.until("BootNotification", 2)


async def test_a_program_restarted_in_mid_air_does_not_boot_again() -> None:
    async with talk() as t:
        await t.accepted()
    async with talk(memory=t.memory, services=restarted(t), rebooted=False) as again:
        await again.csms.until("StatusNotification", 3)
        assert "BootNotification" not in again.csms.actions()


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
async def test_an_acceptance_that_was_taken_back_does_not_come_back_with_a_restart(status: str) -> None:
    async with talk() as t:
        await t.accepted()
    async with talk(memory=t.memory, services=restarted(t), rebooted=False) as adopted:
        await adopted.accepted()
        adopted.csms.answers["BootNotification"] = registered(status, 50)
        await adopted.csms.call("TriggerMessage", {"requestedMessage": "BootNotification"})
        await adopted.becomes(Registration(status.lower()))
        adopted.link.drop()
        await asyncio.sleep(45)
        assert not adopted.station.online
        assert len(adopted.csms.all("BootNotification")) == 1
    async with talk(memory=t.memory, services=restarted(adopted), rebooted=False) as again:
        await again.csms.until("StatusNotification")
        assert again.csms.actions()[0] == "BootNotification"


async def test_another_configuration_is_announced_by_a_program_restarted_in_mid_air() -> None:
    async with talk(configuration="before") as t:
        await t.accepted()
    async with talk(memory=t.memory, services=restarted(t), rebooted=False, configuration="after") as again:
        await again.csms.until("BootNotification")


async def test_a_reset_is_announced_although_nothing_else_changed() -> None:
    async with talk() as t:
        await t.accepted()
    async with talk(memory=t.memory, services=restarted(t), rebooted=True, cause="RemoteReset") as again:
        await again.csms.until("StatusNotification")
        assert again.csms.told[0].payload["chargePointSerialNumber"] == "RemoteReset"


async def test_another_boot_of_the_machine_is_announced() -> None:
    async with talk() as t:
        await t.accepted()
    services = restarted(t)
    services.clock.boot = "another-boot"
    async with talk(memory=t.memory, services=services, rebooted=False) as again:
        await again.csms.until("BootNotification")


async def test_a_triggered_boot_that_nobody_answers_is_not_repeated_and_changes_nothing() -> None:
    async with talk() as t:
        await t.csms.until("StatusNotification", 3)
        t.csms.answers["BootNotification"] = lambda payload: MUTE
        await t.csms.call("TriggerMessage", {"requestedMessage": "BootNotification"})
        await asyncio.sleep(3000)
        assert len(t.csms.all("BootNotification")) == 2
        assert t.station.online


async def test_after_an_acceptance_own_waits_are_short_again() -> None:
    async with talk(answers={"BootNotification": registered("Pending", 0)}) as t:
        await asyncio.sleep(200)
        t.csms.answers["BootNotification"] = accepted()
        await t.accepted()
        t.csms.answers["BootNotification"] = registered("Pending", 0)
        await t.csms.call("TriggerMessage", {"requestedMessage": "BootNotification"})
        said = len(t.csms.all("BootNotification"))
        again = await t.csms.until("BootNotification", said + 2)
        assert again.at_s - t.csms.all("BootNotification")[-2].at_s == pytest.approx(60, abs=0.1)
