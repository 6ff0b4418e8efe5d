"""The guard as a whole: permits and orders in, reports and results out, drivers that come and go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from hw.api import Command, Permit, PilotLevels, Reading, Report, Result, Sensors
from hw.errors import DeviceLost
from hw.guard.hardware import Hardware
from hw.guard.release import release
from hw.guard.signals import Spec
from hw.guard.station import Guard
from hw.guard.wire import encode
from hw.mock.bay import Bay, Drive

EPOCH = 42
LEAK = "MREC2GroundFailure"


@dataclass
class Wires:
    """Pilot, contactor and lock of a simulated bay; `broken` is a wire that has come off."""

    bay: Bay
    now_s: float
    out: Drive = field(default_factory=Drive)
    broken: bool = False

    def levels(self) -> PilotLevels:
        self._check()
        self.bay.advance(self.now_s)
        return self.bay.levels()

    def sensors(self) -> Sensors:
        return self.bay.sensors()

    def feedback(self) -> bool | None:
        return self.bay.feedback()

    def sense(self) -> bool | None:
        return self.bay.locked()

    def offer(self, duty: float) -> None:
        self._drive(duty=duty)

    def switch(self, closed: bool) -> None:
        self._drive(coil=closed)

    def drive(self, locked: bool) -> None:
        self._drive(lock=locked)

    def test_residual_current(self) -> None:
        self._drive(selftests=self.out.selftests + 1)

    def close(self) -> None: ...

    def _drive(self, **changes: Any) -> None:
        self._check()
        self.out = Drive(**{"duty": self.out.duty, "coil": self.out.coil, "lock": self.out.lock,
                            "selftests": self.out.selftests} | changes)  # fmt: skip
        self.bay.drive(self.out, self.now_s)

    def _check(self) -> None:
        if self.broken:
            raise DeviceLost("no answer", where="pilot", fix="Mend the wire.")


class Site:
    """A guard with simulated bays, ticked every 10 ms; permits are sent twice a second while `amps` says so."""

    def __init__(
        self,
        evses: int = 1,
        latched: dict[int, list[str]] | None = None,
        meter: HostedMeter | None = None,
        coil: Coil | None = None,
        **spec: Any,
    ) -> None:
        self.now_s = 1000.0
        self.wires = {n: Wires(Bay(now_s=self.now_s), self.now_s) for n in range(1, evses + 1)}
        hardware = [
            Hardware(Spec(n, **spec), wires, coil or wires, wires, meter=meter) for n, wires in self.wires.items()
        ]
        self.guard = Guard(hardware, EPOCH, self.now_s, latched)
        self.amps: dict[int, float] = {}
        self.reports: list[Report] = []
        self.results: list[tuple[str, int, bool, str]] = []
        self.decisions = 0

    def run(self, seconds: float) -> Site:
        for tick in range(round(seconds * 100)):
            self.now_s = round(self.now_s + 0.01, 6)
            for wires in self.wires.values():
                wires.now_s = self.now_s
            if tick % 50 == 0:
                for evse, amps in self.amps.items():
                    self.guard.permit(Permit(evse, EPOCH, amps, sent_at_s=self.now_s), self.now_s)
            self.decisions += self.guard.tick(self.now_s)
            self.reports += self.guard.reports(self.now_s)
            self.results += [(who, r.number, r.ok, r.detail) for who, r in self.guard.take_results()]
        return self

    def charging(self, evse: int = 1) -> Site:
        self.amps[evse] = 16.0
        self.run(6.0)
        self.wires[evse].bay.plug({}, self.now_s)
        self.run(4.0)
        assert self.last(evse).contactor == "closed"
        return self

    def last(self, evse: int = 1) -> Report:
        return [report for report in self.reports if report.evse == evse][-1]

    def order(self, name: str, argument: str | None = None, evse: int = 1) -> None:
        self.guard.command(Command(5, evse, name, argument), "doctor", self.now_s)


# --- reports ----------------------------------------------------------------------------------------------------------


def test_a_whole_session_is_reported_step_by_step_and_nothing_twice() -> None:
    site = Site().charging()
    site.wires[1].bay.unplug("both", site.now_s)
    site.run(2.0)

    course = [(r.pilot, r.contactor, r.locked, r.offered_a) for r in site.reports]
    steps = [step for n, step in enumerate(course) if n == 0 or step != course[n - 1]]
    assert steps == [
        ("A", "open", False, 0.0),
        ("B1", "open", False, 0.0),
        ("B2", "open", False, 16.0),
        ("B2", "open", True, 16.0),
        ("C2", "open", True, 16.0),
        ("C2", "closed", True, 16.0),
        ("A", "closed", True, 0.0),
        ("A", "open", True, 0.0),
        ("A", "open", False, 0.0),
    ]


def test_every_evse_is_reported_twice_a_second_even_if_nothing_happens() -> None:
    site = Site(evses=2).run(10.0)
    site.reports.clear()

    site.run(10.0)

    assert len([r for r in site.reports if r.evse == 1]) == pytest.approx(20, abs=1)
    assert len([r for r in site.reports if r.evse == 2]) == pytest.approx(20, abs=1)


def test_reports_carry_the_epoch_of_the_run() -> None:
    assert {report.epoch for report in Site().run(2.0).reports} == {EPOCH}


def test_an_idle_guard_decides_only_a_few_times_a_second() -> None:
    site = Site().run(10.0)
    site.decisions = 0

    site.run(10.0)

    assert site.decisions <= 25  # one for each report


def test_a_guard_is_alert_while_anything_moves_and_as_long_as_a_contactor_is_closed() -> None:
    site = Site().run(10.0)
    assert not site.guard.alert

    site.charging().run(60.0)
    assert site.guard.alert

    site.wires[1].bay.unplug("both", site.now_s)
    site.run(30.0)
    assert not site.guard.alert


def test_permits_that_say_the_same_again_need_no_decision() -> None:
    site = Site()
    site.amps[1] = 16.0
    site.run(10.0)
    site.decisions = 0

    site.run(10.0)

    assert site.decisions <= 25


def test_inputs_that_are_the_daemons_business_are_reported() -> None:
    site = Site().run(6.0)
    assert (site.last().key_locked, site.last().limit_contact) == (False, False)

    site.wires[1].bay.fault("limit_contact", True, site.now_s)
    site.run(0.05)
    assert site.last().limit_contact is True

    site.wires[1].bay.fault("key_locked", True, site.now_s)
    site.run(0.05)
    assert site.last().key_locked is True


def test_a_meter_that_the_guard_hosts_is_reported() -> None:
    meter = HostedMeter()
    site = Site(meter=meter).run(2.0)
    assert site.last().reading is None

    meter.latest = Reading(1234.5, power_w=3680.0, taken_s=site.now_s)
    site.run(1.0)

    assert site.last().reading == meter.latest


@pytest.mark.parametrize("phase", [0, 1, 2])
def test_a_hosted_meter_s_value_that_is_no_number_is_left_out_of_the_report(phase: int) -> None:
    values = tuple(float("nan") if each == phase else 10.0 for each in range(3))
    meter = HostedMeter()
    site = Site(meter=meter).run(2.0)

    meter.latest = Reading(1234.5, power_w=float("inf"), current_a=values, phase_power_w=values, taken_s=site.now_s)
    site.run(1.0)

    assert site.last().reading == Reading(1234.5, taken_s=meter.latest.taken_s)
    assert encode(site.last())

    meter.latest = Reading(float("nan"), taken_s=site.now_s)
    site.run(1.0)

    assert site.last().reading is None


@dataclass
class HostedMeter:
    latest: Reading | None = None

    def reading(self) -> Reading | None:
        return self.latest


@dataclass
class PulseRelay:
    beats: int = 0
    broken: bool = False

    def switch(self, closed: bool) -> None: ...
    def feedback(self) -> bool | None:
        return None

    def close(self) -> None: ...
    def beat(self) -> None:
        self.beats += 1
        if self.broken:
            raise DeviceLost("no answer", where="contactor", fix="Mend the wire.")


def test_a_driver_that_has_to_hears_at_every_beat_that_the_guard_is_well_and_once_if_it_serves_two_evses() -> None:
    relay = PulseRelay()
    bays = [Wires(Bay(), 1000.0) for _ in range(2)]
    guard = Guard([Hardware(Spec(n, lock=False), w, relay) for n, w in enumerate(bays, 1)], EPOCH, 1000.0)

    guard.beat()
    relay.broken = True
    guard.beat()

    assert relay.beats == 2


# --- permits ----------------------------------------------------------------------------------------------------------


def test_two_evses_have_leases_of_their_own() -> None:
    site = Site(evses=2).charging(1)
    site.wires[2].bay.plug({}, site.now_s)
    site.run(5.0)

    assert (site.last(1).contactor, site.last(2).contactor) == ("closed", "open")


@pytest.mark.parametrize(("evse", "epoch"), [(9, EPOCH), (0, EPOCH), (1, EPOCH - 1)])
def test_a_permit_for_nobody_or_for_another_run_is_counted_and_ignored(evse: int, epoch: int) -> None:
    site = Site().run(6.0)
    site.wires[1].bay.plug({}, site.now_s)

    why = site.guard.permit(Permit(evse, epoch, 16.0, sent_at_s=site.now_s), site.now_s)
    site.run(5.0)

    assert why
    assert site.guard.ignored == 1
    assert site.last().offered_a == 0.0


def test_the_lease_is_over_when_nobody_has_permitted_anything_for_two_minutes() -> None:
    site = Site().charging()
    site.amps.clear()

    assert not site.run(115.0).guard.lease_over(site.now_s)
    assert site.run(20.0).guard.lease_over(site.now_s)
    assert site.last().contactor == "open"


# --- orders -----------------------------------------------------------------------------------------------------------


def test_unlocking_is_answered_once_the_lock_has_let_go() -> None:
    site = Site().charging()
    site.wires[1].bay.change_car({"asks_power": False}, site.now_s)
    site.run(2.0)
    assert site.last().locked is True

    site.order("unlock")
    site.run(0.05)
    assert site.results == []
    site.run(1.0)

    assert site.results == [("doctor", 5, True, "")]
    assert site.last().locked is False


def test_a_jammed_lock_is_answered_with_a_failure() -> None:
    site = Site().charging()
    site.wires[1].bay.change_car({"asks_power": False}, site.now_s)
    site.run(2.0)
    site.wires[1].bay.fault("lock_jammed", True, site.now_s)

    site.order("unlock")
    site.run(3.0)

    assert site.results == [("doctor", 5, False, "the lock does not let go")]


def test_nothing_is_unlocked_under_load() -> None:
    site = Site().charging()

    site.order("unlock")
    site.run(1.0)

    assert site.results == [("doctor", 5, False, "the contactor is closed")]
    assert site.last().locked is True


def test_a_fault_is_cleared_once_its_cause_is_gone() -> None:
    site = Site().run(6.0)
    bay = site.wires[1].bay
    bay.fault("earth_leakage", True, site.now_s)
    site.run(1.0)
    site.order("clear_fault", LEAK)
    site.run(0.1)
    assert not site.results[-1][2]

    bay.fault("earth_leakage", False, site.now_s)
    site.run(0.1)
    site.order("clear_fault", LEAK)
    site.run(0.1)

    assert site.results[-1] == ("doctor", 5, True, "")
    assert site.last().faults == ()


@pytest.mark.parametrize(("broken", "answer"), [(False, (True, "")), (True, (False, "the self-test failed"))])
def test_a_self_test_is_answered_with_its_outcome(broken: bool, answer: tuple[bool, str]) -> None:
    site = Site().run(6.0)
    site.wires[1].bay.fault("rcd_selftest", broken, site.now_s)

    site.order("self_test")
    site.run(2.0)

    assert site.results == [("doctor", 5, *answer)]


def test_the_answer_to_a_self_test_waits_as_long_as_the_device_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hw.mock.bay.SELFTEST_S", 30.0)
    site = Site(selftest_s=32.0).run(32.0)  # the one at the start has ended

    site.order("self_test")
    site.run(29.9)
    assert site.results == []
    site.run(0.2)

    assert site.results == [("doctor", 5, True, "")]


def test_a_self_test_that_never_ends_is_answered_once_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(selftest_s=32.0).run(6.0)
    monkeypatch.setattr("hw.mock.bay.SELFTEST_S", 1e6)

    site.order("self_test")
    site.run(31.9)
    assert site.results == []
    site.run(0.2)

    assert site.results == [("doctor", 5, False, "the self-test failed")]


def test_whoever_asks_during_a_self_test_hears_the_outcome_of_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hw.mock.bay.SELFTEST_S", 30.0)
    site = Site(selftest_s=32.0).run(10.0)

    site.order("self_test")
    site.run(21.0)

    assert site.results == [("doctor", 5, True, "")]
    assert site.wires[1].out.selftests == 1


def test_a_self_test_that_cannot_begin_is_answered_with_that() -> None:
    site = Site().run(6.0)
    site.wires[1].bay.fault("contactor_welded", True, site.now_s)
    site.run(1.0)

    site.order("self_test")
    site.run(4.4)
    assert site.results == []
    site.run(0.2)

    assert site.results == [("doctor", 5, False, "the self-test did not end")]


def test_a_self_test_where_no_device_can_test_itself_is_answered_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Wires, "sensors", lambda wires: Sensors())
    site = Site().run(6.0)

    site.order("self_test")

    (told,) = [result for _, result in site.guard.take_results()]
    assert (told.ok, told.data) == (True, {"fitted": "no"})


@pytest.mark.parametrize(
    ("name", "evse", "why"),
    [
        ("unlock", 7, "there is no such EVSE"),
        ("self_destruct", 1, 'this guard does not know how to "self_destruct"'),
        ("self_test", 1, "the contactor is closed"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_answered_with_the_reason(name: str, evse: int, why: str) -> None:
    site = Site().charging()

    site.order(name, evse=evse)
    site.run(0.1)

    assert site.results == [("doctor", 5, False, why)]


def test_a_proving_click_is_answered_with_the_times_it_took() -> None:
    site = Site()
    site.amps[1] = 0.0
    site.run(6.0)

    result = ordered(site, "proving_click")
    site.run(1.0)

    assert result()[:2] == (True, "")
    assert result()[2].keys() == {"closes_ms", "opens_ms"}


def test_steps_are_answered_when_they_have_ended() -> None:
    site = Site()
    site.amps[1] = 16.0
    site.run(6.0)
    site.wires[1].bay.plug({"asks_power": False}, site.now_s)
    site.run(3.0)

    site.order("steps", "F 3, x1 1")
    site.run(3.9)
    assert site.results == []
    site.run(0.3)

    assert site.results == [("doctor", 5, True, "")]


@pytest.mark.parametrize(
    ("name", "argument", "why"),
    [
        ("steps", "sing", '"sing" is none of x1, E, F, 5%'),
        ("steps", "F 3", "the contactor is closed"),
        ("wake", None, "there is no car that sleeps"),
        ("proving_click", None, "it is done only with nothing plugged in, nothing permitted and no fault"),
    ],
)
def test_an_order_at_the_wrong_time_is_answered_with_the_reason(name: str, argument: str | None, why: str) -> None:
    site = Site().charging()

    site.order(name, argument)
    site.run(0.1)

    assert site.results == [("doctor", 5, False, why)]
    assert site.last().contactor == "closed"


def ordered(site: Site, name: str) -> Callable[[], tuple[bool, str, dict[str, str]]]:
    """Give an order; what is returned says how it ended."""
    taken: list[Result] = []
    take = site.guard.take_results

    def remembering() -> list[tuple[str, Result]]:
        results = take()
        taken.extend(result for _, result in results)
        return results

    site.guard.take_results = remembering  # type: ignore[method-assign]
    site.order(name)
    return lambda: (taken[-1].ok, taken[-1].detail, taken[-1].data)


# --- drivers ----------------------------------------------------------------------------------------------------------


def test_a_pilot_that_is_lost_is_a_fault_and_the_contactor_is_opened_as_soon_as_it_can_be_reached() -> None:
    site = Site().charging()
    wires = site.wires[1]

    wires.broken = True
    site.run(1.0)
    assert [fault.name for fault in site.last().faults] == ["CommunicationFault"]
    assert wires.out.coil  # the command did not get through ...

    wires.broken = False
    site.run(0.05)
    assert not wires.out.coil  # ... and has been repeated
    site.run(10.0)
    assert site.last().faults == ()
    assert site.last().contactor == "closed"


@dataclass
class Coil:
    """A contactor with a driver of its own, and a relay of a watchdog before it."""

    closed: bool = False
    obeys: bool = True
    answers: bool = True  # False: what it is told takes effect, but nobody says so
    readable: bool = True
    welded: bool = False
    beats: int = 0

    def switch(self, closed: bool) -> None:
        self.closed = closed if self.obeys else self.closed
        self._answer(self.answers)

    def feedback(self) -> bool | None:
        self._answer(self.readable)
        return self.closed or self.welded

    def beat(self) -> None:
        self.beats += 1

    def close(self) -> None: ...

    def _answer(self, answers: bool) -> None:
        if not answers:
            raise DeviceLost("no answer", where="contactor", fix="Mend the wire.")


def test_a_contactor_that_closed_without_saying_so_is_told_to_open() -> None:
    coil = Coil()
    site = Site(coil=coil)
    site.amps[1] = 16.0
    site.run(6.0)
    site.wires[1].bay.plug({}, site.now_s)
    coil.answers = False
    closed = False
    for _ in range(400):
        site.run(0.01)
        closed = closed or coil.closed
    assert closed  # it was tried once ...

    assert not coil.closed  # ... and taken back at the next tick


def test_the_offer_is_withdrawn_although_the_contactors_driver_is_lost() -> None:
    coil = Coil()
    site = Site(coil=coil).charging()
    assert coil.closed

    coil.obeys = coil.answers = False
    site.wires[1].bay.fault("emergency_stop", True, site.now_s)
    site.run(0.5)

    assert coil.closed
    assert site.wires[1].out.duty in (0.0, 1.0)


def test_the_contactor_opens_although_the_pilots_driver_is_lost() -> None:
    coil = Coil()
    site = Site(coil=coil).charging()

    site.wires[1].broken = True
    site.run(0.1)

    assert not coil.closed


def beating(site: Site, seconds: float) -> int:
    """How often the contactor's relay heard that the guard is well."""
    coil = site.guard.outlets[1].hardware.contactor
    assert isinstance(coil, Coil)
    before = coil.beats
    for _ in range(round(seconds * 100)):
        site.run(0.01)
        site.guard.beat()
    return coil.beats - before


