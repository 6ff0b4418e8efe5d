"""The guard with a controller that switches by itself, from its rules down to the bytes; time is a number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hw.api import Permit, Report
from hw.discovery import Place
from hw.errors import DeviceLost
from hw.guard.hardware import Hardware
from hw.guard.signals import Spec
from hw.guard.station import Guard
from hw.serial.dialogue import Dialogue
from hw.serial.rapi_pilot import RapiOptions, RapiPilot
from tests.peers.openevse import OpenEvse

STEP_S = 0.005
EPOCH = 7
SPEC = Spec(1, max_current_a=32, phases=1, socket=False, lock=False, self_switching=True)


class Talker:
    """The line's thread, as far as the driver knows it; `lost` as if the adapter had been pulled."""

    lost: DeviceLost | None = None

    def nudge(self) -> None:
        """The test looks at every step."""


class Site:
    def __init__(self, **controller: Any) -> None:
        self.now_s = 1000.0
        self.controller = OpenEvse(self.now_s, **controller)
        self.talker = Talker()
        self.pilot = RapiPilot(RapiOptions(port=""), Place("evse.1.pilot", Path()), talk=self._talk)
        self.guard = Guard([Hardware(SPEC, self.pilot, self.pilot, meter=self.pilot)], EPOCH, self.now_s)
        self.limit_a: float | None = None
        self.last = Report(1, 0)
        self.plugged = True
        self._underway = b""

    def _talk(self, dialogue: Dialogue) -> Any:
        self.dialogue = dialogue
        dialogue.opened(self.now_s)
        return self.talker

    def pull(self) -> None:
        """The adapter."""
        self.plugged = False
        self.talker.lost = DeviceLost("it has gone", where="[evse.1.pilot]", fix="Plug it in.")

    def plug_in(self) -> None:
        self.plugged, self.talker.lost = True, None
        self.dialogue.opened(self.now_s)

    def run(self, seconds: float) -> Site:
        for _ in range(round(seconds / STEP_S)):
            self.step()
        return self

    def until(self, condition: Callable[[], bool], within_s: float = 30.0) -> float:
        began_s = self.now_s
        while not condition():
            assert self.now_s - began_s < within_s, (self.last, self.controller.heard[-10:])
            self.step()
        return self.now_s - began_s

    def step(self) -> None:
        self.now_s = round(self.now_s + STEP_S, 6)
        self._line()
        if round(self.now_s / STEP_S) % 2 == 0:
            self._tick()

    def _line(self) -> None:
        said = self.controller.tick(self.now_s)
        if not self.plugged:
            self._underway = b""
            return
        arrived, self._underway = self._underway, b""
        if arrived:
            self.dialogue.received(arrived, self.now_s)
        request = self.dialogue.request(self.now_s)
        self._underway = said + (self.controller.feed(request, self.now_s) if request else b"")

    def _tick(self) -> None:
        if self.limit_a is not None and round(self.now_s * 100) % 50 == 0:
            self.permit()
        if self.guard.tick(self.now_s):
            for report in self.guard.reports(self.now_s):
                self.last = report

    def permit(self) -> None:
        assert self.limit_a is not None
        self.guard.permit(Permit(1, EPOCH, self.limit_a, sent_at_s=self.now_s), self.now_s)

    def charging(self, amps: float = 16) -> Site:
        self.run(6.0)
        self.controller.bay.plug({"phases": 1}, self.now_s)
        self.limit_a = amps
        self.until(lambda: self.last.contactor == "closed")
        return self.run(2.0)

    @property
    def faults(self) -> list[str]:
        return [fault.name for fault in self.last.faults]


def test_a_car_is_charged_and_lets_go_in_order() -> None:
    site = Site().charging(16)
    assert (site.last.pilot, site.last.offered_a, site.faults) == ("C2", 16.0, [])
    assert site.controller.bay.reading().current_a == pytest.approx((16.0,), abs=0.001)
    assert site.last.reading is not None

    site.limit_a = 0.0
    site.until(lambda: site.last.contactor == "open")
    assert "FD" not in site.controller.heard  # the car has had its time
    site.controller.bay.unplug("both", site.now_s)
    site.until(lambda: site.last.pilot == "A")
    assert site.faults == []


