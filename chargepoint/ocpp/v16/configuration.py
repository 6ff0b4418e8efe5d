"""Configuration keys, read and written, in 1.6 (sections 5.3 and 5.8, chapter 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chargepoint.core.setting import Names, Setting
from chargepoint.ocpp.dialect import Payload

if TYPE_CHECKING:
    from chargepoint.core.settings import Settings
    from chargepoint.ocpp.services import Services

LONGEST_VALUE = 500  # CiString500Type


async def get_configuration(services: Services, payload: Payload) -> Payload:
    """No keys asked for means all. More than GetConfigurationMaxKeys could be refused, but cost nothing to answer."""
    asked: list[str] = payload.get("key") or []
    return _some(services.settings, asked) if asked else {"configurationKey": _all(services.settings)}


def _all(settings: Settings) -> list[Payload]:
    """A secret is not even named unless somebody asks for it (TC_019)."""
    return [_entry(settings, setting) for setting in settings.known_as(Names.OCPP_1_6) if setting.readable]


def _some(settings: Settings, asked: list[str]) -> Payload:
    found = {name: settings.find(name, Names.OCPP_1_6) for name in asked}
    known = [_entry(settings, setting) for setting in dict.fromkeys(found.values()) if setting is not None]
    unknown = [name for name, setting in found.items() if setting is None]
    said = {"configurationKey": known, "unknownKey": unknown}
    return {name: entries for name, entries in said.items() if entries}  # OCPP-J 4.1.5: no empty lists


def _entry(settings: Settings, setting: Setting[Any]) -> Payload:
    said = {"key": setting.name_1_6, "readonly": not setting.writable_as(Names.OCPP_1_6)}
    if setting.readable:
        said["value"] = settings.text(setting, Names.OCPP_1_6)[:LONGEST_VALUE]
    return said


async def change_configuration(services: Services, payload: Payload) -> Payload:
    setting = services.settings.find(payload["key"], Names.OCPP_1_6)
    if setting is None:
        return {"status": "NotSupported"}
    text = payload["value"]
    change = services.act(lambda station, now: station.settings.change(setting, text, "csms", Names.OCPP_1_6))
    return {"status": change.status}
