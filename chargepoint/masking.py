"""What logs and pages may show of tokens and secrets: enough to recognise one's own card, nothing of a key."""

from __future__ import annotations

import json
import re
from typing import Any

HIDDEN = "•••"

TOKENS = frozenset({"idTag", "parentIdTag", "idToken", "groupIdToken", "additionalIdToken", "emaid"})
"""Fields whose text is a driver's identification (OCPP 1.6 IdToken, OCPP 2.x IdTokenType)."""

SECRETS = frozenset(
    {
        "password",
        "vpn.password",
        "basicAuthPassword",
        "apnPassword",
        "simPin",
        "vpn.key",
        "signedMeterData",
        "privateKey",
        "exiRequest",
        "exiResponse",
    }
)
"""Fields that are secret wherever they appear (OCPP 2.x NetworkConnectionProfileType, APNType, VPNType); what a meter
signed names the driver."""

SECRET_SETTINGS = frozenset({"authorizationkey", "basicauthpassword"})
"""Settings of either version that hold the station's password, compared without case."""

LOCATIONS = frozenset({"location", "remoteLocation", "ocppCsmsUrl"})
"""Addresses that may carry a user name and a password."""

_CREDENTIALS = re.compile(r"(\w+://)[^/?#\s]+@")  # in the middle of a sentence, too


def masked_token(value: str) -> str:
    return value if len(value) <= 4 else "…" + value[-4:]


def masked_location(value: str) -> str:
    """The address without its user name and password, and without a query: it may be a signature."""
    scheme, separator, rest = value.partition("://")
    place, asked, _ = rest.partition("?")
    host, slash, path = place.partition("/")
    if not separator or not (asked or "@" in host):
        return value
    shown = f"{HIDDEN}@{host.rpartition('@')[2]}" if "@" in host else host
    return f"{scheme}://{shown}{slash}{path}{f'?{HIDDEN}' if asked else ''}"


def masked(value: Any, name: str = "") -> Any:
    """A JSON value as it may be shown; `name` is the field that holds it."""
    if name in SECRETS:
        return HIDDEN
    match value:
        case dict():
            return _masked_object(value, name)
        case list():
            return [masked(item, name) for item in value]
        case str() if name in TOKENS:
            return masked_token(value)
        case str() if name in LOCATIONS:
            return masked_location(value)
        case str() if value.startswith("{"):
            return _masked_json(value)
        case str() if "@" in value:
            return _CREDENTIALS.sub(rf"\1{HIDDEN}@", value)
    return value


def _masked_json(text: str) -> str:
    """JSON within JSON: what a vendor's message or a signed meter value holds."""
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return json.dumps(masked(inner), separators=(",", ":"), ensure_ascii=False)


def _masked_object(value: dict[str, Any], name: str) -> dict[str, Any]:
    prefix = "vpn." if name == "vpn" else ""  # its "key" is a secret; a 1.6 configuration's "key" is a name
    shown = {key: masked(item, prefix + key) for key, item in value.items()}
    if _names_a_secret(value):
        shown |= {key: HIDDEN for key in ("value", "attributeValue") if key in shown}
    return shown


def _names_a_secret(value: dict[str, Any]) -> bool:
    """A 1.6 configuration key or a 2.x variable that is a password?"""
    variable = value.get("variable")
    name = variable.get("name") if isinstance(variable, dict) else value.get("key")
    return isinstance(name, str) and name.casefold() in SECRET_SETTINGS


def masked_frame(text: str) -> Any:
    """An OCPP frame as it may be shown. What cannot be read cannot be masked, so only its length is told."""
    try:
        return masked(json.loads(text))
    except (ValueError, RecursionError):
        return f"unreadable, {len(text)} characters"
