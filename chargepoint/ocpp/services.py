"""What a dialect's handlers and encoders may use: the rest of the program, as narrow as it can be made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from chargepoint.core.facts import Moment, Record
from chargepoint.core.security import Event

if TYPE_CHECKING:
    from chargepoint.core.authorization import Cards
    from chargepoint.core.certificatekind import Kind
    from chargepoint.core.certificates import HashData
    from chargepoint.core.maintenance import Answer, Update, Upload
    from chargepoint.core.settings import Settings
    from chargepoint.core.station import Station
    from chargepoint.modem import Sim

Payload = dict[str, Any]
T = TypeVar("T")


class Registration(StrEnum):
    """How far the station has come with its back office; the words of the local API."""

    OFFLINE = "offline"
    CONNECTING = "connecting"  # from the first attempt to the first answer to BootNotification
    PENDING = "pending"
    REJECTED = "rejected"
    ACCEPTED = "accepted"


class NoAnswer(Exception):
    """A request of ours brought nothing usable: no link, a time-out, or a CALLERROR."""


class Refused(NoAnswer):
    """The CSMS answered with a CALLERROR."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}" if description else code)
        self.code, self.description = code, description


class Act(Protocol):
    """`Desk.act`: do something to the station; the facts it caused are journalled, then published."""

    def __call__(self, deed: Callable[[Station, Moment], T], /) -> T: ...


class Notice(Protocol):
    """`security.Watch`: something has happened that whoever looks after security should hear of."""

    def __call__(self, event: Event, info: str = "", /) -> None: ...


class Clock(Protocol):
    @property
    def boot(self) -> str:
        """Kernel boot id, as in `Record.boot`: monotonic times of another boot mean nothing."""
        ...

    @property
    def trusted(self) -> bool: ...
    @property
    def offset_s(self) -> float: ...
    @property
    def source(self) -> str: ...
    def now(self) -> Moment: ...
    def correct(self, at: datetime, /) -> None:
        """The CSMS says that it is `at` now."""
        ...


class Frozen(Protocol):
    """A message whose bytes are stored because it has been sent at least once."""

    @property
    def message_id(self) -> str: ...
    @property
    def subprotocol(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def text(self) -> str:
        """The payload as JSON text."""
        ...

    @property
    def attempts(self) -> int: ...


class Journal(Protocol):
    """The part of `store.journal.Journal` that OCPP uses. Its coroutines raise JournalError."""

    @property
    def open_business(self) -> bool:
        """Does a transaction or an undelivered fact exist?"""
        ...

    def undelivered(self, limit: int = ..., /) -> Sequence[Record]: ...
    def undelivered_count(self) -> int: ...
    def frozen(self, record_id: int, /) -> Frozen | None: ...
    def record_of_message(self, message_id: str, /) -> Record | None: ...
    def csms_id(self, transaction: str, /) -> int | None: ...
    def corrected_time(self, record: Record, /) -> datetime:
        """When it happened, as well as can be told by now."""
        ...

    def learn_csms_id(self, transaction: str, csms_id: int, /) -> None: ...
    async def freeze(self, record_id: int, message_id: str, subprotocol: str, action: str, text: str, /) -> None: ...
    async def attempts(self, record_id: int, n: int, /) -> None: ...
    async def deliver(self, record_id: int, /) -> None: ...
    async def bury(self, record_id: int, why: str, /) -> Sequence[int]: ...


class Speaker(Protocol):
    """Our side of the conversation, for handlers that must say something because the CSMS asked for it.

    What is said here goes out while Accepted, and while Pending if the dialect lists the action in
    `triggerable_while_pending`; otherwise it is dropped. A handler that does not await is answered first.
    """

    @property
    def registration(self) -> Registration: ...
    def say(self, action: str, payload: Payload) -> None:
        """Queue a request; nobody waits for its answer, and nothing is kept if the link goes."""
        ...

    async def call(self, action: str, payload: Payload) -> Payload:
        """Queue a request and wait for its answer. Raises NoAnswer."""
        ...

    def report_status(self, evse: int) -> None:
        """StatusNotification of one EVSE (0: the station, where the version has that) as it is now."""
        ...

    def boot_again(self) -> None:
        """BootNotification now: before the interval is over while Pending, or once more while Accepted."""
        ...

    def send_heartbeat(self) -> None: ...


class FirmwareKeeper(Protocol):
    """Carries out updates of the firmware."""

    @property
    def status(self) -> str: ...
    @property
    def request_id(self) -> int | None: ...
    def request(self, update: Update, /) -> Answer: ...


class Uploader(Protocol):
    """Sends logs."""

    @property
    def status(self) -> str: ...
    @property
    def request_id(self) -> int | None: ...
    def takes(self, url: str, /) -> bool:
        """Is that an address to which a file may go at all?"""
        ...

    def request(self, upload: Upload, /) -> tuple[bool, str]:
        """Whether another upload had to go for it, and the name of the file."""
        ...


class Roots(Protocol):
    """Keeps the roots by which others are believed. The words are OCPP's."""

    def install(self, kind: Kind, pem: str, /) -> str: ...
    def installed(self, kinds: Collection[Kind], /) -> Sequence[tuple[Kind, HashData]]: ...
    def delete(self, wanted: HashData, /) -> str: ...


class OwnCertificate(Protocol):
    """Has the station's own certificate signed."""

    def request(self) -> bool:
        """Begin. False: it cannot be asked for."""
        ...

    def signed(self, chain: str, /) -> bool:
        """The certificate, with what leads to its root (PEM). Is it taken?"""
        ...


class Certificates(Protocol):
    @property
    def roots(self) -> Roots: ...
    @property
    def own(self) -> OwnCertificate: ...


class Silent:
    """The speaker while there is no conversation."""

    registration = Registration.OFFLINE

    def say(self, action: str, payload: Payload) -> None: ...
    async def call(self, action: str, payload: Payload) -> Payload:
        raise NoAnswer("no back office is connected")

    def report_status(self, evse: int) -> None: ...
    def boot_again(self) -> None: ...
    def send_heartbeat(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Nameplate:
    """What BootNotification tells of the station."""

    vendor: str
    model: str
    serial_number: str
    firmware_version: str


def _unnoticed(event: Event, info: str = "", /) -> None:
    """Where nobody looks after security."""


def _no_sim() -> None:
    """Where there is no mobile modem."""


async def _stored() -> bool:
    """Where nothing is kept."""
    return True


@dataclass(frozen=True, slots=True)
class Services:
    """All a handler or an encoder may reach."""

    station: Station  # to look at; changed only through `act`
    act: Act
    settings: Settings
    cards: Cards
    journal: Journal
    clock: Clock
    nameplate: Nameplate
    unlock: Callable[[int], Awaitable[str]]  # Unlocked, UnlockFailed, NotSupported, OngoingAuthorizedTransaction
    speaker: Speaker = field(default_factory=Silent)
    firmware: FirmwareKeeper | None = None  # None: nothing here can install firmware
    uploads: Uploader | None = None
    notice: Notice = _unnoticed
    stored: Callable[[], Awaitable[bool]] = _stored  # waits until what has changed in the memory is on the disk
    certificates: Certificates | None = None
    sim: Callable[[], Sim | None] = _no_sim  # the card in the mobile modem

    @property
    def registration(self) -> Registration:
        return self.speaker.registration

    def report_status(self, evse: int) -> None:
        self.speaker.report_status(evse)

    def boot_again(self) -> None:
        self.speaker.boot_again()

    def send_heartbeat(self) -> None:
        self.speaker.send_heartbeat()
