"""What 1.6 lets the CSMS ask: literal requests, what stands behind them, literal answers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chargepoint.core.facts import (
    FirmwareStatusChanged,
    MetersSampled,
    StopReason,
    Token,
    TransactionEnded,
    TransactionUpdated,
)
from chargepoint.core.observation import Fault, Observation
from chargepoint.core.reservation import Reservation
from chargepoint.core.setting import Names
from chargepoint.ocpp.services import Registration
from chargepoint.ocpp.v16 import DIALECT
from chargepoint.ocpp.v16.maintenance import unsigned
from tests.ocpp.rig import CARD, NOON, READING, SUPPLYING, Rig
from tests.ocpp.test_v16_transactions import started

ACCEPTED, REJECTED = {"status": "Accepted"}, {"status": "Rejected"}
Given = Callable[[Rig], Any]


def nothing(rig: Rig) -> None:
    """A quiet station."""


def pending(rig: Rig) -> None:
    rig.speaker.registration = Registration.PENDING


def charging(rig: Rig) -> None:
    rig.charge(1, number=7)


def faulted(rig: Rig) -> None:
    rig.guard(1, Observation(faults=(Fault("MREC2GroundFailure", "high", "Find the leak."),)))


def reserved(rig: Rig) -> None:
    wanted = Reservation(5, 1, CARD, NOON + timedelta(hours=1))
    assert rig.act(lambda station, now: station.reserve(wanted, now)) == "Accepted"


def without_list(rig: Rig) -> None:
    row = rig.services.settings.find("LocalAuthListEnabled")
    assert row is not None
    rig.services.settings.change(row, "false", "local")


def jammed(rig: Rig) -> None:
    rig.lock = "UnlockFailed"


def without_lock(rig: Rig) -> None:
    rig.has_lock = False
    for evse in rig.station.evses.values():
        evse.spec = replace(evse.spec, has_lock=False)
    rig.charge(1)


def without_cache(rig: Rig) -> None:
    row = rig.services.settings.find("AuthorizationCacheEnabled")
    assert row is not None
    rig.services.settings.change(row, "false", "local")


PROFILE = {
    "chargingProfileId": 1, "stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}]},
}  # fmt: skip

FIRMWARE = {
    "location": "ftp://example.com/f", "retrieveDateTime": "2026-11-22T12:00:00Z", "signingCertificate": "PEM",
    "signature": "Base64",
}  # fmt: skip
ANNA = {"idTag": "ANNA", "idTagInfo": {"status": "Accepted"}}
BERT = {"idTag": "BERT", "idTagInfo": {"status": "Blocked", "parentIdTag": "FAMILY"}}
HASH_DATA = {
    "hashAlgorithm": "SHA256", "issuerNameHash": "00ff", "issuerKeyHash": "ff00", "serialNumber": "1a",
}  # fmt: skip
FAILED = {"status": "Failed"}
RESERVATION = {"connectorId": 1, "expiryDate": "2026-11-22T13:00:00Z", "idTag": "04A1B2C3D4E5F6", "reservationId": 5}

VECTORS: dict[str, list[tuple[Given, dict[str, Any], dict[str, Any]]]] = {
    "CancelReservation": [(nothing, {"reservationId": 5}, REJECTED), (reserved, {"reservationId": 5}, ACCEPTED)],
    "CertificateSigned": [(nothing, {"certificateChain": "PEM"}, REJECTED)],  # nothing here keeps certificates
    "ChangeAvailability": [
        (nothing, {"connectorId": 1, "type": "Inoperative"}, ACCEPTED),
        (nothing, {"connectorId": 0, "type": "Operative"}, ACCEPTED),
        (charging, {"connectorId": 1, "type": "Inoperative"}, {"status": "Scheduled"}),
        (charging, {"connectorId": 0, "type": "Inoperative"}, {"status": "Scheduled"}),
        (charging, {"connectorId": 2, "type": "Inoperative"}, ACCEPTED),
        (nothing, {"connectorId": 3, "type": "Inoperative"}, REJECTED),
        (nothing, {"connectorId": -1, "type": "Inoperative"}, REJECTED),
    ],
    "ChangeConfiguration": [
        (nothing, {"key": "MeterValueSampleInterval", "value": "15"}, ACCEPTED),
        (nothing, {"key": "metervaluesampleinterval", "value": "15"}, ACCEPTED),
        (nothing, {"key": "MeterValueSampleInterval", "value": "-1"}, REJECTED),  # TC_040_2
        (nothing, {"key": "MeterValuesSampledData", "value": "Current.Import.L1"}, ACCEPTED),
        (nothing, {"key": "MeterValuesSampledData", "value": "Colour"}, REJECTED),
        (nothing, {"key": "NumberOfConnectors", "value": "3"}, REJECTED),
        (nothing, {"key": "MessageTimeout", "value": "20"}, ACCEPTED),
        (nothing, {"key": "OCPPCommCtrlr.HeartbeatInterval", "value": "20"}, {"status": "NotSupported"}),
        (nothing, {"key": "Colour", "value": "blue"}, {"status": "NotSupported"}),  # TC_040_1
        (nothing, {"key": "AuthorizationKey", "value": "0123456789abcdef0123456789abcdef01234567"}, ACCEPTED),
        (nothing, {"key": "AuthorizationKey", "value": "secret"}, REJECTED),
    ],
    "ClearCache": [(nothing, {}, ACCEPTED), (without_cache, {}, REJECTED)],
    "ClearChargingProfile": [(nothing, {}, {"status": "Unknown"}), (nothing, {"id": 1}, {"status": "Unknown"})],
    "DataTransfer": [
        (nothing, {"vendorId": "com.example", "messageId": "x", "data": "{}"}, {"status": "UnknownVendorId"}),
    ],
    "GetConfiguration": [
        (
            nothing,
            {"key": ["heartbeatinterval", "Colour", "NumberOfConnectors"]},
            {
                "configurationKey": [
                    {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
                    {"key": "NumberOfConnectors", "readonly": True, "value": "1"},
                ],
                "unknownKey": ["Colour"],
            },
        ),
        (nothing, {"key": ["Colour"]}, {"unknownKey": ["Colour"]}),
        (
            nothing,
            {"key": ["AuthorizationKey"]},
            {"configurationKey": [{"key": "AuthorizationKey", "readonly": False}]},
        ),
    ],
    "DeleteCertificate": [(nothing, {"certificateHashData": HASH_DATA}, {"status": "NotFound"})],
    "ExtendedTriggerMessage": [
        (nothing, {"requestedMessage": "BootNotification"}, ACCEPTED),
        (pending, {"requestedMessage": "Heartbeat"}, ACCEPTED),
        (nothing, {"requestedMessage": "StatusNotification", "connectorId": 0}, ACCEPTED),
        (nothing, {"requestedMessage": "StatusNotification", "connectorId": 3}, REJECTED),
        (charging, {"requestedMessage": "MeterValues", "connectorId": 1}, ACCEPTED),
        (nothing, {"requestedMessage": "LogStatusNotification"}, ACCEPTED),
        (nothing, {"requestedMessage": "FirmwareStatusNotification"}, ACCEPTED),
        (nothing, {"requestedMessage": "SignChargePointCertificate"}, REJECTED),
    ],
    "GetCompositeSchedule": [(nothing, {"connectorId": 3, "duration": 60}, REJECTED)],
    "GetInstalledCertificateIds": [
        (nothing, {"certificateType": "CentralSystemRootCertificate"}, {"status": "NotFound"}),
    ],
    "InstallCertificate": [
        (nothing, {"certificateType": "ManufacturerRootCertificate", "certificate": "PEM"}, FAILED),
    ],
    "GetDiagnostics": [(nothing, {"location": "ftp://example.com/"}, {})],  # nothing here sends files
    "GetLog": [
        (nothing, {"log": {"remoteLocation": "ftp://example.com/"}, "logType": "SecurityLog", "requestId": 1}, REJECTED)
    ],
    "GetLocalListVersion": [
        (nothing, {}, {"listVersion": 0}),  # TC_042_2
        (without_list, {}, {"listVersion": -1}),  # TC_042_1
    ],
    "RemoteStartTransaction": [
        (nothing, {"idTag": "04A1B2C3D4E5F6", "connectorId": 1}, ACCEPTED),
        (nothing, {"idTag": "04A1B2C3D4E5F6"}, ACCEPTED),
        (nothing, {"idTag": "04A1B2C3D4E5F6", "connectorId": 0}, REJECTED),  # TC_027
        (nothing, {"idTag": "04A1B2C3D4E5F6", "connectorId": 3}, REJECTED),
        (charging, {"idTag": "0BADCAFE", "connectorId": 1}, REJECTED),  # TC_026
        (faulted, {"idTag": "0BADCAFE", "connectorId": 1}, REJECTED),
        (pending, {"idTag": "0BADCAFE", "connectorId": 1}, REJECTED),
    ],
    "RemoteStopTransaction": [
        (charging, {"transactionId": 7}, ACCEPTED),
        (charging, {"transactionId": 8}, REJECTED),  # TC_028
        (lambda rig: (charging(rig), pending(rig)), {"transactionId": 7}, REJECTED),
    ],
    "ReserveNow": [
        (nothing, RESERVATION, ACCEPTED),
        (nothing, RESERVATION | {"connectorId": 0, "parentIdTag": "FAMILY"}, ACCEPTED),  # TC_049
        (nothing, RESERVATION | {"connectorId": 3}, REJECTED),
        (nothing, RESERVATION | {"expiryDate": "2026-11-22T11:59:59Z"}, REJECTED),
        (faulted, RESERVATION, {"status": "Faulted"}),  # TC_048_1
        (charging, RESERVATION, {"status": "Occupied"}),  # TC_048_2
    ],
    "Reset": [
        (nothing, {"type": "Soft"}, ACCEPTED),
        (nothing, {"type": "Hard"}, ACCEPTED),
        (charging, {"type": "Soft"}, ACCEPTED),
    ],
    "SendLocalList": [
        (nothing, {"listVersion": 1, "updateType": "Full"}, ACCEPTED),
        (nothing, {"listVersion": 1, "updateType": "Full", "localAuthorizationList": [ANNA, BERT]}, ACCEPTED),
        (nothing, {"listVersion": 1, "updateType": "Full", "localAuthorizationList": [ANNA, ANNA]}, FAILED),
        (nothing, {"listVersion": 1, "updateType": "Full", "localAuthorizationList": [{"idTag": "ANNA"}]}, FAILED),
        (nothing, {"listVersion": 0, "updateType": "Full", "localAuthorizationList": [ANNA]}, FAILED),
        (without_list, {"listVersion": 1, "updateType": "Full"}, {"status": "NotSupported"}),  # TC_043_1
    ],
    "SetChargingProfile": [
        (nothing, {"connectorId": 1, "csChargingProfiles": PROFILE}, ACCEPTED),
        (nothing, {"connectorId": 3, "csChargingProfiles": PROFILE}, REJECTED),
    ],
    "SignedUpdateFirmware": [(nothing, {"requestId": 1, "firmware": FIRMWARE}, REJECTED)],
    "TriggerMessage": [
        (nothing, {"requestedMessage": "BootNotification"}, ACCEPTED),
        (pending, {"requestedMessage": "BootNotification"}, ACCEPTED),
        (nothing, {"requestedMessage": "Heartbeat"}, ACCEPTED),
        (nothing, {"requestedMessage": "StatusNotification"}, ACCEPTED),
        (nothing, {"requestedMessage": "StatusNotification", "connectorId": 0}, ACCEPTED),
        (charging, {"requestedMessage": "MeterValues", "connectorId": 1}, ACCEPTED),
        (charging, {"requestedMessage": "MeterValues", "connectorId": 0}, ACCEPTED),
        (nothing, {"requestedMessage": "MeterValues", "connectorId": 1}, REJECTED),  # no meter has been read
        (nothing, {"requestedMessage": "MeterValues", "connectorId": 3}, REJECTED),  # TC_055
        (nothing, {"requestedMessage": "DiagnosticsStatusNotification"}, ACCEPTED),
        (nothing, {"requestedMessage": "FirmwareStatusNotification"}, ACCEPTED),
    ],
    "UpdateFirmware": [(nothing, {"location": "ftp://example.com/f", "retrieveDate": "2026-11-22T12:00:00Z"}, {})],
    "UnlockConnector": [
        (nothing, {"connectorId": 1}, {"status": "Unlocked"}),
        (charging, {"connectorId": 1}, {"status": "Unlocked"}),
        (jammed, {"connectorId": 1}, {"status": "UnlockFailed"}),  # TC_030
        (without_lock, {"connectorId": 1}, {"status": "NotSupported"}),
        (nothing, {"connectorId": 0}, {"status": "NotSupported"}),
        (nothing, {"connectorId": 3}, {"status": "NotSupported"}),  # TC_031
    ],
}
CASES = [
    pytest.param(action, *vector, id=f"{action}-{number}")
    for action, vectors in VECTORS.items()
    for number, vector in enumerate(vectors)
]


@pytest.mark.parametrize(("action", "given", "payload", "answer"), CASES)
async def test_a_request_gets_its_answer(
    action: str, given: Given, payload: dict[str, Any], answer: dict[str, Any]
) -> None:
    rig = Rig(DIALECT)
    given(rig)
    assert await rig.ask(action, payload) == answer


def test_every_request_of_the_table_is_tried() -> None:
    assert set(VECTORS) == set(DIALECT.requests)


# --- remote start and stop --------------------------------------------------------------------------------------------


async def test_a_remote_start_lets_the_car_charge() -> None:
    rig = Rig(DIALECT)
    rig.guard(1, Observation("B2", ev_connected=True, cable_present=True))
    rig.act(lambda station, now: station.meter_read(1, READING, now))
    assert await rig.ask("RemoteStartTransaction", {"idTag": "0BADCAFE", "connectorId": 1}) == ACCEPTED
    assert rig.station.evses[1].transaction is not None


async def test_a_remote_stop_ends_it_with_the_reason_remote() -> None:
    rig = Rig(DIALECT)
    rig.charge(1, number=7)
    await rig.ask("RemoteStopTransaction", {"transactionId": 7})
    rig.guard(1, replace(SUPPLYING, pilot="B2", contactor="open"))
    assert [fact.reason for fact in rig.facts(TransactionEnded)] == [StopReason.REMOTE]


async def test_a_transaction_is_found_by_its_number_after_a_restart() -> None:
    """The number is in the journal, not yet in the transaction taken up again."""
    rig = Rig(DIALECT)
    rig.charge(1, number=7)
    transaction = rig.station.evses[1].transaction
    assert transaction is not None
    assert transaction.csms_id is None
    assert await rig.ask("RemoteStopTransaction", {"transactionId": 7}) == ACCEPTED


# --- unlock -----------------------------------------------------------------------------------------------------------


async def test_unlocking_ends_the_transaction_first() -> None:
    rig = Rig(DIALECT)
    rig.charge(1)
    await rig.ask("UnlockConnector", {"connectorId": 1})
    rig.guard(1, replace(SUPPLYING, pilot="B2", contactor="open"))
    assert [fact.reason for fact in rig.facts(TransactionEnded)] == [StopReason.UNLOCK_COMMAND]
    assert rig.unlocked == [1]


async def test_a_captive_cable_cannot_be_unlocked_and_goes_on_charging() -> None:
    rig = Rig(DIALECT, outlet="cable")
    rig.charge(1)
    assert await rig.ask("UnlockConnector", {"connectorId": 1}) == {"status": "NotSupported"}
    transaction = rig.station.evses[1].transaction
    assert transaction is not None
    assert transaction.open
    assert rig.unlocked == []


async def test_where_there_is_no_lock_the_session_goes_on() -> None:
    rig = Rig(DIALECT)
    without_lock(rig)
    await rig.ask("UnlockConnector", {"connectorId": 1})
    transaction = rig.station.evses[1].transaction
    assert transaction is not None
    assert transaction.open


# --- trigger ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"requestedMessage": "BootNotification"}, ["boot"]),
        ({"requestedMessage": "Heartbeat"}, ["heartbeat"]),
        ({"requestedMessage": "StatusNotification"}, [0, 1, 2]),
        ({"requestedMessage": "StatusNotification", "connectorId": 2}, [2]),
        ({"requestedMessage": "StatusNotification", "connectorId": 9}, []),
    ],
)
async def test_what_was_triggered_is_said(payload: dict[str, Any], told: list[Any]) -> None:
    rig = Rig(DIALECT)
    await rig.ask("TriggerMessage", payload)
    assert rig.speaker.told == told


@pytest.mark.parametrize("message", ["FirmwareStatusNotification", "DiagnosticsStatusNotification"])
async def test_where_nothing_is_under_way_that_is_said(message: str) -> None:
    rig = Rig(DIALECT)
    await rig.ask("TriggerMessage", {"requestedMessage": message})
    assert rig.speaker.said == [(message, {"status": "Idle"})]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("Downloading", "Downloading"),
        ("SignatureVerified", "Downloaded"),
        ("InstallScheduled", "Downloaded"),
        ("InstallRebooting", "Installing"),
        ("DownloadFailed", "Idle"),  # it is over: nothing is under way
        ("InstallationFailed", "Idle"),
        ("InvalidSignature", "Idle"),
        ("DownloadScheduled", "Idle"),
    ],
)
def test_how_far_an_update_is_is_told_in_the_words_of_1_6(status: str, told: str) -> None:
    assert unsigned(status) == told


async def test_a_station_that_can_install_nothing_says_so() -> None:
    rig = Rig(DIALECT)
    wanted = {"location": "https://files.example.com/new.bin", "retrieveDate": "2026-11-22T12:00:00Z"}
    assert await rig.ask("UpdateFirmware", wanted) == {}
    assert [fact.status for fact in rig.facts(FirmwareStatusChanged)] == ["DownloadFailed"]


async def test_triggered_meter_values_carry_the_context_trigger() -> None:
    rig = Rig(DIALECT)
    rig.charge(1)
    rig.act(lambda station, now: station.meter_read(2, rig.station.evses[1].reading, now))
    await rig.ask("TriggerMessage", {"requestedMessage": "MeterValues"})
    inside, outside = rig.facts(TransactionUpdated)[-1], rig.facts(MetersSampled)[-1]
    assert {sample.context for fact in (inside, outside) for sample in fact.samples} == {"Trigger"}
    assert (inside.evse, outside.evse) == (1, 2)


# --- configuration ----------------------------------------------------------------------------------------------------


async def test_a_changed_value_is_read_back() -> None:
    rig = Rig(DIALECT)
    await rig.ask("ChangeConfiguration", {"key": "MeterValueSampleInterval", "value": "15"})
    answer = await rig.ask("GetConfiguration", {"key": ["MeterValueSampleInterval"]})
    assert answer["configurationKey"][0]["value"] == "15"


@pytest.mark.parametrize("payload", [{}, {"key": []}])
async def test_asking_for_no_key_brings_every_key_but_no_secret(payload: dict[str, Any]) -> None:
    rig = Rig(DIALECT)
    await rig.ask("ChangeConfiguration", {"key": "AuthorizationKey", "value": "ab" * 20})
    answer = await rig.ask("GetConfiguration", payload)
    keys = [entry["key"] for entry in answer["configurationKey"]]
    assert len(keys) == len(set(keys))
    wanted = [row.name_1_6 for row in rig.services.settings.known_as(Names.OCPP_1_6) if row.readable]
    assert keys == wanted
    assert "AuthorizationKey" not in keys
    assert "ab" * 20 not in str(answer)


REQUIRED = """
    AuthorizeRemoteTxRequests ClockAlignedDataInterval ConnectionTimeOut ConnectorPhaseRotation
    GetConfigurationMaxKeys HeartbeatInterval LocalAuthorizeOffline LocalPreAuthorize MeterValuesAlignedData
    MeterValuesSampledData MeterValueSampleInterval NumberOfConnectors ResetRetries StopTransactionOnInvalidId
    StopTxnAlignedData StopTxnSampledData SupportedFeatureProfiles TransactionMessageAttempts
    TransactionMessageRetryInterval UnlockConnectorOnEVSideDisconnect
