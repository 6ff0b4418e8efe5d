"""A running charge point whose back office is the strict CSMS, seen from both ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chargepoint.demo.plant import Plant
from tests.process.strict import StrictCsms

CONFIG = """\
[station]
vendor = "Acme"
model = "Wall 11"
serial_number = "A-1"

[csms]
url = "{url}"
identity = "{identity}"
versions = ["{version}"]
security_profile = 0

[[evse]]
max_current_a = 16
pilot = {{ driver = "mock" }}
contactor = {{ driver = "mock" }}
lock = {{ driver = "mock" }}
meter = {{ driver = "mock" }}

[[card_reader]]
driver = "mock"

[settings]
MeterValueSampleInterval = 1

[web]
listen = "127.0.0.1:0"
"""


@dataclass
class Station:
    """A running charge point, seen from both ends."""

    identity: str
    csms: StrictCsms
    plant: Plant

    async def asked(self, action: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
        """What it answers the CSMS."""
        return await self.csms.call(self.identity, action, payload)

    async def says(self, action: str, nth: int = 1, **wanted: Any) -> dict[str, Any]:
        """The n-th call of that action with those fields."""
        return await self.csms.until_called(self.identity, action, nth=nth, **wanted)

    async def tells(self, kind: str, nth: int = 1) -> dict[str, Any]:
        """The n-th TransactionEvent of that kind."""
        return await self.says("TransactionEvent", nth, eventType=kind)

    async def boots(self, nth: int) -> tuple[str, str]:
        """The n-th boot message's reason and the status of EVSE 1 that follows it: by then the boot is accepted."""
        boot = await self.says("BootNotification", nth)
        async with asyncio.timeout(20):
            while True:
                calls = await self.csms.calls(self.identity)
                boots = [place for place, (action, _) in enumerate(calls) if action == "BootNotification"]
                for action, status in calls[boots[nth - 1] :]:
                    if action == "StatusNotification" and status.get("evseId", status["connectorId"]) == 1:
                        return boot.get("reason", ""), status.get("connectorStatus") or status["status"]
                await asyncio.sleep(0.05)

    async def becomes(self, status: str) -> None:
        async def look() -> bool | None:
            return (await self.plant.panel.evse())["status"] == status or None

        await self.plant.until(look, f"the EVSE did not become {status}", 20)

    async def transfers(self, message: str, data: Any) -> None:
        """Another program on the same machine says something in its vendor's words."""
        said = {"vendor": "com.example", "message": message, "data": data}
        answer = await self.plant.panel.ask("POST", "/api/v1/data-transfer", said)
        assert answer["status"] in ("Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId")
        told = await self.says("DataTransfer")
        assert told == {"vendorId": "com.example", "messageId": message, "data": data}

    async def actions(self, to: str) -> set[str]:
        return {action for action, _ in await self.csms.calls(self.identity, to)}


@asynccontextmanager
async def in_order(csms: StrictCsms, folder: Path, identity: str, more: str = "") -> AsyncIterator[Station]:
    """A station that speaks 1.6 and makes no mistake in it."""
    async with running(csms, folder, "1.6", identity, more) as station:
        yield station
        assert await csms.violations(identity) == []


@asynccontextmanager
async def running(
    csms: StrictCsms, folder: Path, version: str, identity: str = "", more: str = ""
) -> AsyncIterator[Station]:
    """`identity`: one that no other station of this CSMS has. `more`: further tables of the configuration file."""
    identity = identity or f"CP{version}"
    plant = Plant(folder, CONFIG.format(url=csms.url, identity=identity, version=version) + more)
    try:
        await plant.start()
        await plant.open_panel(20)
        station = Station(identity, csms, plant)
        await station.becomes("available")
        yield station
    finally:
        await plant.stop()
        print(plant.last_words(40))
