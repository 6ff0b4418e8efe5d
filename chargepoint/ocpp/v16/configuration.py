"""Configuration keys, read and written, in 1.6 (sections 5.3 and 5.8, chapter 9)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chargepoint.core.setting import Names, Setting
from chargepoint.ocpp.dialect import Payload
from chargepoint.ocpp.signed_values import public_key

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse
    from chargepoint.core.settings import Settings
    from chargepoint.ocpp.services import Services

LONGEST_VALUE = 500  # CiString500Type


async def get_configuration(services: Services, payload: Payload) -> Payload:
    """No keys asked for means all. More than GetConfigurationMaxKeys could be refused, but cost nothing to answer."""
    asked: list[str] = payload.get("key") or []
    return _some(services, asked) if asked else {"configurationKey": _all(services)}


def _all(services: Services) -> list[Payload]:
    """A secret is not even named unless somebody asks for it (TC_019)."""
    settings = services.settings
    own = [_entry(settings, setting) for setting in settings.known_as(Names.OCPP_1_6) if setting.readable]
    return own + [_meter_key(f"MeterPublicKey[{evse.id}]", evse) for evse in _signing(services)]


def _some(services: Services, asked: list[str]) -> Payload:
    found = {name: services.settings.find(name, Names.OCPP_1_6) for name in asked}
    meters = {name: evse for name in asked if (evse := _meter_named(services, name)) is not None}
    known = [_entry(services.settings, setting) for setting in dict.fromkeys(found.values()) if setting is not None]
    known += [_meter_key(name, evse) for name, evse in meters.items()]
    unknown = [name for name, setting in found.items() if setting is None and name not in meters]
    said = {"configurationKey": known, "unknownKey": unknown}
    return {name: entries for name, entries in said.items() if entries}  # OCPP-J 4.1.5: no empty lists


def _entry(settings: Settings, setting: Setting[Any]) -> Payload:
    said = {"key": setting.name_1_6, "readonly": not settings.writable(setting, Names.OCPP_1_6)}
    if setting.readable:
        said["value"] = _shortened(settings.text(setting, Names.OCPP_1_6))
    return said


# --- the keys of meters that sign, one a connector --------------------------------------------------------------------

METER_PUBLIC_KEY = re.compile(r"MeterPublicKey(?:\[([1-9][0-9]{0,3})\]|([1-9][0-9]{0,3}))\Z", re.IGNORECASE)
"""Section 3.3.1 of "Signed Meter Values in OCPP" 1.0 heads it with brackets and gives examples without them."""


def _signing(services: Services) -> list[Evse]:
    return [evse for _, evse in sorted(services.station.evses.items()) if evse.signing]


def _meter_named(services: Services, name: str) -> Evse | None:
    match = METER_PUBLIC_KEY.match(name)
    connector = int(match[1] or match[2]) if match else 0
    return next((evse for evse in _signing(services) if evse.id == connector), None)


def _meter_key(name: str, evse: Evse) -> Payload:
    return {"key": name, "readonly": True, "value": public_key(evse.public_key)[:LONGEST_VALUE]}


# ----------------------------------------------------------------------------------------------------------------------


def _shortened(text: str) -> str:
    """A list from the file may be longer than 1.6 can tell: then it ends with a whole member."""
    if len(text) <= LONGEST_VALUE:
        return text
    return text[: LONGEST_VALUE + 1].rpartition(",")[0] or text[:LONGEST_VALUE]


async def change_configuration(services: Services, payload: Payload) -> Payload:
    setting = services.settings.find(payload["key"], Names.OCPP_1_6)
    if setting is None:
        return {"status": "Rejected" if _meter_named(services, payload["key"]) else "NotSupported"}
    text = payload["value"]
    change = services.act(lambda station, now: station.settings.change(setting, text, "csms", Names.OCPP_1_6))
    return {"status": change.status}
