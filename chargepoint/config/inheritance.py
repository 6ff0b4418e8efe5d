"""What the configuration takes over from the factory file, so that the installer need not write it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hw.discovery import Mistake

if TYPE_CHECKING:
    from chargepoint.config.factory import Factory

NAMES = ("vendor", "model", "serial_number")
OPERATOR = ("CpoName", "SecurityCtrlr.OrganizationName")
"""The setting that must say what stands in the station's certificate, or it is never renewed."""


def inherited(document: Mapping[str, Any], factory: Factory) -> tuple[Mapping[str, Any], list[Mistake]]:
    """The document with what the maker knows, and warnings where it says otherwise. What it says itself counts."""
    told, station = dict(document), document.get("station", {})
    warnings: list[Mistake] = []
    if isinstance(station, Mapping):
        known = {name: getattr(factory.station, name) for name in NAMES}
        told["station"] = {**known, **station}
        warnings = [
            _differs(name, station[name], known[name])
            for name in NAMES
            if station.get(name, known[name]) != known[name]
        ]
    if isinstance(document.get("csms"), Mapping):
        told["csms"] = {**_csms(document["csms"], factory), **document["csms"]}
    settings = document.get("settings", {})
    if factory.station.operator and isinstance(settings, Mapping) and not _names_operator(settings):
        told["settings"] = {OPERATOR[0]: factory.station.operator, **settings}
    return told, warnings


def _names_operator(settings: Mapping[str, Any]) -> bool:
    return any(name.casefold() in map(str.casefold, OPERATOR) for name in settings)


def _csms(written: Mapping[str, Any], factory: Factory) -> dict[str, Any]:
    """Name and password at the back office, where the maker has given them."""
    known: dict[str, Any] = {"identity": factory.identity}
    if factory.password_file is not None and written.get("security_profile", 2) in (1, 2):
        known["password_file"] = str(factory.password_file)
    return known


def _differs(name: str, written: object, known: str) -> Mistake:
    what = f'{name} = "{written}" is not what the factory wrote ("{known}")'
    return Mistake("station", what, "Take the line away, unless the nameplate says so.", name)
