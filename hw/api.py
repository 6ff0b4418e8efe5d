"""What a driver must do.

Two kinds of driver. Those of the guard (Pilot, Contactor, Lock) are called from its 10 ms loop: plain methods that
return at once. Those of the daemon (Meter, CardReader, Indicator) are asynchronous. All are found by entry point
(`hw.discovery`), built with their own options dataclass, and raise `hw.errors.DeviceLost` when the device is gone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol, Self, runtime_checkable


@dataclass(frozen=True, slots=True)
class Reading:
    """One consistent reading of an energy meter."""

    energy_wh: float  # active import register; counts up for ever
    power_w: float | None = None
    current_a: tuple[float, ...] = ()  # one per phase, L1 first; empty where the meter does not tell
    voltage_v: tuple[float, ...] = ()  # phase to neutral, one per phase
    taken_s: float = 0.0  # time.monotonic() when the values were taken, so that an old value never looks new


@dataclass(frozen=True, slots=True)
class PilotLevels:
    """What the pilot input measures, volts at the EVSE's side of the 1 kOhm resistor (IEC 61851-1 annex A)."""

    high_v: float  # positive plateau, or the steady level while no PWM runs
    low_v: float | None  # negative plateau; None while no PWM runs
    proximity_ohm: float | None = None  # PP to PE; None = open; only meaningful for a socket
    taken_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Sensors:
    """The guard's other inputs. None where the board has no such sensor."""

    residual_current: bool | None = None  # True = tripped
    emergency_stop: bool | None = None  # True = pressed (or its wire broken)
    temperature_degc: float | None = None
    rcd_selftest_ok: bool | None = None  # outcome of the latest self-test; None before the first and while one runs
    rcd_selftest_fitted: bool = False  # the residual-current device can test itself


@dataclass(frozen=True, slots=True)
class CardSeen:
    """A card held to a reader: its id as upper-case hex in the order read."""

    uid: str
    reader: int = 0


class Pilot(Protocol):
    """Control pilot generator and level detector of one EVSE."""

    def levels(self) -> PilotLevels: ...
    def sensors(self) -> Sensors: ...
    def offer(self, duty: float) -> None:
        """PWM with `duty` (0 to 1); 1.0 is steady +12 V (x1); 0.0 is steady -12 V (state F)."""
        ...

    def test_residual_current(self) -> None:
        """Start the self-test of the residual-current device; the outcome shows up in `sensors()`."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Contactor(Protocol):
    def switch(self, closed: bool) -> None: ...
    def feedback(self) -> bool | None:
        """True = main contacts closed, by the mirror contact; None where none is wired."""
        ...

    def close(self) -> None: ...


class Lock(Protocol):
    """Motor or solenoid that holds the plug in a socket."""

    def drive(self, locked: bool) -> None: ...
    def sense(self) -> bool | None: ...
    def close(self) -> None: ...


class Meter(Protocol):
    """Energy meter. A plain meter's `begin` and `end` are ordinary reads; a signing one opens and closes its record."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...
    async def read(self) -> Reading: ...
    async def begin(self, token: str | None) -> Reading: ...
    async def end(self) -> Reading: ...


class CardReader(Protocol):
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...
    def cards(self) -> AsyncIterator[CardSeen]:
        """Every card presented from now on, once per presentation. Raises DeviceLost."""
        ...


# --- between guard and daemon -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Permit:
    """What the daemon wants of one EVSE now. A lease: valid for seconds, sent several times a second (design 4)."""

    evse: int
    guard_epoch: int  # of the guard run this is meant for; another run's permits are ignored
    limit_a: float  # amperes per phase the EVSE may supply; under 6 = none
    phases: int = 3
    fallback_a: float = 6.0  # what may go on without fresh permits, for 120 s
    hold_lock: bool = False  # keep the plug locked
    out_of_service: bool = False  # show state F when nothing is plugged
    measured_a: tuple[float, ...] = ()
    measured_v: tuple[float, ...] = ()
    measured_at_s: float | None = None  # time.monotonic() of those two
    sent_at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as the guard reports it; names are EVerest's (hardware notes, section 14)."""

    name: str  # for example "MREC17EVSEContactorFault"
    severity: str  # "high": opened at once; "medium": stopped in order; "warning": goes on
    latched: bool  # survives restart; cleared on site only
    remedy: str
    since_s: float = 0.0  # time.monotonic() at which it was seen


@dataclass(frozen=True, slots=True)
class Report:
    """What the guard says of one EVSE: at every change, and at least once a second."""

    evse: int
    epoch: int
    pilot: str = "A"  # A B1 B2 C1 C2 D1 D2 E F
    ev_connected: bool = False  # an EV answers on the pilot, and the plug is fully in
    cable_present: bool | None = None  # by the proximity contact; None with a captive cable
    cable_a: float | None = None  # rating coded in the plug; None when unknown or captive
    contactor: str = "open"  # open, closed, welded, stuck_open: confirmed by feedback where there is one
    locked: bool | None = None  # None without a lock
    offered_a: float = 0.0  # amperes per phase on the pilot now; 0 = no offer
    ready_in_s: float = 0.0  # until the guard would close at all (start-up, off-time)
    faults: tuple[Fault, ...] = ()
    reading: Reading | None = None  # of a meter that the guard hosts
    at_s: float = 0.0  # time.monotonic()


@dataclass(frozen=True, slots=True)
class Command:
    """A numbered order to the guard. `name`: unlock, wake, clear_fault, self_test, proving_click."""

    number: int
    evse: int
    name: str
    argument: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """How an order ended; `detail` is a sentence where it failed."""

    number: int
    ok: bool
    detail: str = ""
    data: dict[str, str] = field(default_factory=dict)
