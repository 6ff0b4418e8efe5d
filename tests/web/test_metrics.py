"""Prometheus can read what we say, and it says what the status says."""

import re

from chargepoint.web.metrics import text
from chargepoint.web.status import document
from tests.web.fake_station import FakeControls

LINE = re.compile(r'^[a-z_]+(\{[a-z_0-9]+="(?:[^"\\]|\\.)*"(,[a-z_0-9]+="(?:[^"\\]|\\.)*")*\})? -?[0-9.e+]+$')


async def test_every_line_is_a_comment_or_a_sample() -> None:
    controls = FakeControls()
    await controls.simulator.plug(1)
    lines = text(document(controls)).splitlines()
    assert all(line.startswith(("# HELP ", "# TYPE ")) or LINE.match(line) for line in lines)


async def test_what_stands_in_the_status_stands_in_the_metrics() -> None:
    controls = FakeControls()
    await controls.simulator.plug(1)
    await controls.simulator.card("04A1B2C3D4E5F6")
    controls.flow()
    controls.journal.owed, controls.journal.letters = 3, ["given up"]
    lines = text(document(controls)).splitlines()
    assert 'chargepoint_evse_status{evse="1",status="charging"} 1' in lines
    assert 'chargepoint_evse_status{evse="1",status="available"} 0' in lines
    assert 'chargepoint_evse_permit_amperes{evse="1"} 16.0' in lines
    assert 'chargepoint_evse_limit_amperes{evse="1",source="supply"} 16.0' in lines
    assert 'chargepoint_evse_contactor_closed{evse="1"} 1' in lines
    assert "chargepoint_undelivered_facts 3" in lines
    assert "chargepoint_dead_letters 1" in lines
    assert 'chargepoint_csms_state{state="accepted"} 1' in lines


def test_quotes_and_backslashes_in_names_are_escaped() -> None:
    status = document(FakeControls())
    status["station"]["model"] = 'Wall "22"\\\n'
    assert r'model="Wall \"22\"\\\n"' in text(status)


def test_a_meter_that_has_not_been_read_has_no_value() -> None:
    status = document(FakeControls())
    status["evses"][0]["reading"] = None
    assert 'chargepoint_evse_power_watts{evse="1"}' not in text(status)
