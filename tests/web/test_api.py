"""The API's handlers, tried without a socket: what each does, and that no body can do more than be refused."""

import asyncio
import csv
import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.core.facts import SettingChanged
from chargepoint.core.offpeak import UK
from chargepoint.web.api import ON_SITE, routes
from chargepoint.web.http import Answer, Failed, Request, Routes
from hw.guard.faults import FAULTS
from tests.web.fake_station import FakeControls

CARD = "04A1B2C3D4E5F6"


def ask(
    controls: FakeControls,
    method: str,
    target: str,
    body: Any = None,
    *,
    table: Routes | None = None,
    on_site: bool = False,
) -> tuple[int, Any]:
    """Status and JSON of one request."""
    path, _, query = target.partition("?")
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    answer = asyncio.run(_ask(table or routes(controls), method, path, query, raw, on_site))
    return answer.status, json.loads(answer.body) if answer.content_type.startswith(
        "application/json"
    ) else answer.body.decode()


async def _ask(table: Routes, method: str, path: str, query: str, body: bytes, on_site: bool) -> Answer:
    try:
        handler, parts = table.find(method, path)
        return await handler(Request(dict(parse_qsl(query)), body, parts, on_site))
    except Failed as failure:
        return failure.answer()


@pytest.fixture
def controls() -> FakeControls:
    return FakeControls()


# --- control ----------------------------------------------------------------------------------------------------------


def plugged(controls: FakeControls, evse: int = 1) -> FakeControls:
    assert ask(controls, "POST", f"/api/v1/sim/evse/{evse}/plug", {})[0] == 200
    return controls


def test_a_session_is_started_and_stopped_on_site(controls: FakeControls) -> None:
    plugged(controls)
    status, evse = ask(controls, "POST", "/api/v1/evse/1/start", {"token": CARD})
    assert (status, evse["session"]["token"]) == (200, "…E5F6")
    controls.flow()
    assert ask(controls, "GET", "/api/v1/status")[1]["evses"][0]["status"] == "charging"
    assert ask(controls, "POST", "/api/v1/evse/1/stop", {})[0] == 200
    controls.flow()
    assert ask(controls, "GET", "/api/v1/status")[1]["evses"][0]["status"] == "finishing"


def test_a_battery_says_that_the_mains_has_failed_and_is_back(controls: FakeControls) -> None:
    plugged(controls)
    ask(controls, "POST", "/api/v1/evse/1/start", {"token": CARD})
    controls.flow()
    assert ask(controls, "POST", "/api/v1/mains", {"present": False}) == (200, {"present": False})
    controls.flow()
    assert ask(controls, "GET", "/api/v1/status")[1]["evses"][0]["status"] == "finishing"
    refused = ask(controls, "POST", "/api/v1/evse/1/start", {"token": CARD})
    assert refused == (409, {"error": "The mains has failed."})
    assert ask(controls, "POST", "/api/v1/mains", {"present": True}) == (200, {"present": True})
    assert ask(controls, "POST", "/api/v1/evse/1/start", {"token": CARD})[0] == 200


def test_what_cannot_be_done_now_is_said_in_a_sentence(controls: FakeControls) -> None:
    status, answer = ask(controls, "POST", "/api/v1/evse/1/stop")
    assert (status, answer) == (409, {"error": "Nobody is charging at EVSE 1."})


def test_a_limit_is_set_and_lifted(controls: FakeControls) -> None:
    _, evse = ask(controls, "POST", "/api/v1/evse/2/limit", {"amps": 10})
    assert {"source": "local", "amps": 10.0, "until": None} in evse["limits"]
    _, evse = ask(controls, "POST", "/api/v1/evse/2/limit", {"amps": None})
    assert "local" not in [limit["source"] for limit in evse["limits"]]


