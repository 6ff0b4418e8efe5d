"""When the grid operator asked for less, kept for two years: whoever runs the station has to be able to show it.

In Germany the regulator asks for that (BNetzA BK6-22-300, section 14a EnWG). An entry is begun when the contact closes
and completed when it opens, each in one small write; one that a power cut leaves open is completed when the station
looks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from chargepoint.core.facts import GridLimitSet, Record

KEPT = timedelta(days=731)
MOST = 4_000
"""Entries, whatever a broken contact does: a few hundred kilobytes."""
BOUNCE = timedelta(seconds=60)
"""A contact that opens and closes again within this time goes on with its entry."""

ENTRIES, LATEST = "grid_limits", "grid_limit_latest"


class Readable(Protocol):
    def get(self, space: str, key: str, /) -> Any: ...


class Memory(Readable, Protocol):
    """The part of `store.memory.Memory` that is needed here."""

    def items(self, space: str, /) -> dict[str, Any]: ...
    def put(self, space: str, key: str, value: Any, /) -> None: ...
    def delete(self, space: str, key: str, /) -> None: ...


def note(memory: Memory, record: Record) -> None:
    """One line of the record, by a GridLimitSet."""
    fact = record.fact
    if not isinstance(fact, GridLimitSet):
        return
    key = memory.get(LATEST, str(fact.evse)) or ""
    entry = memory.get(ENTRIES, key) if key else None
    if fact.watts is None:
        if entry is not None:
            memory.put(ENTRIES, key, {**entry, "until": record.at.isoformat()})
    elif entry is not None and _goes_on(entry, record.at):
        memory.put(ENTRIES, key, {**entry, "until": None})
    else:
        _begin(memory, fact, fact.watts, record)


def is_open(memory: Readable, evse: int) -> bool:
    """Did the contact ask when the program ended?"""
    key = memory.get(LATEST, str(evse)) or ""
    entry = memory.get(ENTRIES, key) if key else None
    return entry is not None and entry["until"] is None


def kept(memory: Memory) -> list[dict[str, Any]]:
    """All entries, newest first: evse, watts, from, until (None while it lasts), clock_trusted. Times in ISO 8601."""
    return [entry for _, entry in sorted(memory.items(ENTRIES).items(), reverse=True)]


def _goes_on(entry: Mapping[str, Any], at: datetime) -> bool:
    return entry["until"] is None or at - datetime.fromisoformat(entry["until"]) < BOUNCE


def _begin(memory: Memory, fact: GridLimitSet, watts: float, record: Record) -> None:
    key = f"{record.at.isoformat()} {fact.evse}"
    entry = {"evse": fact.evse, "watts": watts, "from": record.at.isoformat(), "until": None}
    memory.put(ENTRIES, key, {**entry, "clock_trusted": record.trusted})
    memory.put(LATEST, str(fact.evse), key)
    entries = memory.items(ENTRIES)
    for old, each in sorted(entries.items()):
        expired = record.trusted and record.at - datetime.fromisoformat(each["from"]) > KEPT
        if not expired and len(entries) <= MOST:
            break
        memory.delete(ENTRIES, old)
        del entries[old]
