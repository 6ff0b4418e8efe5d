"""What the page and the local API need of the rest of the program: one object, made by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from chargepoint.core.facts import Moment, Record

if TYPE_CHECKING:
    from chargepoint.config import Config
    from chargepoint.core.authorization import Cards
    from chargepoint.core.evse import Evse
    from chargepoint.core.settings import Settings
    from chargepoint.core.station import Station
    from chargepoint.core.uptime import Outage
    from chargepoint.tally import Tally
    from chargepoint.vitals import Vitals
    from chargepoint.web.workshop import Workshop

T = TypeVar("T")
Direction = Literal["in", "out"]
FrameListener = Callable[[datetime, Direction, str], None]


@dataclass(frozen=True, slots=True)
class CsmsState:
    """How the station stands with its back office."""

    state: str = "none"  # none, offline, connecting, pending, rejected, accepted
    ocpp: str | None = None  # the version in use: "1.6", "2.0.1", "2.1"; None while none is agreed
    url: str | None = None  # where it is sought, if not where the file says: the security profile has been raised


class Clock(Protocol):
    @property
    def trusted(self) -> bool: ...
    @property
    def source(self) -> str: ...
    @property
    def offset_s(self) -> float: ...
    def now(self) -> Moment: ...


class Journal(Protocol):
    def undelivered_count(self) -> int: ...
    def dead_letters(self) -> Sequence[Any]: ...
    def sessions(
        self, limit: int, offset: int = 0, since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """Finished and open, those that began in [since, until), newest first."""
        ...

    def session(self, transaction: str) -> Mapping[str, Any] | None: ...
    def signed_values(self, transaction: str) -> Mapping[str, tuple[str, str]]:
        """Begin and end as the meter signed them: context -> (OCMF, public key in hex or "")."""
        ...


class Simulator(Protocol):
    """Cars, cards and faults of the simulated hardware. Every method raises hw.errors.Refused or DeviceLost."""

    async def plug(self, evse: int, **options: Any) -> None: ...
    async def unplug(self, evse: int, side: str = ...) -> None: ...
    async def car(self, evse: int, **options: Any) -> None: ...
    async def fault(self, evse: int, kind: str, active: bool = ...) -> None: ...
    async def house(self, **options: Any) -> None: ...
    async def card(self, uid: str, reader: int = ...) -> None: ...


class Controls(Protocol):
    @property
    def config(self) -> Config: ...
    @property
    def firmware(self) -> str: ...
    @property
    def station(self) -> Station: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def cards(self) -> Cards: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def simulator(self) -> Simulator | None:
        """None unless every pilot and contactor is simulated."""
        ...

    @property
    def tally(self) -> Tally:
        """What has been counted since the program started."""
        ...

    def vitals(self) -> Vitals:
        """How the program itself is."""
        ...

    def station_meters(self) -> Mapping[str, bool]:
        """The meters of the whole station, by role: does each answer?"""
        ...

    @property
    def workshop(self) -> Workshop: ...

    def csms(self) -> CsmsState: ...
    def ocpp_status(self, evse: Evse) -> str | None:
        """What it shows, in the word of the version in use; None while none is agreed."""
        ...

    def supply_measured(self) -> tuple[float, ...] | None:
        """Amperes per phase in front of all EVSEs; None where nothing measures it."""
        ...

    def grid_limits(self) -> Sequence[Mapping[str, Any]]:
        """When the grid operator asked for less, newest first (`chargepoint.records.grid`)."""
        ...

    def factory_reset(self) -> str | None:
        """Erase what is the owner's, by a restart. None when that begins, else a sentence that says why not."""
        ...

    def outages(self) -> Sequence[Outage]:
        """When the station was of no use, oldest first."""
        ...

    def act(self, deed: Callable[[Station, Moment], T], /) -> T:
        """Do something to the station; the facts it caused are journalled, then published."""
        ...

    async def unlock(self, evse: int) -> str:
        """Unlocked, UnlockFailed, NotSupported or OngoingAuthorizedTransaction (OCPP 2.0.1 UnlockStatusEnumType)."""
        ...

    async def clear(self, evse: int, fault: str) -> str | None:
        """Clear a latched fault. None when done, else a sentence that says why not."""
        ...

    async def transfer(self, vendor: str, message: str | None, data: Any) -> Mapping[str, Any] | str:
        """Say something in a vendor's own words (DataTransfer): the back office's answer, or why there is none."""
        ...

    async def update(self) -> Mapping[str, Any]:
        """How updates stand (`chargepoint.updating.onsite`)."""
        ...

    async def begin_update(self, *, at_once: bool) -> str | None:
        """Install what was put into the state directory. None when it is being done, else why not."""
        ...

    async def cancel_update(self) -> str | None:
        """Leave off what somebody on site has brought. None when it is left, else why not."""
        ...

    def link(self, up: bool) -> None:
        """Cut the line to the CSMS without a close frame, or let it come back. Simulated hardware only."""
        ...

    def visited(self, peer: str, accepted: bool) -> None:
        """Somebody has come to the page, or was turned away for a wrong password."""
        ...

    def subscribe(self, listener: Callable[[Record], None], /) -> Callable[[], object]:
        """Every fact, after its commit. Returns how to stop that."""
        ...

    def subscribe_frames(self, listener: FrameListener, /) -> object:
        """Every OCPP frame as it was on the wire."""
        ...
