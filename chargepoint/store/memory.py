"""Small things the station must know after a power cut: availability, settings, cards, reservations, latches.

JSON values under (space, key). Reading is from memory; writing goes through the store's writer, durable once `flushed`.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable
from threading import Lock
from typing import Any

from chargepoint.store.database import Database, Write

log = logging.getLogger(__name__)

Place = tuple[str, str]


class Memory:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._texts: dict[str, dict[str, str]] = {}
        self._changed: dict[Place, str | None] = {}  # not written yet; None: deleted
        self._lock = Lock()  # of `_changed`
        self._posted = False  # a write has been asked for and has not begun
        self._failing = False
        for space, key, value in database.read("SELECT space, key, value FROM memory"):
            self._texts.setdefault(space, {})[key] = value

    def get(self, space: str, key: str, default: Any = None) -> Any:
        text = self._texts.get(space, {}).get(key)
        return default if text is None else json.loads(text)

    def items(self, space: str) -> dict[str, Any]:
        return {key: json.loads(text) for key, text in self._texts.get(space, {}).items()}

    def put(self, space: str, key: str, value: Any) -> None:
        """`value` is anything that JSON knows. What is unchanged is not written again."""
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
        if self._texts.setdefault(space, {}).get(key) != text:
            self._texts[space][key] = text
            self._change((space, key), text)

    def put_all(self, space: str, values: dict[str, Any]) -> None:
        """Make `values` all that the space holds."""
        for key in self._texts.get(space, {}).keys() - values.keys():
            self.delete(space, key)
        for key, value in values.items():
            self.put(space, key, value)

    def delete(self, space: str, key: str) -> None:
        if self._texts.get(space, {}).pop(key, None) is not None:
            self._change((space, key), None)

    async def flushed(self) -> None:
        """Everything put before is on the disk. Raises JournalError when it cannot be written."""
        await self._database.run(self._writing())

    def aside(self, work: Callable[[], None]) -> None:
        """Have something done that takes as long as the storage takes, without another thread. It must not raise."""
        self._database.aside(work)

    def _change(self, place: Place, text: str | None) -> None:
        with self._lock:
            self._changed[place] = text
            posted, self._posted = self._posted, True
        if not posted:  # otherwise the write that is on its way takes this along
            self._database.post(self._writing(), self._tell)

    # --- in the writer's thread ---------------------------------------------------------------------------------------

    def _writing(self) -> Write[dict[Place, str | None]]:
        return Write(self._write, reserved=True, committed=self._written)

    def _write(self, connection: sqlite3.Connection) -> dict[Place, str | None]:
        with self._lock:
            changes, self._posted = dict(self._changed), False
        for place, text in changes.items():
            if text is None:
                connection.execute("DELETE FROM memory WHERE space = ? AND key = ?", place)
            else:
                connection.execute("INSERT OR REPLACE INTO memory VALUES (?, ?, ?)", (*place, text))
        return changes

    def _written(self, changes: dict[Place, str | None]) -> None:
        with self._lock:
            for place, text in changes.items():
                if self._changed.get(place, _NOTHING) is text:
                    del self._changed[place]

    def _tell(self, error: BaseException | None) -> None:
        """What could not be written goes with the next change; said once."""
        if error is not None:
            with self._lock:
                self._posted = False
            if not self._failing:
                log.error("settings and the like cannot be stored: %s", error)
        self._failing = error is not None


_NOTHING = object()
