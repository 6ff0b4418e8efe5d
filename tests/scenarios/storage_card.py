"""What a power cut leaves of the station's database: what the last commit that waited for the disk had put there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from chargepoint.store.database import Write
from tests.world import World


class StorageCard:
    """Forgets, with the power, what nobody made it keep; the most that a real one may."""

    def __init__(self, w: World, there: Path) -> None:
        self._w, self._there = w, there
        self.watch()

    def watch(self) -> None:
        """The database of this run of the program."""
        database = self._w.journal.database
        commit = database._commit

        def watched(write: Write[Any]) -> Any:
            done = commit(write)
            if write.durable:
                self._keep()
            return done

        database._commit = watched  # type: ignore[method-assign]

    def _keep(self) -> None:
        shutil.rmtree(self._there, ignore_errors=True)
        self._there.mkdir()
        for name in ("cp.db", "cp.db-wal"):
            shutil.copy(self._w.state / name, self._there)

    async def power_cut(self) -> None:
        await self._w.power_cut()
        self._w.state = self._there
