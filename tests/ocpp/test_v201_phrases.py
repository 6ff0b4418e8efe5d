"""The requests every version has, in the words of 2.0.1, and the tables as a whole."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chargepoint.core import facts
from chargepoint.core.facts import Billable, Owed, Status, StatusChanged, Token
from chargepoint.modem import Sim
from chargepoint.ocpp.rpc import Reason
from chargepoint.ocpp.v201 import DIALECT
from chargepoint.ocpp.v201.remarks import Why
from tests.ocpp.rig import NOON, Rig, check, schema_actions

PHRASES = DIALECT.phrases


def checked(said: tuple[str, dict[str, Any]] | None) -> tuple[str, dict[str, Any]]:
    assert said is not None
    check(DIALECT, *said)
    return said


@pytest.mark.parametrize(
    ("cause", "reason"),
    [("PowerUp", "PowerUp"), ("RemoteReset", "RemoteReset"), ("a whim", "Unknown"), ("", "Unknown")],
)
def test_boot_notification_says_what_the_nameplate_says_and_why(cause: str, reason: str) -> None:
    assert checked(PHRASES.boot(Rig(DIALECT).services, cause)) == (
        "BootNotification",
        {
            "chargingStation": {
                "model": "Wall 22", "vendorName": "Acme", "serialNumber": "A-000123", "firmwareVersion": "1.0.0",
            },
            "reason": reason,
        },
    )  # fmt: skip


def test_a_nameplate_too_long_for_the_standard_is_cut() -> None:
    services = Rig(DIALECT).services
    plate = replace(services.nameplate, vendor="V" * 60, model="M" * 30, serial_number="S" * 30, firmware_version="")
    _, said = checked(PHRASES.boot(replace(services, nameplate=plate), ""))
    lengths = {name: len(text) for name, text in said["chargingStation"].items()}
    assert lengths == {"model": 20, "vendorName": 50, "serialNumber": 25}


def test_heartbeat_authorize_and_vendor_data() -> None:
    assert checked(PHRASES.heartbeat()) == ("Heartbeat", {})
    token = {"idToken": "04A1B2C3", "type": "ISO14443"}
    assert checked(PHRASES.authorize(Token("04A1B2C3"))) == ("Authorize", {"idToken": token})
    data = {"anything": [None, {}, []]}
    said = checked(DIALECT.phrases.data_transfer("com.example", "x", data))
    assert said == ("DataTransfer", {"vendorId": "com.example", "messageId": "x", "data": data})


def test_the_answer_to_a_boot_is_read() -> None:
    boot = PHRASES.read_boot({"status": "Rejected", "interval": 60, "currentTime": "2026-11-22T12:00:00Z"})
    assert (boot.status, boot.interval_s, boot.time) == ("Rejected", 60, NOON)


def test_the_time_is_read() -> None:
    assert PHRASES.read_time({"currentTime": "2026-11-22T13:00:00.000+01:00"}) == NOON


@pytest.mark.parametrize(
    "answer", [{}, {"idTokenInfo": {}}, {"idTokenInfo": {"status": "x", "cacheExpiryDateTime": ""}}]
)
def test_nonsense_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        PHRASES.read_verdict(answer)


def test_a_verdict_is_read_with_group_and_expiry() -> None:
    group = {"idToken": "FLEET", "type": "Central"}
    info = {"status": "NoCredit", "groupIdToken": group, "cacheExpiryDateTime": "2027-01-01T00:00:00Z"}
    verdict = PHRASES.read_verdict({"idTokenInfo": info})
    assert not verdict.accepted
    assert (verdict.status, verdict.group) == ("NoCredit", Token("FLEET", "Central"))
    assert verdict.expires_at == datetime(2027, 1, 1, tzinfo=UTC)


# --- status -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Status)
def test_every_status_can_be_said(status: Status) -> None:
    assert checked(PHRASES.status(StatusChanged(2, status, "MREC2GroundFailure", occupied=True), NOON)) == (
        "StatusNotification",
        {
            "timestamp": "2026-11-22T12:00:00.000Z",
            "connectorStatus": PHRASES.status_word(status),
            "evseId": 2,
            "connectorId": 1,
        },
    )


def test_a_connector_in_any_use_is_occupied() -> None:
    words = {status: PHRASES.status_word(status) for status in Status}
    assert [status for status, word in words.items() if word == "Occupied"] == [
        Status.PREPARING, Status.CHARGING, Status.SUSPENDED_EV, Status.SUSPENDED_EVSE, Status.FINISHING,
    ]  # fmt: skip


def test_a_card_that_waits_for_its_cable_occupies_nothing() -> None:
    for occupied, word in ((False, "Available"), (True, "Occupied")):
        _, said = checked(PHRASES.status(StatusChanged(1, Status.PREPARING, occupied=occupied), NOON))
        assert said["connectorStatus"] == word


def test_the_station_as_a_whole_has_no_connector_to_report() -> None:
    assert PHRASES.status(StatusChanged(0, Status.UNAVAILABLE), NOON) is None
    assert PHRASES.statuses_due(Rig(DIALECT, evses=2).station) == [1, 2]


# --- the tables -------------------------------------------------------------------------------------------------------


def test_every_fact_that_is_owed_has_an_encoder() -> None:
    owed = {
        kind
        for kind in vars(facts).values()
        if isinstance(kind, type) and issubclass(kind, Owed) and kind not in (Owed, Billable)
    }
    assert set(DIALECT.reports) == owed


def test_every_reason_has_an_error_code() -> None:
    assert set(DIALECT.errors) == set(Reason)


def test_the_known_actions_are_those_of_the_standard() -> None:
    assert DIALECT.known_actions == schema_actions("v201")
    assert set(DIALECT.requests) | set(DIALECT.answers) | DIALECT.triggerable_while_pending <= DIALECT.known_actions


@pytest.mark.parametrize("why", Why)
def test_reason_codes_fit(why: Why) -> None:
    assert len(why) <= 20


@pytest.mark.parametrize(
    ("sim", "modem"),
    [
        (Sim("8988228066602306770", "901405100000001"), {"iccid": "8988228066602306770", "imsi": "901405100000001"}),
        (Sim("8988228066602306770"), {"iccid": "8988228066602306770"}),
        (Sim(), None),
        (None, None),
    ],
)
def test_the_card_of_a_mobile_modem_is_named_at_boot(sim: Sim | None, modem: dict[str, str] | None) -> None:
    services = replace(Rig(DIALECT).services, sim=lambda: sim)
    _, said = checked(PHRASES.boot(services, "PowerUp"))
    assert said["chargingStation"].get("modem") == modem
