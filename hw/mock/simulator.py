"""The hand that plugs simulated cars in, from another process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hw.mock.line import Line


class Simulator:
    """Methods raise `hw.errors.Refused` with a sentence when it cannot be done, DeviceLost when nobody answers."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir

    async def plug(self, evse: int, **options: Any) -> None:
        """`cable_a`, `inserted` ("full" or "half"), `preset`, and the options of `hw.mock.car.Temper`."""
        await self._ask({"do": "plug", "evse": evse, "options": options})

    async def unplug(self, evse: int, side: str = "both") -> None:
        """`both`: at the car, and the cable taken as soon as the lock lets go; `ev`: the cable stays in the socket."""
        await self._ask({"do": "unplug", "evse": evse, "side": side})

    async def car(self, evse: int, **options: Any) -> None:
        """The car that is plugged in behaves otherwise from now on."""
        await self._ask({"do": "car", "evse": evse, "options": options})

    async def fault(self, evse: int, kind: str, active: bool = True) -> None:
        """Break something (`hw.mock.bay.FAULTS`), or mend it."""
        await self._ask({"do": "fault", "evse": evse, "kind": kind, "active": active})

    async def house(self, **options: Any) -> None:
        """`current_a` of all but the charge point, by phase; `silent`: its main meter says nothing."""
        await self._ask({"do": "house", "options": options})

    async def card(self, uid: str, reader: int = 0) -> None:
        """Hold a card to a reader."""
        await self._ask({"do": "card", "uid": uid, "reader": reader})

    async def _ask(self, question: dict[str, Any]) -> None:
        line = await Line.open(self._state_dir, "simulated hardware")
        try:
            await line.ask(question)
        finally:
            await line.close()