def test_the_car_may_pause_and_go_on_without_anybody_being_asked() -> None:
    site = Site().charging()
    site.controller.bay.change_car({"asks_power": False}, site.now_s)
    site.until(lambda: (site.last.contactor, site.last.pilot) == ("open", "B2"), within_s=2.0)
    site.run(10.0)
    site.controller.bay.change_car({"asks_power": True}, site.now_s)
    site.until(lambda: site.last.contactor == "closed")
    assert site.faults == []


def test_nothing_is_offered_before_it_may_be() -> None:
    site = Site()
    site.controller.bay.plug({"phases": 1}, site.now_s)
    site.limit_a = 16
    site.run(4.5)
    assert not site.controller.relay
    assert not any(command.startswith("FE") for command in site.controller.heard)


def test_a_fault_of_the_controllers_ends_supply_and_has_the_guards_name() -> None:
    site = Site().charging()
    site.controller.fail(0x06)
    site.until(lambda: site.faults == ["MREC2GroundFailure"], within_s=1.0)
    assert site.last.contactor == "open"


def test_a_weld_is_told_by_the_controller() -> None:
    site = Site().charging()
    site.controller.fail(0x08)
    site.until(lambda: "MREC17EVSEContactorFault" in site.faults, within_s=1.0)
    site.run(1.0)
    assert site.last.contactor == "welded"


def test_pulling_the_adapter_is_no_weld_and_the_relay_is_not_said_to_be_open() -> None:
    site = Site().charging()
    site.pull()
    site.run(20.0)
    assert site.faults == ["CommunicationFault", "MREC4OverCurrentFailure/Unsupervised"]  # its ammeter is gone too
    assert site.controller.relay  # nobody can open it but the controller
    assert site.last.contactor == "closed"  # its last word


def test_on_its_return_the_relay_is_opened_and_after_a_while_the_car_goes_on() -> None:
    site = Site().charging()
    site.pull()
    site.run(5.0)
    site.plug_in()
    site.until(lambda: not site.controller.relay, within_s=0.5)
    site.until(lambda: (site.last.contactor, site.faults) == ("closed", []), within_s=15.0)


def test_an_adapter_that_is_missing_from_the_start_proves_nothing() -> None:
    site = Site()
    site.pull()
    site.run(2.0)
    assert site.faults == ["CommunicationFault"]
    assert not site.guard.outlets[1].rules.contactor.proven_open


def test_a_lost_answer_or_two_do_not_end_a_session() -> None:
    site = Site().charging()
    site.plugged = False
    site.run(1.5)
    site.plugged = True
    site.run(5.0)
    assert site.faults == []
    assert site.last.contactor == "closed"


def test_silence_of_three_seconds_does() -> None:
    site = Site().charging()
    site.plugged = False
    assert 2.8 < site.until(lambda: site.faults == ["CommunicationFault"]) < 3.3


def test_a_restart_of_the_controller_in_mid_session_is_survived() -> None:
    site = Site(boot_lock=True).charging()
    site.controller.restart()
    site.run(4.0)
    site.until(lambda: site.last.contactor == "closed")
    assert "MREC17EVSEContactorFault" not in site.faults


def test_the_guard_ends_with_an_open_relay() -> None:
    site = Site().charging()
    site.guard.stop(site.now_s)
    site.until(lambda: not site.controller.relay, within_s=3.6)
    site.until(lambda: site.guard.all_open)


def test_a_guard_that_starts_without_its_line_says_nothing_about_who_is_there() -> None:
    site = Site()
    site.controller.bay.plug({"phases": 1}, site.now_s)
    site.pull()
    site.run(3.0)
    assert (site.last.sighted, site.faults) == (False, ["CommunicationFault"])

    site.plug_in()
    site.until(lambda: site.last.sighted, within_s=1.0)
    assert (site.last.pilot, site.last.ev_connected) == ("B1", True)


def test_a_car_that_was_there_before_the_guard_is_no_simplified_one() -> None:
    site = Site()
    site.controller.bay.plug({"phases": 1}, site.now_s)
    site.run(6.0)
    site.limit_a = 32
    site.until(lambda: site.last.contactor == "closed")
    assert site.last.offered_a == 32.0
