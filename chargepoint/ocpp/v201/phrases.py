"""What every version says, in the words of 2.0.1."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from chargepoint.core.facts import Status, StatusChanged, Token
from chargepoint.ocpp.dialect import Boot, Payload, Verdict
from chargepoint.ocpp.instants import optional_time, read_time, time_text
from chargepoint.ocpp.v201.identity import id_token, read_token

if TYPE_CHECKING:
    from chargepoint.core.station import Station
    from chargepoint.ocpp.services import Services

CONNECTOR = 1
"""Every EVSE here has one connector."""

STATUS_WORDS: dict[Status, str] = {  # ConnectorStatusEnumType; chargingState tells the rest
    Status.AVAILABLE: "Available",
    Status.PREPARING: "Occupied",
    Status.CHARGING: "Occupied",
    Status.SUSPENDED_EV: "Occupied",
    Status.SUSPENDED_EVSE: "Occupied",
    Status.FINISHING: "Occupied",
    Status.RESERVED: "Reserved",
    Status.UNAVAILABLE: "Unavailable",
    Status.FAULTED: "Faulted",
}

BOOT_REASONS = frozenset({
    "ApplicationReset", "FirmwareUpdate", "LocalReset", "PowerUp", "RemoteReset", "ScheduledReset", "Triggered",
    "Watchdog",
})  # fmt: skip


class Phrases:
    """Stateless; `chargepoint.ocpp.dialect.Phrases` says what each is for."""

    def boot(self, services: Services, cause: str) -> tuple[str, Payload]:
        plate = services.nameplate
        said = {
            "model": plate.model[:20],
            "vendorName": plate.vendor[:50],
            "serialNumber": plate.serial_number[:25],
            "firmwareVersion": plate.firmware_version[:50],
        }
        station: Payload = {name: text for name, text in said.items() if text}
        if (sim := services.sim()) and (sim.iccid or sim.imsi):
            numbers = {"iccid": sim.iccid, "imsi": sim.imsi}
            station["modem"] = {name: text for name, text in numbers.items() if text}
        return "BootNotification", {
            "chargingStation": station,
            "reason": cause if cause in BOOT_REASONS else "Unknown",
        }

    def read_boot(self, answer: Payload) -> Boot:
        return Boot(answer["status"], answer["interval"], read_time(answer["currentTime"]))

    def heartbeat(self) -> tuple[str, Payload]:
        return "Heartbeat", {}

    def read_time(self, answer: Payload) -> datetime:
        return read_time(answer["currentTime"])

    def authorize(self, token: Token) -> tuple[str, Payload]:
        return "Authorize", {"idToken": id_token(token)}

    def read_verdict(self, answer: Payload) -> Verdict:
        """From the answer to Authorize or TransactionEvent; KeyError where the latter leaves it out."""
        info = answer["idTokenInfo"]
        group = info.get("groupIdToken")
        expires_at = optional_time(info.get("cacheExpiryDateTime"))
        return Verdict(info["status"], read_token(group) if group else None, expires_at)

    def sign_certificate(self, request: str) -> tuple[str, Payload]:
        return "SignCertificate", {"csr": request, "certificateType": "ChargingStationCertificate"}

    def status(self, shown: StatusChanged, at: datetime) -> tuple[str, Payload] | None:
        """The station as a whole has no connector, so nothing is said of it (G01)."""
        if shown.evse == 0:
            return None
        return "StatusNotification", {
            "timestamp": time_text(at),
            "connectorStatus": self.status_word(shown.status, shown.occupied),
            "evseId": shown.evse,
            "connectorId": CONNECTOR,
        }

    def status_word(self, status: Status, occupied: bool = True) -> str:
        """A card that waits for its cable occupies nothing yet (E03, TC_E_04)."""
        return STATUS_WORDS[Status.AVAILABLE if status is Status.PREPARING and not occupied else status]

    def statuses_due(self, station: Station) -> list[int]:
        return sorted(station.evses)  # B01.FR.05

    def data_transfer(self, vendor: str, message: str | None, data: Any) -> tuple[str, Payload]:
        """Something only one vendor understands; `data` is any JSON and goes through untouched (P02)."""
        said = {"vendorId": vendor, "messageId": message, "data": data}
        return "DataTransfer", {name: value for name, value in said.items() if value is not None}
