"""A dialect is two tables: what to do when the CSMS asks, and how to say what happened.

Version packages fill the tables; nothing else in the program knows which OCPP version is spoken.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from chargepoint.core.authorization import Verdict as Verdict

if TYPE_CHECKING:
    from datetime import datetime

    from chargepoint.core.facts import Fact, Record, Status, StatusChanged, Token
    from chargepoint.core.station import Station
    from chargepoint.ocpp.services import Services

Payload = dict[str, Any]
Handler = Callable[["Services", Payload], Awaitable[Payload]]
"""Answers one request of the CSMS. One that does not await is answered before anything it caused can be said."""

Encoder = Callable[["Services", "Record"], "tuple[str, Payload] | None"]
"""(action, payload) that tells the CSMS of a fact; None where this version has no word for it. Raises NotYet."""

Settler = Callable[["Services", "Record", Payload], Awaitable[None]]
"""What the CSMS's answer to an encoded fact means for the station. The fact counts as delivered only afterwards, so
that what is learned here (1.6's transaction number) survives a power cut. Raises KeyError or ValueError on nonsense."""


F = TypeVar("F", bound="Fact")


def fact_of(record: Record, kind: type[F]) -> F:
    """The record's fact, of the kind under which its encoder stands in the table."""
    if not isinstance(record.fact, kind):
        raise TypeError(f"{type(record.fact).__name__} in place of {kind.__name__}")
    return record.fact


class NotYet(Exception):
    """Raised by an encoder: the fact needs something that an earlier answer will bring (1.6's transaction number)."""


@dataclass(frozen=True, slots=True)
class Framing:
    """What differs between the versions below the level of actions (timing notes 4 and 4.1)."""

    unreadable_id: str | None  # id of the CALLERROR for a frame whose own id cannot be read; None: say nothing
    description_limit: int  # characters of a CALLERROR's description
    answers_unknown_types: bool  # 2.0.1 answers an unknown message type, 1.6 and 2.1 ignore it
    retry_repeats_id: bool  # a retry may carry the id of the first try (2.x errata 2024-09; 1.6 wants a new one)


FRAMING_16 = Framing(unreadable_id=None, description_limit=255, answers_unknown_types=False, retry_repeats_id=False)
FRAMING_201 = Framing(unreadable_id="-1", description_limit=255, answers_unknown_types=True, retry_repeats_id=True)
FRAMING_21 = Framing(unreadable_id="-1", description_limit=255, answers_unknown_types=False, retry_repeats_id=True)


@dataclass(frozen=True, slots=True)
class Boot:
    """The CSMS's answer to BootNotification."""

    status: str  # Accepted, Pending, Rejected
    interval_s: int
    time: datetime


class Phrases(Protocol):
    """The requests every version has, in its own words. Each `read_` raises KeyError or ValueError on nonsense."""

    def boot(self, services: Services, cause: str) -> tuple[str, Payload]: ...
    def read_boot(self, answer: Payload) -> Boot: ...
    def heartbeat(self) -> tuple[str, Payload]: ...
    def read_time(self, answer: Payload) -> datetime: ...
    def authorize(self, token: Token) -> tuple[str, Payload]: ...
    def read_verdict(self, answer: Payload) -> Verdict: ...
    def sign_certificate(self, request: str) -> tuple[str, Payload]:
        """Have the station's certificate signed; `request`: PKCS #10 in PEM."""
        ...

    def status(self, shown: StatusChanged, at: datetime) -> tuple[str, Payload] | None:
        """None where this version reports no such connector (2.x has no connector 0)."""
        ...

    def status_word(self, status: Status, occupied: bool = True) -> str:
        """The word this version uses for `status`, for the page."""
        ...

    def data_transfer(self, vendor: str, message: str | None, data: Any) -> tuple[str, Payload]:
        """Something only one vendor understands. TypeError where this version cannot carry such `data`."""
        ...

    def statuses_due(self, station: Station) -> list[int]:
        """EVSE ids whose status is reported after boot: 0..N in 1.6, 1..N in 2.x."""
        ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """One OCPP version, as tables."""

    version: str  # "1.6", "2.0.1"
    subprotocol: str  # "ocpp1.6"
    phrases: Phrases
    requests: Mapping[str, Handler]  # action from the CSMS -> what to do
    reports: Mapping[type[Fact], Encoder]  # fact of ours -> (action, payload)
    answers: Mapping[str, Settler]  # action of ours -> what the answer means
    errors: Mapping[str, str]  # reason (rpc.Reason, every one of them) -> CALLERROR code of this version
    known_actions: frozenset[str]  # every action of the standard: known but not in `requests` is NotSupported
    triggerable_while_pending: frozenset[str]  # our actions that may go out while Pending once the CSMS asked
    fixed_settings: Mapping[str, str]
    """What this version decides by itself, laid over the settings while it is spoken: name -> value, or name of the
    setting that it follows."""
    framing: Framing = FRAMING_201
