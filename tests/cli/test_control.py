"""Commands that act: what they ask of the daemon, and what they say afterwards."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import EVSE, STATUS, FakeDaemon, Said

Run = Callable[..., Said]

# words typed -> request, body
REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("start 1 04A1B2C3", "/evse/1/start", {"token": "04A1B2C3"}),
    ("stop 1", "/evse/1/stop", {}),
    ("limit 1 10", "/evse/1/limit", {"amps": 10.0}),
    ("limit 1 10.5A", "/evse/1/limit", {"amps": 10.5}),
    ("limit 1 none", "/evse/1/limit", {"amps": None}),
    ("unlock 1", "/evse/1/unlock", {}),
    ("availability 1 off", "/evse/1/availability", {"available": False}),
    ("availability 1 operative", "/evse/1/availability", {"available": True}),
    ("clear 1 contactor_welded", "/evse/1/clear", {"fault": "contactor_welded"}),
]


@pytest.mark.parametrize(("words", "path", "body"), REQUESTS, ids=[request[0] for request in REQUESTS])
def test_a_command_asks_the_daemon_and_shows_the_evse(
    daemon: FakeDaemon, chargepoint: Run, words: str, path: str, body: dict[str, Any]
) -> None:
    daemon.will(f"POST {path}", EVSE)
    said = chargepoint(*words.split())
    assert daemon.asked == [("POST", path, body)]
    assert (said.status, said.out) == (0, "EVSE 1: charging, may draw 16 A, 3.42 kWh so far\n")


@pytest.mark.parametrize(("word", "present", "said"), [
    ("failed", False, "Every session ends, and nobody new begins.\n"), ("back", True, "New sessions may begin.\n"),
])  # fmt: skip
def test_the_script_of_a_battery_says_how_the_mains_is(
    daemon: FakeDaemon, chargepoint: Run, word: str, present: bool, said: str
) -> None:
    daemon.will("POST /mains", {"present": present})
    assert chargepoint("mains", word).out == said
    assert daemon.asked == [("POST", "/mains", {"present": present})]


@dataclass(frozen=True)
class Trick:
    """What is typed, what is asked, what is said."""

    words: str
    path: str
    body: dict[str, Any]
    said: str


TRICKS = [
    Trick("plug 1", "plug", {}, "a car is plugged in"),
    Trick(
        "plug 1 --cable-a 32 --draw-a 16 --phases 1 --asks-power no --inserted half",
        "plug",
        {"cable_a": 32.0, "draw_a": 16.0, "phases": 1, "asks_power": False, "inserted": "half"},
        "a plug is half in",
    ),
    Trick("unplug 1", "unplug", {}, "the car is unplugged"),
    Trick("unplug 1 --side ev", "unplug", {"side": "ev"}, "the car is unplugged, its cable stays"),
    Trick(
        "car 1 --draw-a 8 --asks-power yes --ventilation no --reaction-s 2 --ignores-offer yes --sleeps no --diode no",
        "car",
        {
            "draw_a": 8.0,
            "asks_power": True,
            "ventilation": False,
            "reaction_s": 2.0,
            "ignores_offer": True,
            "sleeps": False,
            "diode": False,
        },
        "the car does so from now on",
    ),
    Trick("fault 1 earth_leakage", "fault", {"kind": "earth_leakage", "active": True}, "earth_leakage is there"),
    Trick("fault 1 meter_lost --off", "fault", {"kind": "meter_lost", "active": False}, "meter_lost is mended"),
]


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.words)
def test_simulated_hardware_does_as_told(daemon: FakeDaemon, chargepoint: Run, trick: Trick) -> None:
    daemon.will(f"POST /sim/evse/1/{trick.path}", EVSE)
    said = chargepoint("sim", *trick.words.split())
    assert daemon.asked == [("POST", f"/sim/evse/1/{trick.path}", trick.body)]
    assert (said.status, said.out) == (0, f"EVSE 1: {trick.said}.\n")


@pytest.mark.parametrize(
    ("words", "body"),
    [
        ("12", {"current_a": [12.0, 12.0, 12.0]}),
        ("12 3 5.5", {"current_a": [12.0, 3.0, 5.5]}),
        ("--silent", {"silent": True}),
        ("--speaks -- -8 0 0", {"current_a": [-8.0, 0.0, 0.0], "silent": False}),
    ],
)
def test_the_simulated_house_draws_what_is_said(
    daemon: FakeDaemon, chargepoint: Run, words: str, body: dict[str, Any]
) -> None:
    daemon.will("POST /sim/house", STATUS)
    assert chargepoint("sim", "house", *words.split()).out == "The house does so from now on.\n"
    assert daemon.asked == [("POST", "/sim/house", body)]


def test_a_card_is_held_to_the_reader(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("POST /sim/card", STATUS)
    said = chargepoint("sim", "card", "04A1B2C3", "--reader", "1")
    assert daemon.asked == [("POST", "/sim/card", {"uid": "04A1B2C3", "reader": 1})]
    assert said.out == "Card 04A1B2C3 was held to the reader.\n"


def test_the_line_is_cut_and_mended(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("POST /sim/link", STATUS)
    assert chargepoint("sim", "link", "down").out == "The line to the back office is cut.\n"
    assert chargepoint("sim", "link", "up").out == "The line to the back office is mended.\n"
    assert [body for _, _, body in daemon.asked] == [{"up": False}, {"up": True}]


def test_a_no_is_told_with_the_daemon_s_own_sentence(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("POST /evse/1/unlock", {"error": "a session is running here; stop it first"}, 409)
    said = chargepoint("unlock", "1")
    assert (said.status, said.out, said.err) == (1, "", "chargepoint: a session is running here; stop it first\n")


def test_json_is_the_api_s_answer(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("POST /evse/1/stop", EVSE)
    assert json.loads(chargepoint("stop", "1", "--json").out) == EVSE


# --- who is there -----------------------------------------------------------------------------------------------------


def test_no_daemon_is_status_3_with_the_command_that_starts_one(chargepoint: Run, state: Path) -> None:
    said = chargepoint("status")
    assert said.status == 3
    assert said.err == (
        f"chargepoint: {state}: no charge point runs here: there is no {state}/run.json. "
        "Start it (`sudo systemctl start chargepoint`, or `chargepoint run`), or name its directory with --state.\n"
    )


@pytest.mark.parametrize("api", ["http://127.0.0.1:1", "unix:/nowhere/api.sock"])
def test_a_daemon_that_has_died_is_status_3(chargepoint: Run, state: Path, api: str) -> None:
    state.mkdir()
    (state / "run.json").write_text(json.dumps({"pid": 1, "api": api, "guard_socket": ""}))
    said = chargepoint("status")
    assert said.status == 3
    assert f"{api} does not answer" in said.err


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"api": 3', "\0"])
def test_a_spoilt_run_file_is_status_3(chargepoint: Run, state: Path, text: str) -> None:
    state.mkdir()
    (state / "run.json").write_text(text)
    assert chargepoint("status").status == 3


def test_another_program_on_that_port_is_status_3(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /status", b"<html>router</html>")
    said = chargepoint("status")
    assert said.status == 3
    assert "what answers there is not a charge point" in said.err


def test_the_password_is_found_by_way_of_the_configuration(
    daemon: FakeDaemon, chargepoint: Run, tmp_path: Path
) -> None:
    daemon.password = "Y2hhcmdlcG9pbnQ6c2VjcmV0"  # base64 of chargepoint:secret
    daemon.will("GET /status", STATUS)
    (tmp_path / "chargepoint.toml").write_text('[web]\npassword_file = "page-password"\n')
    (tmp_path / "page-password").write_text("secret\n")
    assert chargepoint("status").status == 0


def test_a_password_that_cannot_be_read_is_named(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.password = "x"
    said = chargepoint("status")
    assert said.status == 1
    assert "a password is needed, and password_file of [web] in" in said.err
