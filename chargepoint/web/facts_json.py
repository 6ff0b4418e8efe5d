"""Facts as JSON for the local API: tokens masked, secret settings hidden. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import Any

from chargepoint.core.facts import Record, Sample, SettingChanged, Token
from chargepoint.masking import HIDDEN, SECRET_SETTINGS
from chargepoint.web.status import rfc3339


def fact_document(record: Record) -> dict[str, Any]:
    """`{at, evse, kind, ...}`: the kind is the fact's name, the rest are its own fields."""
    shown = {field.name: plain(getattr(record.fact, field.name)) for field in fields(record.fact)}
    if isinstance(record.fact, SettingChanged) and is_secret(record.fact.name):
        shown["value"] = HIDDEN
    return {"at": rfc3339(record.at), "evse": record.fact.evse, "kind": type(record.fact).__name__} | shown


def is_secret(setting: str) -> bool:
    """Is this setting, under either name, one whose value is never shown?"""
    return setting.rpartition(".")[2].casefold() in SECRET_SETTINGS


def plain(value: Any) -> Any:
    """A value of a fact as JSON knows it."""
    match value:
        case Token():
            return value.masked
        case datetime():
            return rfc3339(value)
        case tuple() | list():
            return [plain(item) for item in value]
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case Sample(signed=signed) if signed:
            return plain(replace(value, signed="")) | {"signed": HIDDEN}  # it names the driver
        case _ if is_dataclass(value):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value  # str enums are strings
