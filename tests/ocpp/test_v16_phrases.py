"""The requests every version has, in the words of 1.6, and the tables as a whole."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chargepoint.core import facts
from chargepoint.core.facts import Billable, Owed, Status, StatusChanged, Token
from chargepoint.modem import Sim
from chargepoint.ocpp.rpc import Reason
from chargepoint.ocpp.v16 import DIALECT
from chargepoint.ocpp.v16.statuses import error_code
from tests.ocpp.rig import NOON, Rig, check, schema_actions

PHRASES = DIALECT.phrases
CODES = """
    ConnectorLockFailure EVCommunicationError GroundFailure HighTemperature InternalError LocalListConflict NoError
    OtherError OverCurrentFailure OverVoltage PowerMeterFailure PowerSwitchFailure ReaderFailure ResetFailure
    UnderVoltage WeakSignal
"""


def checked(said: tuple[str, dict[str, Any]] | None) -> tuple[str, dict[str, Any]]:
    assert said is not None
    check(DIALECT, *said)
    return said


def test_boot_notification_says_what_the_nameplate_says() -> None:
    assert checked(PHRASES.boot(Rig(DIALECT).services, "PowerUp")) == (
        "BootNotification",
        {
            "chargePointVendor": "Acme",
            "chargePointModel": "Wall 22",
            "chargePointSerialNumber": "A-000123",
            "firmwareVersion": "1.0.0",
        },
    )


def test_a_nameplate_too_long_for_the_standard_is_cut_and_an_empty_one_left_out() -> None:
    services = Rig(DIALECT).services
    plate = replace(services.nameplate, vendor="V" * 30, model="M" * 30, serial_number="S" * 30, firmware_version="")
    _, said = checked(PHRASES.boot(replace(services, nameplate=plate), ""))
    assert {name: len(text) for name, text in said.items()} == {
        "chargePointVendor": 20, "chargePointModel": 20, "chargePointSerialNumber": 25,
    }  # fmt: skip


def test_heartbeat_authorize_and_vendor_data() -> None:
    assert checked(PHRASES.heartbeat()) == ("Heartbeat", {})
    assert checked(PHRASES.authorize(Token("04A1"))) == ("Authorize", {"idTag": "04A1"})
    transfer = DIALECT.phrases.data_transfer("com.example", None, '{"a": null, "b": []}')
    assert checked(transfer) == ("DataTransfer", {"vendorId": "com.example", "data": '{"a": null, "b": []}'})
    with pytest.raises(TypeError, match="only a text"):
        DIALECT.phrases.data_transfer("com.example", None, {"a": 1})


def test_the_answer_to_a_boot_is_read() -> None:
    boot = PHRASES.read_boot({"status": "Pending", "interval": 0, "currentTime": "2026-11-22T12:00:00.5Z"})
    assert (boot.status, boot.interval_s, boot.time) == ("Pending", 0, NOON.replace(microsecond=500_000))


@pytest.mark.parametrize(
    "text", ["2026-11-22T12:00:00Z", "2026-11-22T13:00:00+01:00", "2026-11-22T12:00:00", "2026-11-22T12:00:00.0000000Z"]
)
def test_times_are_read_as_utc(text: str) -> None:
    assert PHRASES.read_time({"currentTime": text}) == NOON


@pytest.mark.parametrize("answer", [{}, {"status": "Accepted", "interval": 1, "currentTime": "now"}])
def test_nonsense_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        PHRASES.read_boot(answer)


def test_a_verdict_is_read_with_group_and_expiry() -> None:
    info = {"status": "Accepted", "parentIdTag": "FLEET", "expiryDate": "2027-01-01T00:00:00Z"}
    verdict = PHRASES.read_verdict({"idTagInfo": info})
    assert verdict.accepted
    assert verdict.group == Token("fleet")
    assert verdict.expires_at == datetime(2027, 1, 1, tzinfo=UTC)


# --- status -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("connector", [0, 1])
def test_every_status_can_be_said(status: Status, connector: int) -> None:
    _, said = checked(PHRASES.status(StatusChanged(connector, status), NOON))
    assert said["errorCode"] == "NoError"
    if connector:
        assert said["status"] == PHRASES.status_word(status)
    else:
        assert said["status"] in ("Available", "Unavailable", "Faulted")


def test_a_fault_says_its_code_and_its_name() -> None:
    assert checked(PHRASES.status(StatusChanged(1, Status.FAULTED, "MREC17EVSEContactorFault"), NOON)) == (
        "StatusNotification",
        {
            "connectorId": 1,
            "errorCode": "PowerSwitchFailure",
            "info": "EVSE Contactor Fault",
            "vendorErrorCode": "MREC17EVSEContactorFault",
            "status": "Faulted",
            "timestamp": "2026-11-22T12:00:00.000Z",
        },
    )


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("MREC1ConnectorLockFailure", "ConnectorLockFailure"),
        ("MREC20PartialInsertion", "ConnectorLockFailure"),
        ("MREC2GroundFailure", "GroundFailure"),
        ("MREC3HighTemperature", "HighTemperature"),
        ("MREC4OverCurrentFailure", "OverCurrentFailure"),
        ("MREC5OverVoltage", "OverVoltage"),
        ("MREC6UnderVoltage", "UnderVoltage"),
        ("PowermeterCommunicationFault", "PowerMeterFailure"),
        ("MREC17EVSEContactorFault", "PowerSwitchFailure"),
        ("BoardCommunicationFault", "InternalError"),
        ("MREC17EVSEContactorFault/StuckOpen", "PowerSwitchFailure"),
        ("FailedUnlock", "ConnectorLockFailure"),
        ("Selftest", "GroundFailure"),
        ("MREC14PilotFault", "EVCommunicationError"),
        ("DiodeFault", "EVCommunicationError"),
        ("MREC8EmergencyStop", "OtherError"),
        ("VentilationNotAvailable", "OtherError"),
        ("SomethingNew", "OtherError"),
        ("", "NoError"),
    ],
)
def test_faults_have_the_error_codes_of_the_standard(fault: str, code: str) -> None:
    assert error_code(fault) == code
    assert code in CODES.split()


def test_after_the_boot_connector_0_and_each_other_is_reported() -> None:
    assert PHRASES.statuses_due(Rig(DIALECT, evses=3).station) == [0, 1, 2, 3]


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
    assert DIALECT.known_actions == schema_actions("v16")
    assert set(DIALECT.requests) | set(DIALECT.answers) | DIALECT.triggerable_while_pending <= DIALECT.known_actions


def test_the_card_of_a_mobile_modem_is_named_at_boot() -> None:
    services = replace(Rig(DIALECT).services, sim=lambda: Sim("8988228066602306770", "901405100000001"))
    _, said = checked(PHRASES.boot(services, ""))
    assert (said["iccid"], said["imsi"]) == ("8988228066602306770", "901405100000001")
