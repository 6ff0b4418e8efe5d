"""The status document of the local API: one look at the whole station, as JSON. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chargepoint.core.facts import Moment
from chargepoint.core.limits import Limit
from chargepoint.core.observation import Fault
from chargepoint.masking import masked_location

if TYPE_CHECKING:
    from chargepoint.core.evse import Evse
    from chargepoint.core.register import Reading
    from chargepoint.core.transaction import Transaction
    from chargepoint.datause import DataUse
    from chargepoint.web.controls import Controls

Document = dict[str, Any]


def rfc3339(at: datetime) -> str:
    """UTC with milliseconds and a Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def document(controls: Controls) -> Document:
    """The whole status."""
    now = controls.clock.now()
    return {
        "station": _station(controls),
        "csms": _csms(controls),
        "supply": _supply(controls),
        "evses": [evse_document(controls, evse, now) for _, evse in sorted(controls.station.evses.items())],
        "clock": _clock(controls),
    }


def _station(controls: Controls) -> Document:
    plate, csms = controls.config.station, controls.config.csms
    return {
        "identity": csms.identity if csms else None,
        "vendor": plate.vendor,
        "model": plate.model,
        "serial_number": plate.serial_number,
        "firmware": controls.firmware,
    }


def _csms(controls: Controls) -> Document:
    state, config = controls.csms(), controls.config.csms
    return {
        "url": masked_location(state.url or config.url) if config else None,
        "state": state.state,
        "ocpp": state.ocpp,
        "undelivered": controls.journal.undelivered_count(),
        "dead_letters": len(controls.journal.dead_letters()),
        "data": _data(controls.tally.traffic),
    }


def _data(traffic: DataUse | None) -> Document | None:
    """Bytes over the network this day and this month (UTC)."""
    if traffic is None:
        return None
    spans = {"day": traffic.day, "month": traffic.month}
    return {name: {"sent": amount.sent, "received": amount.received} for name, amount in spans.items()}


def _supply(controls: Controls) -> Document:
    measured_a = controls.supply_measured()
    return {
        "max_current_a": controls.config.supply.max_current_a
        or None,  # None: no fuse in front of the EVSEs is declared
        "measured_a": None if measured_a is None else list(measured_a),
    }


def _clock(controls: Controls) -> Document:
    clock = controls.clock
    return {"trusted": clock.trusted, "source": clock.source, "offset_s": round(clock.offset_s, 3)}


def evse_document(controls: Controls, evse: Evse, now: Moment) -> Document:
    """One EVSE of the status."""
    seen, status = evse.seen, evse.status
    return {
        "id": evse.id,
        "status": status.value,
        "ocpp_status": controls.ocpp_status(evse),
        "pilot": seen.pilot,
        "cable_present": seen.cable_present,
        "cable_a": seen.cable_a,
        "permit_a": evse.permit_a(),
        "limits": [_limit(limit) for limit in (*evse.limits(), *_held(evse))],
        "contactor": seen.contactor,
        "locked": seen.locked,
        "faults": [_fault(fault, now) for fault in evse.faults],
        "session": _session(evse),
        "price": _price(evse, now),
        "reading": None if evse.reading is None or evse.meter_lost else reading_document(evse.reading, now),
    }


def _limit(limit: Limit) -> Document:
    return {"source": limit.source, "amps": limit.amps, "until": limit.until and rfc3339(limit.until)}


def _held(evse: Evse) -> list[Limit]:
    """What the guard adds of its own: a pause after a fault, heat, phases that are being switched."""
    return [Limit(f"guard: {evse.seen.held}", evse.seen.offered_a)] if evse.seen.held else []


def _fault(fault: Fault, now: Moment) -> Document:
    return {
        "name": fault.name,
        "severity": fault.severity,
        "since": rfc3339(wall_time(fault.since_s, now)),
        "remedy": fault.remedy,
    }


def _session(evse: Evse) -> Document | None:
    session = evse.session
    if session is None:
        return None
    return {
        "id": session.id,
        "token": session.token.masked or None if session.token else None,  # free charging has a token without an id
        "started_at": rfc3339(session.started_at),
        "energy_wh": round(evse.session_energy_wh, 3),
        "transaction": _transaction(evse.transaction),
        "stop_reason": session.stop_reason and session.stop_reason.value,
    }


def _price(evse: Evse, now: Moment) -> Document | None:
    """What the driver reads of price and cost; None where nobody has said anything of it."""
    words, cost = evse.account.words(now), evse.account.figure(now)
    if not words and not cost:
        return None
    final = bool(cost) and evse.account.final is not None
    return {"words": words or None, "cost": cost or None, "final": final, "link": evse.account.link(now) or None}


def _transaction(running: Transaction | None) -> Document | None:
    """None also while it waits for its begin value: until then nothing is billed."""
    if running is None or running.started_at is None:
        return None
    return {"id": running.id, "state": running.state.value}


def reading_document(reading: Reading, now: Moment) -> Document:
    return {
        "at": rfc3339(reading.at or wall_time(reading.taken_s, now)),
        "energy_wh": reading.energy_wh,
        "power_w": reading.power_w,
        "current_a": list(reading.current_a),
        "voltage_v": list(reading.voltage_v),
    }


def wall_time(mono_s: float, now: Moment) -> datetime:
    """The time of day at which the monotonic clock of this boot showed `mono_s`."""
    return now.at - timedelta(seconds=now.mono_s - mono_s)