def test_a_random_delay_is_shown_with_its_end_and_skipped(controls: FakeControls) -> None:
    assert ask(controls, "PUT", "/api/v1/settings/RandomDelay", {"value": "600"})[0] == 200
    controls.station.evses[1].delay.draw = lambda span_s: 300.0
    assert ask(controls, "POST", "/api/v1/evse/1/skip-delay", {}) == (
        409, {"error": "Nothing is being delayed at EVSE 1."},
    )  # fmt: skip
    plugged(controls)
    ask(controls, "POST", "/api/v1/evse/1/start", {"token": CARD})
    controls.flow()
    evse = ask(controls, "GET", "/api/v1/status")[1]["evses"][0]
    [delay] = [limit for limit in evse["limits"] if limit["source"] == "random delay"]
    assert (evse["status"], evse["permit_a"], delay["amps"], bool(delay["until"])) == ("suspended_evse", 0.0, 0.0, True)
    status, evse = ask(controls, "POST", "/api/v1/evse/1/skip-delay", {})
    assert (status, evse["permit_a"]) == (200, 16.0)
    assert "random delay" not in [limit["source"] for limit in evse["limits"]]


def test_what_the_grid_operator_asked_is_told_as_json_and_for_a_spreadsheet(controls: FakeControls) -> None:
    assert ask(controls, "GET", "/api/v1/grid-limits") == (200, [])
    controls.asked_for_less = [
        {"evse": 1, "watts": 4200.0, "from": "2026-11-22T18:00:00+01:00", "until": None, "clock_trusted": True}
    ]
    [entry] = ask(controls, "GET", "/api/v1/grid-limits")[1]
    assert (entry["from"], entry["until"], entry["watts"]) == ("2026-11-22T17:00:00.000Z", None, 4200.0)
    assert ask(controls, "GET", "/api/v1/grid-limits?format=csv") == (
        200, "evse,from,until,watts,clock_trusted\r\n1,2026-11-22T17:00:00.000Z,,4200.0,True\r\n",
    )  # fmt: skip
    assert ask(controls, "GET", "/api/v1/grid-limits?format=xml")[0] == 400


def test_the_simulated_house_draws_what_is_said(controls: FakeControls) -> None:
    said = {"current_a": [12, -3.5, 0], "silent": False}
    assert ask(controls, "POST", "/api/v1/sim/house", said)[0] == 200
    assert controls.simulator is not None
    assert controls.simulator.house_options == said
    for wrong in ({"current_a": [1, 2]}, {"current_a": 5}, {"current_a": [1, 2, "3"]}, {"silent": 1}):
        assert ask(controls, "POST", "/api/v1/sim/house", wrong)[0] == 400


def test_an_evse_goes_out_of_service_and_comes_back(controls: FakeControls) -> None:
    assert ask(controls, "POST", "/api/v1/evse/1/availability", {"available": False})[1]["status"] == "unavailable"
    assert ask(controls, "POST", "/api/v1/evse/1/availability", {"available": True})[1]["status"] == "available"


@pytest.mark.parametrize("data", ["a text", {"a": [1, None]}, None])
def test_a_vendor_s_words_go_to_the_back_office_and_its_answer_comes_back(controls: FakeControls, data: Any) -> None:
    said = {"vendor": "com.example", "message": "ping", "data": data}
    assert ask(controls, "POST", "/api/v1/data-transfer", said) == (200, {"status": "Accepted", "data": data})
    assert controls.transfers == [("com.example", "ping", data)]


def test_a_vendor_s_words_are_refused_while_no_back_office_listens() -> None:
    answer = ask(FakeControls(online=False), "POST", "/api/v1/data-transfer", {"vendor": "com.example"})
    assert answer == (409, {"error": "There is no back office that has accepted this station."})


def test_a_vendor_s_words_need_a_vendor(controls: FakeControls) -> None:
    assert ask(controls, "POST", "/api/v1/data-transfer", {"data": "x"})[0] == 400
    assert controls.transfers == []


def test_unlocking_ends_the_session(controls: FakeControls) -> None:
    plugged(controls)
    ask(controls, "POST", "/api/v1/evse/1/start", {"token": CARD})
    controls.flow()
    status, evse = ask(controls, "POST", "/api/v1/evse/1/unlock")
    assert (status, evse["session"]["stop_reason"]) == (200, "UnlockCommand")


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("UnlockFailed", "The lock did not open; take the strain off the plug and try again."),
        ("NotSupported", "This EVSE has no lock."),
        ("OngoingAuthorizedTransaction", "A session is running here; stop it first."),
    ],
)
def test_a_lock_that_does_not_open_is_said(
    controls: FakeControls, monkeypatch: pytest.MonkeyPatch, outcome: str, said: str
) -> None:
    async def unlock(evse: int) -> str:
        return outcome

    monkeypatch.setattr(controls, "unlock", unlock)
    assert ask(controls, "POST", "/api/v1/evse/1/unlock") == (409, {"error": said})


