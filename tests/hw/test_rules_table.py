"""Every state of the pilot, every thing that can happen in it, and what must come of it within a second.

Expected results are written out by hand: the state that is shown, whether the contactor is closed, what is offered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from hw.api import Sensors
from tests.hw.stand import CAPTIVE, Stand

# --- how each state comes about (a captive cable; 16 A are permitted where the state says so) -------------------------


def _then(stand: Stand, letter: str) -> Stand:
    stand.letter = letter
    return stand.run(1.0)


def in_a() -> Stand:
    return Stand()


def in_a_permitted() -> Stand:
    return Stand().permit(16.0).run(0.1)


def in_b1() -> Stand:
    return Stand().plug("B").run(1.0)


def in_b2() -> Stand:
    return Stand().permit(16.0).plug("B").run(1.0)


def in_c1() -> Stand:
    return _then(Stand().plug("B").run(1.0), "C")


def in_c2_closed() -> Stand:
    return Stand().charging()


def in_c2_paused() -> Stand:
    """The car has been back in B for a moment: the contactor rests for 5 s."""
    stand = Stand().charging()
    stand.letter = "B"
    stand.run(0.5)
    stand.letter = "C"
    return stand.run(0.5)


def in_c1_closed() -> Stand:
    """The offer has just been withdrawn, the car still draws."""
    return Stand().charging().permit(0.0).run(0.1)


def in_d1() -> Stand:
    return _then(Stand().plug("B").run(1.0), "D")


def in_d2() -> Stand:
    return _then(Stand().permit(16.0).plug("B").run(1.0), "D")


def in_d2_closed() -> Stand:
    stand = _then(Stand(replace(CAPTIVE, ventilation=True)).permit(16.0).plug("B").run(1.0), "D")
    assert stand.out.closed
    return stand


def in_e() -> Stand:
    return Stand().permit(16.0).plug("E").run(1.0)


def in_f() -> Stand:
    return Stand().permit(0.0, out_of_service=True).run(1.0)


STATES: dict[str, Callable[[], Stand]] = {
    "A": in_a,
    "A permitted": in_a_permitted,
    "B1": in_b1,
    "B2": in_b2,
    "C1": in_c1,
    "C1 closed": in_c1_closed,
    "C2 closed": in_c2_closed,
    "C2 paused": in_c2_paused,
    "D1": in_d1,
    "D2": in_d2,
    "D2 closed": in_d2_closed,
    "E": in_e,
    "F": in_f,
}

# --- what can happen --------------------------------------------------------------------------------------------------


def _letter(letter: str) -> Callable[[Stand], None]:
    return lambda stand: setattr(stand, "letter", letter)


def _sensors(**changes: object) -> Callable[[Stand], None]:
    return lambda stand: setattr(stand, "sensors", Sensors(**changes))  # type: ignore[arg-type]


def _permit(amps: float) -> Callable[[Stand], None]:
    return lambda stand: stand.permit(amps) and None


EVENTS: dict[str, Callable[[Stand], object]] = {
    "car gone": _letter("A"),
    "car rests": _letter("B"),
    "car asks": _letter("C"),
    "car asks for air": _letter("D"),
    "pilot shorted": _letter("E"),
    "permitted": _permit(16.0),
    "withdrawn": _permit(0.0),
    "leakage": _sensors(residual_current=True),
    "stop button": _sensors(emergency_stop=True),
    "earth lost": _sensors(earth_missing=True),
    "door opened": _sensors(enclosure_open=True),
    "key turned": _sensors(key_locked=True),
    "too hot": _sensors(temperature_degc=75.0),
    "controller too hot": _sensors(reported_faults=("MREC3HighTemperature",)),
    "hardware lost": lambda stand: setattr(stand, "unreadable", True),
    "contactor sticks": lambda stand: setattr(stand, "feedback", True),
    "guard ends": lambda stand: stand.rules.stop(stand.now_s),
}

# One row a pair: state shown, contactor commanded, amperes offered, one second later; "=": as if nothing had happened.
# Nothing is offered in A and F, and F hides the car. Faults show 0.3 s of F, and then x1.
TABLE: dict[tuple[str, str], tuple[str, bool, float] | str] = {
    # state A: nothing plugged
    ("A", "car gone"): "=",
    ("A", "car rests"): ("B1", False, 0.0),
    ("A", "car asks"): ("C1", False, 0.0),
    ("A", "car asks for air"): ("D1", False, 0.0),
    ("A", "pilot shorted"): ("E", False, 0.0),
    ("A", "permitted"): "=",
    ("A", "withdrawn"): "=",
    ("A", "leakage"): "=",
    ("A", "earth lost"): "=",
    ("A", "stop button"): "=",
    ("A", "door opened"): "=",
    ("A", "key turned"): "=",
    ("A", "too hot"): "=",
    ("A", "controller too hot"): "=",
    ("A", "hardware lost"): "=",
    ("A", "contactor sticks"): ("F", False, 0.0),
    ("A", "guard ends"): "=",
    # state A with a permit: card first
    ("A permitted", "car gone"): "=",
    ("A permitted", "car rests"): ("B2", False, 16.0),
    ("A permitted", "car asks"): ("C2", True, 10.0),  # without having been in B: it has no S2
    ("A permitted", "car asks for air"): ("D2", False, 10.0),
    ("A permitted", "pilot shorted"): ("E", False, 0.0),
    ("A permitted", "permitted"): "=",
    ("A permitted", "withdrawn"): ("A", False, 0.0),
    ("A permitted", "leakage"): ("A", False, 0.0),
    ("A permitted", "earth lost"): ("A", False, 0.0),
    ("A permitted", "stop button"): ("A", False, 0.0),
    ("A permitted", "door opened"): ("A", False, 0.0),
    ("A permitted", "key turned"): "=",
    ("A permitted", "too hot"): ("A", False, 0.0),
    ("A permitted", "controller too hot"): ("A", False, 0.0),
    ("A permitted", "hardware lost"): ("A", False, 0.0),
    ("A permitted", "contactor sticks"): ("F", False, 0.0),
    ("A permitted", "guard ends"): ("A", False, 0.0),
    # state B1: plugged, nothing permitted
    ("B1", "car gone"): ("A", False, 0.0),
    ("B1", "car rests"): "=",
    ("B1", "car asks"): ("C1", False, 0.0),
    ("B1", "car asks for air"): ("D1", False, 0.0),
    ("B1", "pilot shorted"): ("E", False, 0.0),
    ("B1", "permitted"): ("B2", False, 16.0),
    ("B1", "withdrawn"): "=",
    ("B1", "leakage"): "=",
    ("B1", "earth lost"): "=",
    ("B1", "stop button"): "=",
    ("B1", "door opened"): "=",
    ("B1", "key turned"): "=",
    ("B1", "too hot"): "=",
    ("B1", "controller too hot"): "=",
    ("B1", "hardware lost"): "=",
    ("B1", "contactor sticks"): ("F", False, 0.0),
    ("B1", "guard ends"): "=",
    # state B2: offered, the car does not ask
    ("B2", "car gone"): ("A", False, 0.0),
    ("B2", "car rests"): "=",
    ("B2", "car asks"): ("C2", True, 16.0),
    ("B2", "car asks for air"): ("D2", False, 16.0),
    ("B2", "pilot shorted"): ("E", False, 0.0),
    ("B2", "permitted"): "=",
    ("B2", "withdrawn"): ("B1", False, 0.0),
    ("B2", "leakage"): ("B1", False, 0.0),
    ("B2", "earth lost"): ("B1", False, 0.0),
    ("B2", "stop button"): ("B1", False, 0.0),
    ("B2", "door opened"): ("B1", False, 0.0),
    ("B2", "key turned"): "=",
    ("B2", "too hot"): ("B1", False, 0.0),
    ("B2", "controller too hot"): ("B1", False, 0.0),
    ("B2", "hardware lost"): ("B1", False, 0.0),
    ("B2", "contactor sticks"): ("F", False, 0.0),
    ("B2", "guard ends"): ("B1", False, 0.0),
    # state C1: the car asks, nothing is permitted
    ("C1", "car gone"): ("A", False, 0.0),
    ("C1", "car rests"): ("B1", False, 0.0),
    ("C1", "car asks"): "=",
    ("C1", "car asks for air"): ("D1", False, 0.0),
    ("C1", "pilot shorted"): ("E", False, 0.0),
    ("C1", "permitted"): ("C2", True, 16.0),
    ("C1", "withdrawn"): "=",
    ("C1", "leakage"): "=",
    ("C1", "earth lost"): "=",
    ("C1", "stop button"): "=",
    ("C1", "door opened"): "=",
    ("C1", "key turned"): "=",
    ("C1", "too hot"): "=",
    ("C1", "controller too hot"): "=",
    ("C1", "hardware lost"): "=",
    ("C1", "contactor sticks"): ("F", False, 0.0),
    ("C1", "guard ends"): "=",
    # state C1 with the contactor closed: the car has 6 s to stop drawing
    ("C1 closed", "car gone"): ("A", False, 0.0),
    ("C1 closed", "car rests"): ("B1", False, 0.0),
    ("C1 closed", "car asks"): "=",
    ("C1 closed", "car asks for air"): ("D1", False, 0.0),
    ("C1 closed", "pilot shorted"): ("E", False, 0.0),
    ("C1 closed", "permitted"): "=",  # not within 5 s of the last change
    ("C1 closed", "withdrawn"): "=",
    ("C1 closed", "leakage"): ("C1", False, 0.0),
    ("C1 closed", "earth lost"): ("C1", False, 0.0),
    ("C1 closed", "stop button"): ("C1", False, 0.0),
    ("C1 closed", "door opened"): ("C1", False, 0.0),
    ("C1 closed", "key turned"): "=",
    ("C1 closed", "too hot"): "=",
    ("C1 closed", "controller too hot"): "=",
    ("C1 closed", "hardware lost"): ("C1", False, 0.0),
    ("C1 closed", "contactor sticks"): "=",  # it is closed, that is how it sticks
    ("C1 closed", "guard ends"): "=",  # 3 s
    # state C2, charging
    ("C2 closed", "car gone"): ("A", False, 0.0),
    ("C2 closed", "car rests"): ("B2", False, 16.0),
    ("C2 closed", "car asks"): "=",
    ("C2 closed", "car asks for air"): ("D2", False, 16.0),
    ("C2 closed", "pilot shorted"): ("E", False, 0.0),
    ("C2 closed", "permitted"): "=",
    ("C2 closed", "withdrawn"): ("C1", True, 0.0),
    ("C2 closed", "leakage"): ("C1", False, 0.0),
    ("C2 closed", "earth lost"): ("C1", False, 0.0),
    ("C2 closed", "stop button"): ("C1", False, 0.0),
    ("C2 closed", "door opened"): ("C1", False, 0.0),
    ("C2 closed", "key turned"): "=",
    ("C2 closed", "too hot"): ("C1", True, 0.0),  # stopped in order
    ("C2 closed", "controller too hot"): ("C1", True, 0.0),
    ("C2 closed", "hardware lost"): ("C1", False, 0.0),
    ("C2 closed", "contactor sticks"): "=",
    ("C2 closed", "guard ends"): ("C1", True, 0.0),
    # state C2 with the contactor still resting after a pause of the car
    ("C2 paused", "car gone"): ("A", False, 0.0),
    ("C2 paused", "car rests"): ("B2", False, 16.0),
    ("C2 paused", "car asks"): "=",
    ("C2 paused", "car asks for air"): ("D2", False, 16.0),
    ("C2 paused", "pilot shorted"): ("E", False, 0.0),
    ("C2 paused", "permitted"): "=",
    ("C2 paused", "withdrawn"): ("C1", False, 0.0),
    ("C2 paused", "leakage"): ("C1", False, 0.0),
    ("C2 paused", "earth lost"): ("C1", False, 0.0),
    ("C2 paused", "stop button"): ("C1", False, 0.0),
    ("C2 paused", "door opened"): ("C1", False, 0.0),
    ("C2 paused", "key turned"): "=",
    ("C2 paused", "too hot"): ("C1", False, 0.0),
    ("C2 paused", "controller too hot"): ("C1", False, 0.0),
    ("C2 paused", "hardware lost"): ("C1", False, 0.0),
    ("C2 paused", "contactor sticks"): ("F", False, 0.0),
    ("C2 paused", "guard ends"): ("C1", False, 0.0),
    # state D1: asks for a ventilated place, nothing is permitted
    ("D1", "car gone"): ("A", False, 0.0),
    ("D1", "car rests"): ("B1", False, 0.0),
    ("D1", "car asks"): ("C1", False, 0.0),
    ("D1", "car asks for air"): "=",
    ("D1", "pilot shorted"): ("E", False, 0.0),
    ("D1", "permitted"): ("D2", False, 16.0),
    ("D1", "withdrawn"): "=",
    ("D1", "leakage"): "=",
    ("D1", "earth lost"): "=",
    ("D1", "stop button"): "=",
    ("D1", "door opened"): "=",
    ("D1", "key turned"): "=",
    ("D1", "too hot"): "=",
    ("D1", "controller too hot"): "=",
    ("D1", "hardware lost"): "=",
    ("D1", "contactor sticks"): ("F", False, 0.0),
    ("D1", "guard ends"): "=",
    # state D2 where there is no ventilation: offered, and never closed
    ("D2", "car gone"): ("A", False, 0.0),
    ("D2", "car rests"): ("B2", False, 16.0),
    ("D2", "car asks"): ("C2", True, 16.0),
    ("D2", "car asks for air"): "=",
    ("D2", "pilot shorted"): ("E", False, 0.0),
    ("D2", "permitted"): "=",
    ("D2", "withdrawn"): ("D1", False, 0.0),
    ("D2", "leakage"): ("D1", False, 0.0),
    ("D2", "earth lost"): ("D1", False, 0.0),
    ("D2", "stop button"): ("D1", False, 0.0),
    ("D2", "door opened"): ("D1", False, 0.0),
    ("D2", "key turned"): "=",
    ("D2", "too hot"): ("D1", False, 0.0),
    ("D2", "controller too hot"): ("D1", False, 0.0),
    ("D2", "hardware lost"): ("D1", False, 0.0),
    ("D2", "contactor sticks"): ("F", False, 0.0),
    ("D2", "guard ends"): ("D1", False, 0.0),
    # state D2 where there is ventilation: charging
    ("D2 closed", "car gone"): ("A", False, 0.0),
    ("D2 closed", "car rests"): ("B2", False, 16.0),
    ("D2 closed", "car asks"): ("C2", True, 16.0),
    ("D2 closed", "car asks for air"): "=",
    ("D2 closed", "pilot shorted"): ("E", False, 0.0),
    ("D2 closed", "permitted"): "=",
    ("D2 closed", "withdrawn"): ("D1", True, 0.0),
    ("D2 closed", "leakage"): ("D1", False, 0.0),
    ("D2 closed", "earth lost"): ("D1", False, 0.0),
    ("D2 closed", "stop button"): ("D1", False, 0.0),
    ("D2 closed", "door opened"): ("D1", False, 0.0),
    ("D2 closed", "key turned"): "=",
    ("D2 closed", "too hot"): ("D1", True, 0.0),
    ("D2 closed", "controller too hot"): ("D1", True, 0.0),
    ("D2 closed", "hardware lost"): ("D1", False, 0.0),
    ("D2 closed", "contactor sticks"): "=",
    ("D2 closed", "guard ends"): ("D1", True, 0.0),
    # state E: shorted to earth; after it has ended nothing is offered for 30 s, or until the car is gone
    ("E", "car gone"): ("A", False, 0.0),
    ("E", "car rests"): ("B1", False, 0.0),
    ("E", "car asks"): ("C1", False, 0.0),
    ("E", "car asks for air"): ("D1", False, 0.0),
    ("E", "pilot shorted"): "=",
    ("E", "permitted"): "=",
    ("E", "withdrawn"): "=",
    ("E", "leakage"): "=",
    ("E", "earth lost"): "=",
    ("E", "stop button"): "=",
    ("E", "door opened"): "=",
    ("E", "key turned"): "=",
    ("E", "too hot"): "=",
    ("E", "controller too hot"): "=",
    ("E", "hardware lost"): "=",
    ("E", "contactor sticks"): "=",  # 0 V: the pilot cannot show F
    ("E", "guard ends"): "=",
    # state F: out of service; a captive cable's car cannot be seen behind it
    ("F", "car gone"): "=",
    ("F", "car rests"): "=",
    ("F", "car asks"): "=",
    ("F", "car asks for air"): "=",
    ("F", "pilot shorted"): ("E", False, 0.0),
    ("F", "permitted"): ("A", False, 0.0),  # in service again
    ("F", "withdrawn"): ("A", False, 0.0),  # likewise
    ("F", "leakage"): "=",
    ("F", "earth lost"): "=",
    ("F", "stop button"): "=",
    ("F", "door opened"): "=",
    ("F", "key turned"): "=",
    ("F", "too hot"): "=",
    ("F", "controller too hot"): "=",
    ("F", "hardware lost"): "=",
    ("F", "contactor sticks"): "=",
    ("F", "guard ends"): "=",
}


@pytest.mark.parametrize(("state", "event"), list(product(STATES, EVENTS)))
def test_every_event_in_every_state_has_the_outcome_in_its_row(state: str, event: str) -> None:
    stand = STATES[state]()
    before = (stand.out.pilot, stand.out.closed, stand.out.offered_a)

    EVENTS[event](stand)
    stand.run(1.0)

    row = TABLE[state, event]
    expected = before if row == "=" else row
    assert (stand.out.pilot, stand.out.closed, stand.out.offered_a) == expected


def test_the_table_has_no_row_that_nothing_leads_to() -> None:
    assert set(TABLE) == set(product(STATES, EVENTS))


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("A", ("A", False, 0.0)), ("A permitted", ("A", False, 0.0)), ("B1", ("B1", False, 0.0)),
        ("B2", ("B2", False, 16.0)), ("C1", ("C1", False, 0.0)), ("C1 closed", ("C1", True, 0.0)),
        ("C2 closed", ("C2", True, 16.0)), ("C2 paused", ("C2", False, 16.0)), ("D1", ("D1", False, 0.0)),
        ("D2", ("D2", False, 16.0)), ("D2 closed", ("D2", True, 16.0)), ("E", ("E", False, 0.0)),
        ("F", ("F", False, 0.0)),
    ],
)  # fmt: skip
def test_the_states_of_the_table_are_what_they_are_called(state: str, shown: tuple[str, bool, float]) -> None:
    stand = STATES[state]()

    assert (stand.out.pilot, stand.out.closed, stand.out.offered_a) == shown
