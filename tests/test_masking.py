"""What nobody who looks at the page may learn: whole card numbers, passwords, keys."""

import json

import pytest

from chargepoint.core.facts import MetersSampled, Record, Sample, SettingChanged, Token, TokenAccepted
from chargepoint.masking import HIDDEN, masked_frame, masked_location
from chargepoint.web.facts_json import fact_document
from tests.core.site import NOON

CARD = "04A1B2C3D4E5F6"
SECRET = "correct-horse-battery-staple"

FRAMES = [
    [2, "1", "Authorize", {"idTag": CARD}],
    [2, "1", "StartTransaction", {"connectorId": 1, "idTag": CARD, "meterStart": 0}],
    [3, "1", {"idTagInfo": {"status": "Accepted", "parentIdTag": CARD}}],
    [2, "1", "SendLocalList", {"localAuthorizationList": [{"idTag": CARD, "idTagInfo": {"parentIdTag": CARD}}]}],
    [2, "1", "Authorize", {"idToken": {"idToken": CARD, "type": "ISO14443"}}],
    [3, "1", {"idTokenInfo": {"status": "Accepted", "groupIdToken": {"idToken": CARD, "type": "Central"}}}],
    [2, "1", "RequestStartTransaction", {"idToken": {"additionalInfo": [{"additionalIdToken": CARD, "type": "x"}]}}],
    [2, "1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": SECRET}],
    [2, "1", "ChangeConfiguration", {"key": "authorizationkey", "value": SECRET}],
    [3, "1", {"configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": SECRET}]}],
    [2, "1", "SetVariables", {"setVariableData": [
        {"attributeValue": SECRET, "component": {"name": "Security"}, "variable": {"name": "BasicAuthPassword"}}]}],
    [2, "1", "SetNetworkProfile", {"connectionData": {
        "ocppCsmsUrl": f"wss://u:{SECRET}@csms.example.com/", "apn": {"apnPassword": SECRET, "simPin": 1234},
        "vpn": {"server": "x", "password": SECRET, "key": SECRET}, "basicAuthPassword": SECRET}}],
    [2, "1", "DataTransfer", {"vendorId": "x", "data": json.dumps({"idToken": CARD, "vpn": {"key": SECRET}})}],
    [2, "1", "GetDiagnostics", {"location": f"ftp://user:{SECRET}@files.example.com/x"}],
]  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES, ids=[str(n) for n in range(len(FRAMES))])
def test_a_frame_is_shown_without_cards_and_secrets(frame: list[object]) -> None:
    shown = json.dumps(masked_frame(json.dumps(frame)), ensure_ascii=False)
    assert CARD not in shown
    assert SECRET not in shown
    assert "1234" not in shown


def test_the_last_four_of_a_card_remain_to_recognise_it_by() -> None:
    assert masked_frame('[2,"1","Authorize",{"idTag":"04A1B2C3D4E5F6"}]')[3] == {"idTag": "…E5F6"}


def test_an_ordinary_setting_is_shown() -> None:
    frame = [2, "1", "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "300"}]
    assert masked_frame(json.dumps(frame)) == frame


@pytest.mark.parametrize("text", ['{"idTag":"04A1B2C3D4E5F6"', "[" * 100_000, "\x00", ""])
def test_what_cannot_be_read_is_not_shown(text: str) -> None:
    assert masked_frame(text) == f"unreadable, {len(text)} characters"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("ftp://user:pw@host/file", f"ftp://{HIDDEN}@host/file"),
        ("https://host/path@home", "https://host/path@home"),
        ("not a url @ all", "not a url @ all"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert masked_location(url) == shown


def test_what_a_meter_signed_names_the_driver_and_is_not_shown() -> None:
    signed = {"signedMeterData": "T0NNRg==", "encodingMethod": "OCMF"}
    frame = json.dumps([2, "1", "TransactionEvent", {"meterValue": [{"sampledValue": [{"signedMeterValue": signed}]}]}])
    assert masked_frame(frame)[3]["meterValue"][0]["sampledValue"][0]["signedMeterValue"]["signedMeterData"] == HIDDEN
    fact = MetersSampled(1, (Sample(NOON, "Transaction.End", (), 'OCMF|{"ID":"04A1B2C3"}|{}', "3059"),))
    assert fact_document(Record(fact, NOON, 0.0))["samples"][0]["signed"] == HIDDEN


def test_a_fact_is_shown_with_its_card_masked() -> None:
    record = Record(TokenAccepted(1, "s", Token(CARD), "csms"), NOON, 1.0)
    assert fact_document(record) == {
        "at": "2026-11-22T12:00:00.000Z", "evse": 1, "kind": "TokenAccepted",
        "session": "s", "token": "…E5F6", "by": "csms",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["SecurityCtrlr.BasicAuthPassword", "AuthorizationKey"])
def test_a_changed_password_is_not_shown(name: str) -> None:
    record = Record(SettingChanged(0, name, SECRET, "csms"), NOON, 1.0)
    assert fact_document(record)["value"] == HIDDEN
