"""Cards, settings, sessions, and when the grid operator asked for less."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import STATUS, FakeDaemon, Said

Run = Callable[..., Said]

CARD = {"id": "04A1B2C3", "type": None, "status": "Accepted", "group": None, "expires_at": None, "source": "local"}
GUEST = {**CARD, "id": "77", "group": "guests", "expires_at": "2020-12-31T23:00:00Z", "source": "csms"}


def test_cards_are_listed(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /cards", [CARD, GUEST])
    assert chargepoint("cards", "list").out == (
        "card      status    group   expires           from\n"
        "04A1B2C3  Accepted  -       -                 added here\n"
        "77        Accepted  guests  2020-12-31 23:00  back office's list\n"
    )


def test_without_cards_the_next_step_is_told(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /cards", [])
    assert chargepoint("cards", "list").out == "No cards are known here. Add one: chargepoint cards add CARD\n"


def test_a_card_is_added(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("POST /cards", CARD)
    said = chargepoint("cards", "add", "04A1B2C3", "--group", "family", "--expires", "2027-01-01T00:00:00Z")
    assert said.out == "04A1B2C3 may charge here.\n"
    body = {"id": "04A1B2C3", "group": "family", "expires_at": "2027-01-01T00:00:00Z"}
    assert daemon.asked == [("POST", "/cards", body)]


def test_a_card_is_removed_whatever_its_letters(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("DELETE /cards/a%2Fb%20c", {})
    assert chargepoint("cards", "remove", "a/b c").out == "a/b c is forgotten.\n"


HEARTBEAT: dict[str, Any] = {
    "name": "OCPPCommCtrlr.HeartbeatInterval",
    "name_1_6": "HeartbeatInterval",
    "name_2_x": "OCPPCommCtrlr.HeartbeatInterval",
    "value": "300",
    "type": "integer",
    "unit": "s",
    "min": 1,
    "max": None,
    "writable": True,
    "reboot": False,
}
SECRET = {**HEARTBEAT, "name_1_6": "AuthorizationKey", "name_2_x": None, "value": None, "type": "string", "unit": None}
FIXED = {**HEARTBEAT, "name_1_6": "NumberOfConnectors", "name_2_x": None, "value": "2", "writable": False}


def test_settings_are_listed_under_both_names(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /settings", [HEARTBEAT, SECRET, FIXED])
    assert chargepoint("settings", "list").out == (
        "OCPP 2.x                         OCPP 1.6            value       may be\n"
        "OCPPCommCtrlr.HeartbeatInterval  HeartbeatInterval   300         integer 1 or more s\n"
        "-                                AuthorizationKey    (a secret)  string 1 or more\n"
        "-                                NumberOfConnectors  2           read only\n"
    )
    assert len(chargepoint("settings", "list", "heartbeat").out.splitlines()) == 2
    assert chargepoint("settings", "list", "rain").out == 'No setting has "rain" in its name.\n'


def test_one_setting_is_shown(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /settings/HeartbeatInterval", HEARTBEAT)
    assert chargepoint("settings", "get", "HeartbeatInterval").out == (
        "OCPP 2.x  OCPPCommCtrlr.HeartbeatInterval\n"
        "OCPP 1.6  HeartbeatInterval\n"
        "value     300\n"
        "may be    integer 1 or more s\n"
        "change    takes effect at once\n"
    )


@pytest.mark.parametrize(
    ("answer", "status", "out", "err"),
    [
        ({"status": "Accepted"}, 0, "HeartbeatInterval = 60.\n", ""),
        ({"status": "RebootRequired"}, 0, "HeartbeatInterval = 60. It takes effect after a restart.\n", ""),
        (
            {"status": "Rejected", "why": "must be at least 1 s, not 0"},
            1,
            "",
            "HeartbeatInterval was not changed: must be at least 1 s, not 0\n",
        ),
    ],
)
def test_a_setting_is_changed_or_not(
    daemon: FakeDaemon, chargepoint: Run, answer: dict[str, str], status: int, out: str, err: str
) -> None:
    daemon.will("PUT /settings/HeartbeatInterval", answer)
    assert chargepoint("settings", "set", "HeartbeatInterval", "60") == Said(status, out, err)
    assert daemon.asked[-1][2] == {"value": "60"}


SESSION = {
    "id": "0d0f",
    "evse": 1,
    "token": "04A1B2C3",
    "started_at": "2020-11-22T12:00:00Z",
    "ended_at": "2020-11-22T14:00:00Z",
    "energy_wh": 22080.0,
    "begin_wh": 100.0,
    "end_wh": 22180.0,
    "reason": "Local",
    "delivered": True,
}
ALONE = {**STATUS, "csms": {**STATUS["csms"], "state": "none"}}
OPEN = {**SESSION, "token": None, "ended_at": None, "energy_wh": 80.0, "reason": None, "delivered": False}


def test_sessions_are_listed(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /status", STATUS)
    daemon.will("GET /sessions", [OPEN, SESSION])
    assert chargepoint("sessions").out == (
        "began             ended             EVSE  card      energy     ended by  back office\n"
        "2020-11-22 12:00  goes on           1     -         80 Wh      -         waits\n"
        "2020-11-22 12:00  2020-11-22 14:00  1     04A1B2C3  22.08 kWh  Local     knows it\n"
    )
    assert len(chargepoint("sessions", "--last", "1").out.splitlines()) == 2


def test_a_station_of_its_own_owes_nobody_a_report(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /status", ALONE)
    daemon.will("GET /sessions", [SESSION])
    assert chargepoint("sessions").out.splitlines()[0].endswith("ended by")


def test_no_session_yet(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /sessions", [])
    assert chargepoint("sessions").out == "No session yet.\n"


def test_sessions_for_a_spreadsheet(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /sessions?format=csv", b"id,evse\r\n0d0f,1\r\n")
    assert chargepoint("sessions", "--csv").out.splitlines() == ["id,evse", "0d0f,1"]


def test_sessions_of_a_window_are_all_told(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /status", STATUS)
    daemon.will(
        "GET /sessions?since=2020-11-01T00%3A00%3A00%2B00%3A00&until=2020-12-01T00%3A00%3A00%2B00%3A00",
        [{**SESSION, "cost": "6.62 EUR"}] * 30,
    )
    lines = chargepoint("sessions", "--since", "2020-11", "--until", "2020-11").out.splitlines()
    assert (len(lines), lines[0].split()[5]) == (31, "cost")
    assert "22.08 kWh  6.62 EUR  Local" in lines[1]


def test_a_window_that_is_none_is_refused(daemon: FakeDaemon, chargepoint: Run) -> None:
    said = chargepoint("sessions", "--since", "soon")
    assert said.status == 1
    assert said.err.startswith('chargepoint: "soon" is not a time such as')


def test_sessions_with_their_proofs_for_somebody_else(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /sessions?cards=masked&signed=true&format=csv", b"id\r\n0d0f\r\n")
    assert chargepoint("sessions", "--csv", "--signed", "--mask-cards").out.splitlines() == ["id", "0d0f"]


# --- uptime -----------------------------------------------------------------------------------------------------------

PORT = {
    "evse": 1, "observed_min": 43200.0, "outage_min": 720.0, "excluded_min": 600.0,
    "availability": 0.99, "nevi_uptime": 0.99722, "uk_reliability": None,
}  # fmt: skip
CUT = {
    "place": "station", "cause": "power loss", "detail": None, "began": "2020-11-03T00:00:00Z", "minutes": 600.0,
    "ended": "2020-11-03T10:00:00Z", "excluded": True, "clock": "right",
}  # fmt: skip
MONTH = {"since": "2020-11-01T00:00:00Z", "until": "2020-12-01T00:00:00Z", "ports": [PORT], "outages": [CUT]}


def test_uptime_of_a_month(daemon: FakeDaemon, chargepoint: Run) -> None:
    fault = {**CUT, "place": "evse 1", "cause": "hardware fault", "detail": "MREC8EmergencyStop", "ended": None}
    daemon.will("GET /uptime?month=2020-11", {**MONTH, "outages": [CUT, fault]})
    assert chargepoint("uptime", "--month", "2020-11").out == (
        "2020-11-01 00:00 to 2020-12-01 00:00\n"
        "EVSE  observed   outage   excluded  usable   NEVI uptime  UK reliability\n"
        "1     43200 min  720 min  600 min   99.00 %  99.72 %      -\n"
        "\n"
        "began             ended             minutes  where    cause                               clock\n"
        "2020-11-03 00:00  2020-11-03 10:00  600.0    station  power loss                          right\n"
        "2020-11-03 00:00  goes on           600.0    evse 1   hardware fault: MREC8EmergencyStop  right\n"
    )


def test_a_month_without_outages(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /uptime", {**MONTH, "outages": []})
    assert chargepoint("uptime").out.endswith("No outage.\n")


def test_outages_for_a_spreadsheet(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /uptime?since=2020-11&format=csv", b"place\r\nstation\r\n")
    assert chargepoint("uptime", "--since", "2020-11", "--csv").out.splitlines() == ["place", "station"]


# --- the grid operator ------------------------------------------------------------------------------------------------


def test_when_the_grid_operator_asked_for_less_is_listed(daemon: FakeDaemon, chargepoint: Run) -> None:
    first = {"evse": 1, "from": "2020-11-22T17:00:00Z", "until": "2020-11-22T18:30:00Z", "watts": 4200.0}
    second = {**first, "from": "2020-11-23T17:00:00Z", "until": None, "clock_trusted": False}
    daemon.will("GET /grid-limits", [second, {**first, "clock_trusted": True}])
    assert chargepoint("grid-limits").out == (
        "began             ended             EVSE  limit    clock\n"
        "2020-11-23 17:00  goes on           1     4.20 kW  not known to be right\n"
        "2020-11-22 17:00  2020-11-22 18:30  1     4.20 kW  right\n"
    )
    daemon.will("GET /grid-limits", [])
    assert chargepoint("grid-limits").out == "The grid operator has not asked for less.\n"
