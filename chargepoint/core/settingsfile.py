"""The [settings] table of the configuration file: either name of a setting, a value as TOML writes it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from chargepoint.core import catalogue
from chargepoint.core.setting import Setting
from chargepoint.core.settings import BY_NAME


def check_file(settings: Mapping[str, object]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Canonical name -> text for `Settings`, and (name, sentence) for every mistake."""
    good: dict[str, str] = {}
    mistakes: list[tuple[str, str]] = []
    given: dict[str, str] = {}
    for name, value in settings.items():
        try:
            setting = _find(name)
            text = _read(setting, value)
        except ValueError as mistake:
            mistakes.append((name, str(mistake)))
            continue
        if setting.name in good:
            mistakes.append((name, f'is another name of "{given[setting.name]}", which is set too; keep one of them'))
        else:
            good[setting.name], given[setting.name] = text, name
    return good, mistakes


def _find(name: str) -> Setting[Any]:
    setting = BY_NAME.get(name.casefold())
    if setting is None:
        raise ValueError("is not a setting" + _nearest(name))
    if not setting.readable:
        raise ValueError("is a secret: put it into the file that csms.password_file names")
    if setting is catalogue.SECURITY_PROFILE:
        raise ValueError("belongs to [csms]: write security_profile there")
    if not setting.configurable:
        raise ValueError("cannot be set: the station knows it of itself")
    return setting


def _nearest(name: str) -> str:
    """The nearest name; a variable is also recognised without its component."""
    real = [spelling for row in catalogue.ALL if row.configurable for spelling in row.names]
    spellings = {full.partition(".")[2].casefold(): full for full in real if "." in full}
    spellings |= {spelling.casefold(): spelling for spelling in real}
    near = difflib.get_close_matches(name.casefold(), spellings, n=1, cutoff=0.6)
    return f'; did you mean "{spellings[near[0]]}"?' if near else ""


def _read(setting: Setting[Any], value: object) -> str:
    text = _text(setting, value)
    return setting.coding.write(setting.coding.read(text))


def _text(setting: Setting[Any], value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and setting.kind == "integer":
            return str(int(value))
        case str() | int() | float():
            return str(value)
        case list():
            return ",".join(_text(setting, member) for member in value)
    raise ValueError(f"must be {_WANTED.get(setting.kind, 'a text')}, not a {type(value).__name__}")


_WANTED = {
    "boolean": "true or false",
    "integer": "a whole number",
    "list": "a list of texts",
    "sequence": "a list of texts",
}
