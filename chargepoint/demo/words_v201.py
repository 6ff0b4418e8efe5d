"""OCPP 2.0.1 in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chargepoint.demo.words import Names, Payload, Phrase, fixed, list_of, security

STATUS = {
    "Available": "is free",
    "Occupied": "is taken: a cable is in it, or somebody is about to charge",
    "Reserved": "is reserved",
    "Unavailable": "is out of service",
    "Faulted": "is faulted",
}

STATE = {
    "Charging": "the car is charging",
    "EVConnected": "the car is connected",
    "SuspendedEV": "the car takes nothing",
    "SuspendedEVSE": "the car gets nothing",
    "Idle": "no car is connected",
}

EVENT = {"Started": "a transaction began", "Updated": "the transaction goes on", "Ended": "the transaction has ended"}


def _boot(payload: Payload, names: Names) -> str:
    station = payload["chargingStation"]
    serial = station.get("serialNumber", "without a number")
    name = f"{station['vendorName']} {station['model']}"
    return f"this is {name}, serial {serial}, and it has started ({payload['reason']})"


def _status(payload: Payload, names: Names) -> str:
    return f"EVSE {payload['evseId']} {STATUS[payload['connectorStatus']]}"


def _event(payload: Payload, names: Names) -> str:
    info = payload["transactionInfo"]
    parts = [f"{EVENT[payload['eventType']]} ({_why(payload)})"]
    if "idToken" in payload:
        parts.append(names.of(payload["idToken"]["idToken"]))
    if "chargingState" in info:
        parts.append(STATE[info["chargingState"]])
    if payload.get("meterValue"):
        parts.append(_values(payload["meterValue"][-1:]))
    if payload.get("offline"):
        parts.append("told late: the line was down")
    return "; ".join(parts)


def _why(payload: Payload) -> str:
    reason = payload["transactionInfo"].get("stoppedReason")
    return f"{payload['triggerReason']}, {reason}" if reason else str(payload["triggerReason"])


def _values(samples: list[dict[str, Any]]) -> str:
    values = [value for sample in samples for value in sample["sampledValue"]]
    return list_of((v.get("measurand", "Energy.Active.Import.Register"), _unit(v), v["value"]) for v in values)


def _unit(value: dict[str, Any]) -> str:
    return str(value.get("unitOfMeasure", {}).get("unit", "Wh"))


def _verdict(payload: Payload, names: Names) -> str:
    info = payload.get("idTokenInfo")
    if info is None:
        return "noted"
    return "this card may charge" if info["status"] == "Accepted" else "this card may not charge"


def _welcome(payload: Payload, names: Names) -> str:
    if payload["status"] != "Accepted":
        return f"{payload['status'].lower()}; ask again in {payload['interval']} s"
    return f"welcome; it is {payload['currentTime']}, send a heartbeat every {payload['interval']} s"


CALLS: Mapping[str, Phrase] = {
    "BootNotification": _boot,
    "Heartbeat": fixed("I am alive; what time is it?"),
    "StatusNotification": _status,
    "Authorize": lambda payload, names: f"may {names.of(payload['idToken']['idToken'])} charge?",
    "TransactionEvent": _event,
    "MeterValues": lambda payload, names: f"the meter: {_values(payload['meterValue'])}",
    "SecurityEventNotification": security,
    "RequestStartTransaction": lambda payload, names: f"start charging for {names.of(payload['idToken']['idToken'])}",
    "RequestStopTransaction": lambda payload, names: f"stop transaction {payload['transactionId']}",
}

RESULTS: Mapping[str, Phrase] = {
    "BootNotification": _welcome,
    "Heartbeat": lambda payload, names: f"it is {payload['currentTime']}",
    "Authorize": _verdict,
    "TransactionEvent": _verdict,
}
