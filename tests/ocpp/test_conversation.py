"""Requests, answers, time-outs and odd frames in a conversation that goes on."""

import asyncio
import itertools
import json
import logging
from typing import Any

import pytest

from chargepoint.core.facts import Token
from chargepoint.ocpp.requests import MOST_AT_ONCE
from chargepoint.ocpp.services import NoAnswer, Refused, Registration
from tests.ocpp import fakes
from tests.ocpp.scripted_csms import MUTE, CallError, accepted
from tests.ocpp.talk import talk
from tests.ocpp.test_rpc import ODD_FRAMES

BOTH = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


# --- odd frames -------------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("name", ODD_FRAMES)
async def test_an_odd_frame_is_answered_by_the_rules_of_its_version_and_the_link_lives(name: str, version: str) -> None:
    frame, reason, id_16, id_201 = ODD_FRAMES[name]
    expected_id = id_16 if version == "1.6" else id_201
    async with talk(version) as t:
        await t.csms.until("StatusNotification", 3)
        if expected_id is None:
            await t.csms.send(frame)
        else:
            answer = await t.csms.exchange(frame, expected_id)
            code = fakes.DIALECTS[f"ocpp{version}"].errors[reason]
            assert [answer[0], answer[2], answer[4]] == [4, code, {}]
            assert len(answer[3]) <= 255
        assert (await t.csms.call("GetConfiguration", {"key": ["a"]}))[2] == {"unknownKey": ["a"]}
        assert len(t.link.attempts) == 1


@BOTH
async def test_all_odd_frames_in_a_row_leave_the_link_alive(version: str) -> None:
    async with talk(version) as t:
        await t.accepted()
        for frame, *_ in ODD_FRAMES.values():
            await t.csms.send(frame)
        for answer in ([3, "unknown", {}], [4, "unknown", "GenericError", "", {}], [3, "-1", {}]):
            await t.csms.send(answer)
        assert (await t.csms.call("GetConfiguration"))[0] == 3
        assert len(t.link.attempts) == 1


async def test_a_flood_of_odd_frames_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with talk() as t:
        await t.accepted()
        for _ in range(1000):
            await t.csms.send("nonsense")
        await t.csms.call("GetConfiguration")
    assert caplog.text.count("cannot be used") == 1


@pytest.mark.parametrize(
    ("action", "payload", "code_16", "code_201"),
    [
        ("Frobnicate", {}, "NotImplemented", "NotImplemented"),
        ("GetDiagnostics", {"location": "ftp://x"}, "NotSupported", "NotSupported"),
        ("UnlockConnector", {}, "ProtocolError", "OccurrenceConstraintViolation"),
        ("UnlockConnector", {"connectorId": 1, "x": 1}, "FormationViolation", "FormatViolation"),
        ("UnlockConnector", {"connectorId": "1"}, "TypeConstraintViolation", "TypeConstraintViolation"),
        ("Reset", {"type": "Gentle"}, "PropertyConstraintViolation", "PropertyConstraintViolation"),
        ("GetConfiguration", {"key": ["x" * 51]}, "TypeConstraintViolation", "TypeConstraintViolation"),
        ("ClearCache", {}, "InternalError", "InternalError"),
    ],
)
@BOTH
async def test_a_request_that_cannot_be_handled_gets_the_code_of_its_version(
    action: str, payload: dict[str, Any], code_16: str, code_201: str, version: str
) -> None:
    async with talk(version) as t:
        await t.accepted()
        answer = await t.csms.call(action, payload)
        assert answer[0] == 4
        assert answer[2] == (code_16 if version == "1.6" else code_201)


async def test_a_handlers_crash_is_logged_and_tells_the_csms_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with talk() as t:
        await t.accepted()
        answer = await t.csms.call("ClearCache")
        assert answer[2:] == ["InternalError", "", {}]
        assert "secret text" in caplog.text
        assert (await t.csms.call("GetConfiguration"))[0] == 3


async def test_an_invalid_answer_of_ours_is_an_internal_error_and_a_loud_log(caplog: pytest.LogCaptureFixture) -> None:
    async with talk() as t:
        await t.accepted()
        answer = await t.csms.call("ChangeAvailability", {"connectorId": 1, "type": "Operative"})
        assert answer[2] == "InternalError"
        assert [record.levelno for record in caplog.records if "invalid" in record.message] == [logging.ERROR]


