"""Prometheus can read what we say, by its own parser and its own checker, and it says what the status says."""

import asyncio
import subprocess
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from chargepoint.core.facts import CsmsConnected, Record
from chargepoint.tally import Tally
from chargepoint.web.devices import devices
from chargepoint.web.exposition import OPENMETRICS, PROMETHEUS, Form, Metric, form_for, text
from chargepoint.web.http import Request
from chargepoint.web.measured import MetricsRoutes
from chargepoint.web.metrics import all_of
from chargepoint.web.status import document
from hw.api import Report
from tests.core.site import NOON
from tests.web.fake_station import FakeControls

CARD = "04A1B2C3D4E5F6"


def said(controls: FakeControls, form: Form = PROMETHEUS) -> str:
    now_s = controls.tally.clock()
    return text(all_of(document(controls), devices(controls), controls.tally, controls.vitals(), now_s), form)


def read(told: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Name and labels -> value, by Prometheus's own parser; no two samples may be the same one."""
    found: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    for family in prometheus(told):
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in found, f"{key} twice"
            found[key] = sample.value
    return found


class Seen:
    """What was said, to be asked by name and labels."""

    def __init__(self, told: str) -> None:
        self._samples = read(told)

    def __call__(self, name: str, /, **labels: object) -> float | None:
        return self._samples.get((f"chargepoint_{name}", frozenset((k, str(v)) for k, v in labels.items())))


async def charging_station() -> FakeControls:
    controls = FakeControls()
    assert controls.simulator is not None
    await controls.simulator.plug(1)
    await controls.simulator.card(CARD)
    controls.flow()
    controls.tally.guard.reported(Report(1, 7, late_ticks=3, worst_delay_s=0.055), controls.tally.clock())
    controls.tally.guard.permitted(controls.tally.clock())
    return controls


async def test_what_stands_in_the_status_stands_in_the_metrics() -> None:
    charging = await charging_station()
    charging.journal.owed, charging.journal.letters = 3, ["given up"]
    seen = Seen(said(charging))
    assert seen("evse_status", evse=1, status="charging") == 1
    assert seen("evse_status", evse=1, status="available") == 0
    assert seen("evse_pilot_state", evse=1, state="C2") == 1
    assert seen("evse_pilot_state", evse=1, state="A") == 0
    assert seen("evse_permit_amperes", evse=1) == 16
    assert seen("evse_limit_amperes", evse=1, source="supply") == 16
    assert seen("evse_cable_amperes", evse=1) == 32
    assert seen("evse_contactor_closed", evse=1) == 1
    assert seen("evse_contactor_closed", evse=2) == 0
    assert seen("evse_session_active", evse=1) == 1
    assert seen("evse_session_active", evse=2) == 0
    assert seen("evse_voltage_volts", evse=1, phase="L2") == 230.8
    assert (seen("undelivered_facts"), seen("dead_letters")) == (3, 1)
    assert seen("csms_state", state="accepted") == 1
    assert (seen("clock_trusted"), seen("supply_limit_amperes")) == (1, 20)


async def test_energy_is_told_in_joules_and_only_grows() -> None:
    charging = await charging_station()
    evse = charging.station.evses[1]
    assert evse.reading is not None
    told = said(charging)
    assert Seen(told)("evse_energy_joules_total", evse=1) == pytest.approx(evse.reading.energy_wh * 3600)
    assert "# TYPE chargepoint_evse_energy_joules_total counter" in told


async def test_what_happened_is_counted() -> None:
    charging = await charging_station()
    assert charging.simulator is not None
    await charging.simulator.unplug(1)
    await charging.simulator.plug(1)
    await charging.simulator.card("DEADBEEF")
    await charging.simulator.fault(2, "overtemperature")
    seen = Seen(said(charging))
    assert (seen("evse_sessions_total", evse=1), seen("evse_sessions_total", evse=2)) == (2, 0)
    assert (seen("evse_transactions_total", evse=1), seen("evse_contactor_closings_total", evse=1)) == (1, 1)
    assert (seen("cards_total", verdict="accepted"), seen("cards_total", verdict="refused")) == (1, 1)
    assert seen("evse_faults_raised_total", evse=2) == 1
    assert seen("evse_faults", evse=2) == 1
    assert seen("evse_fault", evse=2, name="MREC19CableOverTempStop", severity="high") == 1


async def test_a_fault_that_is_gone_is_not_told_any_more() -> None:
    charging = await charging_station()
    assert charging.simulator is not None
    await charging.simulator.fault(2, "overtemperature")
    await charging.simulator.fault(2, "overtemperature", active=False)
    assert "chargepoint_evse_fault{" not in said(charging)
    assert Seen(said(charging))("evse_faults_raised_total", evse=2) == 1


async def test_the_guard_is_told_by_its_reports() -> None:
    charging = await charging_station()
    now_s = charging.tally.clock()
    charging.tally.guard.reported(Report(1, 8), now_s - 2.0)
    charging.tally.guard.permitted(now_s - 0.5)
    seen = Seen(said(charging))
    assert seen("guard_report_age_seconds") == pytest.approx(2.0, abs=0.2)
    assert seen("guard_lease_age_seconds") == pytest.approx(0.5, abs=0.2)
    assert seen("guard_starts_total") == 2
    assert (seen("guard_late_ticks_total"), seen("guard_worst_delay_seconds")) == (0, 0)


def test_a_guard_that_was_never_heard_of_has_no_age() -> None:
    told = said(FakeControls())
    assert "guard_report_age" not in told
    assert Seen(told)("guard_starts_total") == 0


async def test_devices_that_answer_and_those_that_do_not() -> None:
    charging = await charging_station()
    charging.config = replace(charging.config, card_readers=({"driver": "mock"}, {"driver": "mock"}))
    charging.act(lambda station, now: station.reader_lost(1, "unplugged", now))
    seen = Seen(said(charging))
    assert (seen("card_reader_up", reader=1), seen("card_reader_up", reader=2)) == (1, 0)
    assert seen("station_meter_up", role="main") == 1


def test_a_meter_that_has_not_been_read_has_no_value() -> None:
    controls = FakeControls()
    for evse in controls.station.evses.values():
        evse.reading = None
    assert "chargepoint_evse_power_watts" not in said(controls)


def test_the_numbers_of_charging_profiles_make_no_label() -> None:
    controls = FakeControls()
    status = document(controls)
    limits = [{"source": f"charging profile {n}", "amps": float(n), "until": None} for n in (17, 9, 4711)]
    status["evses"][0]["limits"] = limits
    told = text(all_of(status, devices(controls), controls.tally, controls.vitals(), 0.0))
    assert Seen(told)("evse_limit_amperes", evse=1, source="charging profile") == 9


def test_labels_and_meanings_are_escaped() -> None:
    nasty = 'Wall "22"\\\n'
    (family,) = prometheus(text([Metric("x_info", "gauge", "a\\b\nc", [({"model": nasty}, 1)])]))
    assert family.samples[0].labels == {"model": nasty}
    assert family.documentation == "a\\b\nc"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_is_no_number_is_not_told(value: float | None) -> None:
    assert text([Metric("x_volts", "gauge", "X.", [({}, value)])]) == ""


# --- round trips ------------------------------------------------------------------------------------------------------


def test_the_round_trip_is_from_our_request_to_its_answer() -> None:
    now = [10.0]
    tally = Tally(lambda: now[0])
    tally.frame("out", '[2,"a","Heartbeat",{}]')
    now[0] = 10.25
    tally.frame("in", '[2,"a","GetConfiguration",{}]')  # theirs may have the same number
    tally.frame("in", '[3,"b",{}]')  # a late one
    now[0] = 10.5
    tally.frame("in", ' [3, "a", {}]')
    tally.frame("in", '[3,"a",{}]')  # again
    talk = tally.talk
    assert (talk.round_trips, talk.round_trips_s, talk.errors) == (1, 0.5, 0)
    assert talk.messages == {"out": 1, "in": 4}
    tally.frame("out", '[2,"c","Heartbeat",{}]')
    tally.frame("in", '[4,"c","InternalError","",{}]')
    assert (talk.round_trips, talk.errors) == (2, 1)


@pytest.mark.parametrize(
    "frame", ["", "[", "[2", '[2,"', "nonsense" * 1000, b"\x00\x01", "[" * 5000, '[3,"' + "x" * 999]
)
def test_frames_that_are_none_are_counted_and_nothing_else(frame: str | bytes) -> None:
    tally = Tally(lambda: 0.0)
    tally.frame("in", frame)
    tally.frame("out", frame)
    assert (tally.talk.messages, tally.talk.round_trips) == ({"in": 1, "out": 1}, 0)


def test_being_accepted_again_is_a_reconnection() -> None:
    tally = Tally(lambda: 0.0)
    for _ in range(2):
        tally.heard(Record(CsmsConnected(0, "1.6"), NOON, 0.0))
    assert tally.talk.connections == 2


# --- how it is asked --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", PROMETHEUS),
        ("*/*", PROMETHEUS),
        ("text/html,application/xhtml+xml,*/*;q=0.8", PROMETHEUS),
        ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5", OPENMETRICS),
        ("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6", OPENMETRICS),
        ("application/openmetrics-text; version=0.0.1", PROMETHEUS),
        ("application/openmetrics-text;q=0,text/plain", PROMETHEUS),
        (";;,;=,,", PROMETHEUS),
    ],
)
def test_openmetrics_is_spoken_to_who_asks_for_it(accept: str, form: Form) -> None:
    assert form_for(accept) is form


