"""What holds whatever car, hardware and daemon do: stated once, tried in CI with a thousand courses of events."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hw.api import Sensors
from hw.guard.pilot import cable_rating_a, offer_of
from hw.guard.signals import Output, Spec
from hw.guard.steps import WAKE_UP, Step
from tests.hw.stand import EPOCH, TICK_S, Stand

# One thing happens, then so much time passes.
EVENT = st.one_of(
    st.tuples(st.just("letter"), st.sampled_from("ABCCCCDE")),
    st.tuples(st.just("ohm"), st.sampled_from([None, 100.0, 220.0, 220.0, 220.0, 680.0, 1500.0, 40.0])),
    st.tuples(st.just("limit_a"), st.sampled_from([None, 0.0, 6.0, 10.0, 16.0, 16.0, 16.0, 40.0, 80.0])),
    st.tuples(st.just("epoch"), st.sampled_from([EPOCH, EPOCH, EPOCH, EPOCH - 1])),
    st.tuples(st.just("diode"), st.sampled_from([True, True, True, False])),
    st.tuples(st.just("leak"), st.sampled_from([False, False, False, True])),
    st.tuples(st.just("stop"), st.sampled_from([False, False, False, True])),
    st.tuples(st.just("degc"), st.sampled_from([20.0, 20.0, 66.0, 69.0, 75.0])),
    st.tuples(st.just("sense"), st.sampled_from([None, None, None, False, True])),
    st.tuples(st.just("feedback"), st.sampled_from([None, None, None, None, False, True])),
    st.tuples(st.just("unreadable"), st.sampled_from([False, False, False, True])),
    st.tuples(st.just("hold_lock"), st.booleans()),
    st.tuples(st.just("out_of_service"), st.booleans()),
    st.tuples(st.just("measured_a"), st.sampled_from([0.0, 16.0, 40.0])),
    st.tuples(st.just("phases"), st.sampled_from([1, 3, 3])),
    st.tuples(st.just("phase_feedback"), st.sampled_from([None, None, None, False, True])),
    st.tuples(st.just("earth"), st.sampled_from([False, False, True])),
    st.tuples(st.just("key"), st.booleans()),
    st.tuples(st.just("reported"), st.sampled_from([(), (), ("MREC3HighTemperature",), ("Whatever",)])),
    st.tuples(st.just("steps"), st.sampled_from([WAKE_UP, (Step("5%", 3.0),), (Step("F", 1.0),)])),
    st.tuples(st.just("click"), st.none()),
    st.tuples(st.just("swap"), st.sampled_from("BCC")),
    st.tuples(st.just("rcd_passes"), st.sampled_from([True, True, False])),
    st.tuples(st.just("nothing"), st.none()),
)
TIMES_S = st.sampled_from([0.01, 0.02, 0.05, 0.3, 0.6, 1.0, 3.0, 5.0, 8.0, 20.0])
COURSE = st.lists(st.tuples(EVENT, TIMES_S), max_size=16)
SPECS = st.builds(
    Spec,
    evse=st.just(1),
    max_current_a=st.sampled_from([6.0, 13.0, 16.0, 32.0, 63.0]),
    phases=st.sampled_from([1, 3]),
    socket=st.just(True),
    lock=st.booleans(),
    ventilation=st.booleans(),
    simplified_cars=st.booleans(),
    wake_up=st.booleans(),
    phase_contactor=st.booleans(),
    phase_switching=st.booleans(),
    cuttable=st.booleans(),
) | st.just(Spec(1, socket=False, lock=False))
BLOCKING = ("high", "medium")


@dataclass
class Witness:
    """Watches a stand tick by tick, with a memory of its own, and objects."""

    stand: Stand
    opened_s: float = -100.0
    c_since_s: float | None = None
    not_c_since_s: float | None = None
    permitted_s: float = -1000.0
    permitted_a: float = 0.0
    nobody_s: float = -100.0  # when the outlet was last seen without a car, beyond doubt
    nobody_for: int = 0  # ticks
    tested_s: float = -100.0  # when the residual-current device was last told to test itself
    withdrawn_s: float | None = None
    clicked_s: float = -100.0
    changed_s: float = -100.0  # when the last event happened
    was: Output = field(init=False)

    def __post_init__(self) -> None:
        self.was = self.stand.out

    def tick(self, sent: tuple[float, int] | None) -> None:
        stand = self.stand
        before_closed, before_offer_a = stand.out.closed, stand.out.offered_a
        before_phases, before_on = stand.out.phases_closed, stand._main
        clicking = stand.rules.click.running
        out = stand.tick()
        now_s = stand.now_s
        if sent is not None and sent[1] == EPOCH:
            self.permitted_s, self.permitted_a = now_s, sent[0]
        self._remember_the_pilot(now_s)
        self._remember_the_visit(out, now_s)
        clicking = clicking or stand.rules.click.running
        if out.phases_closed is not before_phases:
            assert (before_on, stand._main, out.closed) == (False, False, False), "the phase contactor moved under load"
            assert not out.offered_a
        if clicking:
            self._clicked(out, before_closed, now_s)
        elif stand.spec.self_switching:
            self._allowed(out, before_on, now_s)
        else:
            if out.closed and not before_closed:
                self._closing(out, now_s)
            if out.closed:
                self._closed(out, now_s)
        if before_closed and not out.closed:
            self.opened_s = now_s
        self._offer(out, before_offer_a, now_s)

    def _remember_the_pilot(self, now_s: float) -> None:
        stand = self.stand
        asks = stand.letter == "C" or (stand.letter == "D" and stand.spec.ventilation)
        asks = asks and not stand.unreadable and stand.out.duty != 0.0
        if not asks:
            self.c_since_s = None
            self.not_c_since_s = now_s if self.not_c_since_s is None else self.not_c_since_s
        else:
            self.not_c_since_s = None
            self.c_since_s = now_s if self.c_since_s is None else self.c_since_s

    def _remember_the_visit(self, out: Output, now_s: float) -> None:
        stand = self.stand
        shown = self.was.duty != 0.0 and out.duty != 0.0 and not stand.rules.steps.signal and not out.cut
        nobody = stand.letter == "A" and shown and not stand.unreadable
        self.nobody_for = self.nobody_for + 1 if nobody else 0
        if self.nobody_for >= 4:
            self.nobody_s = now_s
        if out.selftest:
            self.tested_s = now_s
        self.was = out

    def _for_this_visit(self, now_s: float) -> None:
        """A car is believed after a quarter of a second: what was permitted before that was not for it."""
        assert self.permitted_s >= self.nobody_s + 0.25 - 2 * TICK_S, "closed with a permit for somebody else"
        if self.stand.sensors.rcd_selftest_fitted:
            assert self.tested_s > self.nobody_s, "closed without a self-test for this car"
            assert now_s - self.tested_s >= 0.05 - 1e-6
            assert self.stand.sensors.rcd_selftest_ok is True

    def _clicked(self, out: Output, before_closed: bool, now_s: float) -> None:
        """Nothing plugged in, nothing permitted, 200 ms."""
        if out.closed and not before_closed:
            self.clicked_s = now_s
        if out.closed:
            assert now_s - self.clicked_s <= 0.2 + TICK_S
            assert self.stand.ohm is None or not self.stand.spec.socket or now_s - self.clicked_s <= 0.3
            assert not out.offered_a

    def _allowed(self, out: Output, before_on: bool, now_s: float) -> None:
        """A controller that switches by itself: what is true when its contacts close."""
        stand = self.stand
        if stand._main and not before_on:
            assert out.offered_a >= 6.0
            assert now_s - self.permitted_s < 120.0
            assert stand.letter in "CD"
            self._for_this_visit(now_s)
            if stand.spec.socket:
                assert cable_rating_a(stand.ohm, stand.spec.phases) is not None or now_s - self.changed_s <= 0.5
            if stand.spec.lock:
                assert out.locked is True
        if out.closed:
            assert not any(fault.severity == "high" for fault in out.faults), "allowed in spite of a fault"
            assert now_s - self.permitted_s <= 120.0 + 6.0 + 2 * TICK_S, "allowed after the lease"
            self.withdrawn_s = None if out.offered_a else (now_s if self.withdrawn_s is None else self.withdrawn_s)
            assert self.withdrawn_s is None or now_s - self.withdrawn_s <= 6.0 + TICK_S, (
                "allowed too long without offer"
            )

    def _closing(self, out: Output, now_s: float) -> None:
        stand = self.stand
        assert self.c_since_s is not None
        assert now_s - self.c_since_s >= 0.5 - 2 * TICK_S, "closed before half a second of steady C"
        assert now_s - self.opened_s >= 5.0 - 1e-6, "closed without its rest"
        assert stand.diode, "closed without a diode"
        assert not any(fault.severity in BLOCKING for fault in out.faults), out.faults
        assert now_s - self.permitted_s < 120.0, "closed without a lease"
        assert self.permitted_a >= 6.0, "closed without a permit"
        assert not stand.sensors.residual_current
        self._for_this_visit(now_s)
        if stand.spec.lock:
            assert out.locked is True, "closed without its lock"
        if stand.spec.socket:
            assert cable_rating_a(stand.ohm, stand.spec.phases) is not None, "closed without a cable"

    def _closed(self, out: Output, now_s: float) -> None:
        assert not any(fault.severity == "high" for fault in out.faults), "closed in spite of a fault"
        if self.not_c_since_s is not None:
            assert now_s - self.not_c_since_s <= 2 * TICK_S + 1e-6, "still closed although the car has left C"
        assert now_s - self.permitted_s <= 120.0 + 6.0 + 2 * TICK_S, "closed after the lease"
        if out.offered_a:
            self.withdrawn_s = None
        else:
            self.withdrawn_s = now_s if self.withdrawn_s is None else self.withdrawn_s
            assert now_s - self.withdrawn_s <= 6.0 + TICK_S, "closed too long without an offer"

    def _offer(self, out: Output, before_a: float, now_s: float) -> None:
        if not out.closed:
            self.withdrawn_s = None
        if not out.offered_a:
            asks_digitally = self.stand.rules.steps.signal == "5%" and out.ev_connected and out.pilot[0] in "BCD"
            assert out.duty in (0.0, 1.0) or (asks_digitally and out.duty == 0.05), "PWM without an offer or a car"
            return
        spec, stand = self.stand.spec, self.stand
        read_a = offer_of(out.duty)
        assert read_a <= out.offered_a + 1e-6
        assert out.offered_a <= spec.max_current_a
        lease_a = self.permitted_a if now_s - self.permitted_s < 10.0 else min(self.permitted_a, 6.0)
        assert out.offered_a <= lease_a + 1e-9, "more than permitted"
        assert now_s - self.permitted_s < 120.0
        degc = stand.sensors.temperature_degc
        if degc is not None and degc >= 65.0:
            assert out.offered_a <= spec.max_current_a / 2
        assert not any(fault.severity in BLOCKING for fault in out.faults)
        if out.duty not in (0.0, 1.0):
            assert not stand.rules.steps.signal
        if spec.socket and out.cable_a is not None:
            assert out.offered_a <= out.cable_a


@pytest.mark.parametrize("self_switching", [False, True], ids=["a contactor of ours", "a controller's contactor"])
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(spec=SPECS, course=COURSE, before=st.integers(0, 5), rcd=st.booleans())
def test_whatever_happens_nothing_closes_that_may_not_and_everything_opens_that_must(
    self_switching: bool, spec: Spec, course: list[tuple[tuple[str, object], float]], before: int, rcd: bool
) -> None:
    spec = replace(spec, self_switching=self_switching)
    stand = Stand(spec)
    stand.sensors = Sensors(rcd_selftest_fitted=rcd)
    witness = Witness(stand)
    epoch = EPOCH
    arrival: list[tuple[tuple[str, object], float]] = [
        (("limit_a", 16.0), 0.01), (("ohm", 220.0), 0.5), (("letter", "C"), 4.0)
    ]  # fmt: skip
    for (what, value), seconds in course[:before] + arrival + course[before:]:
        match what:
            case "epoch":
                epoch = int(str(value))
            case "leak":
                stand.sensors = replace(stand.sensors, residual_current=bool(value))
            case "stop":
                stand.sensors = replace(stand.sensors, emergency_stop=bool(value))
            case "degc":
                stand.sensors = replace(stand.sensors, temperature_degc=float(str(value)))
            case "earth":
                stand.sensors = replace(stand.sensors, earth_missing=bool(value))
            case "key":
                stand.sensors = replace(stand.sensors, key_locked=bool(value))
            case "reported":
                stand.sensors = replace(stand.sensors, reported_faults=value)  # type: ignore[arg-type]
            case "steps":
                stand.rules.begin_steps(value, stand.now_s)  # type: ignore[arg-type]
            case "swap":  # another car, and nobody permits anything any more
                stand.limit_a, stand.letter = None, "A"
                for _ in range(10):
                    witness.tick(None)
                stand.letter = str(value)
            case "click":
                stand.rules.prove(stand.lease.allowance(stand.now_s), stand.now_s)
            case "hold_lock" | "out_of_service" | "phases":
                stand.permits[what] = value
            case "measured_a":
                stand.permits |= {"measured_a": (value,), "measured_at_s": stand.now_s}
            case "nothing":
                pass
            case "ohm":
                stand.ohm = value if spec.socket else None  # type: ignore[assignment]
            case _:
                setattr(stand, what, value)
        stand.permits["guard_epoch"] = epoch
        witness.changed_s = stand.now_s
        for _ in range(round(seconds / TICK_S)):
            witness.tick(None if stand.limit_a is None else (stand.limit_a, epoch))


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.sampled_from([0.01, 0.02, 0.1, 0.3])), max_size=40))
def test_no_course_of_the_pilot_alone_ever_offers_or_closes_anything(course: list[tuple[str, float]]) -> None:
    stand = Stand()

    for letter, seconds in course:
        stand.letter = letter
        stand.run(seconds)
        assert (stand.out.closed, stand.out.offered_a) == (False, 0.0)
