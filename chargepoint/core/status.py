"""What an EVSE shows, decided in one place and nowhere else.

1.6 section 4.9 knows all nine states; 2.x folds five of them into Occupied and tells the rest by `ChargingState`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.core.facts import ChargingState, Status
from chargepoint.core.limits import permit
from chargepoint.core.session import State
from chargepoint.core.transaction import Stage

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse


def status_of(evse: Evse, now_s: float) -> Status:
    if any(fault.blocks for fault in evse.faults):
        return Status.FAULTED
    barred = not evse.operative or evse.seen.key_locked or evse.updating  # 2.0.1 L01.FR.06
    if barred and (evse.transaction is None or not evse.transaction.open):
        return Status.UNAVAILABLE
    if evse.reserved and _nobody_came(evse):
        return Status.RESERVED
    match evse.session.state if evse.session else None:
        case None | State.OVER:
            return Status.AVAILABLE
        case State.PLUGGED | State.AUTHORIZED:
            return Status.PREPARING
        case State.FINISHING:
            return Status.FINISHING
        case State.INTERRUPTED:
            return Status.SUSPENDED_EV
        case State.SUPPLYING:
            return _supplying(evse, now_s)


def _nobody_came(evse: Evse) -> bool:
    """A plug without its driver changes nothing, however long it is in (2.0.1 G01.FR.09)."""
    session = evse.session
    return session is None or session.state in (State.OVER, State.PLUGGED) or session.token is None


def charging_state_of(evse: Evse, now_s: float) -> ChargingState:
    """OCPP 2.0.1 ChargingStateEnumType."""
    if not evse.seen.ev_connected:
        return ChargingState.IDLE
    if evse.session is None or evse.session.state is not State.SUPPLYING:
        return ChargingState.EV_CONNECTED
    return _STATES[_supplying(evse, now_s)]


_STATES = {
    Status.PREPARING: ChargingState.EV_CONNECTED,
    Status.CHARGING: ChargingState.CHARGING,
    Status.SUSPENDED_EV: ChargingState.SUSPENDED_EV,
    Status.SUSPENDED_EVSE: ChargingState.SUSPENDED_EVSE,
}


def _supplying(evse: Evse, now_s: float) -> Status:
    if evse.seen.closed and evse.seen.asking:
        return Status.CHARGING
    tx = evse.transaction
    if tx is None or tx.stage is not Stage.RUNNING or not tx.recorded:
        return Status.PREPARING
    if permit(evse.limits()) == 0.0:
        return Status.SUSPENDED_EVSE
    if tx.charged and evse.seen.offered_a == 0.0:
        return Status.SUSPENDED_EVSE  # the guard holds back: just started, off-time, temperature
    if tx.charged and not evse.seen.asking:
        return Status.SUSPENDED_EV
    return Status.PREPARING if now_s - tx.stage_since_s < evse.WAKE_UP_S or evse.seen.asking else Status.SUSPENDED_EV
