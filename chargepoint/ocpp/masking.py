"""Frames as logs and pages may show them: card numbers shortened, secrets gone."""

from __future__ import annotations

import json
import re
from typing import Any

from chargepoint.core.facts import Token

TOKENS = frozenset({"idTag", "parentIdTag", "idToken", "emaid"})  # where the value is text; 2.x nests it in an object
SECRETS = frozenset(
    {"password", "basicAuthPassword", "apnPassword", "privateKey", "exiRequest", "exiResponse", "signedMeterData"}
)
SECRET_SETTINGS = frozenset({"authorizationkey", "basicauthpassword"})
SECRET_IN_VPN = "key"  # SetNetworkProfile's vpn.key
HIDDEN = "***"

LOCATIONS = frozenset({"location", "remoteLocation"})
"""Addresses of files: what follows their question mark may be a signature that opens the file to anybody."""

_CREDENTIALS = re.compile(r"(\w+://)[^/?#\s]+@")  # ftp://user:secret@host
_QUERY = re.compile(r"\?[^#\s]+")


def masked(value: Any) -> Any:
    """A copy of a frame or a part of one, without what others could misuse."""
    if isinstance(value, dict):
        return _masked_object(value)
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, str) and value.startswith("{"):
        return _masked_json(value)
    if isinstance(value, str) and "@" in value:
        return _CREDENTIALS.sub(rf"\1{HIDDEN}@", value)
    return value


def _masked_json(text: str) -> str:
    """JSON within JSON: what a vendor's message or a signed meter value holds."""
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return json.dumps(masked(inner), separators=(",", ":"), ensure_ascii=False)


def _masked_object(value: dict[str, Any]) -> dict[str, Any]:
    shown = {name: _masked_field(name, item) for name, item in value.items()}
    if _names_a_secret(value):
        shown.update((name, HIDDEN) for name in ("value", "attributeValue") if name in shown)
    if "vpn" in value and isinstance(shown["vpn"], dict) and SECRET_IN_VPN in shown["vpn"]:
        shown["vpn"][SECRET_IN_VPN] = HIDDEN
    return shown


def _masked_field(name: str, value: Any) -> Any:
    if name in SECRETS:
        return HIDDEN
    if name in LOCATIONS and isinstance(value, str):
        return _QUERY.sub(f"?{HIDDEN}", masked(value))
    if name in TOKENS and isinstance(value, str):
        return Token(value).masked
    return masked(value)


def _names_a_secret(value: dict[str, Any]) -> bool:
    """{"key": "AuthorizationKey", "value": ...} of 1.6, {"variable": {"name": ...}, "attributeValue": ...} of 2.x."""
    variable = value.get("variable")
    name = variable.get("name") if isinstance(variable, dict) else value.get("key")
    return isinstance(name, str) and name.casefold() in SECRET_SETTINGS
