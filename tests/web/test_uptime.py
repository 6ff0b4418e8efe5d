"""The uptime ledger over the API: a month in figures, its outages, and a spreadsheet of them."""

import csv
from datetime import UTC, datetime

import pytest

from chargepoint.core.uptime import STATION, Cause, Outage
from tests.web.fake_station import FakeControls
from tests.web.test_api import ask

OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
CUT = Outage(STATION, Cause.POWER_LOSS, "", OCTOBER.replace(day=3), OCTOBER.replace(day=3, hour=12))
FAULT = Outage("2", Cause.FAULT, "=MREC", OCTOBER.replace(day=4), OCTOBER.replace(day=4, hour=1, minute=30))
BEGIN = Outage(STATION, Cause.INSTALLED, "", OCTOBER, OCTOBER)


@pytest.fixture
def controls() -> FakeControls:
    made = FakeControls()
    made.outages_told = [BEGIN, CUT, FAULT]
    return made


def test_a_month_in_figures(controls: FakeControls) -> None:
    status, report = ask(controls, "GET", "/api/v1/uptime?month=2026-10")
    assert (status, report["since"], report["until"]) == (200, "2026-10-01T00:00:00.000Z", "2026-11-01T00:00:00.000Z")
    assert report["ports"][1] == {
        "evse": 2,
        "observed_min": 44640.0,
        "outage_min": 810.0,
        "excluded_min": 720.0,
        "availability": round(1 - 810 / 44640, 5),
        "nevi_uptime": round(1 - 90 / 44640, 5),
        "uk_reliability": round(1 - 90 / 44640, 5),
    }
    assert [(each["place"], each["cause"], each["minutes"]) for each in report["outages"]] == [
        ("station", "power loss", 720.0),
        ("evse 2", "hardware fault", 90.0),
    ]


def test_another_window_or_this_month(controls: FakeControls) -> None:
    assert ask(controls, "GET", "/api/v1/uptime?since=2026-10-04&until=2026-10-04")[1]["ports"][1]["outage_min"] == 90.0
    assert ask(controls, "GET", "/api/v1/uptime")[0] == 200


def test_the_outages_for_a_spreadsheet(controls: FakeControls) -> None:
    _, text = ask(controls, "GET", "/api/v1/uptime?month=2026-10&format=csv")
    rows = list(csv.DictReader(text.splitlines()))
    assert (rows[0]["minutes"], rows[0]["excluded"], rows[1]["detail"]) == ("720.0", "true", "'=MREC")


@pytest.mark.parametrize("query", ["month=soon", "format=xml", "since=2026-11&until=2026-10"])
def test_what_makes_no_sense_is_refused(controls: FakeControls, query: str) -> None:
    assert ask(controls, "GET", f"/api/v1/uptime?{query}")[0] == 400
