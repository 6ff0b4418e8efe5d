"""What a charge point says, in the words of OCPP 1.6; for `Stage.expect`. `more`: further fields to look at."""

from __future__ import annotations

from typing import Any

from tests.conformance.transcript import ABSENT, ANY, Message, answers, says

TAG, OTHER = "TAG1", "TAG2"


def boot(**more: Any) -> Message:
    plate: dict[str, Any] = {"chargePointVendor": "Acme", "chargePointModel": "Wall 22"}
    return says("BootNotification", **(plate | more))


def status(connector: int, word: str, error: str = "NoError", **more: Any) -> Message:
    return says("StatusNotification", **({"connectorId": connector, "status": word, "errorCode": error} | more))


def statuses(word: str = "Available", connectors: int = 1) -> tuple[Message, ...]:
    """Connector 0 and all others, as they are told after a boot."""
    return tuple(status(connector, word) for connector in range(connectors + 1))


def authorize(tag: str = TAG) -> Message:
    return says("Authorize", idTag=tag)


def start(tag: str = TAG, connector: int = 1, **more: Any) -> Message:
    told: dict[str, Any] = {"idTag": tag, "connectorId": connector, "meterStart": ANY, "timestamp": ANY}
    return says("StartTransaction", **({**told, "reservationId": ABSENT} | more))


def stop(reason: str, transaction: int = 1001, tag: Any = ABSENT, **more: Any) -> Message:
    """`transaction`: the back office numbers them from 1001 on. `tag`: of who stopped it; none by default."""
    told: dict[str, Any] = {"transactionId": transaction, "reason": reason, "idTag": tag}
    return says("StopTransaction", **({**told, "meterStop": ANY, "timestamp": ANY} | more))


def accepted(action: str) -> Message:
    return answers(action, status="Accepted")


def rejected(action: str) -> Message:
    return answers(action, status="Rejected")
