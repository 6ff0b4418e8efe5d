"""A station in the middle of its work, and all that a request could change about it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

from chargepoint.core.authorization import SOURCES
from chargepoint.core.facts import SecurityNoted
from tests.virtual_time import VirtualTimeLoop
from tests.world import World, a_world


class Busy:
    """A station in the middle of its work: somebody charges, something is reserved, lists and profiles are there."""

    def __init__(self, runner: asyncio.Runner, world: World) -> None:
        self.runner, self.world = runner, world

    def ask(self, action: str, payload: Any) -> list[Any]:
        """The station's whole frame."""
        frame: list[Any] = self.runner.run(self._ask(action, payload))
        return frame

    async def _ask(self, action: str, payload: Any) -> Any:
        frame = await self.world.csms.csms.call(action, payload)
        await asyncio.sleep(0.1)
        return frame

    def wait(self, **time: float) -> None:
        self.runner.run(self.world.wait(**time))

    def state(self) -> dict[str, Any]:
        """All that a request could change, and all that it could cause but a line in the security log."""
        world, station = self.world, self.world.daemon.built.station
        return {
            "settings": self.world.daemon.built.settings.stored(),
            "profiles": station.steering.shelf.dump(),
            "cards": [self.world.daemon.built.cards.dump(source) for source in SOURCES],
            "reservations": station.reception.reservations.dump(),
            "operative": [station.operative, *((e.operative, e.operative_later) for e in station.evses.values())],
            "sessions": [(e.status, e.session, e.transaction) for e in station.evses.values()],
            "waiting": (list(station.reception.waiting), dict(station.resets.waiting)),
            "files": [keeper.status for keeper in (world.daemon.maintenance.uploads, world.daemon.services.firmware)
                      if keeper is not None],
            "facts": [record for record in world.facts if not isinstance(record.fact, SecurityNoted)],
            "said": len(world.csms.csms.told),
        }  # fmt: skip


async def is_busy(world: World) -> None:
    await world.ask("ChangeConfiguration", key="MeterValueSampleInterval", value="0")
    await world.ask("SendLocalList", listVersion=3, updateType="Full",
                    localAuthorizationList=[{"idTag": "FRIEND", "idTagInfo": {"status": "Accepted"}}])  # fmt: skip
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}],
                "startSchedule": "2026-11-22T00:00:00Z"}  # fmt: skip
    profile = {"chargingProfileId": 7, "stackLevel": 1, "chargingProfilePurpose": "TxDefaultProfile",
               "chargingProfileKind": "Absolute", "chargingSchedule": schedule}  # fmt: skip
    await world.ask("SetChargingProfile", connectorId=0, csChargingProfiles=profile)
    await world.ask("ReserveNow", connectorId=2, expiryDate="2026-11-23T00:00:00Z", idTag="FRIEND", reservationId=5)
    await world.charge(minutes=2)


@contextmanager
def a_busy_station(folder: Path) -> Iterator[Busy]:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        stack = AsyncExitStack()
        world = runner.run(stack.enter_async_context(a_world("1.6", folder, evses=2)))
        try:
            runner.run(is_busy(world))
            yield Busy(runner, world)
        finally:
            runner.run(stack.aclose())
