"""Is anything simulated in a configuration file? Whatever else may be wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def simulates(config: Path) -> bool:
    """False also where the file cannot be read: guard and daemon say so."""
    try:
        content = tomllib.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    evses = content.get("evse")
    unnamed = isinstance(evses, list) and any(isinstance(evse, dict) and "pilot" not in evse for evse in evses)
    return unnamed or any(table.get("driver") == "mock" for table in _tables(content))  # without a pilot: simulated


def _tables(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _tables(inner)
