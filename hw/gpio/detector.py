"""The level detector of a pilot: one batch of an ADC a tick, and what it says of pilot, plug and temperature.

A burst takes 1.4 ms of the guard's ten; at rest, a quarter of one in forty.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hw.api import PilotLevels
from hw.errors import DeviceLost
from hw.gpio.converters import Adc, Batch
from hw.gpio.resistors import Proximity, Thermistor
from hw.gpio.sampling import PERIOD_S, SLOWEST_S, STEADY_SAMPLES, Plateaus, Scale, Seen, lead_s, samples_for

TRIAL, TRIALS = 17, 3  # conversions in a batch whose time is taken at start
PLUG_SAMPLES = 3  # the middle one counts
TEMPERATURE_EVERY_S = 1.0
AGAIN_S = 1.0  # between two tries to open a converter that was lost
STUCK_BURSTS = 3  # at one end of the range
RENEW_S = 0.25  # the same levels are told anew so often, so that their age tells that they are measured
SAME_V, SAME_DUTY, SAME_OHM = 0.15, 0.02, 0.03  # less is noise (of the resistance: a share)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is connected to the ADC."""

    pilot: int  # channel
    scale: Scale
    plug: int | None = None
    proximity: Proximity | None = None
    temperature: int | None = None
    thermistor: Thermistor | None = None


