"""A session and every action of the dialects' tables against a CSMS of another make, which validates both ways.

What went over the wire is its `/log`; what it found wrong is its `/violations`, and that stays empty.
"""

from pathlib import Path
from typing import Any

import pytest

from chargepoint.demo.authority import Authority
from chargepoint.ocpp.v16 import DIALECT as V16
from chargepoint.ocpp.v201 import DIALECT as V201
from tests.process.strict import StrictCsms
from tests.process.strict_station import Station, running

pytestmark = pytest.mark.node

CARD = "04A1B2C3D4E5F6"

SAID_16 = {
    "BootNotification", "StatusNotification", "Heartbeat", "Authorize",
    "StartTransaction", "MeterValues", "StopTransaction", "DataTransfer",
    "FirmwareStatusNotification", "DiagnosticsStatusNotification", "LogStatusNotification",
    "SecurityEventNotification", "SignCertificate", "SignedFirmwareStatusNotification",
}  # fmt: skip
SAID_201 = {
    "BootNotification", "StatusNotification", "Heartbeat", "Authorize",
    "TransactionEvent", "MeterValues", "NotifyReport", "DataTransfer", "SecurityEventNotification", "SignCertificate",
}  # fmt: skip


# --- 1.6 --------------------------------------------------------------------------------------------------------------


async def test_every_action_of_1_6(csms: StrictCsms, tmp_path: Path) -> None:
    async with running(csms, tmp_path, "1.6") as station:
        assert (await station.says("BootNotification"))["chargePointVendor"] == "Acme"
        assert (await station.says("StatusNotification", connectorId=0))["status"] == "Available"
        assert (await station.says("StatusNotification", connectorId=1))["status"] == "Available"
        await configuration_is_read_and_written_in_1_6(station)
        await the_small_requests_of_1_6_are_answered(station)
        await a_card_session_in_1_6(station)
        await a_remote_session_in_1_6(station)
        await lists_reservations_and_profiles_in_1_6(station)
        await firmware_and_logs_in_1_6(station)
        await certificates_in_1_6(station, Authority(tmp_path, days=1000))
        assert await station.asked("Reset", {"type": "Soft"}) == {"status": "Accepted"}
        assert await station.boots(3) == ("", "Available")  # the second was triggered
        assert await station.actions("cp") == set(V16.requests)
        assert await station.actions("csms") == SAID_16
        assert await csms.violations(station.identity) == []


async def configuration_is_read_and_written_in_1_6(station: Station) -> None:
    read = await station.asked("GetConfiguration", {"key": ["NumberOfConnectors", "Nonsense"]})
    assert read == {
        "configurationKey": [{"key": "NumberOfConnectors", "readonly": True, "value": "1"}],
        "unknownKey": ["Nonsense"],
    }
    everything = await station.asked("GetConfiguration")
    assert len(everything["configurationKey"]) > 20

    async def changed(key: str, value: str) -> str:
        status: str = (await station.asked("ChangeConfiguration", {"key": key, "value": value}))["status"]
        return status

    assert await changed("MeterValueSampleInterval", "2") == "Accepted"
    assert await changed("MeterValueSampleInterval", "soon") == "Rejected"
    assert await changed("NumberOfConnectors", "2") == "Rejected"
    assert await changed("Nonsense", "1") == "NotSupported"


async def the_small_requests_of_1_6_are_answered(station: Station) -> None:
    told = ("DiagnosticsStatusNotification", "FirmwareStatusNotification")
    for message in ("BootNotification", "Heartbeat", "StatusNotification", "MeterValues", *told):
        assert await station.asked("TriggerMessage", {"requestedMessage": message}) == {"status": "Accepted"}
        await station.says(message, nth={"BootNotification": 2, "StatusNotification": 3}.get(message, 1))
    assert await station.asked("DataTransfer", {"vendorId": "Acme"}) == {"status": "UnknownVendorId"}
    await station.transfers("ping", "a text")
    assert await station.asked("ClearCache") == {"status": "Accepted"}
    assert await station.asked("UnlockConnector", {"connectorId": 1}) == {"status": "Unlocked"}
    assert await station.asked("UnlockConnector", {"connectorId": 7}) == {"status": "NotSupported"}
    off, on = ({"connectorId": 1, "type": kind} for kind in ("Inoperative", "Operative"))
    assert await station.asked("ChangeAvailability", off) == {"status": "Accepted"}
    await station.says("StatusNotification", connectorId=1, status="Unavailable")
    assert await station.asked("ChangeAvailability", on) == {"status": "Accepted"}
    await station.becomes("available")


