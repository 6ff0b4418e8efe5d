"""What a driver must do.

Two kinds of driver. Those of the guard (Pilot, Contactor, Lock, SensorBoard, Indicator) are called from its 10 ms
loop: plain methods that return at once. Those of the daemon (Meter, CardReader, Display) are asynchronous. All are
found by entry point (`hw.discovery`), built with their own options dataclass, and raise `hw.errors.DeviceLost` when the
device is gone. What only some devices can do is a protocol of its own (`Cuttable`, `SelfSwitching`, `SlowTesting`,
`Remote`, `Heartbeat`, `HostedMeter`): a driver that has the methods has the ability.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from enum import Enum
from math import isfinite
from typing import Any, Protocol, Self, runtime_checkable


@dataclass(frozen=True, slots=True)
class Reading:
    """One consistent reading of an energy meter."""

    energy_wh: float  # active import register; counts up for ever
    power_w: float | None = None  # active, all phases; negative = export
    current_a: tuple[float, ...] = ()  # one per phase, L1 first; empty where the meter does not tell
    voltage_v: tuple[float, ...] = ()  # phase to neutral, one per phase
    taken_s: float = 0.0  # time.monotonic() when the values were taken, so that an old value never looks new
    export_wh: float | None = None  # active export register
    phase_energy_wh: tuple[float, ...] = ()  # active import register of each phase
    phase_power_w: tuple[float, ...] = ()
    reactive_power_var: float | None = None
    apparent_power_va: float | None = None
    power_factor: float | None = None
    frequency_hz: float | None = None
    signed: str | None = None  # a signed record (OCMF) that vouches for `energy_wh`
    public_key: str | None = None  # hex, of a meter that signs, whether or not this reading is signed
    meter: str = ""  # its serial number; "" where it does not tell: another one is another register

    def finite(self) -> Reading:
        """Without side values that are no number; a quantity with one such phase goes as a whole.

        `energy_wh` stays as it is: there is no reading without it, and nothing to put in its place.
        """
        odd: dict[str, Any] = {name: () for name in _BY_PHASE if not all(map(isfinite, getattr(self, name)))}
        odd |= {name: None for name in _SINGLE if not isfinite(getattr(self, name) or 0.0)}
        return replace(self, **odd) if odd else self


_BY_PHASE = ("current_a", "voltage_v", "phase_energy_wh", "phase_power_w")
_SINGLE = ("power_w", "export_wh", "reactive_power_var", "apparent_power_va", "power_factor", "frequency_hz")


@dataclass(frozen=True, slots=True)
class PilotLevels:
    """What the pilot input measures, volts at the EVSE's side of the 1 kOhm resistor (IEC 61851-1 annex A)."""

    high_v: float  # positive plateau, or the steady level while no PWM runs
    low_v: float | None  # negative plateau; None while no PWM runs
    proximity_ohm: float | None = None  # PP to PE; None = open; only meaningful for a socket
    taken_s: float = 0.0
    duty: float | None = None  # share of the samples of about a second that were high; None where it is not measured


@dataclass(frozen=True, slots=True)
class Sensors:
    """The guard's other inputs. None where the board has no such sensor."""

    residual_current: bool | None = None  # True = tripped
    emergency_stop: bool | None = None  # True = pressed (or its wire broken)
    temperature_degc: float | None = None
    rcd_selftest_ok: bool | None = None  # outcome of the latest self-test; None before the first and while one runs
    rcd_selftest_fitted: bool = False  # the residual-current device can test itself
    earth_missing: bool | None = None  # True = no protective earth
    pen_fault: bool | None = None  # True = the PEN detector has tripped
    enclosure_open: bool | None = None  # True = the door is open
    key_locked: bool | None = None  # True = the key switch locks the station
    limit_contact: bool | None = None  # True = the grid operator asks for less (external limit contact)
    current_a: tuple[float, ...] = ()  # of current transformers on the board, one per phase
    current_taken_s: float = 0.0  # time.monotonic() of those
    reported_faults: tuple[str, ...] = ()  # by a controller, named as in the guard's table


@dataclass(frozen=True, slots=True)
class CardSeen:
    """A card held to a reader: its id as the back office writes it (upper-case hex in the order read, if not told)."""

    uid: str
    reader: int = 0
    kind: str = "ISO14443"  # ISO14443, ISO15693, or EM4100 (125 kHz)
    random: bool = False  # the id is another at every tap: no token


class Colour(Enum):
    """What a lamp can show; three single lamps show yellow as red and green, and so on."""

    OFF = "off"
    GREEN = "green"
    BLUE = "blue"
    RED = "red"
    YELLOW = "yellow"
    WHITE = "white"
    PURPLE = "purple"


