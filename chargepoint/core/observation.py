"""What the hardware says of one EVSE, in the core's own words."""

from __future__ import annotations

from dataclasses import dataclass

ASKING = frozenset({"C1", "C2", "D1", "D2"})
"""Pilot states in which the EV asks for power (IEC 61851-1 table A.4)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong, as the guard or the daemon found it."""

    name: str  # EVerest's name, for example MREC17EVSEContactorFault
    severity: str  # high: opened at once; medium: stopped in order; warning: charging goes on
    remedy: str
    latched: bool = False
    since_s: float = 0.0  # monotonic

    @property
    def blocks(self) -> bool:
        return self.severity != "warning"


@dataclass(frozen=True, slots=True)
class Observation:
    """`ev_connected`: an EV answers on the pilot and the plug is fully in. `contactor` is confirmed by feedback."""

    pilot: str = "A"
    ev_connected: bool = False
    cable_present: bool | None = None  # None with a captive cable
    cable_a: float | None = None
    contactor: str = "open"  # open, closed, welded, stuck_open
    locked: bool | None = None
    offered_a: float = 0.0
    faults: tuple[Fault, ...] = ()
    epoch: int = 0  # of the guard run that saw this
    phases: int = 3  # that the contactors connect, or would
    key_locked: bool = False  # somebody on site has locked the outlet by its key
    grid_limited: bool = False  # the grid operator asks for less, by a contact
    sighted: bool = True  # False: the guard has not seen the pilot yet; nothing but the faults means anything
    held: str = ""  # why the guard itself offers less than it is permitted

    @property
    def asking(self) -> bool:
        return self.pilot in ASKING

    @property
    def closed(self) -> bool:
        return self.contactor in ("closed", "welded")

    @property
    def plugged(self) -> bool:
        """Is there still a cable to take away?"""
        return self.ev_connected or bool(self.cable_present)
