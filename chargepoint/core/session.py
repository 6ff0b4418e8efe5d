"""A session is one visit of a cable: from the first half (plug or token) until the cable is gone.

It is not a transaction: a visit may hold several, or none (see `transaction.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING

from chargepoint.core.facts import Moment, StopReason, Token

if TYPE_CHECKING:
    from chargepoint.core.profile import Profile


class State(Enum):
    PLUGGED = auto()  # EV connected, waiting for a token
    AUTHORIZED = auto()  # token accepted, waiting for the EV
    SUPPLYING = auto()  # both: power may be permitted, the car decides whether to draw it
    INTERRUPTED = auto()  # the EV side was unplugged and the token stays good (StopTransactionOnEVSideDisconnect false)
    FINISHING = auto()  # over for the driver, cable still in
    OVER = auto()  # cable gone


class Event(Enum):
    CONNECT = auto()  # hardware: an EV answers on the pilot
    DISCONNECT = auto()  # hardware: the EV is gone, and that ends the authorization
    INTERRUPT = auto()  # hardware: the EV is gone, and the settings let the token stay good
    CABLE_GONE = auto()  # hardware: nothing is plugged any more
    AUTHORIZE = auto()
    AUTHORIZE_FIRST = auto()  # while no EV is connected, but its cable is
    RELEASE = auto()  # the authorization ended: card, remote stop, refusal, fault
    TIME_OUT = auto()  # the other half did not come


S, E = State, Event

TABLE: dict[tuple[State, Event], State] = {
    (S.PLUGGED, E.CONNECT): S.PLUGGED,
    (S.PLUGGED, E.DISCONNECT): S.FINISHING,
    (S.PLUGGED, E.INTERRUPT): S.FINISHING,  # without a token there is nothing to keep
    (S.PLUGGED, E.CABLE_GONE): S.OVER,
    (S.PLUGGED, E.AUTHORIZE): S.SUPPLYING,
    (S.PLUGGED, E.TIME_OUT): S.FINISHING,  # OCPP 1.6 section 4.9, transition B6
    (S.AUTHORIZED, E.CONNECT): S.SUPPLYING,
    (S.AUTHORIZED, E.DISCONNECT): S.AUTHORIZED,  # nothing was connected
    (S.AUTHORIZED, E.INTERRUPT): S.AUTHORIZED,
    (S.AUTHORIZED, E.CABLE_GONE): S.AUTHORIZED,
    (S.AUTHORIZED, E.RELEASE): S.OVER,
    (S.AUTHORIZED, E.TIME_OUT): S.OVER,  # OCPP 1.6 section 4.9, transition B1
    (S.SUPPLYING, E.CONNECT): S.SUPPLYING,
    (S.SUPPLYING, E.DISCONNECT): S.FINISHING,
    (S.SUPPLYING, E.INTERRUPT): S.INTERRUPTED,
    (S.SUPPLYING, E.CABLE_GONE): S.OVER,
    (S.SUPPLYING, E.RELEASE): S.FINISHING,
    (S.INTERRUPTED, E.CONNECT): S.SUPPLYING,
    (S.INTERRUPTED, E.DISCONNECT): S.INTERRUPTED,
    (S.INTERRUPTED, E.INTERRUPT): S.INTERRUPTED,
    (S.INTERRUPTED, E.CABLE_GONE): S.OVER,
    (S.INTERRUPTED, E.RELEASE): S.FINISHING,
    (S.FINISHING, E.CONNECT): S.PLUGGED,  # plugged in again without the cable having left the socket
    (S.FINISHING, E.DISCONNECT): S.FINISHING,
    (S.FINISHING, E.INTERRUPT): S.FINISHING,
    (S.FINISHING, E.CABLE_GONE): S.OVER,
    (S.FINISHING, E.AUTHORIZE): S.SUPPLYING,  # OCPP 1.6 section 4.9, transition F2: a new transaction
    (S.FINISHING, E.AUTHORIZE_FIRST): S.AUTHORIZED,
}

WAITING = (S.PLUGGED, S.AUTHORIZED)  # for the other half, at most EVConnectionTimeOut
GRANTED = (S.AUTHORIZED, S.SUPPLYING, S.INTERRUPTED)


class Unexpected(Exception):
    """This cannot happen to a session in this state; nothing was changed."""


@dataclass(slots=True)
class Session:
    """One visit."""

    id: str
    state: State
    started_at: datetime
    began_s: float  # monotonic
    token: Token | None = None
    group: Token | None = None
    profile: Profile | None = None  # for the transaction to come, from the remote start that authorized it
    reservation_id: int | None = None  # that the driver has come with, until a transaction has begun
    remote_start_id: int | None = None  # of the remote start that authorized it, until a transaction has told it
    deadline_s: float | None = None
    stop_reason: StopReason | None = None
    hold_lock: bool = False  # the plug stays locked although nothing is supplied, until its owner shows the card
    energy_wh: float = 0.0  # of finished transactions of this visit
    allowance_wh: float | None = None  # MaxEnergyOnInvalidId: register value at which supply ends; None = no such limit

    def handle(self, event: Event, now: Moment, time_out_s: float) -> State:
        """Take one step; starts the clock of EVConnectionTimeOut where the other half is waited for.

        Raises:
            Unexpected: no row of TABLE fits.
        """
        before = self.state
        try:
            self.state = TABLE[before, event]
        except KeyError:
            raise Unexpected(f"{event.name} while {before.name}") from None
        if self.state is not before:
            self.deadline_s = now.mono_s + time_out_s if self.state in WAITING and time_out_s > 0 else None
        return self.state

    @property
    def locked(self) -> bool:
        """Should the plug be held? While supply is possible, and until the owner has come where that is asked for."""
        return self.state in (S.SUPPLYING, S.INTERRUPTED) or self.hold_lock
