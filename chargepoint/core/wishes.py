"""What the core wants done outside: the counterpart of facts. A wish is answered by calling the station back."""

from __future__ import annotations

from dataclasses import dataclass

from chargepoint.core.facts import Token


@dataclass(frozen=True, slots=True)
class Wish:
    """`evse` 0 is the station as a whole."""

    evse: int


@dataclass(frozen=True, slots=True)
class AskAuthorization(Wish):
    """Ask the CSMS about a token; answer with `Station.authorization_answered(question, ...)`."""

    question: int
    token: Token


@dataclass(frozen=True, slots=True)
class BeginMetering(Wish):
    """Take the meter's begin value; answer with `Station.metering_began`. Nothing closes before."""

    transaction: str
    token: Token | None


@dataclass(frozen=True, slots=True)
class EndMetering(Wish):
    """Contactor proven open: take the meter's end value; answer with `Station.metering_ended`."""

    transaction: str


@dataclass(frozen=True, slots=True)
class SignReading(Wish):
    """Have the meter sign what it shows now; answer with `Evse.reading_signed`."""


@dataclass(frozen=True, slots=True)
class ReleaseCable(Wish):
    """Tell the guard to open the socket's lock now."""


@dataclass(frozen=True, slots=True)
class Restart(Wish):
    """All transactions are over: restart the program (evse 0) or one EVSE. `hard` = the machine, where configured."""

    hard: bool
    scheduled: bool = False  # it waited for idleness


@dataclass(frozen=True, slots=True)
class Reconnect(Wish):
    """How the station gets to its back office has changed: leave, and come back by the new way."""
