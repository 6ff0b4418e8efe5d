"""Routes of the settings: read all or one, under either name; write one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chargepoint.web.controls import Controls
from chargepoint.web.fields import Field, body, text
from chargepoint.web.http import Answer, Handler, Missing, Request, told

if TYPE_CHECKING:
    from chargepoint.core.setting import Setting

VALUE = {"value": Field(text(), required=True)}


class SettingRoutes:
    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.table: Mapping[tuple[str, str], Handler] = {
            ("GET", "/api/v1/settings"): self._all,
            ("GET", "/api/v1/settings/{name}"): self._one,
            ("PUT", "/api/v1/settings/{name}"): self._change,
        }

    async def _all(self, request: Request) -> Answer:
        return told([self._document(setting) for setting in self._controls.settings])

    async def _one(self, request: Request) -> Answer:
        return told(self._document(self._find(request)))

    async def _change(self, request: Request) -> Answer:
        setting, given = self._find(request), body(request.body, VALUE)
        change = self._controls.act(lambda station, now: station.settings.change(setting, given["value"], "local"))
        return told({"status": str(change.status)} | ({"why": change.why} if change.why else {}))

    def _find(self, request: Request) -> Setting[Any]:
        setting = self._controls.settings.find(request.parts["name"])
        if setting is None:
            raise Missing(f"there is no setting {request.parts['name'][:100]}")
        return setting

    def _document(self, setting: Setting[Any]) -> dict[str, Any]:
        return {
            "name": setting.name,
            "name_1_6": setting.name_1_6,
            "name_2_x": setting.name_2_x,
            "value": self._controls.settings.text(setting) if setting.readable else None,  # None: a secret
            "type": setting.kind,
            "unit": setting.unit or None,
            "min": setting.minimum,
            "max": setting.maximum,
            "writable": self._controls.settings.writable(setting),
            "reboot": setting.reboot,
            "origin": self._controls.settings.origin(setting),
            "choices": list(self._controls.settings.choices(setting)) or None,
        }