def test_a_fault_is_cleared_by_name(controls: FakeControls) -> None:
    ask(controls, "POST", "/api/v1/sim/evse/1/fault", {"kind": "emergency_stop"})
    assert ask(controls, "POST", "/api/v1/evse/1/clear", {"fault": "Other"})[0] == 409
    status, evse = ask(controls, "POST", "/api/v1/evse/1/clear", {"fault": "MREC8EmergencyStop"})
    assert (status, evse["faults"]) == (200, [])


def test_the_faults_that_need_somebody_on_site_are_those_that_the_guard_latches() -> None:
    assert set(ON_SITE) == {name for name, kind in FAULTS.items() if kind.latched}


@pytest.mark.parametrize("fault", ON_SITE)
def test_a_fault_that_may_kill_is_cleared_on_site_only(controls: FakeControls, fault: str) -> None:
    cleared: list[str] = []

    async def clear(evse: int, name: str) -> None:
        cleared.append(name)

    controls.clear = clear  # type: ignore[method-assign,assignment]

    assert ask(controls, "POST", "/api/v1/evse/1/clear", {"fault": fault}) == (
        409,
        {
            "error": f"{fault} is cleared on site only: have its cause found and mended there, then say "
            f"`chargepoint clear 1 {fault}` on the station itself."
        },
    )
    assert cleared == []

    assert ask(controls, "POST", "/api/v1/evse/1/clear", {"fault": fault}, on_site=True)[0] == 200
    assert cleared == [fault]


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["HeartbeatInterval", "OCPPCommCtrlr.HeartbeatInterval", "heartbeatinterval"])
def test_a_setting_is_read_under_either_name(controls: FakeControls, name: str) -> None:
    status, setting = ask(controls, "GET", f"/api/v1/settings/{name}")
    assert status == 200
    assert set(setting) == {
        "name", "name_1_6", "name_2_x", "value", "type", "unit", "min", "max", "writable", "reboot",
        "origin", "choices",
    }  # fmt: skip
    assert (setting["name_1_6"], setting["type"], setting["writable"]) == ("HeartbeatInterval", "integer", True)


def test_all_settings_are_listed(controls: FakeControls) -> None:
    assert "HeartbeatInterval" in [setting["name_1_6"] for setting in ask(controls, "GET", "/api/v1/settings")[1]]


def test_a_setting_is_changed_in_ocpp_words(controls: FakeControls) -> None:
    assert ask(controls, "PUT", "/api/v1/settings/HeartbeatInterval", {"value": "60"}) == (200, {"status": "Accepted"})
    setting = ask(controls, "GET", "/api/v1/settings/HeartbeatInterval")[1]
    assert (setting["value"], setting["origin"]) == ("60", "local")
    assert [fact.origin for fact in controls.facts if isinstance(fact, SettingChanged)] == ["local"]


def test_a_refused_setting_says_why(controls: FakeControls) -> None:
    status, answer = ask(controls, "PUT", "/api/v1/settings/HeartbeatInterval", {"value": "often"})
    assert (status, answer["status"]) == (200, "Rejected")
    assert "whole number" in answer["why"]


def test_an_unknown_setting_is_not_there(controls: FakeControls) -> None:
    assert ask(controls, "GET", "/api/v1/settings/NoSuchThing")[0] == 404
    assert ask(controls, "PUT", "/api/v1/settings/NoSuchThing", {"value": ""})[0] == 404


def test_a_secret_is_never_told(controls: FakeControls) -> None:
    secrets = [setting for setting in controls.settings if not setting.readable]
    assert secrets
    for setting in secrets:
        assert ask(controls, "GET", f"/api/v1/settings/{setting.name}")[1]["value"] is None


# --- cards ------------------------------------------------------------------------------------------------------------