# --- requests of the CSMS ---------------------------------------------------------------------------------------------


async def test_a_request_with_the_id_of_one_in_progress_is_refused_and_the_first_one_answered() -> None:
    unlocked = asyncio.get_running_loop().create_future()
    async with talk(services=fakes.services(unlock=lambda evse: unlocked)) as t:
        await t.accepted()
        await t.csms.send([2, "same", "UnlockConnector", {"connectorId": 1}])
        refused = await t.csms.exchange([2, "same", "UnlockConnector", {"connectorId": 1}], "same")
        assert refused[2] == "ProtocolError"
        t.csms._open["same"] = asyncio.get_running_loop().create_future()
        answer = t.csms._open["same"]
        unlocked.set_result("Unlocked")
        assert (await answer)[2] == {"status": "Unlocked"}
        assert (await t.csms.exchange([2, "same", "GetConfiguration", {}], "same"))[0] == 3  # and is free again


async def test_too_many_requests_at_once_are_refused_and_the_others_answered() -> None:
    unlocked = asyncio.get_running_loop().create_future()
    async with talk(services=fakes.services(unlock=lambda evse: unlocked)) as t:
        await t.accepted()
        calls = [
            asyncio.ensure_future(t.csms.call("UnlockConnector", {"connectorId": 1})) for _ in range(MOST_AT_ONCE + 1)
        ]
        await asyncio.sleep(1)
        assert [call.done() for call in calls] == [False] * MOST_AT_ONCE + [True]
        assert calls[-1].result()[2] == "GenericError"
        unlocked.set_result("Unlocked")
        assert [(await call)[0] for call in calls] == [3] * MOST_AT_ONCE + [4]


async def test_a_handler_may_ask_the_csms_before_it_answers() -> None:
    async with talk() as t:
        await t.csms.until("StatusNotification", 3)
        assert (await t.csms.call("Reset", {"type": "Soft"}))[2] == {"status": "Accepted"}
        assert t.csms.actions()[-1] == "Heartbeat"


async def test_what_a_request_caused_is_said_after_its_answer() -> None:
    async with talk() as t:
        await t.csms.until("StatusNotification", 3)
        await asyncio.gather(
            *(t.csms.call("TriggerMessage", {"requestedMessage": "Heartbeat"}) for _ in range(5)),
            t.csms.until("Heartbeat", 5),
        )
        kinds = [(frame[0], frame[2] if frame[0] == 2 else "") for frame in t.csms.frames[4:]]
        assert kinds[0] == (3, "")
        assert sorted(kinds) == [(2, "Heartbeat")] * 5 + [(3, "")] * 5


async def test_crossing_requests_are_answered_while_ours_waits() -> None:
    async with talk(answers={"Heartbeat": lambda payload: MUTE}) as t:
        await t.csms.until("StatusNotification", 3)
        t.conversation.send_heartbeat()
        await t.csms.until("Heartbeat")
        started_s = asyncio.get_running_loop().time()
        assert (await t.csms.call("GetConfiguration"))[0] == 3
        assert asyncio.get_running_loop().time() - started_s < 1


# --- our requests -----------------------------------------------------------------------------------------------------


async def test_one_request_is_unanswered_at_a_time_and_their_order_is_kept() -> None:
    async with talk(answers={"DataTransfer": lambda payload: MUTE}) as t:
        await t.csms.until("StatusNotification", 3)
        for n in range(3):
            t.conversation.say("DataTransfer", {"vendorId": str(n)})
        await asyncio.sleep(29)
        assert [told.payload["vendorId"] for told in t.csms.all("DataTransfer")] == ["0"]
        await t.csms.send([3, t.csms.told[-1].id, {"status": "Accepted"}])
        await t.csms.until("DataTransfer", 2)
        await asyncio.sleep(31)
        assert [told.payload["vendorId"] for told in t.csms.all("DataTransfer")] == ["0", "1", "2"]


