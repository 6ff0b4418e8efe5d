"""What an OpenEVSE controller means by its states and flags. Pure.

Its pilot input is not measured here but by the controller: the levels are the nominal ones of the state that it tells
(IEC 61851-1 annex A), so that the guard's rules are the same for it as for any other pilot.
"""

from __future__ import annotations

from hw.api import PilotLevels, Sensors
from hw.serial.rapi import State

UNKNOWN, A, B, C, VENTILATION, DIODE, GFI, NO_GROUND = range(8)
STUCK_RELAY, GFI_TEST, HOT, OVER_CURRENT = range(8, 12)
NO_RELAY = 0x0E  # the relay did not close
SLEEPING, DISABLED = 0xFE, 0xFF
FIRST_FAULT, LAST_FAULT = VENTILATION, NO_RELAY

HARD_FAULT = 0x0002
AUTH_LOCKED = 0x0008
RELAY_CLOSED = 0x0040
EV_CONNECTED = 0x0100
BOOT_LOCK = 0x4000

NO_DIODE_CHECK, NO_VENTILATION_CHECK, NO_GROUND_CHECK = 0x0002, 0x0004, 0x0008
NO_RELAY_CHECK, NO_GFI_TEST, NO_TEMPERATURE_CHECK = 0x0010, 0x0200, 0x0400
CHECKS = {
    NO_DIODE_CHECK: "diode",
    NO_VENTILATION_CHECK: "ventilation",
    NO_GROUND_CHECK: "ground",
    NO_RELAY_CHECK: "stuck relay",
    NO_GFI_TEST: "residual-current self-test",
    NO_TEMPERATURE_CHECK: "temperature",
}
"""Flags of GE, set where a protective function is switched off."""
NEEDED = {NO_DIODE_CHECK: "D", NO_VENTILATION_CHECK: "V"}
"""With the letters that switch them on: the guard's rules rely on these two, which no board lacks the parts for."""

FAULTS = {
    VENTILATION: "VentilationNotAvailable",
    DIODE: "DiodeFault",
    GFI: "MREC2GroundFailure",
    STUCK_RELAY: "MREC17EVSEContactorFault",
    GFI_TEST: "Selftest",
    HOT: "MREC3HighTemperature",
    OVER_CURRENT: "MREC4OverCurrentFailure",
    NO_RELAY: "MREC17EVSEContactorFault/StuckOpen",
}
"""By the names of the guard's table; NO_GROUND is an input of its own (`Sensors.earth_missing`)."""
OTHER_FAULT = "VendorError"

_PLUS, _MINUS = 12.0, -12.0
_LETTERS_V = {A: 12.0, B: 9.0, C: 6.0, VENTILATION: 3.0}


def faulty(state: State) -> bool:
    """Has the controller stopped for a fault? Its relay is open then, and its pilot at steady +12 V."""
    return FIRST_FAULT <= state.code <= LAST_FAULT or bool(state.flags & HARD_FAULT)


def enabled(state: State) -> bool:
    """Does it charge whoever asks?"""
    return state.code not in (SLEEPING, DISABLED)


def relay_closed(state: State) -> bool:
    """As commanded by the controller, which tests its contacts by itself and tells of a weld as state 08."""
    return bool(state.flags & RELAY_CLOSED) or state.code == STUCK_RELAY


def levels(state: State, now_s: float) -> PilotLevels:
    """The nominal levels of what it tells."""
    if state.code == DISABLED:
        return PilotLevels(_MINUS, None, taken_s=now_s)
    runs = state.code in (B, C) and not state.flags & AUTH_LOCKED
    return PilotLevels(_high_v(state), _MINUS if runs else None, taken_s=now_s)


def _high_v(state: State) -> float:
    """Asleep or in a fault it tells only whether a car is there, and whether its relay is still closed."""
    if state.code in (B, C, VENTILATION):
        return _LETTERS_V[state.code]
    if state.flags & RELAY_CLOSED:
        return _LETTERS_V[C]
    return _LETTERS_V[B] if state.flags & EV_CONNECTED else _PLUS


def faults(state: State, before: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What it reports, by name. A hard fault lasts until the car is gone, even if somebody has put it to sleep."""
    if state.code == NO_GROUND:
        return ()
    if FIRST_FAULT <= state.code <= LAST_FAULT:
        return (FAULTS.get(state.code, f"OpenEVSE state 0x{state.code:02X}"),)
    if state.flags & HARD_FAULT:
        return before or (OTHER_FAULT,)
    return ()


def sensors(state: State, checks_off: int | None, reported: tuple[str, ...], board: Sensors) -> Sensors:
    """`checks_off`: flags of GE; `board`: what other answers have told (temperature, current)."""
    watches_earth = checks_off is not None and not checks_off & NO_GROUND_CHECK
    return Sensors(
        earth_missing=True if state.code == NO_GROUND else (False if watches_earth else None),
        temperature_degc=board.temperature_degc,
        current_a=board.current_a,
        current_taken_s=board.current_taken_s,
        reported_faults=reported,
    )


def protocol_fits(version: str) -> bool:
    """The state words of GS that this driver reads came with protocol 5."""
    major = version.partition(".")[0]
    return major.isascii() and major.isdigit() and int(major) >= 5
