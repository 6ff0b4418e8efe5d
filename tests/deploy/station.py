"""A charge point as an installer has it: the package on a machine of its own, seen from the street, the wires, the
service manager and the back office.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chargepoint.demo.authority import Authority
from chargepoint.demo.panel import Panel, Refused
from hw.mock.wires import Stamps, open_wires, stamps
from tests.deploy.machine import Machine
from tests.process.strict import StrictCsms

DAEMON, GUARD, MOCK = "chargepoint.service", "chargepoint-guard.service", "chargepoint-mock.service"
CARD = "04A1B2C3D4E5F6"
PASSWORD = "a-password-of-the-station"
STATE = "/var/lib/chargepoint"
SOON_S = 60.0

CONFIG = """\
[station]
vendor = "Acme"
model = "Wall 22"
serial_number = "A-1"
after_power_loss = "{after_power_loss}"

[csms]
url = "{url}"
identity = "{identity}"
versions = ["{version}"]
security_profile = 2
password_file = "/var/lib/chargepoint/secrets/csms-password"
ca_file = "/etc/chargepoint/ca.pem"

[[evse]]
max_current_a = 16
pilot = {{ driver = "mock" }}
contactor = {{ driver = "mock" }}
lock = {{ driver = "mock" }}
meter = {{ driver = "mock" }}

[[card_reader]]
driver = "mock"

[settings]
MeterValueSampleInterval = 2

[web]
listen = "127.0.0.1:0"
"""


@dataclass
class Station:
    machine: Machine
    csms: StrictCsms
    authority: Authority
    identity: str
    version: str = "2.0.1"
    after_power_loss: str = "end"
    seen: dict[str, Any] = field(default_factory=dict)

    def configure(self) -> None:
        """As an installer does, with an editor."""
        config = CONFIG.format(
            url=self.csms.url, identity=self.identity, version=self.version, after_power_loss=self.after_power_loss
        )
        self.machine.write("/etc/chargepoint/chargepoint.toml", config)
        self.machine.write("/etc/chargepoint/ca.pem", self.authority.pem)
        password, owner = self.machine.path(f"{STATE}/secrets/csms-password"), self.state.stat()
        password.write_text(PASSWORD)
        password.chmod(0o600)
        os.chown(password, owner.st_uid, owner.st_gid)

    async def boot(self) -> None:
        await asyncio.to_thread(self.machine.boot)
        await self.until_status(status="available")

    # --- the street ---------------------------------------------------------------------------------------------------

    @property
    def state(self) -> Path:
        return self.machine.path(STATE)

    def panel(self) -> Panel:
        return Panel(json.loads((self.state / "run.json").read_text())["api"])

    async def plug(self) -> None:
        await self.panel().plug(draw_a=16, phases=3)

    async def charge(self) -> None:
        """A car that draws 16 A on three phases."""
        await self.plug()
        await self.panel().card(CARD)
        await self.until_charging()

    async def until_charging(self) -> None:
        await self.until_status(status="charging", contactor="closed", permit_a=16.0)

    async def leave(self) -> None:
        await self.panel().unplug()

    async def until_status(self, within_s: float = SOON_S, **wanted: Any) -> dict[str, Any]:
        async def look() -> bool:
            try:
                self.seen = await self.panel().evse()
            except (OSError, ValueError, KeyError, Refused, StopIteration):
                self.seen = {}
            return bool(self.seen) and all(self.seen[key] == value for key, value in wanted.items())

        deadline_s = time.monotonic() + within_s
        while not await look():
            assert time.monotonic() < deadline_s, f"the EVSE did not become {wanted}: {self.seen}; {self.words()}"
            await asyncio.sleep(0.1)
        return self.seen

    async def until(self, holds: Callable[[], Any], failing: str, within_s: float = SOON_S) -> float:
        """Seconds it took."""
        began_s = time.monotonic()
        while not await asyncio.to_thread(holds):
            assert time.monotonic() < began_s + within_s, f"{failing}; {self.words()}"
            await asyncio.sleep(0.05)
        return time.monotonic() - began_s

    # --- the wires ----------------------------------------------------------------------------------------------------

    def wires(self) -> Stamps:
        """The contactor's coil, and when it was last switched: where the guard's outputs end."""
        with open_wires(self.state) as memory:
            return stamps(memory, 1)

    @property
    def closed(self) -> bool:
        return self.wires().coil

    # --- the back office ----------------------------------------------------------------------------------------------

    async def events(self, kind: str = "") -> list[dict[str, Any]]:
        said = [payload for action, payload in await self.csms.calls(self.identity) if action == "TransactionEvent"]
        return [event for event in said if not kind or event["eventType"] == kind]

    async def transactions(self) -> set[str]:
        return {event["transactionInfo"]["transactionId"] for event in await self.events()}

    async def boots(self) -> int:
        return sum(action == "BootNotification" for action, _ in await self.csms.calls(self.identity))

    async def is_billed_once(self, *, samples_lost: bool = False) -> dict[str, Any]:
        """One transaction, in order, whole; the back office has found nothing wrong. Its end.

        After a power cut, and on a full disk, numbers are left out: as many as samples may have been lost.
        """
        await self.csms.until_called(self.identity, "TransactionEvent", timeout_s=SOON_S, eventType="Ended")
        assert len(await self.transactions()) == 1
        events = await self.events()
        numbers = [event["seqNo"] for event in events]
        first_sent = list(dict.fromkeys(numbers))
        assert first_sent == sorted(first_sent)
        assert samples_lost or first_sent == list(range(len(first_sent)))
        assert len(await self.events("Started")) == 1
        [ended] = await self.events("Ended")
        assert await self.csms.violations(self.identity) == []
        return ended

    # --- for when something goes wrong --------------------------------------------------------------------------------

    def words(self) -> str:
        units = " ".join((DAEMON, GUARD, MOCK))
        logs = " ".join(f"--unit={unit}" for unit in (DAEMON, GUARD, MOCK))
        told = f"systemctl status --no-pager --lines=0 {units}; journalctl --no-pager --lines=60 {logs}"
        return self.machine.run(told, check=False)
