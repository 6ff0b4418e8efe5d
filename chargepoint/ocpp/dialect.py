"""A dialect is two tables: what to do when the CSMS asks, and how to say what happened.

Version packages fill the tables; nothing else in the program knows which OCPP version is spoken.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from chargepoint.core.facts import Fact, Record, Status, Token
    from chargepoint.core.station import Station
    from chargepoint.ocpp.services import Services

Payload = dict[str, Any]
Handler = Callable[["Services", Payload], Awaitable[Payload]]
"""Answers one request of the CSMS. One that does not await is answered before anything it caused can be said."""

Encoder = Callable[["Services", "Record"], "tuple[str, Payload] | None"]
"""(action, payload) that tells the CSMS of a fact; None where this version has no word for it."""

Settler = Callable[["Services", "Record", Payload], None]
"""What the CSMS's answer to an encoded fact means for the station."""


@dataclass(frozen=True, slots=True)
class Boot:
    """The CSMS's answer to BootNotification."""

    status: str  # Accepted, Pending, Rejected
    interval_s: int
    time: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """The CSMS's answer about a token, in words common to all versions."""

    status: str  # Accepted, Blocked, Expired, Invalid, ConcurrentTx, Unknown, ... as the CSMS said it
    group: Token | None = None
    expires_at: datetime | None = None

    @property
    def accepted(self) -> bool:
        return self.status == "Accepted"


class Phrases(Protocol):
    """The requests every version has, in its own words. Each `read_` raises KeyError or ValueError on nonsense."""

    def boot(self, services: Services, cause: str) -> tuple[str, Payload]: ...
    def read_boot(self, answer: Payload) -> Boot: ...
    def heartbeat(self) -> tuple[str, Payload]: ...
    def read_time(self, answer: Payload) -> datetime: ...
    def authorize(self, token: Token) -> tuple[str, Payload]: ...
    def read_verdict(self, answer: Payload) -> Verdict: ...
    def status(self, evse: int, status: Status, fault: str, at: datetime) -> tuple[str, Payload] | None:
        """None where this version reports no such connector (2.x has no connector 0)."""
        ...

    def status_word(self, status: Status) -> str:
        """The word this version uses for `status`, for the page."""
        ...

    def statuses_due(self, station: Station) -> list[int]:
        """EVSE ids whose status is reported after boot: 0..N in 1.6, 1..N in 2.x."""
        ...


@dataclass(frozen=True, slots=True)
class Dialect:
    version: str  # "1.6", "2.0.1"
    subprotocol: str  # "ocpp1.6"
    phrases: Phrases
    requests: Mapping[str, Handler]  # action from the CSMS -> what to do
    reports: Mapping[type[Fact], Encoder]  # fact of ours -> (action, payload)
    answers: Mapping[str, Settler]  # action of ours -> what the answer means
    errors: Mapping[str, str]  # reason (rpc.Reason) -> CALLERROR code of this version
    known_actions: frozenset[str]  # every action of the standard: known but not in `requests` is NotSupported
    triggerable_while_pending: frozenset[str]
    fixed_settings: Mapping[str, str]  # what this version decides by itself, laid over the settings while it is spoken
