"""The status document: every field that programs rely on, and nothing that they should not see."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from chargepoint.config import CsmsConfig
from chargepoint.core.facts import Token
from chargepoint.datause import DataUse
from chargepoint.web.controls import CsmsState
from chargepoint.web.status import document, rfc3339
from tests.web.fake_station import FakeControls


async def charging(minutes: int = 0) -> FakeControls:
    """A car that draws 16 A on three phases, 11.1 kW."""
    controls = FakeControls(monotonic=asyncio.get_running_loop().time)
    await controls.simulator.plug(1)
    await controls.simulator.card("04A1B2C3D4E5F6")
    controls.flow()
    for _ in range(minutes * 6):
        await asyncio.sleep(10)
        controls.flow()
    return controls


async def test_the_document_has_exactly_the_fields_of_the_contract() -> None:
    status = document(await charging())
    assert set(status) == {"station", "csms", "supply", "evses", "clock"}
    assert set(status["station"]) == {"identity", "vendor", "model", "serial_number", "firmware"}
    assert set(status["csms"]) == {"url", "state", "ocpp", "undelivered", "dead_letters", "data"}
    assert set(status["supply"]) == {"max_current_a", "measured_a"}
    assert set(status["clock"]) == {"trusted", "source", "offset_s"}
    assert set(status["evses"][0]) == {
        "id", "status", "ocpp_status", "pilot", "cable_present", "cable_a", "permit_a", "limits", "contactor",
        "locked", "faults", "session", "price", "reading",
    }  # fmt: skip
    assert set(status["evses"][0]["limits"][0]) == {"source", "amps", "until"}
    assert set(status["evses"][0]["reading"]) == {"at", "energy_wh", "power_w", "current_a", "voltage_v"}
    assert set(status["evses"][0]["session"]) == {
        "id", "token", "started_at", "energy_wh", "transaction", "stop_reason",
    }  # fmt: skip
    assert set(status["evses"][0]["session"]["transaction"]) == {"id", "state"}


async def test_what_the_guard_holds_back_is_a_limit_with_its_reason() -> None:
    controls = await charging()
    evse = controls.station.evses[1]
    evse.seen = replace(evse.seen, held="heat", offered_a=8.0)

    limits = document(controls)["evses"][0]["limits"]

    assert {"source": "guard: heat", "amps": 8.0, "until": None} in limits


async def test_an_evse_in_use_says_so() -> None:
    first, second = document(await charging())["evses"]
    assert (first["status"], first["ocpp_status"], first["pilot"], first["contactor"]) == (
        "charging", "Occupied", "C2", "closed",
    )  # fmt: skip
    assert first["permit_a"] == 16.0
    assert {limit["source"]: limit["amps"] for limit in first["limits"]} == {
        "configuration": 16.0, "cable": 32.0, "supply": 16.0,
    }  # fmt: skip
    assert (second["status"], second["session"], second["permit_a"]) == ("available", None, 0.0)


async def test_a_card_is_masked() -> None:
    session = document(await charging())["evses"][0]["session"]
    assert session["token"] == "…E5F6"


async def test_the_energy_of_a_session_counts_from_its_begin_value() -> None:
    controls = await charging(minutes=60)
    assert document(controls)["evses"][0]["session"]["energy_wh"] == pytest.approx(11088, rel=0.02)


async def test_a_session_that_is_over_keeps_its_energy_until_the_cable_is_gone() -> None:
    controls = await charging(minutes=60)
    controls.act(lambda station, now: station.stop(1, now))
    controls.flow()
    session = document(controls)["evses"][0]["session"]
    assert session["energy_wh"] == pytest.approx(11088, rel=0.02)
    assert (session["transaction"], session["stop_reason"]) == (None, "Local")
    await controls.simulator.unplug(1)
    assert document(controls)["evses"][0]["session"] is None


async def test_a_fault_names_its_remedy_and_when_it_was_seen() -> None:
    controls = FakeControls()
    await controls.simulator.fault(1, "emergency_stop")
    (fault,) = document(controls)["evses"][0]["faults"]
    assert fault["name"] == "MREC8EmergencyStop"
    assert fault["severity"] == "high"
    assert "release" in fault["remedy"]
    assert datetime.fromisoformat(fault["since"]) == pytest.approx(datetime.now(UTC), abs=timedelta(seconds=5))


def test_a_station_without_a_back_office_has_no_identity_and_no_url() -> None:
    controls = FakeControls()
    controls.config = replace(controls.config, csms=None)
    controls.csms = lambda: CsmsState()  # type: ignore[method-assign]
    status = document(controls)
    assert status["station"]["identity"] is None
    nothing = {"url": None, "ocpp": None, "undelivered": 0, "dead_letters": 0, "data": None}
    assert status["csms"] == {"state": "none", **nothing}
    assert status["evses"][0]["ocpp_status"] is None


def test_the_url_is_where_the_station_is_sought_now() -> None:
    controls = FakeControls()
    controls.csms = lambda: CsmsState("accepted", "1.6", "wss://raised.example.com")  # type: ignore[method-assign]
    assert document(controls)["csms"]["url"] == "wss://raised.example.com"


def test_a_password_in_the_url_is_hidden() -> None:
    controls = FakeControls()
    config = CsmsConfig(url="wss://CP001:secret@csms.example.com/ocpp", identity="CP001")
    controls.config = replace(controls.config, csms=config)
    assert "secret" not in str(document(controls))


def test_times_are_utc_with_a_z() -> None:
    at = datetime(2026, 11, 22, 13, 0, 0, 5000, tzinfo=timezone(timedelta(hours=1)))
    assert rfc3339(at) == "2026-11-22T12:00:00.005Z"


def test_a_short_token_is_shown_whole() -> None:
    assert Token("1234").masked == "1234"


class Nothing:
    def get(self, space: str, key: str) -> None: ...
    def put(self, space: str, key: str, value: object) -> None: ...


def test_what_the_network_has_carried_is_told_by_day_and_month() -> None:
    controls = FakeControls()
    controls.tally.traffic = DataUse(Nothing(), lambda: date(2026, 11, 23))
    controls.tally.traffic.spent(1200, 34)
    carried = {"sent": 1200, "received": 34}
    assert document(controls)["csms"]["data"] == {"day": carried, "month": carried}
