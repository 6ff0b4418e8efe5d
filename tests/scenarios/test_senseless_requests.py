"""Requests that the schema allows and that make no sense: a status says so, and the station is as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chargepoint.ocpp.link import MAX_FRAME
from tests.scenarios.busy_station import Busy, a_busy_station

PAST, FUTURE = "2026-11-22T11:00:00Z", "2026-11-23T12:00:00Z"
NEVER = ("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00")  # what some programs write for it
LONG_AGO = "1900-01-01T00:00:00Z"
FAR = 2**62


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Busy]:
    """Somebody charges at connector 1 with CARD1, connector 2 is reserved for FRIEND, and more: see `busy_station`."""
    with a_busy_station(tmp_path) as busy:
        yield busy


def refused(station: Busy, action: str, requests: list[dict[str, Any]], *statuses: str) -> None:
    before, wrong = station.state(), []
    for payload in requests:
        kind, _, answer, *_ = station.ask(action, payload)
        if kind != 3 or answer.get("status") not in statuses:
            wrong.append((payload, answer))
        elif station.state() != before:
            wrong.append((payload, "something has changed"))
            before = station.state()
    assert wrong == []


def test_what_is_not_there_cannot_be_done(station: Busy) -> None:
    nowhere = (-1, 3, FAR)
    refused(station, "ChangeAvailability", [{"connectorId": n, "type": "Inoperative"} for n in nowhere], "Rejected")
    refused(station, "GetCompositeSchedule", [{"connectorId": n, "duration": 60} for n in nowhere], "Rejected")
    refused(station, "UnlockConnector", [{"connectorId": n} for n in (0, *nowhere)], "NotSupported")
    refused(station, "RemoteStartTransaction", [{"connectorId": n, "idTag": "NEW"} for n in (0, *nowhere)], "Rejected")
    refused(station, "RemoteStopTransaction", [{"transactionId": n} for n in (-1, 0, 999_999, FAR)], "Rejected")
    refused(station, "CancelReservation", [{"reservationId": n} for n in (-1, 0, 6, FAR)], "Rejected")
    refused(station, "ClearChargingProfile", [{"id": 6}, {"connectorId": -1}, {"stackLevel": -1}], "Unknown")
    triggers = [{"requestedMessage": what, "connectorId": n} for n in nowhere
                for what in ("MeterValues", "StatusNotification")]  # fmt: skip
    refused(station, "TriggerMessage", triggers, "Rejected")


def test_what_is_taken_cannot_be_taken_again(station: Busy) -> None:
    refused(station, "RemoteStartTransaction", [
        {"connectorId": 1, "idTag": "NEW"},  # in use
        {"connectorId": 2, "idTag": "NEW"},  # reserved
        {"idTag": "CARD1"},  # charges already
        {"idTag": "NEW"},  # nothing is left
    ], "Rejected")  # fmt: skip


def test_a_schedule_of_no_time_or_of_all_times_is_not_told(station: Busy) -> None:
    refused(station, "GetCompositeSchedule", [{"connectorId": 1, "duration": n} for n in (0, -1, FAR)], "Rejected")


def test_a_value_that_is_none_is_refused(station: Busy) -> None:
    values = ("", "0", "-1", "ten", "1.5", "99999999999", "1e3", "0x10", "½", " ")
    for key in ("HeartbeatInterval", "heartbeatinterval"):
        refused(station, "ChangeConfiguration", [{"key": key, "value": value} for value in values], "Rejected")


KEYS = [
    ("NumberOfConnectors", "5"), ("StopTransactionMaxMeterValues", "5"), ("LocalAuthListMaxLength", "5"),
    ("WebSocketPingInterval", "-1"), ("MeterValueSampleInterval", "-1"), ("LocalPreAuthorize", "1"),
    ("MeterValuesSampledData", "Power.Active.Import,"), ("MeterValuesSampledData", "Voltage,Voltage"),
    ("StopTxnAlignedData", "power.active.import"), ("ConnectorPhaseRotation", "1.XYZ"),
    ("ConnectorPhaseRotation", "1.RST,1.RTS"), ("ConnectorPhaseRotation", "3.RST"),
    ("ConnectorPhaseRotation", ".RST"), ("AuthorizationKey", "zz"), ("TransactionMessageAttempts", "0"),
    ("TimeOffset", "Z"), ("NextTimeOffsetTransitionDateTime", "tomorrow"), ("SupportedFeatureProfiles", "Core"),
    ("MinimumStatusDuration", "3601"), ("MessageTimeout", "0"), ("ResetRetries", "101"),
]  # fmt: skip


def test_a_key_takes_only_what_it_can_mean(station: Busy) -> None:
    refused(station, "ChangeConfiguration", [{"key": key, "value": value} for key, value in KEYS], "Rejected")


def test_a_key_that_is_none_is_not_supported(station: Busy) -> None:
    keys = ("", "NoSuchKey", "OCPPCommCtrlr.HeartbeatInterval", "TxCtrlr.TxStartPoint", "TxStartPoint")
    refused(station, "ChangeConfiguration", [{"key": key, "value": "1"} for key in keys], "NotSupported")


# --- reservations -----------------------------------------------------------------------------------------------------


def reservation(**changed: Any) -> dict[str, Any]:
    return {"connectorId": 2, "expiryDate": FUTURE, "idTag": "NEW", "reservationId": 6} | changed


def test_nobody_reserves_the_past_or_what_is_not_there(station: Busy) -> None:
    refused(station, "ReserveNow", [
        *(reservation(expiryDate=at) for at in (PAST, "1970-01-01T00:00:00Z", NEVER[0])),
        *(reservation(reservationId=5, idTag="FRIEND", expiryDate=PAST) for _ in "x"),  # nor prolongs one into it
        *(reservation(connectorId=n) for n in (-1, 3, FAR)),
    ], "Rejected")  # fmt: skip


def test_nobody_reserves_what_is_occupied_or_reserved(station: Busy) -> None:
    refused(station, "ReserveNow", [reservation(connectorId=n) for n in (0, 1, 2)], "Occupied")


# --- the local list ---------------------------------------------------------------------------------------------------


def entry(tag: str = "NEW", **info: Any) -> dict[str, Any]:
    return {"idTag": tag, "idTagInfo": {"status": "Accepted", **info}}


def test_a_list_that_makes_no_sense_fails_as_a_whole(station: Busy) -> None:
    lists = [
        {"listVersion": 0, "localAuthorizationList": [entry()]},
        {"listVersion": -1, "localAuthorizationList": [entry()]},
        {"listVersion": 4, "localAuthorizationList": [entry(), entry("new")]},  # one card twice
        {"listVersion": 4, "localAuthorizationList": [entry(), {"idTag": "OTHER"}]},  # says nothing of it
        {"listVersion": 4, "localAuthorizationList": [entry(f"CARD{n}") for n in range(10_001)]},
    ]
    refused(station, "SendLocalList", [{"updateType": "Full", **each} for each in lists], "Failed")
    twice = {"listVersion": 4, "localAuthorizationList": [entry(), {"idTag": "NEW"}]}
    refused(station, "SendLocalList", [{"updateType": "Differential", **twice}], "Failed")


def test_a_difference_to_another_list_is_a_mismatch(station: Busy) -> None:
    older = [{"listVersion": n, "localAuthorizationList": [entry()]} for n in (1, 3)]
    refused(station, "SendLocalList", [{"updateType": "Differential", **each} for each in older], "VersionMismatch")


def test_a_list_of_ten_thousand_cards_is_taken_and_one_card_changed(station: Busy) -> None:
    cards = [entry(f"{n:020d}", expiryDate="2027-01-01T00:00:00.000Z", parentIdTag=f"{n:020d}") for n in range(10_000)]
    sent = {"listVersion": 4, "updateType": "Full", "localAuthorizationList": cards}
    assert len(json.dumps([2, "x" * 36, "SendLocalList", sent])) < MAX_FRAME
    assert station.ask("SendLocalList", sent)[2] == {"status": "Accepted"}
    gone = {"listVersion": 5, "updateType": "Differential", "localAuthorizationList": [{"idTag": f"{1:020d}"}]}
    assert station.ask("SendLocalList", gone)[2] == {"status": "Accepted"}
    more = {"listVersion": 6, "updateType": "Differential", "localAuthorizationList": [entry("A"), entry("B")]}
    assert station.ask("SendLocalList", more)[2] == {"status": "Failed"}
    assert station.ask("GetLocalListVersion", {})[2] == {"listVersion": 5}


def test_a_list_of_cards_that_have_expired_or_never_will_is_kept(station: Busy) -> None:
    cards = [entry(f"CARD{n}", expiryDate=at) for n, at in enumerate((PAST, "1970-01-01T00:00:00Z", *NEVER))]
    sent = {"listVersion": 4, "updateType": "Full", "localAuthorizationList": cards}
    assert station.ask("SendLocalList", sent)[2] == {"status": "Accepted"}


# --- charging profiles ------------------------------------------------------------------------------------------------


def profile(connector: int = 1, schedule: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    told = {"chargingRateUnit": "A", "startSchedule": FUTURE,
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}]}  # fmt: skip
    usual = {"chargingProfileId": 8, "stackLevel": 2, "chargingProfilePurpose": "TxDefaultProfile",
             "chargingProfileKind": "Absolute", "chargingSchedule": told | (schedule or {})}  # fmt: skip
    return {"connectorId": connector, "csChargingProfiles": usual | changed}


def periods(*each: tuple[int, float, int | None]) -> dict[str, Any]:
    return {
        "chargingSchedulePeriod": [
            {"startPeriod": start, "limit": limit} | ({} if phases is None else {"numberPhases": phases})
            for start, limit, phases in each
        ]
    }


CONTRADICTIONS = [
    profile(-1), profile(3), profile(FAR),
    profile(stackLevel=-1), profile(stackLevel=21), profile(stackLevel=FAR),
    profile(1, chargingProfilePurpose="ChargePointMaxProfile"),
    profile(2, chargingProfilePurpose="TxProfile"),  # nobody charges there
    profile(0, chargingProfilePurpose="TxProfile"),
    profile(1, chargingProfilePurpose="TxProfile", transactionId=999_999),
    profile(1, transactionId=1),  # only a TxProfile names one
    profile(recurrencyKind="Daily"),
    profile(chargingProfileKind="Recurring"),
    profile(validFrom=FUTURE, validTo=PAST), profile(validFrom=FUTURE, validTo=FUTURE),
    profile(validTo=PAST), profile(validTo="1970-01-01T00:00:00Z"), profile(validTo=NEVER[0]),
    profile(schedule={"duration": -1}), profile(schedule={"minChargingRate": -1.0}),
    profile(schedule=periods()), profile(schedule=periods((1, 10.0, None))),
    profile(schedule=periods((-1, 10.0, None))),
    profile(schedule=periods((0, 10.0, None), (0, 12.0, None))),
    profile(schedule=periods((0, 10.0, None), (900, 12.0, None), (600, 8.0, None))),
    profile(schedule=periods((0, -0.1, None))), profile(schedule=periods((0, 10.0, 0))),
    profile(schedule=periods((0, 10.0, 4))), profile(schedule=periods((0, 10.0, -1))),
    profile(schedule=periods(*((n, 10.0, None) for n in range(673)))),
    *(profile(schedule={"startSchedule": at}) for at in NEVER),
    *(profile(chargingProfileKind="Recurring", recurrencyKind="Daily", schedule={"startSchedule": at}) for at in NEVER),
]  # fmt: skip


def test_a_profile_that_contradicts_itself_is_refused(station: Busy) -> None:
    refused(station, "SetChargingProfile", CONTRADICTIONS, "Rejected")


def test_so_is_a_remote_start_that_brings_one(station: Busy) -> None:
    usual = profile(chargingProfilePurpose="TxProfile")["csChargingProfiles"]
    wrong = [each["csChargingProfiles"] | {"chargingProfilePurpose": "TxProfile"} for each in CONTRADICTIONS]
    brought = [usual | {"chargingProfilePurpose": "TxDefaultProfile"}, *(each for each in wrong if each != usual)]
    requests = [{"connectorId": 2, "idTag": "FRIEND", "chargingProfile": each} for each in brought]  # TC_060
    refused(station, "RemoteStartTransaction", requests, "Rejected")


EXTREMES = [
    profile(schedule=periods((0, 1e12, None), (FAR, 0.0, 3))),
    profile(schedule={"duration": FAR, "startSchedule": LONG_AGO}),
    profile(validFrom=NEVER[0], validTo=NEVER[1]),
    profile(chargingProfileId=-FAR, schedule={"duration": 0}),
    profile(chargingProfileKind="Recurring", recurrencyKind="Weekly", schedule={"startSchedule": LONG_AGO}),
]  # fmt: skip


@pytest.mark.parametrize("offset", ["", "+14:00", "-14:00"])
def test_extremes_are_reckoned_with(station: Busy, offset: str) -> None:
    station.ask("ChangeConfiguration", {"key": "TimeOffset", "value": offset})
    for each in EXTREMES:
        assert station.ask("SetChargingProfile", each)[2] == {"status": "Accepted"}
        for unit in ("A", "W"):
            asked = {"connectorId": 1, "duration": 7 * 86_400, "chargingRateUnit": unit}
            assert station.ask("GetCompositeSchedule", asked)[2]["status"] == "Accepted"
        station.wait(seconds=5)
        assert station.ask("ClearChargingProfile", {})[2] == {"status": "Accepted"}
