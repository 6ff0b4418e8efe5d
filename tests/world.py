"""The whole station in virtual time, in the words of the trade.

Everything is real but the time, the wires and the network: desk, journal, conversation and dialects, the guard's own
rules, cars that obey the physics. A test says what happens and looks at what the back office was told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chargepoint.building import build, recoveries
from chargepoint.config import (
    AccessConfig,
    Config,
    CsmsConfig,
    EvseConfig,
    FirmwareConfig,
    StationConfig,
    SupplyConfig,
)
from chargepoint.core.authorization import Card
from chargepoint.core.evse import Evse
from chargepoint.core.facts import Record, Status, Token
from chargepoint.daemon import Daemon, Ending
from chargepoint.hardware import Hardware
from chargepoint.records.alive import AliveFile
from chargepoint.records.uptime import UptimeLedger
from chargepoint.security.access import StationAccess
from chargepoint.startcause import StartCause
from chargepoint.store.certificates import CertificateFiles
from chargepoint.store.database import LIMIT_BYTES
from chargepoint.store.journal import Journal
from chargepoint.store.memory import Memory
from chargepoint.timing import Clock
from tests.back_office import BackOffice, Bill
from tests.file_servers import FileServers
from tests.house import House
from tests.ocpp.memory_link import MemoryLink
from tests.two_systems import TwoSystems
from tests.yard import Yard

SIMULATED = {"driver": "mock"}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
VERSIONS = ("1.6", "2.0.1")
UNPROTECTED = {"url": "ws://memory", "identity": "CP1", "security_profile": 0}


def a_config(version: str, *, evses: int = 1, access: str = "ocpp", csms: bool = True, supply_a: float = 0.0,
             outlet: str = "socket", display: bool = False, evse: dict[str, Any] | None = None,
             settings: dict[str, str] | None = None, firmware: FirmwareConfig | None = None,
             link: dict[str, Any] | None = None, supply: dict[str, Any] | None = None,
             rotations: Sequence[str] = (), **station: Any) -> Config:  # fmt: skip
    """`evse`: options of every EVSE, `rotations` of each; `link`: of the [csms] table; `supply`: of [supply]."""
    lock = SIMULATED if outlet == "socket" else None
    return Config(
        station=StationConfig(vendor="Acme", model="Wall 22", serial_number="A-1", **station),
        evses=tuple(
            EvseConfig(
                id=n,
                outlet=outlet,
                pilot=SIMULATED,
                contactor=SIMULATED,
                lock=lock,
                phase_rotation=rotations[n - 1] if rotations else "RST",
                **{"meter": SIMULATED, **(evse or {})},
            )
            for n in range(1, evses + 1)
        ),
        supply=SupplyConfig(**{"max_current_a": supply_a, **(supply or {})}),
        csms=CsmsConfig(**{**UNPROTECTED, "versions": (version,), **(link or {})}) if csms else None,
        access=AccessConfig(mode=access),
        displays=(SIMULATED,) if display else (),
        settings=settings or {},
        firmware=firmware or FirmwareConfig(),
        mock=True,
    )


@dataclass
class World:
    config: Config
    state: Path
    version: str = "2.0.1"
    ntp: bool = True
    starts_in: datetime = NOON  # what the clock of the machine shows at the beginning
    boot: str = "boot-1"
    room_bytes: int = LIMIT_BYTES  # on the disk
    service_result: str = ""  # what the service manager notes of how the program ended
    link: MemoryLink = field(default_factory=MemoryLink)
    facts: list[Record] = field(default_factory=list)
    frames: list[tuple[str, Any]] = field(default_factory=list)
    ending: Ending | None = None
    servers: FileServers = field(default_factory=FileServers)
    machine: TwoSystems | None = None  # None: there is one system, as on most

    def __post_init__(self) -> None:
        self.began_s = asyncio.get_running_loop().time()
        self.csms = BackOffice(self.version, self.link, self.true_time)
        self.yard = Yard(self.config.evses, self.true_time)
        self.house = House(self._drawn)
        self._csms_task: asyncio.Task[None] | None = None
        self._daemon_task: asyncio.Task[None] | None = None

    # --- the station --------------------------------------------------------------------------------------------------

    async def switch_on(self) -> None:
        """Power, program, back office; returns when every EVSE is known and the back office has accepted."""
        if self._csms_task is None:
            self._csms_task = asyncio.create_task(self.csms.csms.run())
            self.yard.start()
        await self.start_program()

    async def start_program(self) -> None:
        loop = asyncio.get_running_loop()
        clock = Clock(loop.time, self.boot, self.wall, lambda: self.ntp)
        clock.look()
        self.journal = Journal.open(self.state / "cp.db", boot=self.boot, inline=True, has_csms=self.has_csms,
                                    limit_bytes=self.room_bytes)  # fmt: skip
        memory = Memory(self.journal.database)
        certificates = CertificateFiles(self.state / "certificates")
        built = build(self.config, memory, certificates)
        if self.config.csms is not None and built.networks is not None:
            self.link.access = access = StationAccess(self.config.csms, built.networks, certificates)
        left_open = recoveries(self.journal, memory, self.config, self.boot)
        built.station.recover(left_open)
        start = StartCause(memory, self.boot)
        displays = [self.yard.display] if self.config.displays else []
        station_meters = [("main", self.house)] if self.config.supply.building_max_current_a else []
        hardware = Hardware(self.yard.guard, self.yard.meters, self.yard.readers, displays, station_meters)
        self.daemon = Daemon(
            self.config, built, self.journal, memory, clock, hardware, self.link if self.has_csms else None,
            cause=start.cause, rebooted=not (left_open and start.same_boot), folder=self.state / "transfers",
            files=certificates, machine=self.machine, uptime=self._uptime(clock, memory, start),
        )  # fmt: skip
        if self.daemon.certificates is not None:
            access.worked = self.daemon.certificates.worked
        self.servers.connect(self.daemon)
        start.noted()
        self.start_cause = start
        self.daemon.desk.subscribe(self.facts.append)
        if self.daemon.conversation is not None:
            self.daemon.conversation.on_frame(lambda direction, frame: self.frames.append((direction, frame)))
        self._daemon_task = asyncio.create_task(self._run())
        await self.wait(8)

    async def _run(self) -> None:
        self.ending = await self.daemon.run()
        self.start_cause.ended(self.ending.restart, self.ending.scheduled, self.ending.firmware)
        if self.daemon.uptime is not None:
            self.daemon.uptime.mark(ending=True)

    def _uptime(self, clock: Clock, memory: Memory, start: StartCause) -> UptimeLedger:
        alive = AliveFile(self.state / "alive")
        return UptimeLedger(self.journal, memory, clock, start, alive, self.has_csms, self.service_result)

    async def kill_program(self) -> None:
        """kill -9: nothing is said, nothing is tidied up; the guard, the car and the meter go on."""
        assert self._daemon_task is not None
        self._daemon_task.cancel()
        await asyncio.gather(self._daemon_task, return_exceptions=True)
        self.yard.guard.unheard()
        self.link.drop()

    async def restart_program(self) -> None:
        await self.kill_program()
        await self.start_program()

    async def power_cut(self) -> None:
        """Everything goes dark. The journal keeps what was on the disk."""
        await self.kill_program()
        self.yard.power_cut()
        self.boot = f"{self.boot}+"

    async def power_back(self) -> None:
        if self.machine is not None:
            self.machine.restart()
        self.yard.start()
        await self.start_program()

    async def machine_restarts(self) -> None:
        """As the program that has ended wanted."""
        assert self.ending is not None
        assert self.ending.machine
        self.ending = None
        await self.power_cut()
        await self.power_back()

    async def switch_off(self) -> None:
        for task in (self._daemon_task, self._csms_task):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self.yard.stop()

    @property
    def has_csms(self) -> bool:
        return self.config.csms is not None

    def wall(self) -> datetime:
        """The machine's clock."""
        return self.starts_in + timedelta(seconds=asyncio.get_running_loop().time() - self.began_s)

    def true_time(self) -> datetime:
        return NOON + timedelta(seconds=asyncio.get_running_loop().time() - self.began_s)

    # --- what happens -------------------------------------------------------------------------------------------------

    async def wait(self, seconds: float = 0.0, *, minutes: float = 0.0, hours: float = 0.0) -> None:
        await asyncio.sleep(seconds + 60 * minutes + 3600 * hours)

    async def plug(self, evse: int = 1, **car: Any) -> None:
        """A car is connected; it asks for power half a second after it is offered."""
        self.yard.plug(evse, {"reaction_s": 0.5, **car})
        await self.wait(1)

    async def unplug(self, evse: int = 1, side: str = "both") -> None:
        self.yard.unplug(evse, side)
        await self.wait(2)

    async def card(self, uid: str, **more: Any) -> None:
        """Held to the reader, and taken away again long enough for the next one to be a new tap."""
        self.yard.card(uid, **more)
        await self.wait(3)

    async def charge(self, token: str = "CARD1", evse: int = 1, **time: float) -> None:
        """Plug, card, and charge for a while; the car stays."""
        await self.plug(evse)
        await self.card(token)
        await self.wait(**time)

    async def fault(self, kind: str, active: bool = True, evse: int = 1) -> None:
        self.yard.fault(evse, kind, active)
        await self.wait(2)

    async def until(self, holds: Callable[[], bool], within_s: float = 60.0) -> None:
        deadline_s = asyncio.get_running_loop().time() + within_s
        while not holds():
            assert asyncio.get_running_loop().time() < deadline_s, "it did not come true"
            await self.wait(0.1)

    async def ask(self, action: str, **payload: Any) -> dict[str, Any]:
        """The back office asks; its answer's payload (an error is raised)."""
        frame = await self.csms.csms.call(action, payload)
        assert frame[0] == 3, frame
        answer: dict[str, Any] = frame[2]
        return answer

    def given_local_list(self, *tokens: str, status: str = "Accepted") -> None:
        for token in tokens:
            self.daemon.built.cards.add_local(Card(Token(token), status, source="csms"))

    def given_card_on_site(self, token: str) -> None:
        self.daemon.built.cards.add_local(Card(Token(token)))

    def given(self, name: str, value: str) -> None:
        """A setting, under either name."""
        settings = self.daemon.built.settings
        setting = settings.find(name)
        assert setting is not None, name
        assert settings.change(setting, value, "local").accepted

    # --- what is seen -------------------------------------------------------------------------------------------------

    def evse(self, number: int = 1) -> Evse:
        return self.daemon.built.station.evses[number]

    def status(self, evse: int = 1) -> Status:
        return self.evse(evse).status

    def permit_a(self, evse: int = 1) -> float:
        return self.evse(evse).permit_a()

    def closed(self, evse: int = 1) -> bool:
        """Are the contactor's main contacts really closed?"""
        return self.yard.closed(evse)

    def _drawn(self) -> list[tuple[float, ...]]:
        """What each EVSE's car draws of the grid's phases."""
        return [self.drawn_a(evse.id, evse.phase_rotation) for evse in self.config.evses]

    def drawn_a(self, evse: int = 1, rotation: str = "RST") -> tuple[float, ...]:
        """Amperes that flow, by grid phase."""
        self.yard.register_wh(evse)  # brings the bay to the present moment
        flowing = dict(zip(rotation, self.yard.bays[evse].reading().current_a, strict=False))
        return tuple(flowing.get(phase, 0.0) for phase in "RST")

    def register_wh(self, evse: int = 1) -> float:
        """What the meter's display shows."""
        return self.yard.register_wh(evse)

    def bills(self) -> list[Bill]:
        return self.csms.bills()

    def happened(self, kind: type[Any]) -> list[Any]:
        return [record.fact for record in self.facts if isinstance(record.fact, kind)]

    def alarms(self) -> list[str]:
        """Security events as the back office was told them, but for those of each start."""
        told = [payload["type"] for payload in self.said("SecurityEventNotification")]
        return [event for event in told if event not in ("StartupOfTheDevice", "ResetOrReboot")]

    def said(self, action: str) -> list[dict[str, Any]]:
        return self.csms.all(action)


@asynccontextmanager
async def a_world(version: str, state: Path, *, boot: bool = True, ntp: bool = True, starts_in: datetime = NOON,
                  before: Callable[[World], Awaitable[None] | None] | None = None, machine: TwoSystems | None = None,
                  **config: Any) -> AsyncIterator[World]:  # fmt: skip
    """A station that is on, accepted, and idle. `before`: what the back office is like when the station comes."""
    world = World(a_config(version, **config), state, version, ntp, starts_in, machine=machine)
    world.link.accepts = (f"ocpp{version}",)
    if before is not None:
        before(world)
    try:
        if boot:
            await world.switch_on()
        yield world
    finally:
        await world.switch_off()


__all__ = ["NOON", "VERSIONS", "Bill", "World", "a_config", "a_world"]
