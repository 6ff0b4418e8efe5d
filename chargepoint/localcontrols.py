"""What page and local API may see and do, as `web.controls.Controls` asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from chargepoint import factoryreset
from chargepoint.config import Config
from chargepoint.core.authorization import Cards
from chargepoint.core.evse import Evse
from chargepoint.core.facts import Moment, Record
from chargepoint.core.security import Event
from chargepoint.core.settings import Settings
from chargepoint.core.station import Station
from chargepoint.daemon import Daemon, Ending
from chargepoint.hearing import hear_frames
from chargepoint.ocpp.services import NoAnswer, Payload
from chargepoint.records import grid as gridrecords
from chargepoint.tally import Tally
from chargepoint.timing import Clock
from chargepoint.vitals import Vitals, look
from chargepoint.web.controls import CsmsState, FrameListener

if TYPE_CHECKING:
    from chargepoint.core.uptime import Outage
    from chargepoint.store.journal import Journal
    from chargepoint.web.controls import Simulator
    from chargepoint.workshop import LocalWorkshop

T = TypeVar("T")


@dataclass(slots=True)
class LocalControls:
    """The daemon as the page sees it."""

    daemon: Daemon

    @property
    def config(self) -> Config:
        return self.daemon.config

    @property
    def firmware(self) -> str:
        return self.daemon.services.nameplate.firmware_version

    @property
    def station(self) -> Station:
        return self.daemon.built.station

    @property
    def settings(self) -> Settings:
        return self.daemon.built.settings

    @property
    def cards(self) -> Cards:
        return self.daemon.built.cards

    @property
    def journal(self) -> Journal:
        return self.daemon.journal

    @property
    def clock(self) -> Clock:
        return self.daemon.clock

    @property
    def simulator(self) -> Simulator | None:
        return self.daemon.hardware.simulator

    @property
    def workshop(self) -> LocalWorkshop:
        from chargepoint.workshop import LocalWorkshop  # for installers only

        return LocalWorkshop(self)

    def csms(self) -> CsmsState:
        conversation = self.daemon.conversation
        if conversation is None:
            return CsmsState()
        dialect = conversation.dialect
        networks = self.daemon.built.networks
        url = networks.profile.url if networks is not None else None
        return CsmsState(conversation.registration, dialect.version if dialect else None, url)

    def ocpp_status(self, evse: Evse) -> str | None:
        dialect = self.daemon.conversation.dialect if self.daemon.conversation is not None else None
        return dialect.phrases.status_word(evse.status, evse.occupied) if dialect is not None else None

    def supply_measured(self) -> tuple[float, ...] | None:
        """Amperes per phase at the main meter; None without one, and while it is silent."""
        return next((keeper.current_a() for keeper in self.daemon.station_meters if keeper.role == "main"), None)

    def station_meters(self) -> dict[str, bool]:
        return {keeper.role: keeper.latest is not None and not keeper.lost for keeper in self.daemon.station_meters}

    @property
    def tally(self) -> Tally:
        return self.daemon.tally

    def vitals(self) -> Vitals:
        database = self.journal.database
        return look(database.path, database.commits, self.daemon.punctuality.worst_s())

    def grid_limits(self) -> list[dict[str, Any]]:
        return gridrecords.kept(self.daemon.memory)

    def factory_reset(self) -> str | None:
        why_not = factoryreset.begin(self.station, self.daemon.folder.parent)
        if why_not is None:
            self.daemon.watch(Event.SECURITY_LOG_WAS_CLEARED, "factory reset")
            self.daemon.end(Ending(restart=True))
        return why_not

    def outages(self) -> list[Outage]:
        return self.daemon.journal.outages.all()

    def act(self, deed: Callable[[Station, Moment], T], /) -> T:
        return self.daemon.desk.act(deed)

    async def unlock(self, evse: int) -> str:
        self.act(lambda station, now: station.unlock_requested(evse, now))
        return await self.daemon.unlock(evse)

    async def clear(self, evse: int, fault: str) -> str | None:
        result = await self.daemon.hardware.guard.command(evse, "clear_fault", fault)
        return None if result.ok else result.detail

    async def transfer(self, vendor: str, message: str | None, data: Any) -> Payload | str:
        conversation = self.daemon.conversation
        if conversation is None:
            return "this station has no back office"
        try:
            return await conversation.transfer(vendor, message, data)
        except (NoAnswer, TypeError) as why:
            return str(why)

    async def update(self) -> dict[str, Any]:
        from chargepoint.updating.onsite import told

        return await told(self.daemon.maintenance, self.station, self.firmware)

    async def begin_update(self, *, at_once: bool) -> str | None:
        from chargepoint.updating.onsite import bring

        return await bring(self.daemon.maintenance, at_once=at_once)

    async def cancel_update(self) -> str | None:
        from chargepoint.updating.onsite import cancel

        return await cancel(self.daemon.maintenance)

    def link(self, up: bool) -> None:
        conversation = self.daemon.conversation
        if conversation is not None:
            (conversation.restore if up else conversation.cut)()

    def visited(self, peer: str, accepted: bool) -> None:
        event = Event.MAINTENANCE_LOGIN_ACCEPTED if accepted else Event.MAINTENANCE_LOGIN_FAILED
        self.daemon.watch(event, f"from {peer}")

    def subscribe(self, listener: Callable[[Record], None], /) -> Callable[[], None]:
        return self.daemon.desk.subscribe(listener)

    def subscribe_frames(self, listener: FrameListener, /) -> Callable[[], None]:
        conversation = self.daemon.conversation
        if conversation is None:
            return lambda: None
        return hear_frames(conversation, self.clock, listener)
