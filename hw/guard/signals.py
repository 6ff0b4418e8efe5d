"""What goes into a step of the rules, and what comes out. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hw.api import Fault, PilotLevels, Reading, Sensors

SELFTEST_S = 2.0  # of a residual-current device, until it counts as failed; a module needs up to 1.2 s


@dataclass(frozen=True, slots=True)
class Spec:
    """What the configuration says of an EVSE."""

    evse: int
    max_current_a: float = 16.0
    phases: int = 3
    socket: bool = True  # False: a captive cable, hence no proximity contact
    lock: bool = True
    ventilation: bool = False  # may charge in state D
    simplified_cars: bool = True  # may charge cars without S2, at 10 A
    wake_up: bool = False  # a car that sleeps in B2 is woken once
    phase_contactor: bool = False  # there is one, of L2 and L3
    phase_switching: bool = False  # it may be used, else it only follows `phases`
    phase_pause_s: float = 10.0  # without an offer, after the phases have been switched
    cuttable: bool = False  # the pilot's driver can cut it (state E)
    selftest_s: float = SELFTEST_S
    metered: bool = False  # there is a meter that the guard hosts
    self_switching: bool = False  # the pilot's controller closes the contactor by itself


@dataclass(slots=True)
class Inputs:
    """What the hardware shows."""

    levels: PilotLevels | None  # None: cannot be read
    sensors: Sensors
    feedback: bool | None
    sense: bool | None = None  # of the lock
    lost: bool = False  # some driver of this EVSE has raised DeviceLost
    phase_feedback: bool | None = None  # True = the phase contactor's main contacts are closed
    reading: Reading | None = None  # of the meter that the guard hosts


@dataclass(frozen=True, slots=True)
class Output:
    """What to drive, and what to tell."""

    duty: float
    cut: bool  # the pilot
    closed: bool
    phases_closed: bool  # the phase contactor
    drive_lock: bool | None  # the direction in which to drive the lock now; None = do not drive it
    selftest: bool  # start one now
    pilot: str
    ev_connected: bool
    cable_present: bool | None
    cable_a: float | None
    contactor: str
    locked: bool | None
    offered_a: float
    phases: int  # that the contactors connect, or would
    held: str  # why less is offered than permitted
    faults: tuple[Fault, ...]
    sighted: bool  # the pilot has been read since the guard began
    known: bool  # False in the first moments, when nothing may be told yet
    settled: bool  # nothing is under way: the same inputs would give the same again