async def test_a_request_may_wait_its_answer_or_learn_why_there_is_none() -> None:
    def answer(payload: dict[str, Any]) -> Any:
        match payload["vendorId"]:
            case "error":
                raise CallError("GenericError", "because")
            case "mute":
                return MUTE
            case "wrong":
                return {"status": "Perhaps"}
            case _:
                return {"status": "Accepted", "data": "x"}

    async with talk(answers={"DataTransfer": answer}) as t:
        await t.accepted()
        assert await t.conversation.call("DataTransfer", {"vendorId": "good"}) == {"status": "Accepted", "data": "x"}
        with pytest.raises(Refused, match="GenericError: because"):
            await t.conversation.call("DataTransfer", {"vendorId": "error"})
        with pytest.raises(NoAnswer, match="within 30 s"):
            await t.conversation.call("DataTransfer", {"vendorId": "mute"})
        with pytest.raises(NoAnswer, match="must be one of"):
            await t.conversation.call("DataTransfer", {"vendorId": "wrong"})
        t.link.cut()
        with pytest.raises(NoAnswer):
            await t.conversation.call("DataTransfer", {"vendorId": "good"})


async def test_a_request_in_flight_fails_at_once_when_the_link_goes() -> None:
    async with talk(answers={"DataTransfer": lambda payload: MUTE}) as t:
        await t.accepted()
        asking = asyncio.ensure_future(t.conversation.call("DataTransfer", {"vendorId": "x"}))
        await t.csms.until("DataTransfer")
        before_s = asyncio.get_running_loop().time()
        t.link.cut()
        with pytest.raises(NoAnswer):
            await asking
        assert asyncio.get_running_loop().time() - before_s < 1


async def test_a_csms_that_answers_nothing_is_left_after_three_requests_and_met_again_without_a_storm() -> None:
    async with talk(answers={"DataTransfer": lambda payload: MUTE, "MeterValues": lambda payload: MUTE}) as t:
        await t.accepted()
        await t.csms.until("StatusNotification", 3)
        for _ in range(5):
            t.conversation.say("DataTransfer", {"vendorId": "x"})
        await asyncio.sleep(89)
        assert len(t.link.attempts) == 1
        await asyncio.sleep(5 * 60)
        assert 2 <= len(t.link.attempts) <= 4


async def test_a_csms_that_answers_something_is_not_left() -> None:
    async with talk(answers={"DataTransfer": lambda payload: MUTE}) as t:
        await t.accepted()
        for _ in range(6):
            t.conversation.say("DataTransfer", {"vendorId": "x"})
            t.conversation.send_heartbeat()
        await asyncio.sleep(300)
        assert len(t.csms.all("Heartbeat")) >= 6
        assert len(t.link.attempts) == 1


async def test_a_flood_of_triggers_that_nobody_answers_does_not_fill_the_memory() -> None:
    async with talk(answers={"Heartbeat": lambda payload: MUTE}) as t:
        await t.csms.until("StatusNotification", 3)
        for _ in range(2000):
            t.conversation.send_heartbeat()
        assert t.conversation._line is not None
        assert len(t.conversation._line.calls._waiting) <= 500


async def test_an_invalid_request_of_ours_is_told_loudly_and_sent(caplog: pytest.LogCaptureFixture) -> None:
    async with talk(answers={"DataTransfer": lambda payload: {"status": "Accepted"}}) as t:
        await t.accepted()
        await t.conversation.call("DataTransfer", {"vendor": "x", "none": None})
        assert t.csms.all("DataTransfer")[0].payload == {"vendor": "x"}
        assert [record.levelno for record in caplog.records if "invalid" in record.message] == [logging.ERROR]


# --- tokens -----------------------------------------------------------------------------------------------------------


async def test_a_token_is_asked_about_before_everything_that_waits() -> None:
    answers: list[Any] = []
    async with talk(answers={"Authorize": lambda payload: {"idTagInfo": {"status": "Accepted"}}}) as t:
        await t.csms.until("StatusNotification", 3)
        for n in range(3):
            t.conversation.say("DataTransfer", {"vendorId": str(n)})
        t.conversation.authorize(Token("04A1B2C3"), answers.append)
        await t.csms.until("DataTransfer", 3)
        assert t.csms.actions()[4:] == ["DataTransfer", "Authorize", "DataTransfer", "DataTransfer"]
        assert [answer.status for answer in answers] == ["Accepted"]