def test_a_card_is_added_listed_and_taken_away(controls: FakeControls) -> None:
    wanted = {"id": CARD, "type": "ISO14443", "group": "family", "expires_at": "2030-01-01T00:00:00+01:00"}
    status, card = ask(controls, "POST", "/api/v1/cards", wanted)
    assert (status, card) == (200, {
        "id": CARD, "type": "ISO14443", "status": "Accepted", "group": "family",
        "expires_at": "2029-12-31T23:00:00.000Z", "source": "local", "name": None,
    })  # fmt: skip
    assert ask(controls, "GET", "/api/v1/cards")[1] == [card]
    assert ask(controls, "DELETE", f"/api/v1/cards/{CARD.lower()}") == (200, {})
    assert ask(controls, "GET", "/api/v1/cards")[1] == []
    assert ask(controls, "DELETE", f"/api/v1/cards/{CARD}")[0] == 404


def test_an_id_with_odd_characters_is_taken_away_by_its_escaped_name(controls: FakeControls) -> None:
    ask(controls, "POST", "/api/v1/cards", {"id": "a:b|c+@"})
    assert ask(controls, "DELETE", "/api/v1/cards/a%3Ab%7Cc%2B%40")[0] == 200


@pytest.mark.parametrize("wrong", ["zz zz zz!!", "", "a/b", "é", "A" * 37, "04A1\n", 7])
@pytest.mark.parametrize("field", ["id", "group"])
def test_what_no_reader_and_no_back_office_can_name_is_no_card(controls: FakeControls, field: str, wrong: Any) -> None:
    status, said = ask(controls, "POST", "/api/v1/cards", {"id": CARD, field: wrong})
    assert status == 400
    assert said["error"].startswith(f'"{field}" must be 1 to 36 letters A to Z, digits or * - _ = : + | @ .')
    assert ask(controls, "GET", "/api/v1/cards")[1] == []


@pytest.mark.parametrize("card", ["04A1B2C3", "DE-8AA-CA2B3C4D5-1", "*-_=:+|@.", "A" * 36])
def test_any_identifier_of_ocpp_may_be_a_card(controls: FakeControls, card: str) -> None:
    assert ask(controls, "POST", "/api/v1/cards", {"id": card, "group": card})[0] == 200


@pytest.mark.parametrize("source", ["csms", "cache"])
def test_list_and_cache_may_be_filled_by_hand_on_simulated_hardware_only(source: str) -> None:
    played, real = FakeControls(), FakeControls(simulated=False)
    assert ask(played, "POST", "/api/v1/cards", {"id": CARD, "source": source})[1]["source"] == source
    assert ask(real, "POST", "/api/v1/cards", {"id": CARD, "source": source})[0] == 409


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_sessions_are_told_newest_first(controls: FakeControls) -> None:
    controls.remember_sessions(3)
    sessions = ask(controls, "GET", "/api/v1/sessions")[1]
    assert [session["id"] for session in sessions] == ["old-2", "old-1", "old-0"]
    assert sessions[0]["started_at"].endswith("Z")


def test_sessions_as_csv_do_nothing_in_a_spreadsheet(controls: FakeControls) -> None:
    plugged(controls)
    ask(controls, "POST", "/api/v1/evse/1/start", {"token": "=cmd()|'x'!A1"})
    status, text = ask(controls, "GET", "/api/v1/sessions?format=csv")
    header, row = text.splitlines()
    assert status == 200
    assert header.startswith("id,evse,token,started_at,ended_at,energy_wh")
    assert ",'=cmd()|'x'!A1," in row


@pytest.mark.parametrize("query", ["format=xml", "since=soon", "since=2026-11-02&until=2026-11-01", "cards=none"])
def test_another_format_or_a_senseless_window_is_refused(controls: FakeControls, query: str) -> None:
    assert ask(controls, "GET", f"/api/v1/sessions?{query}")[0] == 400


def test_a_spreadsheet_gets_a_window_of_sessions(controls: FakeControls) -> None:
    controls.remember_sessions(3)
    began = [session["started_at"] for session in ask(controls, "GET", "/api/v1/sessions")[1]]
    _, text = ask(controls, "GET", f"/api/v1/sessions?format=csv&since={began[1]}&until={began[0]}")
    assert [row["id"] for row in csv.DictReader(text.splitlines())] == ["old-1"]
    assert "\r\n" in text


