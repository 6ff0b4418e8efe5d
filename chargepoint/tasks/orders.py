"""The firmware update that is under way, as it is kept for the time after a restart or a power cut."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Literal, Protocol

from chargepoint.core.maintenance import Update

Stage = Literal["asked", "fetched", "installing", "installed"]

SPACE, KEY = "firmware", "order"
TIMES = ("retrieve_at", "install_at")


class Memory(Protocol):
    """The part of `store.memory.Memory` that is needed here."""

    def get(self, space: str, key: str, /) -> Any: ...
    def put(self, space: str, key: str, value: Any, /) -> None: ...
    async def flushed(self) -> None: ...


@dataclass(slots=True)
class Order:
    """One update and how far it is."""

    update: Update
    version: str  # what ran when it was asked for
    boot: str  # kernel boot id: what is half here after a power cut is not to be trusted
    stage: Stage = "asked"
    expected: str = ""  # the version that will run, where whoever installs it says so
    told: list[str] = field(default_factory=list)  # what has been said of it: each status once
    slot: str = ""  # that ran when it was installed, where this machine has two
    restarts: int = 0  # asked for in vain: another system was to start and did not


def keep(memory: Memory, order: Order | None) -> None:
    memory.put(SPACE, KEY, None if order is None else _dump(order))


def kept(memory: Memory) -> Order | None:
    """What a former run has left; None too if it cannot be read any more. A newer program may have written it, before
    the station went back to this one: what it says more is ignored."""
    value = memory.get(SPACE, KEY)
    try:
        return None if value is None else _load(value)
    except (KeyError, TypeError, ValueError):
        return None


def _dump(order: Order) -> dict[str, Any]:
    value = asdict(order)
    for name in TIMES:
        at = getattr(order.update, name)
        value["update"][name] = at and at.isoformat()
    return value


def _load(value: dict[str, Any]) -> Order:
    update = _known(Update, value["update"])
    for name in TIMES:
        update[name] = update[name] and datetime.fromisoformat(update[name])
    return Order(**{**_known(Order, value), "update": Update(**update)})


def _known(cls: type, value: dict[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(cls)}
    return {name: item for name, item in value.items() if name in names}