async def test_without_a_link_a_question_about_a_token_has_no_answer_at_once() -> None:
    answers: list[Any] = []
    async with talk() as t:
        t.conversation.authorize(Token("04A1B2C3"), answers.append)
        assert answers == []  # not in the middle of the question
        await asyncio.sleep(0)
        assert answers == [None]


async def test_after_ten_seconds_without_an_answer_others_decide_and_the_late_answer_still_counts() -> None:
    answers: list[Any] = []
    async with talk(answers={"Authorize": lambda payload: MUTE}) as t:
        await t.accepted()
        t.conversation.authorize(Token("04A1B2C3"), answers.append)
        asked = await t.csms.until("Authorize")
        await asyncio.sleep(9)
        assert answers == []
        await asyncio.sleep(2)
        assert answers == [None]
        await asyncio.sleep(30)  # beyond MessageTimeout too
        await t.csms.send([3, asked.id, {"idTagInfo": {"status": "Blocked"}}])
        await asyncio.sleep(1)
        assert [answer and answer.status for answer in answers] == [None, "Blocked"]


@pytest.mark.parametrize("answer", [CallError("InternalError"), {"idTagInfo": {"status": "Perhaps"}}, {}])
async def test_an_error_or_nonsense_about_a_token_is_no_answer(answer: Any) -> None:
    answers: list[Any] = []

    def authorize(payload: object) -> Any:
        if isinstance(answer, CallError):
            raise answer
        return answer

    async with talk(answers={"Authorize": authorize}) as t:
        await t.accepted()
        t.conversation.authorize(Token("04A1B2C3"), answers.append)
        await asyncio.sleep(60)
        assert answers == [None]


async def test_a_link_lost_while_asking_is_no_answer_at_once() -> None:
    answers: list[Any] = []
    async with talk(answers={"Authorize": lambda payload: MUTE}) as t:
        await t.accepted()
        t.conversation.authorize(Token("04A1B2C3"), answers.append)
        await t.csms.until("Authorize")
        t.link.cut()
        await asyncio.sleep(1)
        assert answers == [None]


# --- connecting -------------------------------------------------------------------------------------------------------


def waits(attempts: list[tuple[float, tuple[str, ...]]]) -> list[float]:
    times = [at_s for at_s, _ in attempts]
    return [round(after - before, 1) for before, after in itertools.pairwise(times)]


