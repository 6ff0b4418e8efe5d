"""What the lamps show: each status and each fault, over time."""

from __future__ import annotations

import pytest

from hw.api import Colour, Command, Fault, Permit
from hw.errors import DeviceLost
from hw.guard.faults import FAULTS
from hw.guard.hardware import Hardware
from hw.guard.lamps import Lamps
from hw.guard.signals import Spec
from hw.guard.station import Guard
from hw.mock.bay import Bay
from tests.hw.test_station import EPOCH, Wires

OFF, GREEN, BLUE, RED, WHITE = Colour.OFF, Colour.GREEN, Colour.BLUE, Colour.RED, Colour.WHITE


def course(
    status: str, fault: Fault | None = None, seconds: float = 8.0, blinks: int = 0
) -> list[tuple[Colour, float]]:
    """The colours that show, one after the other, and for how long each."""
    lamps = Lamps(0.0)
    shown: list[tuple[Colour, float]] = []
    for tick in range(round(seconds * 100)):
        lamps.step(status, fault, tick / 100, blinks)
        if shown and shown[-1][0] is lamps.colour:
            shown[-1] = lamps.colour, round(shown[-1][1] + 0.01, 2)
        else:
            shown.append((lamps.colour, 0.01))
    return shown


def a_fault(name: str) -> Fault:
    return Fault(name, FAULTS[name].severity, False, FAULTS[name].remedy)


@pytest.mark.parametrize(
    ("status", "colour"),
    [
        ("available", GREEN), ("charging", BLUE), ("suspended_evse", Colour.YELLOW), ("finishing", WHITE),
        ("reserved", Colour.PURPLE), ("unavailable", RED), ("a status of a later daemon", OFF),
    ],
)  # fmt: skip
def test_a_steady_state_has_a_steady_lamp(status: str, colour: Colour) -> None:
    assert course(status) == [(colour, 8.0)]


@pytest.mark.parametrize(
    ("status", "colour", "on_s", "off_s"),
    [("preparing", GREEN, 0.5, 0.5), ("suspended_ev", BLUE, 1.5, 1.5), ("", WHITE, 0.1, 1.9)],
)
def test_what_waits_flashes(status: str, colour: Colour, on_s: float, off_s: float) -> None:
    assert course(status)[:4] == [(colour, on_s), (OFF, off_s), (colour, on_s), (OFF, off_s)]


@pytest.mark.parametrize(
    ("status", "colour", "on_s", "off_s"), [("preparing", GREEN, 0.5, 0.5), ("suspended_ev", BLUE, 1.5, 1.5)]
)
def test_a_lamp_that_has_blinked_often_enough_stays_lit(status: str, colour: Colour, on_s: float, off_s: float) -> None:
    """1.6 BlinkRepeat."""
    shown = course(status, seconds=30.0, blinks=2)
    assert shown[:4] == [(colour, on_s), (OFF, off_s)] * 2
    assert shown[4:] == [(colour, 30.0 - 2 * (on_s + off_s))]


def test_a_fault_and_a_missing_daemon_blink_on_and_on() -> None:
    assert len(course("", seconds=20.0, blinks=1)) == 20
    assert course("charging", a_fault("Selftest"), 20.0, blinks=1) == course("charging", a_fault("Selftest"), 20.0)


def test_a_lamp_blinks_anew_with_the_next_status_and_when_more_is_asked_for() -> None:
    lamps = Lamps(0.0)
    for tick in range(500):
        lamps.step("preparing", None, tick / 100, 1)
    lamps.step("available", None, 5.0, 1)
    lamps.step("preparing", None, 6.0, 1)
    lamps.step("preparing", None, 6.6, 1)
    assert lamps.colour is OFF
    lamps.step("preparing", None, 7.1, 1)
    lamps.step("preparing", None, 9.0, 0)
    lamps.step("preparing", None, 9.6, 0)
    assert lamps.colour is OFF


@pytest.mark.parametrize(
    ("name", "flashes"),
    [
        ("CommunicationFault", 2), ("Selftest", 3), ("MREC17EVSEContactorFault", 4), ("MREC14PilotFault", 5),
        ("MREC1ConnectorLockFailure", 6), ("MREC3HighTemperature", 7), ("MREC8EmergencyStop", 8),
    ],
)  # fmt: skip
def test_a_fault_flashes_red_as_often_as_its_groups_number(name: str, flashes: int) -> None:
    shown = course("charging", a_fault(name), seconds=12.0)

    rest = next(place for place, (colour, seconds) in enumerate(shown) if colour is OFF and seconds == 1.5)
    assert [colour for colour, _ in shown[: rest + 1]].count(RED) == flashes


def test_a_warning_does_not_hide_the_status() -> None:
    assert course("charging", a_fault("VendorWarning")) == [(BLUE, 8.0)]


