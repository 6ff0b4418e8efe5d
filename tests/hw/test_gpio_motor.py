"""The lock's motor: how long it is driven, how long it rests, and that it never stays on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw.discovery import Place, check
from hw.errors import DeviceLost
from hw.gpio.lock import GpioLock
from hw.gpio.motor import LEEWAY_S, REST, Motor
from tests.hw.gpio_wires import MockWires

PULSE_S = 0.2
TICK_S = 0.010


class Bridge:
    """The motor's two inputs, and for how long each was on. Both at once would be a short circuit."""

    def __init__(self) -> None:
        self.on = {True: False, False: False}
        self.broken = False

    def line(self, direction: bool) -> Any:
        return _Line(self, direction)


class _Line:
    def __init__(self, bridge: Bridge, direction: bool) -> None:
        self._bridge, self._direction = bridge, direction

    def set(self, on: bool) -> None:
        if self._bridge.broken:
            raise DeviceLost("gone", where="[evse.1.lock]", fix="Look.")
        self._bridge.on[self._direction] = on
        assert not all(self._bridge.on.values())


class Alarm:
    """Stands in for the timer thread; a test decides whether it goes off."""

    daemon = False

    def __init__(self, delay_s: float, ring: Callable[[], None]) -> None:
        self.delay_s, self.ring = delay_s, ring
        self.started = self.cancelled = False

    def start(self) -> None:
        self.started = True

    def cancel(self) -> None:
        self.cancelled = True


class Stand:
    def __init__(self) -> None:
        self.now_s = 1000.0
        self.bridge = Bridge()
        self.alarms: list[Alarm] = []
        lines = {direction: self.bridge.line(direction) for direction in (True, False)}
        self.motor = Motor(lines, PULSE_S, lambda: self.now_s, self._alarm)

    def _alarm(self, delay_s: float, ring: Callable[[], None]) -> Alarm:
        self.alarms.append(Alarm(delay_s, ring))
        return self.alarms[-1]

    @property
    def driven(self) -> bool | None:
        """The direction in which it is driven now; None = it rests."""
        return next((direction for direction, on in self.bridge.on.items() if on), None)

    def run(self, seconds: float) -> list[tuple[bool | None, float]]:
        """What it did, and for how long each."""
        spans: list[tuple[bool | None, float]] = []
        for _ in range(round(seconds / TICK_S)):
            self.motor.tick()
            if not spans or spans[-1][0] is not self.driven:
                spans.append((self.driven, 0.0))
            spans[-1] = (self.driven, round(spans[-1][1] + TICK_S, 3))
            self.now_s = round(self.now_s + TICK_S, 3)
        return spans


def about(*spans: tuple[bool | None, float]) -> list[tuple[bool | None, Any]]:
    """To the tick."""
    return [(did, pytest.approx(for_s, abs=1.5 * TICK_S)) for did, for_s in spans]


def test_one_order_is_one_pulse() -> None:
    stand = Stand()
    stand.motor.drive(True)
    assert stand.run(3.0) == [(True, PULSE_S), (None, 3.0 - PULSE_S)]


def test_it_rests_eight_pulses_before_the_next() -> None:
    stand = Stand()
    stand.motor.drive(True)
    stand.run(0.3)
    stand.motor.drive(False)
    assert stand.run(3.0) == about((None, 1.5), (False, 0.2), (None, 1.3))
    assert pytest.approx(0.1 + 1.5) == REST * PULSE_S


def test_an_order_that_comes_during_a_pulse_waits_for_it_and_the_latest_counts() -> None:
    stand = Stand()
    stand.motor.drive(True)
    stand.run(0.1)
    stand.motor.drive(False)
    stand.motor.drive(True)
    stand.motor.drive(False)
    assert stand.run(4.0) == about((True, 0.1), (None, 1.6), (False, 0.2), (None, 2.1))


def test_the_bolt_is_believed_where_the_last_pulse_that_ended_has_sent_it() -> None:
    stand = Stand()
    assert stand.motor.believed is None
    stand.motor.drive(True)
    stand.run(0.1)
    assert stand.motor.believed is None
    stand.run(0.2)
    assert stand.motor.believed is True
    stand.motor.drive(False)
    stand.run(1.0)
    assert stand.motor.believed is True  # it still rests
    stand.run(1.0)
    assert stand.motor.believed is False