async def test_the_first_try_is_at_once_and_refusals_are_met_with_growing_patience(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with talk() as t:
        t.link.refuse(401, "wrong password")
        await asyncio.sleep(2500)
        assert waits(t.link.attempts) == [10, 20, 40, 80, 160] + [320] * 6
        assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == [
            "no link to the back office: wrong password"
        ]


async def test_after_a_working_connection_the_waits_are_short_again() -> None:
    async with talk() as t:
        t.link.refuse(503)
        await asyncio.sleep(65)
        t.link.restore()
        await t.accepted()
        t.link.cut()
        await asyncio.sleep(1)
        before = len(t.link.attempts)
        await asyncio.sleep(35)
        assert waits(t.link.attempts[before:]) == [20]


async def test_a_server_that_accepts_and_hangs_up_is_met_with_growing_patience() -> None:
    async with talk(answers={"BootNotification": lambda payload: MUTE}) as t:
        for _ in range(4):
            await t.csms.until("BootNotification", len(t.csms.told) + 1)
            t.link.drop()
            await asyncio.sleep(0.1)
        await t.csms.until("BootNotification", 5)
        assert waits(t.link.attempts) == [10, 20, 40, 80]


async def test_each_wait_has_its_random_part() -> None:
    async with talk(random=lambda: 0.5) as t:
        t.link.refuse()
        await asyncio.sleep(60)
        assert waits(t.link.attempts) == [15, 25]


async def test_the_line_can_be_cut_for_a_trial_and_comes_back_at_once() -> None:
    async with talk() as t:
        await t.accepted()
        t.conversation.cut()
        await asyncio.sleep(3600)
        assert len(t.link.attempts) == 1
        assert t.conversation.registration is Registration.OFFLINE
        t.conversation.restore()
        await asyncio.sleep(0.1)
        assert t.conversation.registration is Registration.ACCEPTED


async def test_versions_are_offered_in_order_while_no_business_is_open() -> None:
    async with talk(versions=["2.0.1", "1.6"]) as t:
        await t.accepted()
        assert t.link.attempts[0][1] == ("ocpp2.0.1", "ocpp1.6")
        t.link.accepts = ("ocpp1.6",)
        t.link.drop()
        await asyncio.sleep(11)
        assert t.conversation.dialect is fakes.TINY_16
        assert t.csms.actions().count("BootNotification") == 2  # another version is other content


async def test_only_the_last_version_is_offered_while_a_fact_is_undelivered() -> None:
    async with talk(versions=["2.0.1", "1.6"], answers={"MeterValues": lambda payload: MUTE}) as t:
        await t.accepted()
        t.happens(fakes.sampled())
        await t.csms.until("MeterValues")
        t.link.accepts = ("ocpp1.6",)
        t.link.drop()
        await asyncio.sleep(11)
        assert t.link.attempts[-1][1] == ("ocpp2.0.1",)
        assert t.conversation.registration is Registration.OFFLINE


async def test_only_the_last_version_is_offered_while_a_transaction_runs() -> None:
    async with talk(versions=["2.0.1", "1.6"]) as t:
        await t.accepted()
        t.journal.running = 1
        t.link.drop()
        await asyncio.sleep(11)
        assert t.link.attempts[-1][1] == ("ocpp2.0.1",)


async def test_the_end_of_the_program_says_goodbye() -> None:
    async with talk() as t:
        await t.accepted()
        peer = t.csms.peer
    assert peer is not None
    assert peer.other.closed_with == (1000, "")


# --- looking on -------------------------------------------------------------------------------------------------------


async def test_listeners_see_every_frame_without_tokens_and_secrets() -> None:
    seen: list[tuple[str, Any]] = []
    async with talk(answers={"Authorize": lambda payload: {"idTagInfo": {"status": "Accepted"}}}) as t:
        stop = t.conversation.on_frame(lambda direction, frame: seen.append((direction, frame)))
        await t.csms.until("StatusNotification", 3)
        t.conversation.authorize(Token("04A1B2C3"), lambda verdict: None)
        await t.csms.until("Authorize")
        await t.csms.send('{"idTag":"04A1B2C3"')
        await asyncio.sleep(1)
        assert len(seen) == 11
        assert ("in", "(unusable, 19 long)") in seen
        assert "04A1B2C3" not in json.dumps(seen)
        assert "…B2C3" in json.dumps(seen, ensure_ascii=False)
        stop()
        await t.csms.call("GetConfiguration")
        assert len(seen) == 11


async def test_frames_are_logged_masked(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="chargepoint.ocpp.frames")
    async with talk(answers={"Authorize": lambda payload: {"idTagInfo": {"status": "Accepted"}}}) as t:
        await t.accepted()
        t.conversation.authorize(Token("04A1B2C3"), lambda verdict: None)
        await t.csms.until("Authorize")
        await asyncio.sleep(1)
    assert "Authorize" in caplog.text
    assert "04A1B2C3" not in caplog.text


async def test_the_state_is_told_in_the_words_of_the_local_api() -> None:
    async with talk(answers={"BootNotification": lambda payload: MUTE}) as t:
        assert t.conversation.registration is Registration.OFFLINE
        await t.csms.until("BootNotification")
        assert t.conversation.registration is Registration.CONNECTING
        t.csms.answers["BootNotification"] = accepted()
        await t.accepted()


async def test_a_vendor_s_words_are_said_once_accepted_and_their_answer_comes_back() -> None:
    async with talk(answers={"DataTransfer": lambda payload: {"status": "Accepted", "data": "pong"}}) as t:
        with pytest.raises(NoAnswer):
            await t.conversation.transfer("com.example", "ping", None)
        await t.accepted()
        assert await t.conversation.transfer("com.example", "ping", None) == {"status": "Accepted", "data": "pong"}
        assert t.csms.all("DataTransfer")[0].payload == {"vendorId": "com.example", "messageId": "ping"}