async def test_openmetrics_is_read_by_its_own_parser() -> None:
    charging = await charging_station()
    told = said(charging, OPENMETRICS)
    families = {family.name: family for family in openmetrics(told)}
    assert families["chargepoint_evse_energy_joules"].type == "counter"
    assert families["chargepoint_csms_round_trip_seconds"].type == "summary"
    names = {sample.name for family in families.values() for sample in family.samples}
    assert names == {name for name, _ in read(said(charging))}
    assert told.endswith("# EOF\n")


def ask(routes: MetricsRoutes, accept: str = "") -> Any:
    return asyncio.run(routes.table["GET", "/metrics"](Request(accept=accept)))  # type: ignore[arg-type]


def test_a_flood_of_questions_makes_the_text_once_a_second() -> None:
    now, made = [100.0], []
    controls = FakeControls(monotonic=lambda: now[0])
    vitals = controls.vital

    def counted() -> Any:
        made.append(now[0])
        return vitals

    controls.vitals = counted  # type: ignore[method-assign]
    routes = MetricsRoutes(controls)
    answers = {ask(routes).body for _ in range(500)}
    assert (len(answers), len(made)) == (1, 1)
    assert ask(routes, "application/openmetrics-text").content_type.startswith("application/openmetrics-text")
    assert len(made) == 2
    now[0] += 1.0
    ask(routes)
    assert len(made) == 3


@pytest.mark.promtool
def test_prometheus_own_checker_finds_nothing_to_mend() -> None:
    told = said(asyncio.run(charging_station()))
    checked = subprocess.run(["promtool", "check", "metrics"], input=told, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