def test_a_fault_that_only_the_daemon_knows_flashes_once() -> None:
    assert course("faulted")[:3] == [(RED, 0.3), (OFF, 1.5), (RED, 0.3)]


def test_a_fault_is_shown_whether_or_not_there_is_a_daemon() -> None:
    assert course("", a_fault("Selftest"))[0][0] is RED


def test_the_buzzer_sounds_with_the_first_three_rounds_of_a_fault_and_then_is_quiet() -> None:
    lamps = Lamps(0.0)
    heard = 0
    was = False
    for tick in range(6000):
        lamps.step("faulted", a_fault("Selftest"), tick / 100)
        heard += lamps.sounding and not was
        was = lamps.sounding

    assert heard == 3 * 3


def test_every_status_of_the_local_api_has_a_look() -> None:
    from chargepoint.core.facts import Status
    from hw.guard.lamps import PATTERNS

    assert set(PATTERNS) == {status.value for status in Status} - {"faulted"}


# --- through the guard ------------------------------------------------------------------------------------------------


class Lamp:
    def __init__(self) -> None:
        self.shown: list[Colour] = []
        self.sounded: list[bool] = []
        self.broken = False
        self.dimmed: list[float] = []

    def dim(self, brightness: float) -> None:
        self.dimmed.append(brightness)

    def show(self, colour: Colour) -> None:
        if self.broken:
            raise DeviceLost("no answer", where="[evse.1.indicator]", fix="Mend the wire.")
        self.shown.append(colour)

    def sound(self, on: bool) -> None:
        self.sounded.append(on)

    def close(self) -> None: ...


class Site:
    def __init__(self) -> None:
        self.now_s = 1000.0
        self.lamp = Lamp()
        self.wires = Wires(Bay(now_s=self.now_s), self.now_s)
        hardware = Hardware(Spec(1), self.wires, self.wires, self.wires, indicator=self.lamp)
        self.guard = Guard([hardware], EPOCH, self.now_s)

    def run(self, seconds: float, status: str | None = None, **looks: int) -> Site:
        for tick in range(round(seconds * 100)):
            self.now_s = round(self.now_s + 0.01, 6)
            self.wires.now_s = self.now_s
            if status is not None and tick % 50 == 0:
                permit = Permit(1, EPOCH, 0.0, sent_at_s=self.now_s, status=status, **looks)
                self.guard.permit(permit, self.now_s)
            self.guard.tick(self.now_s)
        return self


def test_the_lamps_are_told_of_changes_only() -> None:
    site = Site().run(10.0, "available")

    assert site.lamp.shown == [GREEN]
    assert site.lamp.sounded == []


def test_a_new_status_shows_at_the_next_tick() -> None:
    site = Site().run(5.0, "available")

    site.run(0.01, "charging")

    assert site.lamp.shown[-1] is BLUE


def test_a_daemon_that_falls_silent_leaves_a_look_of_its_own_after_ten_seconds() -> None:
    site = Site().run(5.0, "available").run(9.0)
    assert site.lamp.shown == [GREEN]

    site.run(4.0)

    assert site.lamp.shown[1:4] == [WHITE, OFF, WHITE]


def test_a_fault_of_the_guard_shows_and_ends() -> None:
    site = Site().run(5.0, "available")
    site.wires.bay.fault("emergency_stop", True, site.now_s)
    site.run(10.0, "faulted")
    assert site.lamp.shown[1:4] == [RED, OFF, RED]
    assert True in site.lamp.sounded

    site.wires.bay.fault("emergency_stop", False, site.now_s)
    site.run(5.0, "available")

    assert (site.lamp.shown[-1], site.lamp.sounded[-1]) == (GREEN, False)


def test_a_lamp_that_is_lost_is_no_fault() -> None:
    site = Site()
    site.lamp.broken = True

    site.run(10.0, "available")
    assert site.guard.reports(site.now_s)[-1].faults == ()

    site.lamp.broken = False
    site.run(1.1, "available")
    assert site.lamp.shown == [GREEN]


def test_orders_need_no_lamps() -> None:
    site = Site().run(6.0)

    site.guard.command(Command(1, 1, "self_test"), "doctor", site.now_s)
    site.run(2.0)

    assert site.guard.take_results()[0][1].ok


def test_the_back_office_s_brightness_and_blinks_reach_the_lamp() -> None:
    site = Site().run(1.0, "preparing", light=40, blinks=1)
    site.run(2.0, "preparing", light=40, blinks=1)
    assert site.lamp.dimmed == [0.4]
    assert site.lamp.shown[-3:] == [GREEN, OFF, GREEN]
    site.run(1.0, "preparing", light=0, blinks=1)
    assert site.lamp.dimmed == [0.4, 0.0]


def test_a_silent_daemon_leaves_the_brightness_as_it_was() -> None:
    site = Site().run(1.0, "preparing", light=40).run(20.0)
    assert site.lamp.dimmed == [0.4]
