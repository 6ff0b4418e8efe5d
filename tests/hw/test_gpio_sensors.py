"""Inputs on lines: what a broken wire means, contacts that bounce, the self-test of a residual-current module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hw.api import SlowTesting
from hw.discovery import Place, check
from hw.gpio.residual import TESTED_WITHIN_S, ModuleTest
from hw.gpio.sensors import BOUNCE_S, SWITCHES, GpioSensors
from tests.hw.gpio_wires import MockWires
from tests.hw.rigs import GpioRig

TICK_S = 0.010
LINES = {name: 4 + number for number, name in enumerate(SWITCHES)}


class Stand:
    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.wires = MockWires(patch)
        self.now_s = 1000.0

    def sensors(self, **table: Any) -> GpioSensors:
        place = Place("evse.1.sensors", Path("/nonexistent"), 1)
        return GpioSensors(GpioSensors.Options(**table), place, lambda: self.now_s)

    def run(self, board: GpioSensors, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            board.sensors()


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> Stand:
    return Stand(monkeypatch)


def test_what_is_not_wired_is_not_told(stand: Stand) -> None:
    told = stand.sensors().sensors()
    assert [getattr(told, field) for field in SWITCHES.values()] == [None] * 6
    assert (told.residual_current, told.rcd_selftest_fitted, told.temperature_degc) == (None, False, None)


@pytest.mark.parametrize("name", SWITCHES)
def test_a_broken_wire_counts_as_the_worst(stand: Stand, name: str) -> None:
    """Pulled up with nothing to pull it down. Only the limit contact closes to say something."""
    told = stand.sensors(**{f"{name}_line": 5}).sensors()
    assert getattr(told, SWITCHES[name]) is (name != "limit")


def test_a_broken_wire_at_the_residual_current_device_is_a_trip(stand: Stand) -> None:
    assert stand.sensors(residual_line=22).sensors().residual_current is True


@pytest.mark.parametrize("name", SWITCHES)
def test_every_input_has_its_own_polarity(stand: Stand, name: str) -> None:
    board = stand.sensors(**{f"{name}_line": 5, f"{name}_active_high": name == "limit"})
    assert getattr(board.sensors(), SWITCHES[name]) is (name == "limit")


def test_either_output_of_the_module_is_a_trip(stand: Stand) -> None:
    board = stand.sensors(residual_line=22, residual_ac_line=23, residual_pull="down")
    assert board.sensors().residual_current is False
    for line in (22, 23):
        stand.wires.pull(line, True)
        assert board.sensors().residual_current is True
        stand.wires.pull(line, False)
        assert board.sensors().residual_current is False


@pytest.mark.parametrize("name", ["enclosure", "key", "limit"])
def test_a_contact_that_bounces_is_believed_once_it_rests(stand: Stand, name: str) -> None:
    board = stand.sensors(**{f"{name}_line": 5, f"{name}_pull": "down", f"{name}_active_high": True})
    for _ in range(10):
        for level in (True, False):
            stand.wires.pull(5, level)
            stand.run(board, BOUNCE_S / 2)
            assert getattr(board.sensors(), SWITCHES[name]) is False
    stand.wires.pull(5, True)
    stand.run(board, BOUNCE_S + 2 * TICK_S)
    assert getattr(board.sensors(), SWITCHES[name]) is True


@pytest.mark.parametrize("key", ["residual_ac_line", "residual_test_line"])
def test_a_second_output_or_a_test_input_alone_is_a_mistake(key: str) -> None:
    (mistake,) = check("sensors", {"driver": "gpio", key: 5}, "sensors")
    assert str(mistake) == f"[sensors] {key} needs residual_line. Name the line of the output for 6 mA DC too."


# --- self-test --------------------------------------------------------------------------------------------------------


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> GpioRig:
    return GpioRig(MockWires(monkeypatch))


def test_a_module_that_works_passes(rig: GpioRig) -> None:
    assert (rig.sensors().rcd_selftest_fitted, rig.sensors().rcd_selftest_ok) == (True, None)
    rig.sensor_board.test_residual_current()
    rig.run(2.0)
    assert rig.sensors().rcd_selftest_ok is None
    rig.run(0.5)
    assert rig.sensors().rcd_selftest_ok is True
    assert rig.sensors().residual_current is False


def test_the_test_input_is_pulled_for_a_quarter_of_a_second(rig: GpioRig) -> None:
    pulled_s = 0.0
    rig.sensor_board.test_residual_current()
    for _ in range(300):
        rig.run(TICK_S)
        pulled_s += TICK_S * (not rig.wires.level(24))
    assert pulled_s == pytest.approx(0.25, abs=1.5 * TICK_S)


def test_a_module_that_does_not_trip_fails_before_the_guard_loses_patience(rig: GpioRig) -> None:
    assert isinstance(rig.sensor_board, SlowTesting)
    assert rig.sensor_board.selftest_s == TESTED_WITHIN_S
    rig.fault("rcd_selftest")
    rig.sensor_board.test_residual_current()
    rig.run(TESTED_WITHIN_S - 0.1)
    assert rig.sensors().rcd_selftest_ok is False


def test_a_second_test_starts_from_nothing(rig: GpioRig) -> None:
    rig.sensor_board.test_residual_current()
    rig.run(2.5)
    rig.fault("rcd_selftest")
    rig.sensor_board.test_residual_current()
    rig.run(TICK_S)
    assert rig.sensors().rcd_selftest_ok is None
    rig.run(2.5)
    assert rig.sensors().rcd_selftest_ok is False


def outcome_of(direct_s: tuple[float, float], alternating_s: tuple[float, float] | None) -> tuple[bool | None, float]:
    """The outcome of a module whose outputs trip from .. to so many seconds, and how long it took."""
    module, now_s = ModuleTest(), 0.0
    module.begin(now_s)
    while module.passed is None and now_s < 9.0:
        now_s = round(now_s + TICK_S, 3)
        alternating = None if alternating_s is None else alternating_s[0] <= now_s < alternating_s[1]
        module.tick(direct_s[0] <= now_s < direct_s[1], alternating, now_s)
    return module.passed, now_s


@pytest.mark.parametrize(
    ("direct_s", "alternating_s", "passed"),
    [
        ((0.7, 2.05), (1.3, 2.05), True),
        ((0.1, 2.05), (0.1, 2.05), True),  # at once
        ((0.98, 2.84), (1.64, 2.84), True),  # as slow as may be
        ((1.01, 2.05), (1.3, 2.05), False),  # 250 + 740 ms
        ((0.7, 2.05), (1.67, 2.05), False),  # 660 ms more
        ((0.7, 9.0), (1.3, 2.05), False),  # does not let go: 1200 ms more
        ((0.7, 2.05), (1.3, 9.0), False),
        ((9.0, 9.0), (1.3, 2.05), False),
        ((0.7, 2.05), (9.0, 9.0), False),
        ((0.7, 2.05), None, True),  # with one output
        ((0.98, 2.84), None, True),
        ((0.7, 9.0), None, False),
        ((9.0, 9.0), None, False),
    ],
)
def test_a_module_has_so_long_for_each_step(
    direct_s: tuple[float, float], alternating_s: tuple[float, float] | None, passed: bool
) -> None:
    outcome, took_s = outcome_of(direct_s, alternating_s)
    assert outcome is passed
    assert took_s <= 2.86 < TESTED_WITHIN_S
