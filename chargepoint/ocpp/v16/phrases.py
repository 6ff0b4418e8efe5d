"""What every version says, in the words of 1.6."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from chargepoint.core.facts import Status, StatusChanged, Token
from chargepoint.ocpp.dialect import Boot, Payload, Verdict
from chargepoint.ocpp.instants import optional_time, read_time, time_text
from chargepoint.ocpp.v16.identity import id_tag, read_tag
from chargepoint.ocpp.v16.statuses import error_code, explain, word_of

if TYPE_CHECKING:
    from chargepoint.core.station import Station
    from chargepoint.ocpp.services import Services


class Phrases:
    """Stateless; `chargepoint.ocpp.dialect.Phrases` says what each is for."""

    def boot(self, services: Services, cause: str) -> tuple[str, Payload]:
        """1.6 does not tell the CSMS why the station started."""
        plate = services.nameplate
        said = {
            "chargePointVendor": plate.vendor[:20],
            "chargePointModel": plate.model[:20],
            "chargePointSerialNumber": plate.serial_number[:25],
            "firmwareVersion": plate.firmware_version[:50],
        }
        if sim := services.sim():
            said |= {"iccid": sim.iccid, "imsi": sim.imsi}
        return "BootNotification", {name: text for name, text in said.items() if text}

    def read_boot(self, answer: Payload) -> Boot:
        return Boot(answer["status"], answer["interval"], read_time(answer["currentTime"]))

    def heartbeat(self) -> tuple[str, Payload]:
        return "Heartbeat", {}

    def read_time(self, answer: Payload) -> datetime:
        return read_time(answer["currentTime"])

    def authorize(self, token: Token) -> tuple[str, Payload]:
        return "Authorize", {"idTag": id_tag(token)}

    def read_verdict(self, answer: Payload) -> Verdict:
        """From the answer to Authorize, StartTransaction or StopTransaction; KeyError where the last leaves it out."""
        info = answer["idTagInfo"]
        group = info.get("parentIdTag")
        return Verdict(info["status"], read_tag(group) if group else None, optional_time(info.get("expiryDate")))

    def sign_certificate(self, request: str) -> tuple[str, Payload]:
        return "SignCertificate", {"csr": request}

    def status(self, shown: StatusChanged, at: datetime) -> tuple[str, Payload] | None:
        return "StatusNotification", {
            "connectorId": shown.evse,
            "errorCode": error_code(shown.fault),
            **explain(shown.fault),
            "status": word_of(shown.evse, shown.status),
            "timestamp": time_text(at),
        }

    def status_word(self, status: Status, occupied: bool = True) -> str:
        return word_of(1, status)

    def statuses_due(self, station: Station) -> list[int]:
        return [0, *sorted(station.evses)]

    def data_transfer(self, vendor: str, message: str | None, data: Any) -> tuple[str, Payload]:
        """Something only one vendor understands; `data` is a text and goes through untouched (section 4.3)."""
        if not isinstance(data, str | None):
            raise TypeError("OCPP 1.6 carries only a text as data")
        said = {"vendorId": vendor, "messageId": message, "data": data}
        return "DataTransfer", {name: text for name, text in said.items() if text is not None}
