"""Which meters the guard hosts: those that sit inside a pilot's controller, and those that share a port with a part
that the guard owns. All others are the daemon's.

Ports are compared as they are written, so that both processes decide alike whether or not an adapter is plugged in;
`chargepoint check` insists that one port is written in one way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

INSIDE = "pilot"
"""`meter = { driver = "pilot" }`: the one inside the pilot's controller."""

GUARD_PARTS = ("pilot", "contactor", "lock", "phase_contactor", "sensors", "indicator")
"""The keys of an [[evse]] whose devices belong to the guard process."""

Table = Mapping[str, Any]


def guard_ports(evses: Iterable[Mapping[str, Any]], *others: Table | None) -> frozenset[str]:
    """The ports of everything that the guard owns: of the parts of the EVSEs' tables, and of `others`."""
    tables = [evse.get(part) for evse in evses for part in GUARD_PARTS] + list(others)
    ports = (table.get("port") for table in tables if isinstance(table, Mapping))
    return frozenset(port for port in ports if isinstance(port, str) and port)


def is_inside(meter: Table | None) -> bool:
    """Is it the pilot controller's own?"""
    return meter is not None and meter.get("driver") == INSIDE


def is_hosted(meter: Table | None, ports: frozenset[str]) -> bool:
    """Is this meter of an EVSE the guard's? `ports`: see `guard_ports`."""
    return is_inside(meter) or (meter is not None and meter.get("port") in ports)
