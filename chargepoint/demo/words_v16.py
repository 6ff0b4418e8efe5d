"""OCPP 1.6 in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping

from chargepoint.demo.words import Names, Payload, Phrase, energy, fixed, list_of, security

STATUS = {
    "Available": "is free",
    "Preparing": "is getting ready: a cable or a card, not yet both",
    "Charging": "is charging a car",
    "SuspendedEV": "is ready, but the car takes nothing",
    "SuspendedEVSE": "has a car waiting, but may give it nothing",
    "Finishing": "is done; the cable is still in",
    "Reserved": "is reserved",
    "Unavailable": "is out of service",
    "Faulted": "is faulted",
}


def _boot(payload: Payload, names: Names) -> str:
    serial = payload.get("chargePointSerialNumber", "without a number")
    return f"this is {payload['chargePointVendor']} {payload['chargePointModel']}, serial {serial}, and it has started"


def _status(payload: Payload, names: Names) -> str:
    who = f"connector {payload['connectorId']}" if payload["connectorId"] else "the station as a whole"
    why = "" if payload["errorCode"] == "NoError" else f" ({payload['errorCode']}: {payload.get('info', '')})"
    return f"{who} {STATUS[payload['status']]}{why}"


def _start(payload: Payload, names: Names) -> str:
    return (
        f"a transaction began on connector {payload['connectorId']} for {names.of(payload['idTag'])}; "
        f"the register says {energy(payload['meterStart'])}"
    )


def _stop(payload: Payload, names: Names) -> str:
    return (
        f"transaction {payload['transactionId']} has ended ({payload.get('reason', 'Local')}); "
        f"the register says {energy(payload['meterStop'])}"
    )


def _meter(payload: Payload, names: Names) -> str:
    values = [value for sample in payload["meterValue"] for value in sample["sampledValue"] if "format" not in value]
    of = f" of transaction {payload['transactionId']}" if "transactionId" in payload else ""
    return f"the meter{of}: " + list_of(
        (v.get("measurand", "Energy.Active.Import.Register"), v.get("unit", "Wh"), float(v["value"])) for v in values
    )


def _vendor(payload: Payload, names: Names) -> str:
    """Open Charge Alliance's messages about cost."""
    message, data = payload.get("messageId", ""), _json(payload.get("data", ""))
    match message:
        case "SetUserPrice":
            return f"the price for {names.of(data['idToken'])}: {data['priceText']}"
        case "RunningCost":
            return f"transaction {data['transactionId']} costs {data['cost']:.3f} EUR so far"
        case "FinalCost":
            return f"transaction {data['transactionId']} has cost {data['cost']:.3f} EUR"
        case _:
            return f"in the words of {payload['vendorId']}: {message}"


def _json(text: str) -> Payload:
    data: Payload = json.loads(text or "{}")
    return data


def _verdict(payload: Payload, names: Names) -> str:
    return "this card may charge" if payload["idTagInfo"]["status"] == "Accepted" else "this card may not charge"


def _number(payload: Payload, names: Names) -> str:
    return f"noted as transaction {payload['transactionId']}; {_verdict(payload, names)}"


def _welcome(payload: Payload, names: Names) -> str:
    if payload["status"] != "Accepted":
        return f"{payload['status'].lower()}; ask again in {payload['interval']} s"
    return f"welcome; it is {payload['currentTime']}, send a heartbeat every {payload['interval']} s"


def _time(payload: Payload, names: Names) -> str:
    return f"it is {payload['currentTime']}"


CALLS: Mapping[str, Phrase] = {
    "BootNotification": _boot,
    "Heartbeat": fixed("I am alive; what time is it?"),
    "StatusNotification": _status,
    "Authorize": lambda payload, names: f"may {names.of(payload['idTag'])} charge?",
    "StartTransaction": _start,
    "StopTransaction": _stop,
    "MeterValues": _meter,
    "SecurityEventNotification": security,
    "DataTransfer": _vendor,
    "RemoteStartTransaction": lambda payload, names: f"start charging for {names.of(payload['idTag'])}",
    "RemoteStopTransaction": lambda payload, names: f"stop transaction {payload['transactionId']}",
}

RESULTS: Mapping[str, Phrase] = {
    "BootNotification": _welcome,
    "Heartbeat": _time,
    "Authorize": _verdict,
    "StartTransaction": _number,
}
