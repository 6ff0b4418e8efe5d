"""The demo's back office in OCPP 2.0.1: one `ocpp` charge point object per connection, and its answers."""

from __future__ import annotations

import itertools
from typing import Any

from ocpp.routing import on
from ocpp.v201 import ChargePoint, call, call_result

from chargepoint.demo.ledger import Ledger


class Station201(ChargePoint):
    """Handlers answer at once and never call the station: the library runs them inside its receive loop."""

    def __init__(self, identity: str, connection: Any, ledger: Ledger) -> None:
        super().__init__(identity, connection)
        self.ledger = ledger
        self.remote_starts = itertools.count(1)

    @on("BootNotification")
    def booted(self, **_: Any) -> Any:
        return call_result.BootNotification(self.ledger.now(), self.ledger.interval_s, "Accepted")

    @on("Heartbeat")
    def alive(self, **_: Any) -> Any:
        return call_result.Heartbeat(self.ledger.now())

    @on("StatusNotification")
    def status(self, **_: Any) -> Any:
        return call_result.StatusNotification()

    @on("Authorize")
    def authorize(self, id_token: dict[str, Any], **_: Any) -> Any:
        return call_result.Authorize({"status": self.ledger.verdict(id_token["id_token"])})

    @on("TransactionEvent")
    def transaction(self, id_token: dict[str, Any] | None = None, **_: Any) -> Any:
        verdict = {"status": self.ledger.verdict(id_token["id_token"])} if id_token else None
        return call_result.TransactionEvent(id_token_info=verdict)

    @on("MeterValues")
    def metered(self, **_: Any) -> Any:
        return call_result.MeterValues()

    @on("DataTransfer")
    def vendor_data(self, **_: Any) -> Any:
        return call_result.DataTransfer("UnknownVendorId")

    @on("NotifyReport")
    def report(self, **_: Any) -> Any:
        return call_result.NotifyReport()

    @on("NotifyEvent")
    def event(self, **_: Any) -> Any:
        return call_result.NotifyEvent()

    @on("FirmwareStatusNotification")
    def firmware(self, **_: Any) -> Any:
        return call_result.FirmwareStatusNotification()

    @on("LogStatusNotification")
    def log_upload(self, **_: Any) -> Any:
        return call_result.LogStatusNotification()

    @on("SignCertificate")
    def certificate_wanted(self, **_: Any) -> Any:
        return call_result.SignCertificate("Accepted")

    @on("SecurityEventNotification")
    def security_event(self, **_: Any) -> Any:
        return call_result.SecurityEventNotification()

    async def remote_start(self, token: str, evse: int) -> str:
        request = call.RequestStartTransaction(
            id_token={"id_token": token, "type": "ISO14443"}, remote_start_id=next(self.remote_starts), evse_id=evse
        )
        answer = await self.call(request, suppress=False)
        return str(answer.status)

    async def remote_stop(self, transaction: str) -> str:
        answer = await self.call(call.RequestStopTransaction(transaction), suppress=False)
        return str(answer.status)
