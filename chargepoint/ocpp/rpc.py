"""OCPP-J frames, without I/O: what a text from the CSMS is, and how ours are written. Never raises past its caller."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a frame or request is refused. Each dialect's `errors` maps every reason to its code (timing notes 4.1)."""

    #                               1.6                          2.x
    NOT_JSON = "not JSON"  #        ProtocolError (not sent)     RpcFrameworkError
    BAD_FRAME = "bad frame"  #      ProtocolError                RpcFrameworkError
    BAD_ID = "bad id"  #            ProtocolError                RpcFrameworkError
    UNKNOWN_TYPE = "unknown type"  # GenericError (not sent)     MessageTypeNotSupported
    DUPLICATE = "duplicate id"  #   ProtocolError                ProtocolError
    UNKNOWN_ACTION = "unknown"  #   NotImplemented               NotImplemented
    NOT_SUPPORTED = "unsupported"  # NotSupported                NotSupported
    MISSING = "missing field"  #    ProtocolError                OccurrenceConstraintViolation
    EXTRA = "extra field"  #        FormationViolation           FormatViolation
    WRONG_TYPE = "wrong type"  #    TypeConstraintViolation      TypeConstraintViolation
    WRONG_VALUE = "wrong value"  #  PropertyConstraintViolation  PropertyConstraintViolation
    INTERNAL = "internal"  #        InternalError                InternalError
    SECURITY = "security"  #        SecurityError                SecurityError
    GENERIC = "generic"  #          GenericError                 GenericError
