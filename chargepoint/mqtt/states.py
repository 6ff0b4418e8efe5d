"""What is said of the station and of each EVSE: one flat JSON object each, in the API's words and units. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from chargepoint.core.limits import MIN_A

Json = Mapping[str, Any]

FLOWING = ("power_w", "energy_wh", "current_a", "voltage_v", "session_energy_wh", "read_at")
"""Values that never rest: they are said now and then, everything else at once."""


def station_state(status: Json) -> dict[str, Any]:
    csms, clock = status["csms"], status["clock"]
    return {
        "csms": csms["state"],
        "ocpp": csms["ocpp"],
        "undelivered": csms["undelivered"],
        "dead_letters": csms["dead_letters"],
        "clock_trusted": clock["trusted"],
        "supply_current_a": status["supply"]["measured_a"],
        "firmware": status["station"]["firmware"],
    }


def evse_state(evse: Json, *, local_a: float | None, set_a: float, available: bool) -> dict[str, Any]:
    """`evse` is its part of the status; `local_a` the limit set on site that holds now, `set_a` the one of no pause."""
    reading, session, faults = evse["reading"] or {}, evse["session"] or {}, evse["faults"]
    return {
        "status": evse["status"],
        "pilot": evse["pilot"][:1],  # A to F: IEC 61851-1, and energy managers
        "vehicle_connected": evse["pilot"][:1] in "BCD",
        "enabled": is_enabled(local_a),
        "limit_a": set_a,
        "permit_a": evse["permit_a"],
        "limited_by": _deciding(evse["limits"]),
        "contactor": evse["contactor"],
        "locked": evse["locked"],
        "available": available,
        "cable_a": evse["cable_a"],
        "card": session.get("token"),
        "session_started_at": session.get("started_at"),
        "session_energy_wh": _short(session.get("energy_wh")),
        "fault": any(fault["severity"] != "warning" for fault in faults),
        "faults": [fault["name"] for fault in faults],
        "remedies": [fault["remedy"] for fault in faults],
        "power_w": _short(reading.get("power_w")),
        "energy_wh": _short(reading.get("energy_wh")),
        "current_a": [_short(amps) for amps in reading.get("current_a", ())],
        "voltage_v": [_short(volts) for volts in reading.get("voltage_v", ())],
        "read_at": reading.get("at"),
    }


def _short(value: float | None) -> float | None:
    """No meter is finer than a hundredth; None also for what is no number, which JSON cannot say."""
    return round(value, 2) if value is not None and math.isfinite(value) else None


def is_enabled(local_a: float | None) -> bool:
    """A limit that the pilot cannot express is a pause."""
    return local_a is None or local_a >= MIN_A


def steady(state: Json) -> dict[str, Any]:
    """The state without what flows."""
    return {name: value for name, value in state.items() if name not in FLOWING}


def _deciding(limits: list[Json]) -> str | None:
    """The least limit's source, the first of several (`core.limits.deciding`)."""
    least = min(limits, key=lambda limit: limit["amps"], default=None)
    return least["source"] if least else None