@pytest.mark.parametrize("trouble", [{"obeys": False, "answers": False}, {"obeys": False}, {"welded": True}])
def test_a_contactor_that_does_not_open_hears_no_beat_so_that_its_watchdogs_relay_opens_it(
    trouble: dict[str, bool],
) -> None:
    coil = Coil()
    site = Site(coil=coil).charging()
    assert beating(site, 1.0) == 100

    for name, value in trouble.items():
        setattr(coil, name, value)
    site.wires[1].bay.fault("emergency_stop", True, site.now_s)
    assert 0 < beating(site, 1.0) <= 25  # OPENS_WITHIN_S
    assert beating(site, 5.0) == 0


def test_a_contactor_that_cannot_be_read_hears_no_beat_either_until_it_can() -> None:
    coil = Coil()
    site = Site(coil=coil).charging()

    coil.readable = False
    assert 0 < beating(site, 1.0) <= 25
    assert beating(site, 5.0) == 0

    coil.readable = True
    assert beating(site, 1.0) > 95


def test_a_relay_that_opened_a_contactor_stays_open_while_its_fault_stands() -> None:
    """Or the coil that does not let go would close it again."""
    coil = Coil()
    site = Site(coil=coil).charging()
    coil.obeys = False
    site.wires[1].bay.fault("emergency_stop", True, site.now_s)
    beating(site, 1.0)

    coil.closed = False  # the relay has opened

    assert beating(site, 5.0) == 0


def test_latches_are_told_for_keeping_and_stand_again_after_a_restart() -> None:
    site = Site().run(6.0)
    site.wires[1].bay.fault("earth_leakage", True, site.now_s)
    site.run(1.0)
    assert site.guard.latched() == {1: [LEAK]}

    again = Site(latched={1: [LEAK]})
    again.amps[1] = 16.0
    again.wires[1].bay.plug({}, again.now_s)
    again.run(10.0)

    assert [fault.name for fault in again.last().faults] == [LEAK]
    assert again.last().contactor == "open"


def test_release_opens_and_withdraws_whatever_the_contactors_driver_says() -> None:
    site = Site().charging()
    hardware = site.guard.outlets[1].hardware

    assert release([hardware]) == []
    assert (site.wires[1].out.coil, site.wires[1].out.duty) == (False, 1.0)

    site.wires[1].broken = True
    assert len(release([hardware])) == 2  # contactor and pilot: each was tried
