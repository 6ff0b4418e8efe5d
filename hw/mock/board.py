"""A simulated pilot board: above the converter's pins everything is the real GPIO driver, below them is the mock car.

The PWM is a tree of files that looks like the kernel's sysfs; what the driver wrote there is read back, and is what the
car on the wires sees. The converter samples, in bursts, the waveform that duty and car make, with noise and edges.
It is a driver for the bench and for tests, and none that the program installs:

    [chargepoint.pilot]
    gpio-on-bench = hw.mock.board:BenchPilot
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from hw.discovery import Place
from hw.gpio.converters import CONVERTERS
from hw.gpio.detector import Inputs
from hw.gpio.pilot import GpioPilot, PilotOptions
from hw.gpio.pwm import PERIOD_NS
from hw.mock.drivers import half_of
from hw.mock.pins import GuardHalf
from hw.mock.waveform import Sampler, Waveform

TREE = "pwm"  # in the state directory
DEVICE = "fe20c000.pwm"  # of a Raspberry Pi 4
SPACING_S = 42e-6  # 24 bits at 1 MHz, 10 us of rest between two, and the kernel's own work
_FRESH = {"period": "0", "duty_cycle": "0", "polarity": "normal", "enable": "0"}
_CHANNEL = 0


def make_tree(state_dir: Path) -> Path:
    """One PWM chip with its first channel exported, as files; what is there already stays as it is."""
    root = state_dir / TREE
    device = root / "devices" / DEVICE
    chip = root / "pwmchip0"
    channel = chip / f"pwm{_CHANNEL}"
    device.mkdir(parents=True, exist_ok=True)
    channel.mkdir(parents=True, exist_ok=True)
    if not (chip / "device").exists():
        (chip / "device").symlink_to(device)
    for name, value in _FRESH.items():
        if not (channel / name).exists():
            (channel / name).write_text(f"{value}\n")
    return root


def driven(root: Path) -> float:
    """The duty that stands in such a tree; 0 where the PWM is off."""
    channel = root / "pwmchip0" / f"pwm{_CHANNEL}"
    enabled, high_ns = ((channel / name).read_text().partition("\n")[0] for name in ("enable", "duty_cycle"))
    return int(high_ns) / PERIOD_NS if enabled == "1" else 0.0


class SimulatedAdc:
    """A converter whose pilot input hangs on the simulated car."""

    def __init__(
        self, chip: str, inputs: Inputs, half: GuardHalf, root: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.bits, self._top = CONVERTERS[chip].bits, CONVERTERS[chip].top
        self.now_s = clock
        self._inputs, self._half = inputs, half
        self._handle = os.open(root / "pwmchip0" / f"pwm{_CHANNEL}" / "duty_cycle", os.O_RDONLY | os.O_CLOEXEC)
        self._duty = -1.0
        ends_v = sorted((inputs.scale.volts(0), inputs.scale.volts(self._top)))
        self._sampler = Sampler(spacing_s=SPACING_S, bits=self.bits, bottom_v=ends_v[0], top_v=ends_v[1])

    def batch(self, channels: Sequence[int]) -> SimulatedBatch:
        return SimulatedBatch(self, channels)

    def close(self) -> None:
        os.close(self._handle)

    def look(self) -> Waveform:
        """Carry the duty to the car, and see what stands on the wires at this moment."""
        half = self._half
        duty = int(os.pread(self._handle, 16, 0).partition(b"\n")[0]) / PERIOD_NS
        if duty != self._duty:
            self._duty = duty
            half.set_duty(duty)
        half.refresh()
        high_v, low_v = half.levels.high_v, half.levels.low_v
        return Waveform(high_v, min(-12.0, high_v) if low_v is None else low_v, duty)

    def code(self, channel: int, waveform: Waveform, at_s: float) -> int:
        inputs = self._inputs
        if channel == inputs.plug and inputs.proximity is not None:
            return min(round(inputs.proximity.code(self._half.levels.proximity_ohm)), self._top)
        code = self._sampler.code(waveform.volts(at_s))
        return code if inputs.scale.step_v > 0 else self._top - code


class SimulatedBatch:
    """Conversions at even distances, all taken when it is asked for: nobody waits for them."""

    spacing_s = SPACING_S

    def __init__(self, adc: SimulatedAdc, channels: Sequence[int]) -> None:
        self._adc, self._channels = adc, channels

    def run(self, lead_us: int = 0) -> list[int]:
        adc, waveform, at_s = self._adc, self._adc.look(), self._adc.now_s()
        codes = []
        for channel in self._channels:
            codes.append(adc.code(channel, waveform, at_s))
            at_s += SPACING_S + lead_us * 1e-6
            lead_us = 0
        return codes


class BenchPilot(GpioPilot):
    """The GPIO pilot on a simulated board."""

    def __init__(self, options: PilotOptions, place: Place) -> None:
        self._half = half_of(place.state_dir, place.evse)
        self.pwm_root = make_tree(place.state_dir)
        super().__init__(options, place)

    def _open_adc(self) -> SimulatedAdc:
        return SimulatedAdc(self._options.adc, self._options.inputs(), self._half, self.pwm_root)
