"""The configuration as people are shown it: each value, and the line of the file it comes from. Secrets stay hidden."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from chargepoint.config import Config, StationMeter
from chargepoint.config.file import digest
from chargepoint.config.lines import Path as Way
from chargepoint.config.lines import lines_of
from chargepoint.masking import HIDDEN, masked_location

SECRET = re.compile(r"(password|passphrase|secret|psk|token|pin|key)$", re.IGNORECASE)
"""A key that ends so holds a secret; names of files end in _file."""

OWN = ("path", "digest", "written", "mock", "evses", "meters", "card_readers", "displays", "sensors", "settings")
"""Fields of Config that are no tables, or are shown in another way."""

Row = dict[str, Any]


def told(config: Config) -> dict[str, Any]:
    """{file, stale, tables: [{table, rows: [{key, value, line}]}]}; `line` None: as delivered, the file is silent.

    Values are texts as TOML writes them, null where there is none. Where the file has been changed since, the lines are
    not known.
    """
    text = _text(config.path)
    stale = text is not None and bool(config.written) and digest(text) != config.written
    lines = lines_of(text) if text is not None and not stale else {}
    tables = [{"table": name, "rows": list(_rows(content, way, lines))} for name, content, way in _tables(config)]
    return {"file": str(config.path) if config.path else None, "stale": stale, "tables": tables}


def _text(path: Path | None) -> str | None:
    try:
        text = path.read_text(encoding="utf-8-sig") if path is not None else None
        tomllib.loads(text or "")
    except (OSError, ValueError):
        return None
    return text


def _tables(config: Config) -> Iterator[tuple[str, Any, Way]]:
    """Name, content and place in the file of each table, those that are not there left out."""
    for field in fields(config):
        content = getattr(config, field.name)
        if field.name not in OWN and content is not None:
            yield f"[{field.name}]", content, (field.name,)
    for evse in config.evses:
        yield f"[[evse]] {evse.id}", evse, ("evse", evse.id - 1)
    for name, tables in (("meter", config.meters), ("card_reader", config.card_readers), ("display", config.displays)):
        for number, content in enumerate(tables):
            yield f"[[{name}]] {number + 1}", content, (name, number)
    if config.sensors is not None:
        yield "[sensors]", config.sensors, ("sensors",)
    if config.settings:
        yield "[settings]", config.settings, ("settings",)


def _rows(content: Any, way: Way, lines: Mapping[Way, int]) -> Iterator[Row]:
    for key, value in _pairs(content):
        yield {"key": key, "value": _shown(key, value), "line": lines.get((*way, key))}


def _pairs(content: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(content, StationMeter):
        yield "role", content.role
        yield from content.table.items()
    elif is_dataclass(content):
        yield from ((field.name, getattr(content, field.name)) for field in fields(content) if field.name != "id")
    else:
        yield from content.items()


def _shown(key: str, value: Any) -> str | None:
    if value is None:
        return None
    if SECRET.search(key):
        return HIDDEN
    match value:
        case bool():
            return "true" if value else "false"
        case str() | Path():
            return f'"{masked_location(str(value))}"'
        case Mapping():
            return "{ " + ", ".join(f"{name} = {_shown(name, each)}" for name, each in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(str(_shown(key, each)) for each in value) + "]"
        case float():
            return f"{value:g}"
    return str(value)
