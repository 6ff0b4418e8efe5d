"""One line that says how the station is, for whoever asks the service manager: `systemctl status chargepoint`. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from chargepoint.core.evse import Evse
from chargepoint.core.terms import Status

WORDS = {
    Status.AVAILABLE: "free",
    Status.PREPARING: "getting ready",
    Status.CHARGING: "charging",
    Status.SUSPENDED_EV: "paused by the vehicle",
    Status.SUSPENDED_EVSE: "paused by the station",
    Status.FINISHING: "finished and still plugged in",
    Status.RESERVED: "reserved",
    Status.UNAVAILABLE: "out of service",
    Status.FAULTED: "fault",
}

OFFICE = {
    "offline": "back office not reached",
    "connecting": "back office is being asked",
    "pending": "back office has us wait",
    "rejected": "back office refuses us",
    "accepted": "back office accepted",
}


def status_line(evses: Iterable[Evse], office: str | None, undelivered: int, *, guarded: bool) -> str:
    """`office`: a Registration, None where none is configured. `guarded`: does the guard answer?"""
    parts = [_outlet(evse) for evse in evses] if guarded else ["no guard answers: nothing can charge"]
    if office is not None:
        parts.append(OFFICE[office])
    if undelivered:
        parts.append(f"{undelivered} message{'' if undelivered == 1 else 's'} waiting")
    return ", ".join(parts)


def _outlet(evse: Evse) -> str:
    if not evse.known:
        return f"outlet {evse.id} not looked at yet"
    status = evse.status
    names = ", ".join(fault.name for fault in evse.faults) if status is Status.FAULTED else ""
    return f"{WORDS[status]}{f' {names}' if names else ''} on outlet {evse.id}"
