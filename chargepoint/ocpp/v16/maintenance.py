"""Firmware and logs in 1.6 (sections 4.5, 4.4, 5.6, 5.19) and in its security extension (whitepaper, L01 and N01)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chargepoint.core.facts import FirmwareStatusChanged, LogStatusChanged, Record, SecurityEvent
from chargepoint.core.maintenance import Kind, Update, Upload
from chargepoint.core.security import Event
from chargepoint.ocpp.dialect import Payload, fact_of
from chargepoint.ocpp.instants import optional_time, read_time, time_text

if TYPE_CHECKING:
    from chargepoint.ocpp.services import Services

Said = tuple[str, Payload] | None

UNSIGNED = frozenset(
    {"Downloaded", "DownloadFailed", "Downloading", "Idle", "InstallationFailed", "Installing", "Installed"}
)
"""FirmwareStatus of 1.6 (section 7.25); the security extension knows all of 2.0.1's words."""

FAILED = {"InstallVerificationFailed": "InstallationFailed"}
"""Words that only the security extension has."""

DIAGNOSTICS = {"Idle": "Idle", "Uploading": "Uploading", "Uploaded": "Uploaded", "UploadFailure": "UploadFailed",
               "PermissionDenied": "UploadFailed"}  # fmt: skip
"""UploadLogStatusEnumType -> DiagnosticsStatus (section 7.24)."""

LONGEST_INFO = 255  # techInfo, security whitepaper
SECURITY_NAMES: dict[str, str] = {  # security whitepaper edition 3, chapter 8; the rest has 2.0.1's names
    Event.FAILED_TO_AUTHENTICATE_AT_CSMS: "FailedToAuthenticateAtCentralSystem",
    Event.CSMS_FAILED_TO_AUTHENTICATE: "CentralSystemFailedToAuthenticate",
    Event.INVALID_CSMS_CERTIFICATE: "InvalidCentralSystemCertificate",
    Event.INVALID_CHARGING_STATION_CERTIFICATE: "InvalidChargePointCertificate",
}


# --- from the CSMS ----------------------------------------------------------------------------------------------------


async def update_firmware(services: Services, payload: Payload) -> Payload:
    """The answer says nothing: what becomes of it is told by FirmwareStatusNotification."""
    if services.firmware is None:
        services.act(lambda station, now: station.around.emit(FirmwareStatusChanged(0, "DownloadFailed")))
        return {}
    update = Update(url=payload["location"], retrieve_at=read_time(payload["retrieveDate"]), **_patience(payload))
    services.firmware.request(update)
    return {}


async def signed_update_firmware(services: Services, payload: Payload) -> Payload:
    if services.firmware is None:
        return {"status": "Rejected"}
    told = payload["firmware"]
    update = Update(
        url=told["location"],
        retrieve_at=read_time(told["retrieveDateTime"]),
        install_at=optional_time(told.get("installDateTime")),
        request_id=payload["requestId"],
        certificate=told["signingCertificate"],
        signature=told["signature"],
        **_patience(payload),
    )
    return {"status": services.firmware.request(update)}


async def get_diagnostics(services: Services, payload: Payload) -> Payload:
    """Without a file name there is nothing to send (section 6.22)."""
    if services.uploads is None:
        return {}
    oldest, latest = optional_time(payload.get("startTime")), optional_time(payload.get("stopTime"))
    upload = Upload("DiagnosticsLog", payload["location"], oldest, latest, **_patience(payload))
    return {"fileName": services.uploads.request(upload)[1]}


async def get_log(services: Services, payload: Payload) -> Payload:
    told = payload["log"]
    if services.uploads is None or not services.uploads.takes(told["remoteLocation"]):
        return {"status": "Rejected"}
    kind: Kind = "SecurityLog" if payload["logType"] == "SecurityLog" else "DiagnosticsLog"
    upload = Upload(
        kind,
        told["remoteLocation"],
        optional_time(told.get("oldestTimestamp")),
        optional_time(told.get("latestTimestamp")),
        request_id=payload["requestId"],
        **_patience(payload),
    )
    replaces, filename = services.uploads.request(upload)
    return {"status": "AcceptedCanceled" if replaces else "Accepted", "filename": filename}


def _patience(payload: Payload) -> dict[str, Any]:
    return {"retries": payload.get("retries"), "retry_interval_s": payload.get("retryInterval")}


UNDER_WAY = {
    "Downloading": "Downloading", "Downloaded": "Downloaded", "SignatureVerified": "Downloaded",
    "InstallScheduled": "Downloaded", "Installing": "Installing", "InstallRebooting": "Installing",
}  # fmt: skip
"""The nearest of 1.6's own words while something is going on."""


def unsigned(status: str) -> str:
    """For whoever asks how far it is; Idle where nothing is under way, however it ended (section 7.25)."""
    return UNDER_WAY.get(status, "Idle")


# --- to the CSMS ------------------------------------------------------------------------------------------------------


def firmware_status(services: Services, record: Record) -> Said:
    fact = fact_of(record, FirmwareStatusChanged)
    if fact.request_id is not None:
        return "SignedFirmwareStatusNotification", {"status": fact.status, "requestId": fact.request_id}
    word = FAILED.get(fact.status, fact.status)
    return ("FirmwareStatusNotification", {"status": word}) if word in UNSIGNED else None


def log_status(services: Services, record: Record) -> Said:
    fact = fact_of(record, LogStatusChanged)
    if fact.request_id is not None:
        return "LogStatusNotification", {"status": fact.status, "requestId": fact.request_id}
    word = DIAGNOSTICS.get(fact.status)
    return ("DiagnosticsStatusNotification", {"status": word}) if word is not None else None


def security_event(services: Services, record: Record) -> Said:
    fact = fact_of(record, SecurityEvent)
    name = SECURITY_NAMES.get(fact.event, fact.event)
    said = {"type": name, "timestamp": time_text(record.at)}
    return "SecurityEventNotification", said | ({"techInfo": fact.info[:LONGEST_INFO]} if fact.info else {})
