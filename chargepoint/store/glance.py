"""A look at what the station remembers, while nobody runs it: nothing is opened for writing, nothing is changed."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from chargepoint.store.opening import open_reader


class Glance:
    """The memory as it was at that moment; what is put into it goes nowhere."""

    def __init__(self, path: Path) -> None:
        """`path`: of the database; where there is none, or none that can be read, nothing is remembered."""
        self._texts: dict[tuple[str, str], str] = {}
        if not path.exists():
            return
        try:
            connection = open_reader(path)
        except sqlite3.Error:
            return
        try:
            rows = connection.execute("SELECT space, key, value FROM memory").fetchall()
        except sqlite3.Error:
            rows = []  # damaged, or of a version before there was a memory: the daemon says so when it starts
        finally:
            connection.close()
        self._texts = {(space, key): value for space, key, value in rows}

    def get(self, space: str, key: str, default: Any = None, /) -> Any:
        text = self._texts.get((space, key))
        return default if text is None else json.loads(text)

    def put(self, space: str, key: str, value: Any, /) -> None:
        """Nothing is changed."""