async def a_card_session_in_1_6(station: Station) -> None:
    await station.plant.panel.plug()
    await station.becomes("preparing")
    await station.plant.panel.card(CARD)
    assert await station.says("Authorize") == {"idTag": CARD}
    start = await station.says("StartTransaction")
    assert (start["connectorId"], start["idTag"]) == (1, CARD)
    await station.becomes("charging")
    await station.says("MeterValues", nth=2)
    await station.plant.panel.card(CARD)
    stop = await station.says("StopTransaction")
    assert stop["reason"] == "Local"
    assert stop["meterStop"] >= start["meterStart"]
    await station.plant.panel.unplug()
    await station.becomes("available")


async def a_remote_session_in_1_6(station: Station) -> None:
    assert await station.asked("RemoteStopTransaction", {"transactionId": 1}) == {"status": "Rejected"}
    assert await station.asked("RemoteStartTransaction", {"idTag": CARD, "connectorId": 9}) == {"status": "Rejected"}
    await station.plant.panel.plug()
    await station.becomes("preparing")
    assert await station.asked("RemoteStartTransaction", {"idTag": CARD, "connectorId": 1}) == {"status": "Accepted"}
    await station.says("StartTransaction", nth=2)
    await station.becomes("charging")
    off, on = ({"connectorId": 1, "type": kind} for kind in ("Inoperative", "Operative"))
    assert await station.asked("ChangeAvailability", off) == {"status": "Scheduled"}
    assert await station.asked("ChangeAvailability", on) == {"status": "Accepted"}
    number = [
        entry["frame"][2]["transactionId"]
        for entry in await station.csms.log(station.identity)
        if entry["to"] == "cp" and entry["frame"][0] == 3 and "transactionId" in entry["frame"][2]
    ][-1]
    assert await station.asked("RemoteStopTransaction", {"transactionId": number}) == {"status": "Accepted"}
    assert (await station.says("StopTransaction", nth=2))["reason"] == "Remote"
    await station.plant.panel.unplug()
    await station.becomes("available")


async def lists_reservations_and_profiles_in_1_6(station: Station) -> None:
    entries = [{"idTag": "LISTED", "idTagInfo": {"status": "Accepted"}}]
    full = {"listVersion": 3, "updateType": "Full", "localAuthorizationList": entries}
    assert await station.asked("SendLocalList", full) == {"status": "Accepted"}
    assert await station.asked("GetLocalListVersion") == {"listVersion": 3}
    reserved = {"connectorId": 1, "expiryDate": "2099-01-01T00:00:00Z", "idTag": "SOMEBODY", "reservationId": 5}
    assert await station.asked("ReserveNow", reserved) == {"status": "Accepted"}
    await station.says("StatusNotification", connectorId=1, status="Reserved")
    refused = {"idTag": CARD, "connectorId": 1}
    assert await station.asked("RemoteStartTransaction", refused) == {"status": "Rejected"}
    assert await station.asked("CancelReservation", {"reservationId": 5}) == {"status": "Accepted"}
    await station.becomes("available")
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 7.5}]}
    profile = {
        "chargingProfileId": 1, "stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative", "chargingSchedule": schedule,
    }  # fmt: skip
    assert await station.asked("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": profile}) == {
        "status": "Accepted"
    }
    composite = await station.asked("GetCompositeSchedule", {"connectorId": 1, "duration": 600})
    assert composite["chargingSchedule"]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 7.5, "numberPhases": 3}
    ]
    assert await station.asked("ClearChargingProfile", {"id": 1}) == {"status": "Accepted"}


NOBODY = "http://127.0.0.1:9/file"  # nothing answers there


