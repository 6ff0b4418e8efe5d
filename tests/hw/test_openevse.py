"""The conversation with an OpenEVSE controller, against one that behaves as its firmware does; time is a number."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw.api import PilotLevels
from hw.guard.pilot import duty_for
from hw.serial import openevse
from hw.serial.ammeter import Register
from hw.serial.dialogue import Dialogue, Wanted
from hw.serial.rapi import checksum
from tests.peers.openevse import OpenEvse

STEP_S = 0.005
X1, F = 1.0, 0.0
ASLEEP, OFF = 0xFE, 0xFF


class Bench:
    """A line between the two, 5 ms long. `mangle` is what becomes of bytes on their way to us."""

    def __init__(self, **controller: Any) -> None:
        self.now_s = 1000.0
        self.controller = OpenEvse(self.now_s, **controller)
        self.dialogue = Dialogue("[evse.1.pilot]")
        self.mangle: Callable[[bytes], bytes] = lambda data: data
        self.asked: list[tuple[float, str]] = []
        self._underway = b""
        self.dialogue.opened(self.now_s)

    def run(self, seconds: float) -> Bench:
        for _ in range(round(seconds / STEP_S)):
            self.step()
        return self

    def step(self) -> None:
        self.now_s = round(self.now_s + STEP_S, 6)
        request = self.dialogue.request(self.now_s)
        underway, self._underway = self._underway, b""
        if request is not None:
            self.asked.append((self.now_s, request.decode()[1:].partition(" :")[0]))
            self._underway = self.controller.feed(request, self.now_s)
        self._underway += self.controller.tick(self.now_s)
        arrived = self.mangle(underway)
        if arrived:
            self.dialogue.received(arrived, self.now_s)

    def until(self, condition: Callable[[], bool], within_s: float = 30.0) -> float:
        began_s = self.now_s
        while not condition():
            assert self.now_s - began_s < within_s, self.asked[-20:]
            self.step()
        return self.now_s - began_s

    def plug(self, **car: Any) -> Bench:
        self.controller.bay.plug(car, self.now_s)
        return self

    def offer(self, amps: float) -> Bench:
        self.dialogue.want(duty=duty_for(amps), allowed=True)
        return self

    def charging(self, amps: float = 16) -> Bench:
        self.run(0.3).plug().offer(amps)
        self.until(lambda: self.controller.relay)
        return self.run(0.5)

    def commands(self, *beginnings: str) -> list[str]:
        return [command for command in self.controller.heard if command.startswith(beginnings)]

    @property
    def levels(self) -> tuple[float, float | None]:
        assert self.dialogue.levels is not None
        return self.dialogue.levels.high_v, self.dialogue.levels.low_v

    @property
    def faults(self) -> tuple[str, ...]:
        return self.dialogue.sensors.reported_faults


def test_a_controller_that_was_found_awake_is_put_to_sleep_before_anybody_charges() -> None:
    bench = Bench().plug().run(1.0)

    assert bench.controller.code == ASLEEP
    assert not bench.controller.relay
    assert bench.levels == (9.0, None)  # B1
    assert bench.dialogue.settled


def test_it_is_asked_who_it_is_and_supervised_before_anything_else() -> None:
    bench = Bench().run(1.0)
    assert bench.controller.heard[:4] == ["GV", "SY 30 6", "GE", "GS"]


def test_a_car_is_charged_with_whole_amperes_rounded_down() -> None:
    bench = Bench().run(0.5).plug().offer(16.9)
    bench.until(lambda: bench.levels == (6.0, -12.0))
    bench.run(1.0)

    assert bench.controller.relay
    assert bench.controller.amps == 16
    assert bench.commands("SC") == ["SC 16 V"]  # V: nothing is written to its memory
    assert bench.controller.bay.reading().current_a == pytest.approx((16.0,), abs=0.001)


def test_b2_shows_the_low_plateau_of_a_running_pwm() -> None:
    bench = Bench().run(0.5).plug(asks_power=False).offer(10)
    bench.run(2.0)
    assert bench.levels == (9.0, -12.0)


def test_a_lower_offer_is_told_at_once() -> None:
    bench = Bench().charging(16)
    bench.offer(8)
    assert bench.until(lambda: bench.controller.amps == 8) <= 0.05


def test_x1_lets_the_car_stop_before_the_relay_opens() -> None:
    bench = Bench().charging()
    bench.dialogue.want(duty=X1)
    bench.until(lambda: bench.controller.code == ASLEEP)
    assert bench.controller.relay

    bench.until(lambda: not bench.controller.relay, within_s=3.1)
    bench.until(lambda: bench.levels == (9.0, None), within_s=0.5)
    assert bench.commands("FD") == []


def test_forbidden_the_relay_opens_at_once_and_then_the_car_is_shown_x1() -> None:
    bench = Bench().charging()
    bench.dialogue.want(duty=X1, allowed=False)

    assert bench.until(lambda: not bench.controller.relay) <= 0.05
    bench.until(lambda: bench.controller.code == ASLEEP, within_s=0.5)
    assert bench.commands("F")[-2:] == ["FD", "FS"]


def test_opening_goes_ahead_of_every_question() -> None:
    for delay in range(40):  # wherever the conversation stands
        bench = Bench().charging().run(delay * STEP_S)
        bench.dialogue.want(duty=X1, allowed=False)
        assert bench.until(lambda bench=bench: not bench.controller.relay) <= 0.03  # type: ignore[misc]


def test_a_lost_answer_delays_an_opening_by_no_more_than_its_time_out() -> None:
    bench = Bench().charging()
    bench.mangle = lambda data: b""
    bench.run(0.3)
    bench.dialogue.want(duty=X1, allowed=False)
    assert bench.until(lambda: not bench.controller.relay) <= 0.52


def test_state_f_is_steady_minus_12_volts() -> None:
    bench = Bench().run(0.5)
    bench.dialogue.want(duty=F)
    bench.run(0.5)
    assert (bench.controller.code, bench.levels) == (OFF, (-12.0, None))
    bench.dialogue.want(duty=X1)
    bench.run(0.5)
    assert bench.levels == (12.0, None)


def test_a_controller_with_a_smaller_maximum_is_believed_and_not_asked_again_and_again() -> None:
    bench = Bench(stored_a=10).charging(16).run(20.0)
    assert bench.controller.amps == 10
    assert len(bench.commands("SC")) == 1


def test_an_offer_that_the_controller_raises_by_itself_is_lowered_again() -> None:
    bench = Bench().charging(10)
    bench.controller.amps = 32  # it has cooled down, or somebody was at its menu
    assert bench.until(lambda: bench.controller.amps == 10) <= 0.1


def test_a_controller_that_somebody_wakes_goes_back_to_sleep() -> None:
    bench = Bench().run(0.5)
    bench.controller._function("FE")
    bench.run(0.5)
    assert bench.controller.code == ASLEEP


def test_boot_lock_and_authorisation_lock_are_left_when_somebody_may_charge_and_not_before() -> None:
    bench = Bench(boot_lock=True)
    bench.controller.auth_locked = True
    bench.run(1.0)
    assert bench.commands("SB", "S4") == []

    bench.charging()
    assert bench.commands("SB", "S4") == ["SB", "S4 0"]


def test_protective_functions_are_never_switched_off_and_the_two_that_are_relied_on_are_switched_on() -> None:
    bench = Bench(flags=0x0002 | 0x0004 | 0x0008).charging()
    assert bench.commands("FF") == ["FF D 1", "FF V 1"]
    assert bench.controller.flags == 0x0008  # ground: there are mains without one, and the log says so


def test_nothing_is_offered_before_the_diode_check_is_on() -> None:
    bench = Bench(flags=0x0002)
    bench.controller.keeps_flags = True
    bench.run(0.5).plug().offer(16).run(10.0)
    assert bench.controller.code == ASLEEP


def test_the_same_supervision_is_not_written_to_its_memory_twice() -> None:
    bench = Bench().run(1.0)
    bench.dialogue.opened(bench.now_s)
    bench.run(1.0)
    assert bench.controller.eeprom_writes == 1


def test_pulses_keep_the_supervision_content() -> None:
    bench = Bench().charging(16)
    bench.run(120.0)
    assert bench.controller.supervision == (30, 6, 0)
    assert bench.controller.amps == 16


def test_without_us_a_car_goes_on_with_6_amperes_and_after_our_return_with_what_it_had() -> None:
    bench = Bench().charging(16)
    for _ in range(round(31 / STEP_S)):
        bench.now_s += STEP_S
        bench.controller.tick(bench.now_s)
    assert (bench.controller.amps, bench.controller.relay) == (6, True)

    bench.run(6.0)
    assert (bench.controller.amps, bench.controller.supervision) == (16, (30, 6, 0))
    assert bench.commands("SY 165") == []  # it would first raise the offer to the controller's maximum


def test_a_restart_of_the_controller_is_noticed_and_everything_is_set_again() -> None:
    bench = Bench(boot_lock=True).charging(16)
    bench.controller.restart()
    bench.controller.heard.clear()
    bench.run(2.2)
    bench.until(lambda: bench.controller.relay)

    assert {"GV", "SY 30 6", "GE", "SC 16 V", "SB"} <= set(bench.controller.heard)
    assert bench.controller.amps == 16


def test_a_restart_while_nobody_may_charge_ends_asleep() -> None:
    bench = Bench().run(0.5).plug()
    bench.controller.restart()
    bench.run(3.0)
    assert (bench.controller.code, bench.controller.relay) == (ASLEEP, False)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0x04, "VentilationNotAvailable"),
        (0x05, "DiodeFault"),
        (0x06, "MREC2GroundFailure"),
        (0x08, "MREC17EVSEContactorFault"),
        (0x09, "Selftest"),
        (0x0A, "MREC3HighTemperature"),
        (0x0B, "MREC4OverCurrentFailure"),
        (0x0C, "OpenEVSE state 0x0C"),
        (0x0E, "MREC17EVSEContactorFault/StuckOpen"),
    ],
)
def test_what_the_controller_finds_is_told_by_the_guards_names(code: int, name: str) -> None:
    bench = Bench().charging()
    before = len(bench.commands("F"))
    bench.controller.fail(code)
    bench.run(0.3)
    bench.dialogue.want(duty=X1)
    bench.run(1.0)

    assert bench.faults == (name,)
    assert bench.commands("F")[before:] == []  # an order would hide why it has stopped


def test_a_missing_earth_is_an_input_of_its_own() -> None:
    bench = Bench().run(0.5)
    assert bench.dialogue.sensors.earth_missing is False
    bench.controller.fail(0x07, hard=False)
    bench.run(0.3)
    assert (bench.dialogue.sensors.earth_missing, bench.faults) == (True, ())


def test_without_a_ground_check_nothing_is_said_about_the_earth() -> None:
    assert Bench(flags=0x0008).run(0.5).dialogue.sensors.earth_missing is None


def test_a_hard_fault_that_somebody_has_put_to_sleep_still_stands_until_the_car_is_gone() -> None:
    bench = Bench().charging()
    bench.controller.fail(0x05)
    bench.run(0.3)
    bench.dialogue.want(duty=X1)
    bench.controller.code = ASLEEP
    bench.run(0.5)
    assert bench.faults == ("DiodeFault",)

    bench.controller.hard_fault = False
    bench.run(0.5)
    assert bench.faults == ()


def test_a_stuck_relay_shows_as_closed() -> None:
    bench = Bench().plug().run(0.5)
    bench.controller.fail(0x08)
    bench.run(0.5)
    assert bench.dialogue.state is not None
    assert openevse.relay_closed(bench.dialogue.state)


def test_temperatures_that_are_not_there_do_not_count() -> None:
    bench = Bench(temperatures=(335, -2560, 412)).run(1.0)
    assert bench.dialogue.sensors.temperature_degc == 41.2
    assert Bench(temperatures=(-2560, -2560, -2560)).run(1.0).dialogue.sensors.temperature_degc is None


def test_firmware_before_protocol_5_is_refused() -> None:
    bench = Bench(protocol="4.0.1").run(1.0)
    assert "RAPI 4.0.1" in bench.dialogue.unfit
    assert not bench.dialogue.answered
    assert bench.commands("F") == []


# --- its ammeter ------------------------------------------------------------------------------------------------------


def test_its_ammeter_counts_a_session_and_keeps_it_when_the_car_has_gone() -> None:
    bench = Bench().charging(16)
    began = bench.dialogue.reading
    assert began is not None
    bench.run(60.0)
    charged = bench.dialogue.reading
    assert charged is not None
    assert charged.energy_wh - began.energy_wh == pytest.approx(16 * 230 / 60, rel=0.02)
    assert (charged.current_a, charged.power_w) == ((16.0,), 3680.0)

    bench.controller.bay.unplug("both", bench.now_s)
    bench.run(5.0)
    gone = bench.dialogue.reading
    assert gone is not None
    assert charged.energy_wh <= gone.energy_wh <= charged.energy_wh + 2.0
    assert gone.taken_s > bench.now_s - 1.5


def test_the_register_never_counts_a_session_twice() -> None:
    register = Register()
    assert register.take(7200, 100, True, 0.0)
    assert not register.take(720_000, 300, True, 1.0)  # 200 Wh were added to the life, the car seems to be there still
    assert register.take(720_000, 102, False, 2.0)
    assert register.energy_wh == 102


def test_a_sessions_fraction_that_is_lost_does_not_let_the_register_fall() -> None:
    register = Register()
    register.take(3599, 100, True, 0.0)
    register.take(3599, 100, False, 1.0)
    assert register.energy_wh == pytest.approx(100.9997, abs=0.001)


def test_counters_that_somebody_has_set_are_believed_after_a_while() -> None:
    register = Register()
    register.take(0, 5000, False, 0.0)
    assert [register.take(0, 0, False, second) for second in (1.0, 2.0, 3.0)] == [False, False, True]
    assert register.energy_wh == 0


# --- a bad line -------------------------------------------------------------------------------------------------------


def test_values_are_a_quarter_of_a_second_old_at_most_and_three_quarters_after_a_loss() -> None:
    bench = Bench().charging()

    def age_s() -> float:
        assert bench.dialogue.levels is not None
        return bench.now_s - bench.dialogue.levels.taken_s

    oldest_s = 0.0
    for _ in range(2000):
        bench.step()
        oldest_s = max(oldest_s, age_s())
    assert oldest_s <= 0.25

    lost = 0

    def lose_one(data: bytes) -> bytes:
        nonlocal lost
        lost += bool(data)
        return data if lost % 40 else b""

    bench.mangle = lose_one
    for _ in range(8000):
        bench.step()
        oldest_s = max(oldest_s, age_s())
    assert 0.5 < oldest_s <= 0.75


def test_a_broken_answer_is_asked_for_again_at_once() -> None:
    bench = Bench().charging()
    broken = 0

    def flip(data: bytes) -> bytes:
        nonlocal broken
        broken += bool(data)
        return data.replace(b"OK", b"OJ") if broken == 1 else data

    bench.mangle = flip
    began = len(bench.asked)
    bench.run(0.6)
    times = [asked_s for asked_s, _ in bench.asked[began:]]
    assert max(later - sooner for sooner, later in pairwise(times)) < 0.3


def test_silence_is_counted_and_ends_with_the_next_answer() -> None:
    bench = Bench().run(1.0)
    bench.mangle = lambda data: b""
    bench.run(2.0)
    assert bench.dialogue.silent >= 3
    assert not bench.dialogue.answered

    bench.mangle = lambda data: data
    bench.run(0.6)
    assert bench.dialogue.answered


def test_one_request_is_outstanding_at_a_time() -> None:
    bench = Bench().charging()
    bench.mangle = lambda data: b""
    began = len(bench.asked)
    bench.run(5.0)
    times = [asked_s for asked_s, _ in bench.asked[began:]]
    assert min(later - sooner for sooner, later in pairwise(times)) >= 0.5 - 1e-6


def test_the_same_wish_again_is_no_news() -> None:
    dialogue = Dialogue("")
    wanted = dialogue.wanted
    dialogue.want(duty=1.0, allowed=False)
    assert dialogue.wanted is wanted
    assert Wanted(duty_for(6.0), True).amps == 6
    assert Wanted(0.05, True).amps == 0  # digital communication: it has no word for that


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_noise_half_and_doubled_frames_never_invent_a_state_and_never_close(data: st.DataObject) -> None:
    bench = Bench().run(1.0).plug()
    bench.run(1.0)

    def spoil(arrived: bytes) -> bytes:
        match data.draw(st.integers(0, 5)):
            case 0:
                return b""
            case 1:
                return arrived[: data.draw(st.integers(0, len(arrived)))]
            case 2:
                return arrived + arrived
            case 3:
                return data.draw(st.binary(max_size=20)) + arrived
            case 4:
                return arrived + data.draw(st.binary(max_size=20))
        return arrived

    bench.mangle = lambda arrived: spoil(arrived) if arrived else b""
    for _ in range(200):
        bench.step()
        assert bench.dialogue.levels in (None, PilotLevels(9.0, None, taken_s=bench.dialogue.levels.taken_s))  # type: ignore[union-attr]
        assert bench.controller.code == ASLEEP
        assert not bench.controller.relay
    bench.mangle = lambda arrived: arrived
    bench.run(1.5)
    assert bench.dialogue.answered


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_a_device_that_speaks_something_else_is_never_believed(said: list[bytes]) -> None:
    dialogue = Dialogue("")
    dialogue.opened(0.0)
    for number, data in enumerate(said):
        dialogue.request(number * 0.1)
        dialogue.received(data, number * 0.1)
    assert (dialogue.state, dialogue.levels, dialogue.answered) == (None, None, False)


def test_a_late_answer_is_not_taken_for_the_next_ones() -> None:
    bench = Bench().run(1.0)
    bench.mangle = lambda data: b""
    bench.until(lambda: bench.asked[-1][1] == "GS" and bench.dialogue.due_s(bench.now_s) > bench.now_s + 0.4)
    for sequence in {*range(1, 0x100)} - {bench.dialogue._sequence}:
        body = f"$OK 03 0 03 0140 :{sequence:02X}"
        bench.dialogue.received(f"{body}^{checksum(body):02X}\r".encode(), bench.now_s)
    assert bench.levels == (12.0, None)
