"""Plateaus out of samples: at every duty, phase, spacing and state, with noise, edges, spikes and gaps."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw.gpio.sampling import (
    LOW_KEPT_S,
    MISSES,
    SHARE_BURSTS,
    SLOWEST_S,
    Plateaus,
    Scale,
    Seen,
    lead_s,
    samples_for,
)
from hw.guard.pilot import diode_shows, duty_for, letter_of
from hw.mock.waveform import PERIOD_S, Sampler, Waveform

SCALE = Scale(-15.0, 28.3 / 1023)
TICK_S = 0.010
AMPS = (6, 7, 8, 10, 13, 16, 20, 25, 32, 40, 48, 51, 60, 63, 70, 75, 80)


class Bench:
    """Bursts of a waveform, a tick apart, fed to the plateaus."""

    def __init__(self, waveform: Waveform, sampler: Sampler | None = None, phase_s: float = 0.0) -> None:
        self.waveform, self.sampler, self.phase_s = waveform, sampler or Sampler(), phase_s
        self.plateaus = Plateaus(SCALE)
        self.plateaus.expect(waveform.duty)
        self.burst = 0
        self.seen: Seen | None = None

    def tick(self) -> Seen | None:
        spacing_s = self.sampler.spacing_s
        at_s = self.burst * TICK_S + self.phase_s + lead_s(self.burst, spacing_s)
        codes, _ = self.sampler.burst(self.waveform, samples_for(spacing_s), at_s)
        self.seen = self.plateaus.feed(codes, self.burst * TICK_S, PERIOD_S / spacing_s)
        self.burst += 1
        return self.seen

    def ticks(self, count: int) -> list[Seen | None]:
        return [self.tick() for _ in range(count)]


def pwm(amps: float, letter: str = "C", low_v: float = -12.0) -> Waveform:
    return Waveform({"A": 12.0, "B": 9.0, "C": 6.0, "D": 3.0, "E": 0.0}[letter], low_v, duty_for(amps))


# --- every duty, every phase ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amps", AMPS)
def test_one_burst_finds_the_high_plateau_whatever_its_phase(amps: float) -> None:
    for phase in range(0, 1000, 7):
        bench = Bench(pwm(amps), phase_s=phase * 1e-6)
        seen = bench.tick()
        assert seen is not None
        assert seen.high_v == pytest.approx(6.0, abs=0.3)


@pytest.mark.parametrize("amps", AMPS)
@pytest.mark.parametrize("spacing_us", [34, 40, 52.5])
def test_low_plateau_and_duty_are_found_though_the_clocks_run_in_step(amps: float, spacing_us: float) -> None:
    for phase in range(0, 1000, 97):
        bench = Bench(pwm(amps), Sampler(spacing_us * 1e-6), phase_s=phase * 1e-6)
        seen = bench.ticks(SHARE_BURSTS)[-1]
        assert seen is not None
        assert seen.low_v == pytest.approx(-12.0, abs=1.0)
        assert diode_shows(seen.low_v)
        assert seen.duty == pytest.approx(duty_for(amps), abs=0.03)


@settings(deadline=None)
@given(
    amps=st.floats(6, 80),
    spacing_us=st.floats(30, SLOWEST_S * 1e6),
    letter=st.sampled_from("ABCD"),
    phase_us=st.floats(0, 1000),
    drift_ppm=st.floats(-300, 300),
    seed=st.integers(0, 1 << 30),
)
def test_whatever_the_board_the_letter_is_right_and_no_verdict_is_late(
    amps: float, spacing_us: float, letter: str, phase_us: float, drift_ppm: float, seed: int
) -> None:
    waveform = pwm(amps, letter)
    waveform.period_s = PERIOD_S * (1 + drift_ppm * 1e-6)
    bench = Bench(waveform, Sampler(spacing_us * 1e-6, random=Random(seed)), phase_us * 1e-6)

    for seen in bench.ticks(30):
        assert bench.plateaus.missed < MISSES
        assert seen is None or letter_of(seen.high_v) == letter


@pytest.mark.parametrize("amps", [6, 16, 32, 80])
def test_a_car_without_diode_shows_its_low_plateau(amps: float) -> None:
    for high_v in (9.0, 6.0, 3.0):
        waveform = Waveform(high_v, -high_v, duty_for(amps))
        seen = Bench(waveform).ticks(12)[-1]
        assert seen is not None
        assert seen.low_v == pytest.approx(-high_v, abs=0.6)
        assert not diode_shows(seen.low_v)


def test_the_five_percent_of_a_car_that_talks_are_seen() -> None:
    seen = Bench(Waveform(9.0, -12.0, 0.05)).ticks(SHARE_BURSTS)[-1]

    assert seen is not None
    assert seen.high_v == pytest.approx(9.0, abs=0.3)
    assert seen.duty == pytest.approx(0.05, abs=0.02)


# --- changes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amps", AMPS)
@pytest.mark.parametrize("to", ["A", "B", "E"])
def test_a_car_that_leaves_state_c_is_seen_at_the_next_burst(amps: float, to: str) -> None:
    for phase in range(0, 1000, 61):
        bench = Bench(pwm(amps), phase_s=phase * 1e-6)
        bench.ticks(20)
        bench.waveform = pwm(amps, to, low_v=0.0 if to == "E" else -12.0)
        seen = bench.tick()
        assert seen is not None
        assert letter_of(seen.high_v, "C") == to


def test_a_new_duty_forgets_what_was_measured_under_the_old_one() -> None:
    bench = Bench(pwm(16))
    bench.ticks(SHARE_BURSTS)
    bench.plateaus.expect(1.0)
    bench.waveform = Waveform(9.0)

    assert bench.tick() == Seen(pytest.approx(9.0, abs=0.2), None, None)


# --- steady levels ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("volts", "share"), [(12.0, 1.0), (9.0, 1.0), (6.0, 1.0), (3.0, 1.0)])
def test_a_steady_level_is_told_at_once(volts: float, share: float) -> None:
    plateaus, sampler = Plateaus(SCALE), Sampler()

    for burst in range(SHARE_BURSTS):
        codes, _ = sampler.burst(Waveform(volts), 6, burst * TICK_S)
        seen = plateaus.feed(codes, burst * TICK_S)
        assert seen is not None
        assert (seen.high_v, seen.low_v) == (pytest.approx(volts, abs=0.2), None)
    assert seen.duty == share


def test_steady_minus_12_v_has_a_duty_of_nothing() -> None:
    plateaus, sampler = Plateaus(SCALE), Sampler()
    plateaus.expect(0.0)

    for burst in range(SHARE_BURSTS):
        seen = plateaus.feed(sampler.burst(Waveform(duty=0.0), 6, burst * TICK_S)[0], burst * TICK_S)

    assert seen == Seen(pytest.approx(-12.0, abs=0.2), None, 0.0)


def test_a_generator_that_stands_still_at_12_v_shows_in_the_duty() -> None:
    bench = Bench(pwm(16, "B"))
    bench.ticks(SHARE_BURSTS)
    bench.waveform = Waveform(9.0)
    seen = bench.ticks(SHARE_BURSTS)[-1]

    assert seen is not None
    assert seen.low_v is None
    assert seen.duty == pytest.approx(1.0, abs=0.15)


def test_a_generator_that_falls_silent_is_told_after_three_misses_and_not_as_state_a() -> None:
    bench = Bench(pwm(16, "C"))
    bench.ticks(20)
    bench.waveform = Waveform(duty=0.0)

    told = [seen.high_v for seen in bench.ticks(MISSES) if seen is not None]

    assert told == [pytest.approx(6.0, abs=0.2)] * (MISSES - 1) + [pytest.approx(-12.0, abs=0.3)]


def test_a_pilot_shorted_to_earth_has_no_duty() -> None:
    seen = Bench(Waveform(0.0, 0.0, 0.3)).ticks(SHARE_BURSTS)[-1]

    assert seen == Seen(pytest.approx(0.0, abs=0.2), None, None)


def test_before_the_first_verdict_nothing_is_told() -> None:
    plateaus = Plateaus(SCALE)
    plateaus.expect(0.5)

    assert plateaus.feed([100] * 20, 0.0) is None  # low alone: the high plateau was missed


# --- what is odd ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spike_v", [13.0, 3.0, -6.0, -14.0])
@pytest.mark.parametrize("amps", [6, 16, 32, 51])
def test_a_spike_in_every_burst_changes_nothing(spike_v: float, amps: float) -> None:
    random = Random(2)
    bench = Bench(pwm(amps), Sampler(random=random))
    bench.ticks(5)
    for _ in range(50):
        codes, _ = bench.sampler.burst(bench.waveform, 30, random.random())
        codes[random.randrange(30)] = bench.sampler.code(spike_v)
        seen = bench.plateaus.feed(codes, 1.0)
        assert seen is not None
        assert letter_of(seen.high_v) == "C"


def test_samples_on_an_edge_do_not_outvote_the_one_beyond_them() -> None:
    plateaus = Plateaus(SCALE)
    plateaus.expect(0.1)
    flat, edge, low = (round((volts - SCALE.zero_v) / SCALE.step_v) for volts in (6.0, 1.0, -12.0))

    told = [plateaus.feed([low] * 20 + [edge, edge + 1, flat], burst * TICK_S) for burst in range(3)]

    assert told[0] is None
    assert [seen.high_v for seen in told[1:] if seen] == [pytest.approx(6.0, abs=0.05)] * 2


def test_samples_that_agree_on_an_edge_do_not_outvote_the_known_level_beyond_them() -> None:
    plateaus = Plateaus(SCALE)
    plateaus.expect(0.1)
    flat, edge, low = (round((volts - SCALE.zero_v) / SCALE.step_v) for volts in (6.0, -1.5, -12.0))
    plateaus.feed([low] * 20 + [flat] * 2, 0.0)

    seen = plateaus.feed([low] * 18 + [edge, edge, edge, flat], TICK_S)

    assert seen is not None
    assert seen.high_v == pytest.approx(6.0, abs=0.05)


def test_a_low_plateau_that_is_not_seen_any_more_is_forgotten_in_time() -> None:
    plateaus = Plateaus(SCALE)
    plateaus.expect(0.96)
    high, low = 760, 108
    plateaus.feed([high] * 20 + [low] * 3, 0.0)

    before = plateaus.feed([high] * 20, LOW_KEPT_S)
    after = plateaus.feed([high] * 20, LOW_KEPT_S + TICK_S)

    assert before is not None
    assert before.low_v == pytest.approx(-12.0, abs=0.1)
    assert after is not None
    assert after.low_v is None


def test_an_input_stage_that_turns_the_level_over_is_read_all_the_same() -> None:
    turned = Plateaus(Scale(13.3, -28.3 / 1023))
    turned.expect(duty_for(16))
    codes, _ = Sampler().burst(pwm(16), 33, 0.0)

    seen = turned.feed([1023 - code for code in codes], 0.0)

    assert seen is not None
    assert seen.high_v == pytest.approx(6.0, abs=0.3)
    assert seen.low_v == pytest.approx(-12.0, abs=0.3)


@settings(deadline=None)
@given(codes=st.lists(st.integers(0, 4095), min_size=1, max_size=60), duty=st.sampled_from([0.0, 0.05, 0.3, 0.96, 1.0]))
def test_garbage_gives_a_level_of_the_scale_or_none(codes: list[int], duty: float) -> None:
    plateaus = Plateaus(Scale(-15.0, 28.3 / 4095))
    plateaus.expect(duty)

    for burst in range(4):
        seen = plateaus.feed(codes, burst * TICK_S, len(codes))
        assert seen is None or -15.0 <= seen.high_v <= 13.31


# --- calibration ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("plus", "minus"), [(976, 108), (100, 900), (3900.5, 200)])
def test_two_codes_make_the_scale(plus: float, minus: float) -> None:
    scale = Scale.through(plus, minus)

    assert scale.volts(plus) == pytest.approx(12.0)
    assert scale.volts(minus) == pytest.approx(-12.0)


def test_bursts_span_a_period_and_begin_everywhere_within_a_sample() -> None:
    for spacing_us in range(20, 81):
        assert samples_for(spacing_us * 1e-6) * spacing_us > 1100
    leads = sorted(lead_s(burst, 40e-6) for burst in range(8))
    gaps = [later - sooner for sooner, later in zip(leads, [*leads[1:], leads[0] + 40e-6], strict=True)]
    assert max(gaps) < 0.25 * 40e-6