async def firmware_and_logs_in_1_6(station: Station) -> None:
    update = {"location": NOBODY, "retrieveDate": "2020-01-01T00:00:00Z", "retries": 0}
    assert await station.asked("UpdateFirmware", update) == {}
    await station.says("FirmwareStatusNotification", status="DownloadFailed")
    answer = await station.asked("GetDiagnostics", {"location": NOBODY, "retries": 0})
    assert answer["fileName"].startswith("A-1-diagnostics-")
    await station.says("DiagnosticsStatusNotification", status="UploadFailed")
    log = {"log": {"remoteLocation": NOBODY}, "logType": "SecurityLog", "requestId": 1, "retries": 0}
    assert (await station.asked("GetLog", log))["status"] == "Accepted"
    await station.says("LogStatusNotification", status="UploadFailure", requestId=1)
    firmware = {
        "location": NOBODY, "retrieveDateTime": "2020-01-01T00:00:00Z", "signingCertificate": "none",
        "signature": "none",
    }  # fmt: skip
    signed = {"requestId": 2, "firmware": firmware}
    assert await station.asked("SignedUpdateFirmware", signed) == {"status": "InvalidCertificate"}
    await station.says("SecurityEventNotification", type="InvalidFirmwareSigningCertificate")


async def certificates_in_1_6(station: Station, root: Authority) -> None:
    central = {"certificateType": "CentralSystemRootCertificate"}
    assert await station.asked("InstallCertificate", central | {"certificate": "nonsense"}) == {"status": "Rejected"}
    assert await station.asked("InstallCertificate", central | {"certificate": root.pem}) == {"status": "Accepted"}
    listed = await station.asked("GetInstalledCertificateIds", central)
    (named,) = listed["certificateHashData"]
    trigger = {"requestedMessage": "SignChargePointCertificate"}
    assert await station.asked("ExtendedTriggerMessage", trigger) == {"status": "Rejected"}  # in whose name?
    operator = {"key": "CpoName", "value": "Cars and Volts"}
    assert await station.asked("ChangeConfiguration", operator) == {"status": "Accepted"}
    assert await station.asked("ExtendedTriggerMessage", trigger) == {"status": "Accepted"}
    request = (await station.says("SignCertificate"))["csr"]
    for chain, status in ((root.answer(request, name="other"), "Rejected"), (root.answer(request), "Accepted")):
        assert await station.asked("CertificateSigned", {"certificateChain": chain}) == {"status": status}
    await station.says("SecurityEventNotification", type="InvalidChargePointCertificate")
    assert await station.asked("DeleteCertificate", {"certificateHashData": named}) == {"status": "Accepted"}
    assert await station.asked("DeleteCertificate", {"certificateHashData": named}) == {"status": "NotFound"}
    assert await station.asked("GetInstalledCertificateIds", central) == {"status": "NotFound"}
    for asked in ("FirmwareStatusNotification", "LogStatusNotification"):
        assert await station.asked("ExtendedTriggerMessage", {"requestedMessage": asked}) == {"status": "Accepted"}
    await station.says("SignedFirmwareStatusNotification", status="Idle")
    await station.says("LogStatusNotification", status="Idle")


# --- 2.0.1 ------------------------------------------------------------------------------------------------------------


def variable(component: str, name: str, **more: str) -> dict[str, Any]:
    return {"component": {"name": component}, "variable": {"name": name}, **more}


TOKEN = {"idToken": CARD, "type": "ISO14443"}


async def test_every_action_of_2_0_1(csms: StrictCsms, tmp_path: Path) -> None:
    async with running(csms, tmp_path, "2.0.1") as station:
        assert (await station.says("BootNotification"))["reason"] == "PowerUp"
        assert (await station.says("StatusNotification", evseId=1))["connectorStatus"] == "Available"
        await variables_are_read_written_and_reported(station)
        await the_small_requests_of_2_0_1_are_answered(station)
        await certificates_in_2_0_1(station, Authority(tmp_path, days=1000))
        await a_card_session_in_2_0_1(station)
        await a_remote_start_before_the_cable_in_2_0_1(station)
        await a_remote_session_in_2_0_1(station)
        assert (await station.asked("Reset", {"type": "Immediate"}))["status"] == "Accepted"
        assert await station.boots(3) == ("RemoteReset", "Available")
        assert await station.actions("cp") == set(V201.requests)
        assert await station.actions("csms") == SAID_201
        assert await csms.violations(station.identity) == []


