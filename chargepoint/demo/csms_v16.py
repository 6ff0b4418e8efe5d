"""The demo's back office in OCPP 1.6: one `ocpp` charge point object per connection, its answers, and what it charges.

Prices and costs go to the station as Open Charge Alliance's note on cost has it, in DataTransfer.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from ocpp.exceptions import OCPPError
from ocpp.routing import after, on
from ocpp.v16 import ChargePoint, call, call_result

from chargepoint.demo.ledger import Ledger

COSTS = "org.openchargealliance.costmsg"
REGISTER = "Energy.Active.Import.Register"


class Station16(ChargePoint):
    """Handlers answer at once and never call the station: the library runs them inside its receive loop. What is said
    after an answer runs in a task of its own."""

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
        self.ledger.begun_wh[number] = meter_start
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

    @on("SignCertificate")
    def certificate_wanted(self, **_: Any) -> Any:
        return call_result.SignCertificate("Accepted")

    @on("SecurityEventNotification")
    def security_event(self, **_: Any) -> Any:
        return call_result.SecurityEventNotification()

    # --- what it costs ------------------------------------------------------------------------------------------------

    @after("Authorize")
    async def name_price(self, id_tag: str) -> None:
        if self.ledger.name(id_tag):
            await self._cost("SetUserPrice", {"idToken": id_tag, "priceText": self.ledger.price})

    @after("MeterValues")
    async def say_cost(self, meter_value: list[Any], transaction_id: int | None = None, **_: Any) -> None:
        register = register_in(meter_value)
        if transaction_id is None or register is None:
            return
        told = {
            "transactionId": transaction_id,
            "timestamp": self.ledger.now(),
            "meterValue": round(register),
            "cost": float(self.ledger.cost(transaction_id, register)),
            "state": "Charging",
            "chargingPrice": {"kWhPrice": float(self.ledger.per_kwh)},
        }
        await self._cost("RunningCost", told)

    @after("StopTransaction")
    async def send_bill(self, transaction_id: int, meter_stop: int, **_: Any) -> None:
        cost = self.ledger.cost(transaction_id, meter_stop)
        words = f"Thank you. {cost:.2f} EUR for this session."
        await self._cost("FinalCost", {"transactionId": transaction_id, "cost": float(cost), "priceText": words})

    async def _cost(self, message: str, data: dict[str, Any]) -> None:
        """A station that cannot show it says so, and nothing is lost."""
        text = json.dumps(data, separators=(",", ":"))
        with suppress(OCPPError, TimeoutError, ConnectionError):
            await self.call(call.DataTransfer(COSTS, message, text), suppress=False)

    async def remote_start(self, token: str, evse: int) -> str:
        answer = await self.call(call.RemoteStartTransaction(token, evse), suppress=False)
        return str(answer.status)

    async def remote_stop(self, transaction: str) -> str:
        answer = await self.call(call.RemoteStopTransaction(int(transaction)), suppress=False)
        return str(answer.status)


def register_in(meter_value: list[Any]) -> float | None:
    """The import register in Wh, of the first sample that tells it plainly."""
    values = [value for sample in meter_value for value in sample["sampled_value"]]
    plain = [value for value in values if value.get("format", "Raw") == "Raw" and "phase" not in value]
    return next((float(value["value"]) for value in plain if value.get("measurand", REGISTER) == REGISTER), None)