# --- a guard that stands still ----------------------------------------------------------------------------------------


def test_a_pulse_ends_even_if_nobody_asks_again() -> None:
    stand = Stand()
    stand.motor.drive(True)
    (alarm,) = stand.alarms
    assert (alarm.started, alarm.daemon, alarm.delay_s) == (True, True, pytest.approx(PULSE_S + LEEWAY_S))

    stand.now_s += alarm.delay_s
    alarm.ring()
    assert stand.driven is None


def test_a_pulse_that_was_ended_in_time_takes_its_alarm_with_it() -> None:
    stand = Stand()
    stand.motor.drive(True)
    stand.run(0.3)
    assert stand.alarms[0].cancelled


def test_an_alarm_that_comes_late_ends_no_other_pulse() -> None:
    stand = Stand()
    stand.motor.drive(True)
    stand.run(2.0)
    stand.motor.drive(False)
    stand.alarms[0].ring()
    assert stand.driven is False


def test_a_stop_ends_everything_and_forgets_what_waited() -> None:
    stand = Stand()
    stand.motor.drive(True)
    stand.run(0.1)
    stand.motor.drive(False)
    stand.motor.stop()
    assert stand.run(5.0) == [(None, 5.0)]


def test_a_line_that_fails_is_told_and_the_alarm_of_it_is_not_a_second_failure() -> None:
    stand = Stand()
    stand.motor.drive(True)
    stand.bridge.broken = True
    stand.now_s += 1.0
    stand.alarms[0].ring()
    with pytest.raises(DeviceLost):
        stand.motor.tick()


@given(st.lists(st.tuples(st.booleans(), st.floats(0.0, 3.0)), max_size=12))
def test_whatever_is_ordered_no_pulse_is_too_long_and_no_rest_too_short(orders: list[tuple[bool, float]]) -> None:
    stand = Stand()
    spans: list[tuple[bool | None, float]] = []
    for locked, then_s in orders:
        stand.motor.drive(locked)
        for did, for_s in stand.run(then_s):
            if spans and spans[-1][0] is did:
                spans[-1] = (did, round(spans[-1][1] + for_s, 3))
            else:
                spans.append((did, for_s))
    assert all(for_s <= PULSE_S + TICK_S for did, for_s in spans if did is not None)
    between = [for_s for at, (did, for_s) in enumerate(spans) if did is None and 0 < at < len(spans) - 1]
    assert all(for_s >= REST * PULSE_S - TICK_S for for_s in between)


# --- the driver -------------------------------------------------------------------------------------------------------


def lock(patch: pytest.MonkeyPatch, **table: Any) -> tuple[GpioLock, MockWires]:
    wires = MockWires(patch)
    place = Place("evse.1.lock", Path("/nonexistent"), 1)
    return GpioLock(GpioLock.Options(**table), place, lambda: 1000.0, Alarm), wires


def test_a_solenoid_is_held_for_as_long_as_the_plug_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    bolt, wires = lock(monkeypatch, line=5)
    assert (bolt.sense(), wires.level(5)) == (None, False)
    bolt.drive(True)
    assert (bolt.sense(), wires.level(5)) == (True, True)
    bolt.drive(False)
    assert (bolt.sense(), wires.level(5)) == (False, False)


def test_closing_the_driver_leaves_no_line_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for table in ({"line": 5}, {"open_line": 6, "close_line": 5}):
        bolt, wires = lock(monkeypatch, **table)
        bolt.drive(True)
        assert wires.level(5)
        bolt.close()
        assert not wires.level(5)


def test_the_switch_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    bolt, wires = lock(monkeypatch, line=5, sense_line=13, sense_active_high=False)
    bolt.drive(True)
    wires.pull(13, True)
    assert bolt.sense() is False
    wires.pull(13, False)
    assert bolt.sense() is True


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"open_line": 5},
        {"close_line": 5},
        {"line": 4, "open_line": 5},
        {"line": 4, "sense_line": 5, "close_line": 6},
    ],
)
def test_half_a_lock_is_a_mistake(table: dict[str, Any]) -> None:
    (mistake,) = check("lock", {"driver": "gpio"} | table, "evse.1.lock")
    assert str(mistake) == (
        "[evse.1.lock] a lock has either open_line and close_line (motor), or line (solenoid). "
        "Name the lines that are wired, and no others."
    )