async def variables_are_read_written_and_reported(station: Station) -> None:
    wanted = [variable("OCPPCommCtrlr", "HeartbeatInterval"), variable("OCPPCommCtrlr", "Nonsense")]
    known, unknown = (await station.asked("GetVariables", {"getVariableData": wanted}))["getVariableResult"]
    assert known["attributeStatus"] == "Accepted"
    assert known["attributeValue"].isdigit()
    assert unknown["attributeStatus"] == "UnknownVariable"
    changes = [
        variable("SampledDataCtrlr", "TxUpdatedInterval", attributeValue="2"),
        variable("SampledDataCtrlr", "TxUpdatedInterval", attributeValue="soon"),
        variable("Nonsense", "TxUpdatedInterval", attributeValue="2"),
    ]
    results = (await station.asked("SetVariables", {"setVariableData": changes}))["setVariableResult"]
    assert [result["attributeStatus"] for result in results] == ["Accepted", "Rejected", "UnknownComponent"]
    asked = {"requestId": 1, "reportBase": "FullInventory"}
    assert (await station.asked("GetBaseReport", asked))["status"] == "Accepted"
    assert (await station.says("NotifyReport", requestId=1, tbc=False))["reportData"]
    one = [variable("OCPPCommCtrlr", "HeartbeatInterval")]
    assert (await station.asked("GetReport", {"requestId": 2, "componentVariable": one}))["status"] == "Accepted"
    assert len((await station.says("NotifyReport", requestId=2, tbc=False))["reportData"]) == 1
    none = [variable("Nonsense", "Nonsense")]
    assert (await station.asked("GetReport", {"requestId": 3, "componentVariable": none}))["status"] == "EmptyResultSet"


async def the_small_requests_of_2_0_1_are_answered(station: Station) -> None:
    place = {"id": 1, "connectorId": 1}
    for message, more in (("Heartbeat", {}), ("StatusNotification", {"evse": place}), ("MeterValues", {})):
        answer = await station.asked("TriggerMessage", {"requestedMessage": message, **more})
        assert answer["status"] == "Accepted"
        await station.says(message, nth=2 if message == "StatusNotification" else 1)
    for message, status in (("BootNotification", "Rejected"), ("LogStatusNotification", "NotImplemented")):
        assert (await station.asked("TriggerMessage", {"requestedMessage": message}))["status"] == status
    assert await station.asked("DataTransfer", {"vendorId": "Acme"}) == {"status": "UnknownVendorId"}
    await station.transfers("ping", {"a": [1, {"b": "c"}]})
    assert (await station.asked("ClearCache"))["status"] == "Accepted"
    assert (await station.asked("UnlockConnector", {"evseId": 1, "connectorId": 1}))["status"] == "Unlocked"
    assert (await station.asked("UnlockConnector", {"evseId": 7, "connectorId": 1}))["status"] == "UnknownConnector"
    assert await station.asked("GetTransactionStatus") == {"messagesInQueue": False}
    off, on = ({"evse": {"id": 1}, "operationalStatus": kind} for kind in ("Inoperative", "Operative"))
    assert (await station.asked("ChangeAvailability", off))["status"] == "Accepted"
    await station.says("StatusNotification", evseId=1, connectorStatus="Unavailable")
    assert (await station.asked("ChangeAvailability", on))["status"] == "Accepted"
    await station.becomes("available")


async def certificates_in_2_0_1(station: Station, root: Authority) -> None:
    for kind in ("CSMSRootCertificate", "V2GRootCertificate"):
        given = {"certificateType": kind, "certificate": root.pem}
        assert (await station.asked("InstallCertificate", given))["status"] == "Accepted"
    listed = (await station.asked("GetInstalledCertificateIds"))["certificateHashDataChain"]
    assert {each["certificateType"] for each in listed} == {"CSMSRootCertificate", "V2GRootCertificate"}
    [named] = {str(each["certificateHashData"]): each["certificateHashData"] for each in listed}.values()
    trigger = {"requestedMessage": "SignChargingStationCertificate"}
    assert (await station.asked("TriggerMessage", trigger))["status"] == "Rejected"  # in whose name?
    operator = [variable("SecurityCtrlr", "OrganizationName", attributeValue="Cars and Volts")]
    await station.asked("SetVariables", {"setVariableData": operator})
    assert (await station.asked("TriggerMessage", trigger))["status"] == "Accepted"
    request = (await station.says("SignCertificate", certificateType="ChargingStationCertificate"))["csr"]
    signed = {"certificateChain": root.answer(request), "certificateType": "ChargingStationCertificate"}
    assert (await station.asked("CertificateSigned", {**signed, "certificateType": "V2GCertificate"})) == {
        "status": "Rejected"
    }
    assert (await station.asked("CertificateSigned", signed))["status"] == "Accepted"
    for status in ("Accepted", "Accepted", "NotFound"):
        assert (await station.asked("DeleteCertificate", {"certificateHashData": named}))["status"] == status
    one = {"certificateType": ["CSMSRootCertificate"]}
    assert (await station.asked("GetInstalledCertificateIds", one))["status"] == "NotFound"


