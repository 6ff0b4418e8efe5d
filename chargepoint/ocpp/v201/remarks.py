"""statusInfo: why a request was not done, as a code for machines (at most 20 characters) and a sentence for people."""

from __future__ import annotations

from enum import StrEnum

from chargepoint.ocpp.dialect import Payload

LONGEST_SENTENCE = 512


class Why(StrEnum):
    """Reason codes; those of OCPP 2.0.1 part 2 appendix 5 where it has one."""

    NOT_ACCEPTED = "CSNotAccepted"
    FIXED_CABLE = "FixedCable"
    INVALID_VALUE = "InvalidValue"
    NOT_ENABLED = "NotEnabled"
    NO_LOCK = "NoLock"
    NO_VALUES = "NoMeterValues"
    NOT_POSSIBLE = "NotPossibleNow"
    READ_ONLY = "ReadOnly"
    WRITE_ONLY = "WriteOnly"
    TX_IN_PROGRESS = "TxInProgress"
    TX_NOT_FOUND = "TxNotFound"
    MISSING_PARAM = "MissingParam"
    UNKNOWN_EVSE = "UnknownEvse"
    UNKNOWN_CONNECTOR = "UnknownConnectorId"
    UNLOCK_FAILED = "LockDoesNotMove"
    UNSUPPORTED_PARAM = "UnsupportedParam"
    UNSUPPORTED_REQUEST = "UnsupportedRequest"


def remark(why: Why, sentence: str = "") -> Payload:
    return {"reasonCode": str(why), **({"additionalInfo": sentence[:LONGEST_SENTENCE]} if sentence else {})}


def status(word: str, why: Why | None = None, sentence: str = "") -> Payload:
    """An answer that is a status and, where it disappoints, the reason."""
    return {"status": word, **({} if why is None else {"statusInfo": remark(why, sentence)})}