class Pilot(Protocol):
    """Control pilot generator and level detector of one EVSE."""

    def levels(self) -> PilotLevels: ...
    def sensors(self) -> Sensors: ...
    def offer(self, duty: float) -> None:
        """PWM with `duty` (0 to 1); 1.0 is steady +12 V (x1), 0.0 is steady -12 V (F), 0.05 asks for ISO 15118."""
        ...

    def test_residual_current(self) -> None:
        """Start the self-test of the residual-current device; the outcome shows up in `sensors()`."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Cuttable(Protocol):
    """A pilot with a relay in its line: cut, the car sees state E (0 V), as if it were unplugged."""

    def cut(self, cut: bool) -> None: ...


@runtime_checkable
class SelfSwitching(Protocol):
    """A pilot controller that closes and opens the contactor by itself while an offer stands and the EV asks for power.

    It is Pilot and Contactor in one. Its `switch(False)` forbids: a closed contactor opens at once, and no PWM is
    shown, whatever is offered. `switch(True)` only allows, and has to come with the offer, not when the EV asks; so an
    offer must not be made before everything else that closing needs is true.
    """

    @property
    def switches_itself(self) -> bool: ...


SELFTEST_AT_MOST_S = 60.0  # no device is waited for any longer


@runtime_checkable
class SlowTesting(Protocol):
    """A pilot or sensor board whose residual-current device may take longer for its self-test than two seconds."""

    @property
    def selftest_s(self) -> float: ...


@runtime_checkable
class Remote(Protocol):
    """A driver at the end of a line: what it is told happens a moment after the call has returned."""

    def settle(self, within_s: float) -> None:
        """Wait until the device was seen to do what it was told last; not for the guard's loop. Raises DeviceLost."""
        ...


@runtime_checkable
class Contactor(Protocol):
    def switch(self, closed: bool) -> None: ...
    def feedback(self) -> bool | None:
        """True = main contacts closed, by the mirror contact; None where none is wired."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Heartbeat(Protocol):
    """A driver that must hear from a healthy guard at every tick, such as the pulse output of a watchdog relay."""

    def beat(self) -> None: ...


@runtime_checkable
class HostedMeter(Protocol):
    """A meter that the guard hosts, because it shares a port with, or sits inside, something the guard owns."""

    def reading(self) -> Reading | None:
        """The latest reading, at once; None before the first. Its `taken_s` tells how old it is."""
        ...


@runtime_checkable
class SensorBoard(Protocol):
    """Inputs beside the pilot: residual current, emergency stop, door, key, temperature. None where not wired."""

    def sensors(self) -> Sensors: ...
    def test_residual_current(self) -> None: ...
    def close(self) -> None: ...


class Indicator(Protocol):
    """Lamps and buzzer of one EVSE; flashing is the guard's doing."""

    def show(self, colour: Colour) -> None: ...
    def sound(self, on: bool) -> None: ...
    def close(self) -> None: ...


@runtime_checkable
class Dimmable(Protocol):
    """An indicator whose lamps can be less than fully lit. Its options say so too, by `dims`."""

    def dim(self, brightness: float) -> None:
        """0 (dark) to 1 (full), from now on."""
        ...


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


@runtime_checkable
class SigningMeter(Protocol):
    """A meter that can vouch for what it shows: `Reading.signed` of its `begin` and `end`, and of `sign`."""

    @property
    def signs(self) -> str:
        """ "" it does not after all (another model), "ends" begin and end values only, "any" reading, by `sign`."""
        ...

    async def sign(self) -> Reading:
        """A signed reading of now; an unsigned one where it signs only begin and end."""
        ...


class CardReader(Protocol):
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...
    def cards(self) -> AsyncIterator[CardSeen]:
        """Every card presented from now on, once per presentation. Raises DeviceLost."""
        ...


@dataclass(frozen=True, slots=True)
class Screen:
    """What a display shows of one EVSE: facts to be worded and laid out by its driver."""

    evse: int
    status: str  # as in the local API: available, preparing, charging, ...
    energy_wh: float | None = None  # of the session; None without one
    power_w: float | None = None
    price: str = ""  # running cost or tariff, as a person reads it
    notice: str = ""  # what has just happened; shown before all else. A word of `hw.displays.words`, or a sentence
    messages: tuple[str, ...] = ()  # what to do now, in the order of importance; words or sentences, likewise
    qr: str = ""  # content of a QR code; "" = none


class Display(Protocol):
    """A display on the front of the station; it shows the latest screen of each EVSE."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...
    async def show(self, screens: tuple[Screen, ...]) -> None:
        """One screen per EVSE, in order. Raises DeviceLost."""
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
    status: str = ""  # of the EVSE, as in the local API: what its lamps show
    metered: bool = False  # there is a meter: if it says nothing, that is a loss
    blinks: int = 0  # of a lamp that asks for something, before it stays lit; 0: for as long as that lasts
    light: int = 100  # brightness of the lamps, in percent


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
    phases: int = 3  # that the contactors connect, or would
    key_locked: bool | None = None  # of the inputs that are the daemon's business; None = not wired
    limit_contact: bool | None = None
    sighted: bool = True  # False: the pilot could not be read yet, so that who is there, and how, is not known
    held: str = ""  # why the guard itself offers less than it is permitted; "" = it does not
    late_ticks: int = 0  # of this guard run: ticks that came much too late, for any EVSE
    worst_delay_s: float = 0.0  # the most that one of them was late


@dataclass(frozen=True, slots=True)
class Command:
    """A numbered order to the guard. `name`: unlock, wake, steps, clear_fault, self_test, proving_click."""

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