async def a_card_session_in_2_0_1(station: Station) -> None:
    await station.plant.panel.plug()
    await station.becomes("preparing")
    await station.plant.panel.card(CARD)
    assert (await station.says("Authorize"))["idToken"]["idToken"] == CARD
    start = await station.tells("Started")
    assert (start["evse"]["id"], start["idToken"]["idToken"]) == (1, CARD)
    await station.becomes("charging")
    await station.says("TransactionEvent", nth=2, triggerReason="MeterValuePeriodic")
    transaction = start["transactionInfo"]["transactionId"]
    answer = await station.asked("GetTransactionStatus", {"transactionId": transaction})
    assert answer["ongoingIndicator"] is True
    busy = await station.asked("UnlockConnector", {"evseId": 1, "connectorId": 1})
    assert busy["status"] == "OngoingAuthorizedTransaction"
    await station.plant.panel.card(CARD)
    end = await station.tells("Ended")
    assert (end["triggerReason"], end["transactionInfo"]["transactionId"]) == ("StopAuthorized", transaction)
    await station.plant.panel.unplug()
    await station.becomes("available")


async def a_remote_start_before_the_cable_in_2_0_1(station: Station) -> None:
    start = {"idToken": TOKEN, "remoteStartId": 7, "evseId": 1}
    assert (await station.asked("RequestStartTransaction", start))["status"] == "Accepted"
    await station.plant.panel.plug()
    info = (await station.tells("Started", nth=2))["transactionInfo"]
    assert info.get("remoteStartId") == 7  # F01.FR.25
    assert (await station.asked("RequestStopTransaction", {"transactionId": info["transactionId"]})) == {
        "status": "Accepted"
    }
    await station.tells("Ended", nth=2)
    await station.plant.panel.unplug()
    await station.becomes("available")


async def a_remote_session_in_2_0_1(station: Station) -> None:
    assert (await station.asked("RequestStopTransaction", {"transactionId": "none"}))["status"] == "Rejected"
    start = {"idToken": TOKEN, "remoteStartId": 42, "evseId": 1}
    assert (await station.asked("RequestStartTransaction", {**start, "evseId": 9}))["status"] == "Rejected"
    await station.plant.panel.plug()
    await station.becomes("preparing")
    assert (await station.asked("RequestStartTransaction", start))["status"] == "Accepted"
    info = (await station.tells("Started", nth=3))["transactionInfo"]
    assert info["remoteStartId"] == 42
    await station.becomes("charging")
    scheduled = {"evse": {"id": 1}, "operationalStatus": "Inoperative"}
    assert (await station.asked("ChangeAvailability", scheduled))["status"] == "Scheduled"
    again = {"evse": {"id": 1}, "operationalStatus": "Operative"}
    assert (await station.asked("ChangeAvailability", again))["status"] == "Accepted"
    assert (await station.asked("Reset", {"type": "OnIdle"}))["status"] == "Scheduled"
    stop = {"transactionId": info["transactionId"]}
    assert (await station.asked("RequestStopTransaction", stop))["status"] == "Accepted"
    assert (await station.tells("Ended", nth=3))["transactionInfo"]["stoppedReason"] == "Remote"
    assert (await station.boots(2))[0] == "ScheduledReset"  # idle with the cable in, too
    await station.plant.open_panel(20)
    await station.plant.panel.unplug()
    await station.becomes("available")
