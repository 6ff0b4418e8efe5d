"""Frames as literal conversations, for the tests of bills and narration."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chargepoint.demo.tape import Frame

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def frame(direction: str, *message: Any, ocpp: str = "2.0.1", after_s: float = 0.0, station: str = "CP1") -> Frame:
    return Frame(NOON + timedelta(seconds=after_s), station, ocpp, direction, message)


def asked(key: str, action: str, payload: dict[str, Any], **about: Any) -> Frame:
    return frame("in", 2, key, action, payload, **about)


def answered(key: str, payload: dict[str, Any], **about: Any) -> Frame:
    return frame("out", 3, key, payload, **about)


START_16 = {"connectorId": 1, "idTag": "04A1", "meterStart": 1000, "timestamp": "2026-11-22T12:00:05Z"}
STOP_16 = {"transactionId": 7, "meterStop": 1042, "timestamp": "2026-11-22T12:10:05Z", "reason": "EVDisconnected"}
OK_16 = {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}


def energy(wh: float, context: str, **more: Any) -> dict[str, Any]:
    return {
        "timestamp": "2026-11-22T12:00:00Z",
        "sampledValue": [{"value": wh, "context": context, "measurand": "Energy.Active.Import.Register", **more}],
    }


def event(kind: str, seq_no: int, *samples: dict[str, Any], trigger: str = "Authorized", **more: Any) -> dict[str, Any]:
    info = {"transactionId": "t-1", **more.pop("info", {})}
    return {
        "eventType": kind,
        "timestamp": f"2026-11-22T12:00:{seq_no:02d}Z",
        "triggerReason": trigger,
        "seqNo": seq_no,
        "transactionInfo": info,
        **({"meterValue": list(samples)} if samples else {}),
        **more,
    }


CARD_201 = {"idToken": "04A1", "type": "ISO14443"}