def test_a_card_is_masked_for_those_to_whom_a_list_goes_on(controls: FakeControls) -> None:
    controls.remember_sessions(1)
    whole, masked = (ask(controls, "GET", f"/api/v1/sessions?cards={cards}")[1] for cards in ("whole", "masked"))
    assert masked[0]["token"] == "…" + whole[0]["token"][-4:]


def test_charging_hours_are_shown_chosen_and_taken_away(controls: FakeControls) -> None:
    off_peak = controls.station.steering.off_peak
    off_peak.default = UK
    status, shown = ask(controls, "GET", "/api/v1/off-peak")
    assert (status, shown["asks"], shown["peak_hours"][0]["from"]) == (200, True, "08:00")
    assert ask(controls, "PUT", "/api/v1/off-peak", {"accept": True})[1]["asks"] is False
    night = {"days": ["sat", "sun"], "from": "22:00", "to": "06:00"}
    chosen = ask(controls, "PUT", "/api/v1/off-peak", {"peak_hours": [night], "random_delay_s": 1200})[1]
    assert (chosen["peak_hours"], chosen["random_delay_s"]) == ([night], 1200)
    assert ask(controls, "PUT", "/api/v1/off-peak", {"peak_hours": []})[1]["peak_hours"] == []


@pytest.mark.parametrize("wrong", [{}, {"accept": False}, {"peak_hours": [1]}, {"random_delay_s": 1801}])
def test_charging_hours_that_make_no_sense_are_refused(controls: FakeControls, wrong: dict[str, Any]) -> None:
    assert ask(controls, "PUT", "/api/v1/off-peak", wrong)[0] == 400


def test_a_factory_reset_has_to_be_meant(controls: FakeControls) -> None:
    assert ask(controls, "POST", "/api/v1/factory-reset", {})[0] == 400
    assert ask(controls, "POST", "/api/v1/factory-reset", {"erase": False})[0] == 400
    assert ask(controls, "POST", "/api/v1/factory-reset", {"erase": True}) == (200, {"erased": True})
    plugged(controls)
    ask(controls, "POST", "/api/v1/evse/1/start", {"token": CARD})
    assert ask(controls, "POST", "/api/v1/factory-reset", {"erase": True})[0] == 409


def test_one_session_brings_what_its_meter_signed(controls: FakeControls) -> None:
    controls.remember_sessions(2)
    controls.journal.known["old-1"]["signed"] = True
    controls.journal.signed["old-1"] = {"Transaction.End": ("OCMF|{}|{}", "3059")}
    status, session = ask(controls, "GET", "/api/v1/sessions/old-1")
    assert (status, session["signed_end"], session["public_key"]) == (200, "OCMF|{}|{}", "3059")
    _, text = ask(controls, "GET", "/api/v1/sessions?format=csv&signed=true")
    assert [row["signed_end"] for row in csv.DictReader(text.splitlines())] == ["OCMF|{}|{}", ""]
    assert ask(controls, "GET", "/api/v1/sessions/none")[0] == 404


# --- simulated hardware -----------------------------------------------------------------------------------------------


def test_a_second_car_cannot_be_plugged_in(controls: FakeControls) -> None:
    plugged(controls)
    assert ask(controls, "POST", "/api/v1/sim/evse/1/plug", {}) == (409, {"error": "A car is plugged in already."})


def test_the_line_is_cut_and_mended(controls: FakeControls) -> None:
    assert ask(controls, "POST", "/api/v1/sim/link", {"up": False})[1]["csms"]["state"] == "offline"
    assert ask(controls, "POST", "/api/v1/sim/link", {"up": True})[1]["csms"]["state"] == "accepted"


@pytest.mark.parametrize("path", ["evse/1/plug", "evse/1/unplug", "evse/1/car", "evse/1/fault", "card", "link"])
def test_nothing_is_simulated_on_real_hardware(path: str) -> None:
    assert ask(FakeControls(simulated=False), "POST", f"/api/v1/sim/{path}", {"up": True})[0] == 404


# --- bad requests -----------------------------------------------------------------------------------------------------