"""


async def test_every_required_key_of_the_core_profile_is_there() -> None:
    answer = await Rig(DIALECT).ask("GetConfiguration", {})
    assert set(REQUIRED.split()) <= {entry["key"] for entry in answer["configurationKey"]}


async def test_the_fixed_kind_of_transaction_cannot_be_changed_while_1_6_is_spoken() -> None:
    rig = Rig(DIALECT)
    row = rig.services.settings.find("TxCtrlr.TxStopPoint")
    assert row is not None
    assert not rig.services.settings.change(row, "EVConnected", "local").accepted


# --- availability, reset ----------------------------------------------------------------------------------------------


async def test_an_unavailable_connector_lets_nobody_charge() -> None:
    rig = Rig(DIALECT)
    await rig.ask("ChangeAvailability", {"connectorId": 1, "type": "Inoperative"})
    assert await rig.ask("RemoteStartTransaction", {"idTag": "0BADCAFE", "connectorId": 1}) == REJECTED


@pytest.mark.parametrize(("kind", "reason"), [("Soft", StopReason.IMMEDIATE_RESET), ("Hard", StopReason.HARD_RESET)])
async def test_a_reset_ends_transactions_with_its_own_reason(kind: str, reason: StopReason) -> None:
    rig = Rig(DIALECT)
    rig.charge(1)
    await rig.ask("Reset", {"type": kind})
    rig.guard(1, replace(SUPPLYING, pilot="B2", contactor="open"))
    assert [fact.reason for fact in rig.facts(TransactionEnded)] == [reason]


async def test_a_cleared_cache_knows_nobody() -> None:
    rig = Rig(DIALECT)
    answer = {"transactionId": 1, "idTagInfo": {"status": "Accepted"}}
    ours = rig.charge(1)
    await rig.settle("StartTransaction", started(transaction=ours), answer)
    assert rig.services.cards.find(CARD) is not None
    await rig.ask("ClearCache", {})
    assert rig.services.cards.find(CARD) is None


# --- the local list ---------------------------------------------------------------------------------------------------


async def send(rig: Rig, version: int, *entries: dict[str, Any], full: bool = False) -> str:
    kind = "Full" if full else "Differential"
    asked: dict[str, Any] = {"listVersion": version, "updateType": kind, "localAuthorizationList": list(entries)}
    return str((await rig.ask("SendLocalList", asked if entries else asked | {"localAuthorizationList": []}))["status"])


def listed(rig: Rig) -> dict[str, str]:
    return {card.token.value: card.status for card in rig.services.cards.entries() if card.source == "csms"}


async def test_a_differential_list_changes_adds_and_removes() -> None:
    rig = Rig(DIALECT)
    await send(rig, 2, ANNA, BERT, full=True)
    carl = {"idTag": "CARL", "idTagInfo": {"status": "Expired"}}
    blocked = {"idTag": "anna", "idTagInfo": {"status": "Blocked"}}
    assert await send(rig, 5, carl, blocked, {"idTag": "BERT"}) == "Accepted"
    assert listed(rig) == {"CARL": "Expired", "anna": "Blocked"}
    assert await rig.ask("GetLocalListVersion", {}) == {"listVersion": 5}


@pytest.mark.parametrize("version", [4, 5])
async def test_an_older_differential_list_changes_nothing(version: int) -> None:  # TC_043_2
    rig = Rig(DIALECT)
    await send(rig, 5, ANNA, full=True)
    assert await send(rig, version, BERT) == "VersionMismatch"
    assert listed(rig) == {"ANNA": "Accepted"}
    assert await rig.ask("GetLocalListVersion", {}) == {"listVersion": 5}


async def test_a_full_list_may_have_any_number_and_replaces_all() -> None:
    rig = Rig(DIALECT)
    await send(rig, 5, ANNA, full=True)
    assert await send(rig, 2, BERT, full=True) == "Accepted"
    assert listed(rig) == {"BERT": "Blocked"}
    assert await send(rig, 7, full=True) == "Accepted"
    assert listed(rig) == {}


async def test_an_empty_list_has_the_version_zero() -> None:
    """TC_042_2: however it became empty."""
    rig = Rig(DIALECT)
    version = {"listVersion": 0}
    assert await rig.ask("GetLocalListVersion", {}) == version
    card = {"idTag": "A", "idTagInfo": {"status": "Accepted"}}
    await rig.ask("SendLocalList", {"listVersion": 4, "updateType": "Full", "localAuthorizationList": [card]})
    await rig.ask("SendLocalList", {"listVersion": 5, "updateType": "Full"})
    assert await rig.ask("GetLocalListVersion", {}) == version
    await rig.ask("SendLocalList", {"listVersion": 6, "updateType": "Differential", "localAuthorizationList": [card]})
    assert await rig.ask("GetLocalListVersion", {}) == {"listVersion": 6}
    gone = {"listVersion": 7, "updateType": "Differential", "localAuthorizationList": [{"idTag": "A"}]}
    assert await rig.ask("SendLocalList", gone) == {"status": "Accepted"}
    assert await rig.ask("GetLocalListVersion", {}) == version


async def test_a_list_that_is_too_long_is_refused_as_a_whole() -> None:  # TC_043_3
    rig = Rig(DIALECT)
    row = rig.services.settings.find("LocalAuthListMaxLength")
    assert row is not None
    rig.services.settings.derive(row, 1)
    assert await send(rig, 1, ANNA, BERT, full=True) == "Failed"
    assert await send(rig, 1, ANNA, full=True) == "Accepted"
    assert await send(rig, 2, BERT) == "Failed"
    assert await send(rig, 2, ANNA) == "Accepted"  # in place of itself
    assert await send(rig, 3, BERT, {"idTag": "ANNA"}) == "Accepted"
    assert listed(rig) == {"BERT": "Blocked"}


async def test_a_message_that_is_too_long_is_refused() -> None:
    rig = Rig(DIALECT)
    row = rig.services.settings.find("SendLocalListMaxLength")
    assert row is not None
    rig.services.settings.derive(row, 1)
    assert await send(rig, 1, ANNA, BERT, full=True) == "Failed"
    assert await send(rig, 1, ANNA, full=True) == "Accepted"
    assert await send(rig, 2, ANNA, {"idTag": "BERT"}) == "Failed"


async def test_a_list_that_cannot_be_stored_changes_nothing() -> None:
    rig = Rig(DIALECT)
    await send(rig, 1, ANNA, full=True)

    async def no_room() -> bool:
        return False

    rig.services = replace(rig.services, stored=no_room)
    assert await send(rig, 2, BERT, full=True) == "Failed"
    assert await send(rig, 2, BERT) == "Failed"
    assert listed(rig) == {"ANNA": "Accepted"}
    assert await rig.ask("GetLocalListVersion", {}) == {"listVersion": 1}


async def test_a_list_that_is_switched_off_lets_nobody_in() -> None:
    rig = Rig(DIALECT)
    await send(rig, 1, ANNA, full=True)
    rig.around.online = False
    without_list(rig)
    rig.guard(1, Observation("B1", ev_connected=True, cable_present=True))
    rig.act(lambda station, now: station.card_presented(Token("ANNA"), now))
    assert rig.station.evses[1].transaction is None
