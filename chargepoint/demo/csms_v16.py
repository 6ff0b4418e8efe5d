"""The demo's back office in OCPP 1.6: one `ocpp` charge point object per connection, and its answers."""

from __future__ import annotations

from typing import Any

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result

from chargepoint.demo.ledger import Ledger


class Station16(ChargePoint):
    """Handlers answer at once and never call the station: the library runs them inside its receive loop."""

    def __init__(self, identity: str, connection: Any, ledger: Ledger) -> None:
        super().__init__(identity, connection)
        self.ledger = ledger

    @on("BootNotification")
    def booted(self, **_: Any) -> Any:
        return call_result.BootNotification(self.ledger.now(), self.ledger.interval_s, "Accepted")

    @on("Heartbeat")
    def alive(self) -> Any:
        return call_result.Heartbeat(self.ledger.now())

    @on("StatusNotification")
    def status(self, **_: Any) -> Any:
        return call_result.StatusNotification()

    @on("Authorize")
    def authorize(self, id_tag: str) -> Any:
        return call_result.Authorize({"status": self.ledger.verdict(id_tag)})

    @on("StartTransaction")
    def started(self, connector_id: int, id_tag: str, meter_start: int, timestamp: str, **_: Any) -> Any:
        number = self.ledger.transaction_number((self.id, connector_id, id_tag, meter_start, timestamp))
        return call_result.StartTransaction(number, {"status": self.ledger.verdict(id_tag)})

    @on("StopTransaction")
    def stopped(self, **_: Any) -> Any:
        return call_result.StopTransaction()

    @on("MeterValues")
    def metered(self, **_: Any) -> Any:
        return call_result.MeterValues()

    @on("DataTransfer")
    def vendor_data(self, **_: Any) -> Any:
        return call_result.DataTransfer("UnknownVendorId")

    @on("DiagnosticsStatusNotification")
    def diagnostics(self, **_: Any) -> Any:
        return call_result.DiagnosticsStatusNotification()

    @on("FirmwareStatusNotification")
    def firmware(self, **_: Any) -> Any:
        return call_result.FirmwareStatusNotification()

    @on("SecurityEventNotification")
    def security_event(self, **_: Any) -> Any:
        return call_result.SecurityEventNotification()

    async def remote_start(self, token: str, evse: int) -> str:
        answer = await self.call(call.RemoteStartTransaction(token, evse), suppress=False)
        return str(answer.status)

    async def remote_stop(self, transaction: str) -> str:
        answer = await self.call(call.RemoteStopTransaction(int(transaction)), suppress=False)
        return str(answer.status)