POSTS = {
    "/api/v1/evse/1/start": {"token": CARD},
    "/api/v1/evse/1/stop": {},
    "/api/v1/evse/1/limit": {"amps": 10},
    "/api/v1/evse/1/availability": {"available": True},
    "/api/v1/evse/1/unlock": {},
    "/api/v1/evse/1/clear": {"fault": "x"},
    "/api/v1/mains": {"present": True},
    "/api/v1/cards": {
        "id": CARD, "type": "", "status": "Accepted", "group": None, "expires_at": None, "source": "local",
    },
    "/api/v1/sim/evse/1/plug": {"cable_a": 32, "draw_a": 16, "phases": 3, "asks_power": True, "inserted": "full"},
    "/api/v1/sim/evse/1/unplug": {"side": "both"},
    "/api/v1/sim/evse/1/car": {
        "draw_a": 6, "asks_power": True, "ventilation": False, "reaction_s": 1, "ignores_offer": False,
        "sleeps": False, "diode": True,
    },
    "/api/v1/sim/evse/1/fault": {"kind": "earth_leakage", "active": True},
    "/api/v1/sim/card": {"uid": CARD, "reader": 0},
    "/api/v1/sim/link": {"up": True},
}  # fmt: skip

NOT_OBJECTS = (b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b"NaN", b"[" * 16_000, b'{"amps": NaN}')


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("body", NOT_OBJECTS)
def test_a_body_that_is_no_json_object_is_malformed(controls: FakeControls, path: str, body: bytes) -> None:
    status, answer = ask(controls, "POST", path, body)
    assert (status, list(answer)) == (400, ["error"])


@pytest.mark.parametrize("path", POSTS)
def test_an_unknown_field_is_named(controls: FakeControls, path: str) -> None:
    status, answer = ask(controls, "POST", path, POSTS[path] | {"tokne": 1})
    assert status == 400
    assert '"tokne"' in answer["error"]


@pytest.mark.parametrize(("path", "field"), [(path, field) for path, fields in POSTS.items() for field in fields])
@pytest.mark.parametrize("value", [[], {}, 1e400, -1, "\ud800", "", "x" * 3000], ids=repr)
def test_a_wrong_value_is_named(controls: FakeControls, path: str, field: str, value: Any) -> None:
    status, answer = ask(controls, "POST", path, json.dumps(POSTS[path] | {field: value}).encode())
    assert status in ((400, 200) if (field, value) == ("type", "") else (400,))
    assert status == 200 or f'"{field}"' in answer["error"] or "not JSON" in answer["error"]


@pytest.mark.parametrize("wanted", ["0", "3", "-1", "x", "1.0", "١", "1%20", "9" * 5000])
@pytest.mark.parametrize("path", [path for path in POSTS if "/evse/1/" in path])
def test_an_evse_that_is_not_there_is_not_found(controls: FakeControls, path: str, wanted: str) -> None:
    assert ask(controls, "POST", path.replace("/1/", f"/{wanted}/"), POSTS[path])[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/v1/nothing", 404), ("GET", "//", 404), ("GET", "", 404), ("GET", "/api/v1/evse/1/start", 405),
     ("DELETE", "/api/v1/status", 405), ("PATCH", "/api/v1/settings/x", 405), ("BREW", "/metrics", 405)],
)  # fmt: skip
def test_other_paths_and_methods_are_refused(controls: FakeControls, method: str, path: str, status: int) -> None:
    found, answer = ask(controls, method, path)
    assert (found, list(answer)) == (status, ["error"])


values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.sampled_from(["full", "ev"])
)
bodies = st.recursive(values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("path", POSTS)
def test_no_body_gets_more_than_an_answer_or_a_refusal(path: str, data: st.DataObject) -> None:
    controls = FakeControls()
    table = routes(controls)
    for _ in range(3):
        known = {field: st.just(good) | bodies for field, good in POSTS[path].items()}
        body = data.draw(st.fixed_dictionaries({}, optional=known) | bodies)
        status, answer = ask(controls, "POST", path, json.dumps(body).encode(), table=table)
        assert status in (200, 400, 404, 409)
        assert status == 200 or answer["error"].endswith(".")
    assert ask(controls, "GET", "/api/v1/status", table=table)[0] == 200
