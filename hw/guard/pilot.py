"""What the control pilot and the proximity contact mean, and the duty cycle that offers a current. Pure.

Source: IEC 61851-1:2017 annex A, as collected from the Fluke FEV300 and Phoenix Contact 106377 manuals and EVerest.
"""

from __future__ import annotations

MIN_OFFER_A = 6.0  # the least current a duty cycle can express
MAX_OFFER_A = 80.0  # the most
PERIOD_NS = 1_000_000  # of the 1 kHz pilot

OUTSIDE = "?"  # a level in no window
TOP_V = 13.5  # no supply gives more
BOTTOM_V = -1.25  # 0 V with tolerance; below it nothing but state F is known
F_V = -10.5  # steady -12 V with tolerance; also what the low plateau must reach when a diode is there
HYSTERESIS_V = 0.25
_BORDERS_V = (1.5, 4.5, 7.5, 10.5)  # between E D C B A
_LETTERS = "EDCBA"

FIRST_LINE_MAX_A = 51.0  # end of I = 0.6 x D
SECOND_LINE_MIN_A = 52.5  # the second line, I = 2.5 x (D - 64), reads back as its own value from here on


def letter_of(high_v: float, before: str = "") -> str:
    """State letter A to F of a positive plateau (or steady level), or OUTSIDE.

    `before` is the letter of the reading before: a border lies a little further away for whoever stands beside it.
    """
    if high_v > TOP_V:
        return OUTSIDE
    if high_v <= F_V:
        return "F"
    if high_v < BOTTOM_V:
        return OUTSIDE
    rank = _LETTERS.find(before) if before else -1
    return _LETTERS[sum(high_v > _border_v(step, rank) for step in range(4))]


def _border_v(step: int, rank: int) -> float:
    if rank < 0:
        return _BORDERS_V[step]
    return _BORDERS_V[step] + (-HYSTERESIS_V if rank > step else HYSTERESIS_V)


def diode_shows(low_v: float | None) -> bool:
    """Does the low plateau reach -12 V? Only behind a diode, or with nothing plugged in, it does."""
    return low_v is not None and low_v <= F_V


def high_ns(offer_a: float) -> int:
    """High time in ns of a 1 ms period that offers `offer_a` amperes per phase, rounded down.

    Raises:
        ValueError: the pilot cannot express it (it spans 6 to 80 A).
    """
    if not MIN_OFFER_A <= offer_a <= MAX_OFFER_A:
        raise ValueError(f"{offer_a} A is outside 6 to 80 A")
    if offer_a <= SECOND_LINE_MIN_A:  # 51 to 52.5 A: between the two lines, hence 51 A
        return int(min(offer_a, FIRST_LINE_MAX_A) * PERIOD_NS / 60 + 1e-6)  # I = 0.6 x D
    return int(offer_a * 4_000 + 640_000 + 1e-6)  # I = 2.5 x (D - 64)


def duty_for(offer_a: float) -> float:
    """Duty cycle, 0 to 1, that offers `offer_a`."""
    return high_ns(offer_a) / PERIOD_NS


def offer_of(duty: float) -> float:
    """Amperes per phase that a car reads from a duty cycle; 0 where charging is not allowed."""
    percent = duty * 100
    if 10 <= percent <= 85:
        return 0.6 * percent
    if 85 < percent <= 96:
        return 2.5 * (percent - 64)
    if 8 <= percent < 10:
        return 6.0
    return 80.0 if 96 < percent <= 97 else 0.0


# lower and upper border in ohm (the lower one included), amperes with three phases, with one
_CABLES = (
    (75.0, 150.0, 63.0, 70.0),
    (150.0, 330.0, 32.0, 32.0),
    (330.0, 1000.0, 20.0, 20.0),
    (1000.0, 2200.0, 13.0, 13.0),
)
SHORT_OHM = 75.0  # below: no cable is coded like that
OPEN_OHM = 2200.0  # above: no plug in the socket


def plug_present(proximity_ohm: float | None) -> bool:
    """Does the proximity contact find a plug in the socket?"""
    return proximity_ohm is not None and proximity_ohm <= OPEN_OHM


def cable_rating_a(proximity_ohm: float | None, phases: int) -> float | None:
    """Amperes that the cable's resistor stands for; None where it stands for nothing."""
    if proximity_ohm is None:
        return None
    if proximity_ohm == OPEN_OHM:
        return _CABLES[-1][2]
    for low, high, three, one in _CABLES:
        if low <= proximity_ohm < high:
            return one if phases == 1 else three
    return None
