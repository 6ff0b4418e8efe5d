"""What an installer reads on `chargepoint status`."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from chargepoint.cli.status import left
from tests.cli.conftest import EVSE, STATUS, FakeDaemon, Said

Run = Callable[..., Said]

SCREEN = """\
station      Acme Wall 22, A-000123, firmware 0.1.0
back office  connected, OCPP 2.0.1, wss://csms.example.com/ocpp as CP001
supply       16.1 A drawn of 40 A per phase
clock        right, by NTP

EVSE  status     cable         may draw  because of  contactor  draws     session   card
1     charging   32 A, locked  16 A      supply      closed     11.04 kW  3.42 kWh  …E5F6
2     available  -             nothing   no session  open       -         -         -
"""


def test_the_whole_station_is_on_one_screen(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /status", STATUS)
    said = chargepoint("status")
    assert (said.status, said.out) == (0, SCREEN)


def test_a_program_gets_the_api_s_own_words(daemon: FakeDaemon, chargepoint: Run) -> None:
    daemon.will("GET /status", STATUS)
    assert json.loads(chargepoint("status", "--json").out) == STATUS


def changed(**evse: Any) -> dict[str, Any]:
    status = copy.deepcopy(STATUS)
    status["evses"] = [{**EVSE, **evse}]
    return status


def test_a_fault_stands_below_with_its_remedy(daemon: FakeDaemon, chargepoint: Run) -> None:
    fault = {
        "name": "contactor_welded",
        "severity": "high",
        "since": "2020-11-22T12:03:00Z",
        "remedy": "Switch the supply off and replace the contactor.",
    }
    daemon.will("GET /status", changed(status="faulted", faults=[fault]))
    assert chargepoint("status").out.splitlines()[-2:] == [
        "EVSE 1: contactor_welded since 2020-11-22 12:03",
        "        Switch the supply off and replace the contactor.",
    ]


def test_a_limit_that_ends_says_when(daemon: FakeDaemon, chargepoint: Run) -> None:
    limit = {"source": "profile 3", "amps": 16.0, "until": "2020-11-22T12:03:00Z"}
    daemon.will("GET /status", changed(limits=[limit]))
    assert chargepoint("status").out.endswith("EVSE 1: 16 A by profile 3 until 2020-11-22 12:03\n")


def test_a_random_delay_says_how_long_it_still_is_and_what_ends_it(daemon: FakeDaemon, chargepoint: Run) -> None:
    limit = {"source": "random delay", "amps": 0.0, "until": "2020-11-22T12:03:00Z"}
    daemon.will("GET /status", changed(permit_a=0.0, limits=[limit]))
    last = chargepoint("status").out.splitlines()[-1]
    assert last == "EVSE 1: a random delay, 0 min 0 s left; `chargepoint skip-delay 1` ends it"
    assert left("2026-11-22T12:03:00Z", datetime(2026, 11, 22, 11, 58, 50, tzinfo=UTC)) == "4 min 10 s left"


def test_a_main_meter_without_a_fuse_of_the_station_s_own_is_told(daemon: FakeDaemon, chargepoint: Run) -> None:
    status = copy.deepcopy(STATUS)
    status["supply"] = {"max_current_a": None, "measured_a": [12.3, 3.0, 4.0]}
    daemon.will("GET /status", status)
    assert chargepoint("status").out.splitlines()[2] == "supply       12.3 A drawn by the building and all EVSEs"


def test_what_the_back_office_is_owed_is_told(daemon: FakeDaemon, chargepoint: Run) -> None:
    status = copy.deepcopy(STATUS)
    status["csms"] |= {"state": "offline", "ocpp": None, "undelivered": 3, "dead_letters": 1}
    daemon.will("GET /status", status)
    assert chargepoint("status").out.splitlines()[1:4] == [
        "back office  no connection, wss://csms.example.com/ocpp as CP001",
        "             messages waiting to be sent: 3",
        "             messages given up, refused by the back office: 1",
    ]


def test_a_station_of_its_own_has_no_back_office(daemon: FakeDaemon, chargepoint: Run) -> None:
    status = copy.deepcopy(STATUS)
    status["csms"] |= {"state": "none", "url": None, "ocpp": None}
    status["supply"] = {"max_current_a": None, "measured_a": None}
    status["clock"] = {"trusted": False, "source": "none", "offset_s": 0.0}
    daemon.will("GET /status", status)
    assert chargepoint("status").out.splitlines()[1:3] == [
        "back office  none: this station needs no back office",
        "clock        not known to be right: neither NTP nor a back office has set it",
    ]


@pytest.mark.parametrize(
    ("evse", "cell"),
    [
        ({"cable_present": None, "cable_a": None}, "fixed"),
        ({"cable_present": True, "cable_a": None, "locked": None}, "yes"),
        ({"cable_present": True, "cable_a": 20.0, "locked": False}, "20 A"),
    ],
)
def test_the_cable_is_told(daemon: FakeDaemon, chargepoint: Run, evse: dict[str, Any], cell: str) -> None:
    daemon.will("GET /status", changed(**evse))
    assert f"  {cell}  " in chargepoint("status").out.splitlines()[-1]
