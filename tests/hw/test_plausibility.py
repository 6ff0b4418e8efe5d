"""A pilot board that is broken must not pass for a car."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from hw.api import PilotLevels
from hw.guard.signals import Output
from tests.hw.stand import SOCKET, Stand

IMPLAUSIBLE = "MREC14PilotFault/Implausible"


@dataclass
class Adc:
    """What a board with an ADC makes of the true levels; a test breaks it."""

    stand: Stand
    frozen: PilotLevels | None = None
    duty: float | None = None  # measured instead of what is driven
    shift_v: float = 0.0
    gain: float = 1.0
    measures_duty: bool = True

    def __post_init__(self) -> None:
        step = self.stand._step

        def through_the_adc() -> Output:
            self.stand.levels = self.shown()
            return step()

        self.stand._step = through_the_adc  # type: ignore[method-assign]

    def shown(self) -> PilotLevels:
        if self.frozen is not None:
            return self.frozen
        true = self.stand._made_levels()
        duty = self.stand.out.duty if self.duty is None else self.duty
        low_v = None if true.low_v is None else true.low_v * self.gain + self.shift_v
        return PilotLevels(
            true.high_v * self.gain + self.shift_v, low_v, true.proximity_ohm, 0.0, duty if self.measures_duty else None
        )

    def freeze(self) -> None:
        self.frozen = self.shown()


def board(stand: Stand) -> Adc:
    return Adc(stand)


def test_a_good_board_is_believed_through_a_whole_session() -> None:
    stand = Stand()
    board(stand)

    stand.run(10.0).charging().run(10.0).permit(8.0).run(10.0).permit(0.0).run(10.0)
    stand.letter = "A"
    stand.run(10.0).permit(0.0, out_of_service=True).run(10.0)

    assert stand.names() == []


# --- rails ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shift_v", "fault"), [(0.9, False), (1.1, True), (-0.9, False), (-1.1, True)])
def test_with_nothing_plugged_in_the_level_is_12_volts_within_one(shift_v: float, fault: bool) -> None:
    stand = Stand()
    board(stand).shift_v = shift_v
    stand.run(1.5)
    assert stand.names() == []

    stand.run(1.0)
    assert stand.names() == (["BrownOut"] if fault else [])


def test_the_low_plateau_is_watched_while_pwm_runs() -> None:
    stand = Stand().permit(16.0)
    adc = board(stand)
    stand.plug("B").run(3.0)
    adc.shift_v = -1.2

    stand.run(3.0)

    assert stand.names() == ["BrownOut"]
    assert stand.out.offered_a == 0.0


def test_rails_that_are_seen_to_be_right_again_end_it_after_a_while() -> None:
    stand = Stand().permit(16.0)
    adc = board(stand)
    adc.shift_v = -1.2
    stand.run(5.0)
    adc.shift_v = 0.0
    stand.run(0.1).plug("B")

    assert stand.seconds_until(lambda out: out.offered_a > 0) == pytest.approx(4.9, abs=0.1)


def test_while_a_car_hides_the_rails_nobody_knows_whether_they_are_right_again() -> None:
    stand = Stand().permit(16.0)
    adc = board(stand)
    adc.shift_v = -1.2
    stand.run(5.0).plug("B")
    adc.shift_v = 0.0
    stand.run(60.0)
    assert stand.names() == ["BrownOut"]

    stand.letter = "A"
    stand.run(0.1)
    assert stand.names() == []


# --- a level that does not move ---------------------------------------------------------------------------------------


def test_a_level_that_stays_the_same_although_pwm_has_begun_is_an_adc_that_is_frozen() -> None:
    stand = Stand().plug("B").run(1.0)
    adc = board(stand)
    adc.measures_duty = False
    stand.run(1.0)
    adc.frozen = replace(adc.shown(), low_v=-12.0)  # it even shows a diode
    stand.run(1.0)
    stand.permit(16.0)

    assert stand.seconds_until(lambda out: bool(out.faults)) == pytest.approx(5.0, abs=0.05)
    assert stand.names() == [IMPLAUSIBLE]


def test_a_level_that_stays_the_same_although_pwm_has_ended_is_too() -> None:
    stand = Stand().charging()
    adc = board(stand)
    adc.measures_duty = False
    stand.run(1.0)
    adc.freeze()
    stand.permit(0.0)

    assert stand.seconds_until(lambda out: IMPLAUSIBLE in [fault.name for fault in out.faults]) == pytest.approx(
        5.0, abs=0.05
    )
    assert not stand.out.closed


def test_a_level_that_stays_positive_in_state_f_is_too() -> None:
    stand = Stand(SOCKET).permit(0.0).run(1.0)
    adc = board(stand)
    adc.measures_duty = False
    stand.run(1.0)
    adc.freeze()
    stand.permit(0.0, out_of_service=True)

    assert stand.seconds_until(lambda out: bool(out.faults)) == pytest.approx(5.0, abs=0.05)


def test_a_steady_level_by_itself_proves_nothing() -> None:
    stand = Stand().charging()
    adc = board(stand)
    stand.run(3.0)
    adc.freeze()

    stand.run(600.0)

    assert stand.names() == []


def test_a_board_that_never_measures_the_low_plateau_is_not_frozen_and_never_charges() -> None:
    stand = Stand().permit(16.0).plug("B")
    stand.levels = PilotLevels(9.0, None)
    stand.run(30.0)

    assert (stand.names(), stand.out.closed) == ([], False)


def test_it_stands_until_the_car_is_unplugged() -> None:
    stand = Stand().charging()
    adc = board(stand)
    adc.measures_duty = False
    stand.run(1.0)
    adc.freeze()
    stand.permit(0.0).run(10.0)
    adc.frozen = None
    stand.run(10.0)
    assert stand.names() == [IMPLAUSIBLE]

    stand.letter = "A"
    stand.run(1.0)
    assert stand.names() == []


# --- the duty cycle ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("measured", "fault"), [(0.22, False), (0.31, False), (0.20, True), (0.33, True), (1.0, True)])
def test_the_share_of_high_samples_is_the_duty_cycle_within_a_twentieth(measured: float, fault: bool) -> None:
    stand = Stand().charging(16.0).run(5.0)  # 26.7 %
    adc = board(stand)
    adc.duty = measured

    stand.run(3.5)

    assert stand.names() == ([IMPLAUSIBLE] if fault else [])
    assert stand.out.closed is not fault


def test_a_share_is_given_time_to_follow_a_new_duty_cycle() -> None:
    stand = Stand().charging(32.0).run(5.0)
    adc = board(stand)
    stand.run(5.0)
    adc.duty = stand.out.duty
    stand.permit(6.0)

    stand.run(1.9)
    assert stand.names() == []
    adc.duty = 0.1
    stand.run(10.0)
    assert stand.names() == []
