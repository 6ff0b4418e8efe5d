"""A contactor on lines: polarity, economiser, watchdog pulses, and what happens when a line fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hw.api import Contactor, Heartbeat
from hw.discovery import Place, check
from hw.errors import DeviceLost
from hw.gpio.contactor import FULL_POWER_S, GpioContactor
from tests.hw.gpio_wires import MockWires

COIL, HOLD, PULSE, MIRROR = 17, 22, 4, 27
TICK_S = 0.010


class Stand:
    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.wires = MockWires(patch)
        self.now_s = 1000.0

    def contactor(self, **table: Any) -> GpioContactor:
        options = GpioContactor.Options(line=COIL, **table)
        return GpioContactor(options, Place("evse.1.contactor", Path("/nonexistent"), 1), lambda: self.now_s)

    def run(self, contactor: GpioContactor, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            contactor.feedback()

    def levels(self, *lines: int) -> tuple[bool, ...]:
        return tuple(self.wires.level(line) for line in lines)


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> Stand:
    return Stand(monkeypatch)


@pytest.mark.parametrize("active_high", [True, False])
def test_off_and_on_are_what_the_table_says(stand: Stand, active_high: bool) -> None:
    contactor = stand.contactor(active_high=active_high)
    assert stand.wires.level(COIL) is not active_high
    contactor.switch(True)
    assert stand.wires.level(COIL) is active_high
    contactor.switch(False)
    assert stand.wires.level(COIL) is not active_high


def test_without_a_contact_there_is_no_feedback(stand: Stand) -> None:
    assert stand.contactor().feedback() is None


@pytest.mark.parametrize("high_when_closed", [True, False])
def test_the_feedback_has_a_polarity_of_its_own(stand: Stand, high_when_closed: bool) -> None:
    contactor = stand.contactor(feedback_line=MIRROR, feedback_active_high=high_when_closed)
    stand.wires.pull(MIRROR, True)
    assert contactor.feedback() is high_when_closed
    stand.wires.pull(MIRROR, False)
    assert contactor.feedback() is not high_when_closed


def test_a_broken_wire_at_the_feedback_looks_like_a_weld(stand: Stand) -> None:
    """Pulled up with nothing to pull it down: nobody closes on that."""
    assert stand.contactor(feedback_line=MIRROR).feedback() is True


# --- economiser -------------------------------------------------------------------------------------------------------


def test_a_coil_gets_full_power_for_a_tenth_of_a_second_then_holding_power(stand: Stand) -> None:
    contactor = stand.contactor(hold_line=HOLD)
    contactor.switch(True)
    assert stand.levels(COIL, HOLD) == (True, True)
    stand.run(contactor, FULL_POWER_S - TICK_S)
    assert stand.levels(COIL, HOLD) == (True, True)
    stand.run(contactor, 2 * TICK_S)
    assert stand.levels(COIL, HOLD) == (False, True)


def test_opening_takes_both_away_at_any_moment(stand: Stand) -> None:
    contactor = stand.contactor(hold_line=HOLD)
    for closed_for_s in (0.0, 0.05, 0.5):
        contactor.switch(True)
        stand.run(contactor, closed_for_s)
        contactor.switch(False)
        assert stand.levels(COIL, HOLD) == (False, False)
        stand.run(contactor, 0.5)
        assert stand.levels(COIL, HOLD) == (False, False)


def test_a_coil_without_a_second_way_keeps_full_power(stand: Stand) -> None:
    contactor = stand.contactor()
    contactor.switch(True)
    stand.run(contactor, 1.0)
    assert stand.wires.level(COIL)


def test_when_one_way_to_the_coil_fails_the_other_is_opened_all_the_same(stand: Stand) -> None:
    contactor = stand.contactor(hold_line=HOLD)
    contactor.switch(True)
    stand.wires.breaks(COIL)
    with pytest.raises(DeviceLost):
        contactor.switch(False)
    assert not stand.wires.level(HOLD)


# --- watchdog relay ---------------------------------------------------------------------------------------------------


def test_the_pulse_line_changes_with_every_beat(stand: Stand) -> None:
    contactor = stand.contactor(pulse_line=PULSE)
    assert isinstance(contactor, Heartbeat)
    assert isinstance(contactor, Contactor)
    seen = [stand.wires.level(PULSE)]
    for _ in range(4):
        contactor.beat()
        seen.append(stand.wires.level(PULSE))
    assert seen == [False, True, False, True, False]


def test_nothing_but_a_beat_moves_the_pulse_line(stand: Stand) -> None:
    contactor = stand.contactor(pulse_line=PULSE)
    contactor.switch(True)
    stand.run(contactor, 1.0)
    contactor.switch(False)
    assert not stand.wires.level(PULSE)


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_chip_that_does_not_answer_is_lost_and_said_so(stand: Stand) -> None:
    contactor = stand.contactor(feedback_line=MIRROR)
    stand.wires.breaks(COIL, MIRROR)
    for call in (lambda: contactor.switch(True), contactor.feedback):
        with pytest.raises(DeviceLost) as caught:
            call()
        assert str(caught.value) == (
            "[evse.1.contactor]: the GPIO chip does not answer: No such device. "
            "Check that the board is plugged in and powered; `gpiodetect` lists the chips that are there."
        )


def test_closing_the_driver_opens_the_contactor(stand: Stand) -> None:
    contactor = stand.contactor(hold_line=HOLD)
    contactor.switch(True)
    contactor.close()
    assert stand.levels(COIL, HOLD) == (False, False)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            {},
            "line is missing. Add line = … (the line that switches the coil: its number on the chip, or its name).",
        ),
        ({"line": -1}, "line = -1 is no line. Lines count from 0; `gpioinfo` lists them."),
        ({"line": ""}, 'line = "" names no line. Give its number or its name, or take the key away.'),
        ({"line": 1.5}, "line = 1.5 is not text. Put it between quotes."),
        (
            {"line": 4, "feedback_pull": "sideways"},
            'feedback_pull = "sideways" is not one of the choices. Allowed: "up", "down", "none".',
        ),
        ({"line": 4, "initial_value": True}, '"initial_value" is not an option here.'),
        ({"line": 4, "pin_factory": "lgpoi"}, 'Allowed: "auto", "lgpio", "gpiod". Did you mean "lgpio"?'),
    ],
)
def test_mistakes_in_the_table_are_named(table: dict[str, Any], sentence: str) -> None:
    (mistake,) = check("contactor", {"driver": "gpio"} | table, "evse.1.contactor")
    assert sentence in str(mistake)
