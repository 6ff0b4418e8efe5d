"""Several sensor boards read as one."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from hw.api import Sensors
from hw.errors import DeviceLost
from hw.guard.senses import Senses, merged


@dataclass
class Board:
    seen: Sensors
    tests: int = 0
    gone: bool = False

    def sensors(self) -> Sensors:
        if self.gone:
            raise DeviceLost("no answer", where="[evse.1.sensors]", fix="Mend it.")
        return self.seen

    def test_residual_current(self) -> None:
        self.tests += 1

    def close(self) -> None: ...


@pytest.mark.parametrize(
    "name",
    [
        "residual_current",
        "emergency_stop",
        "earth_missing",
        "pen_fault",
        "enclosure_open",
        "key_locked",
        "limit_contact",
    ],
)
def test_one_board_that_raises_the_alarm_is_enough_and_nobody_can_tell_what_no_board_sees(name: str) -> None:
    quiet, alarm = Sensors(**{name: False}), Sensors(**{name: True})  # type: ignore[arg-type]

    assert getattr(merged([quiet, alarm, Sensors()]), name) is True
    assert getattr(merged([Sensors(), quiet]), name) is False
    assert getattr(merged([Sensors(), Sensors()]), name) is None


def test_the_hottest_place_counts() -> None:
    assert merged([Sensors(temperature_degc=40.0), Sensors(), Sensors(temperature_degc=70.0)]).temperature_degc == 70.0


def test_currents_are_those_of_the_first_board_that_has_transformers() -> None:
    both = merged([Sensors(), Sensors(current_a=(1.0, 2.0), current_taken_s=7.0), Sensors(current_a=(9.0,))])

    assert (both.current_a, both.current_taken_s) == ((1.0, 2.0), 7.0)


def test_faults_of_all_controllers_are_told_once() -> None:
    both = merged([Sensors(reported_faults=("Selftest", "DiodeFault")), Sensors(reported_faults=("Selftest",))])

    assert both.reported_faults == ("Selftest", "DiodeFault")


@pytest.mark.parametrize(
    ("outcomes", "ok"),
    [((True, True), True), ((True, None), None), ((True, False), False), ((False, None), False), ((None, None), None)],
)
def test_a_self_test_has_passed_when_all_devices_have(outcomes: tuple[bool | None, ...], ok: bool | None) -> None:
    boards = [Sensors(rcd_selftest_ok=outcome, rcd_selftest_fitted=True) for outcome in outcomes]

    assert merged([*boards, Sensors()]).rcd_selftest_ok is ok
    assert merged(boards).rcd_selftest_fitted


def test_only_devices_that_can_test_themselves_are_asked_to_and_never_the_stations() -> None:
    fitted, plain = Board(Sensors(rcd_selftest_fitted=True)), Board(Sensors())
    common = Board(Sensors(rcd_selftest_fitted=True))
    senses = Senses([plain, fitted], common)
    senses.read()

    senses.test()

    assert (plain.tests, fitted.tests, common.tests) == (0, 1, 0)


def test_the_stations_board_stops_everybody_but_its_currents_are_nobodys() -> None:
    common = Board(Sensors(emergency_stop=True, current_a=(50.0,), rcd_selftest_fitted=True))

    seen = Senses([Board(Sensors())], common).read()

    assert (seen.emergency_stop, seen.current_a, seen.rcd_selftest_fitted) == (True, (), False)


def test_without_news_the_same_object_is_handed_out_again() -> None:
    board = Board(Sensors(enclosure_open=False))
    senses = Senses([Board(Sensors()), board], None)
    first = senses.read()

    board.seen = Sensors(enclosure_open=False)  # says the same in other words
    assert senses.read() is first
    board.seen = Sensors(enclosure_open=True)
    assert senses.read() is not first


def test_a_board_that_is_gone_is_not_kept_quiet() -> None:
    with pytest.raises(DeviceLost):
        Senses([Board(Sensors(), gone=True)], None).read()