class Detector:
    def __init__(
        self, open_adc: Callable[[], Adc], inputs: Inputs, where: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """While a steady +12 V is driven. Raises DeviceLost: no converter, too slow a one, or one that is stuck."""
        self._open_adc, self._inputs, self._where, self._clock = open_adc, inputs, where, clock
        self._plateaus = Plateaus(inputs.scale)
        self._duty = 1.0
        self._adc: Adc | None = None
        self._steady: Batch
        self._pulsed: Batch
        self._warmth: Batch | None = None
        self._samples = 0
        self._burst = 0
        self._stuck = 0
        self._seen = Seen(0.0, None, None)
        self._told: PilotLevels | None = None
        self._degc: float | None = None
        self._warm_s = 0.0
        self._again_s = 0.0
        self._open()
        self._prove()

    def expect(self, duty: float) -> None:
        """That is driven from now on."""
        self._duty = duty
        self._plateaus.expect(duty)

    def levels(self) -> PilotLevels:
        """Measure. Raises DeviceLost."""
        now_s = self._clock()
        if self._adc is None:
            self._open_again(now_s)
        pulsed = 0.0 < self._duty < 1.0
        batch = self._pulsed if pulsed else self._steady
        count = self._samples if pulsed else STEADY_SAMPLES
        self._burst += 1
        codes = self._run(batch, round(lead_s(self._burst, batch.spacing_s) * 1e6) if pulsed else 0)
        pilot = codes[1 : count + 1]
        self._watch_rails(pilot)
        seen = self._plateaus.feed(pilot, now_s, PERIOD_S / batch.spacing_s if pulsed else None)
        if seen is not None:  # else there has been no verdict since the duty changed, and the one before it stands
            self._seen = seen
        return self._tell(self._ohm(codes[count + 1 :]), now_s)

    def temperature_degc(self) -> float | None:
        """Once a second; None without a thermistor. Raises DeviceLost."""
        if self._warmth is None or self._adc is None or self._inputs.thermistor is None:
            return self._degc
        now_s = self._clock()
        if now_s >= self._warm_s:
            self._warm_s = now_s + TEMPERATURE_EVERY_S
            code = _middle(self._run(self._warmth, 0))
            self._degc = self._inputs.thermistor.degc(code / self._top)
        if self._degc is None:
            fix = "Check its wires, temperature_channel, and that its pull-up goes to the reference of the converter."
            raise DeviceLost("the thermistor is broken or shorted", where=f"[{self._where}]", fix=fix)
        return self._degc

    def codes(self, count: int) -> list[int]:
        """Of the pilot's channel as they come, for a calibration. Raises DeviceLost."""
        if self._adc is None:
            self._open_again(self._clock())
        codes: list[int] = []
        while len(codes) < count:
            codes += self._run(self._steady, 0)[1 : STEADY_SAMPLES + 1]
        return codes[:count]

    @property
    def spacing_s(self) -> float:
        """From one sample to the next."""
        return self._pulsed.spacing_s

    def close(self) -> None:
        if self._adc is not None:
            self._adc.close()
            self._adc = None

    def _prove(self) -> None:
        """A converter that is stuck shows it now."""
        try:
            for _ in range(STUCK_BURSTS):
                self.levels()
        except DeviceLost:
            self.close()
            raise

    # --- the converter ------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        adc = self._open_adc()
        try:
            self._plan(adc)
        except DeviceLost:
            adc.close()
            raise
        self._adc = adc

    def _plan(self, adc: Adc) -> None:
        """Batches for a pilot with PWM and for one without; the first conversion of each is what the lead follows."""
        inputs = self._inputs
        trial = adc.batch([inputs.pilot] * TRIAL)
        spacings_s = []
        for _ in range(TRIALS):
            trial.run()
            spacings_s.append(trial.spacing_s)
        if min(spacings_s) > SLOWEST_S:
            what = f"the converter takes {min(spacings_s) * 1e6:.0f} us for a sample, {SLOWEST_S * 1e6:.0f} at most"
            raise DeviceLost(what + " are needed", where=f"[{self._where}]", fix="Raise spi_hz.")
        self._samples = samples_for(min(spacings_s))
        self._top = (1 << adc.bits) - 1
        plug = [] if inputs.plug is None else [inputs.plug] * PLUG_SAMPLES
        self._pulsed = adc.batch([inputs.pilot] * (1 + self._samples) + plug)
        self._steady = adc.batch([inputs.pilot] * (1 + STEADY_SAMPLES) + plug)
        self._warmth = None if inputs.temperature is None else adc.batch([inputs.temperature] * 3)
        self._pulsed.run()
        self._steady.run()

    def _run(self, batch: Batch, lead_us: int) -> list[int]:
        try:
            return batch.run(lead_us)
        except DeviceLost:
            self.close()
            raise

    def _open_again(self, now_s: float) -> None:
        if now_s < self._again_s:
            raise DeviceLost("the converter is lost", where=f"[{self._where}]", fix="Check its supply and its wires.")
        self._again_s = now_s + AGAIN_S
        self._open()

    def _watch_rails(self, codes: Sequence[int]) -> None:
        """Nothing but the end of the range: no pilot is there, whatever the calibration says."""
        lowest, highest, top = min(codes), max(codes), self._top
        at_end = highest <= 0 or lowest >= top
        if at_end and self._duty == 0.0 and self._inputs.scale.volts(lowest) < 0:
            at_end = False  # -12 V may lie beyond what a board can measure
        self._stuck = self._stuck + 1 if at_end else 0
        if self._stuck >= STUCK_BURSTS:
            what = f"the converter shows nothing but {lowest}, the end of its range"
            fix = "Check the pilot's input stage and its supply, pilot_channel, and the data line of the converter."
            raise DeviceLost(what, where=f"[{self._where}]", fix=fix)

    # --- what to tell -------------------------------------------------------------------------------------------------

    def _ohm(self, codes: Sequence[int]) -> float | None:
        if not codes or self._inputs.proximity is None:
            return None
        return self._inputs.proximity.ohm(_middle(codes))

    def _tell(self, ohm: float | None, now_s: float) -> PilotLevels:
        """The levels told before, as long as they are the same: most ticks shall give the guard nothing to decide."""
        told, seen = self._told, self._seen
        if told is None or now_s - told.taken_s >= RENEW_S or not _same(told, seen, ohm):
            self._told = told = PilotLevels(seen.high_v, seen.low_v, ohm, now_s, seen.duty)
        return told


def _middle(codes: Sequence[int]) -> int:
    return sorted(codes)[len(codes) // 2]


def _same(told: PilotLevels, seen: Seen, ohm: float | None) -> bool:
    return (
        abs(told.high_v - seen.high_v) < SAME_V
        and _close(told.low_v, seen.low_v, SAME_V)
        and _close(told.duty, seen.duty, SAME_DUTY)
        and _close(told.proximity_ohm, ohm, 1.0 + SAME_OHM * (ohm or 0.0))
    )


def _close(one: float | None, other: float | None, within: float) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < within
